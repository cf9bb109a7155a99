# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""A study in sentences: its question, how to read the numbers, its findings and its origin.

Findings follow fixed rules. A difference counts as shown if the paired t-test over seeds has a
Holm-corrected p below 0.05, and the 95 % interval of the bootstrap over test clips excludes zero.
Then, for a method at one share of labels:

- better than unimodal and than its control: knowledge was transferred;
- better than unimodal only: a gain that may be regularisation;
- worse than unimodal: it harms;
- otherwise no gain was shown, which does not prove that there is none.
"""

from __future__ import annotations

from dataclasses import replace
from enum import Enum

from dcat_ros.evaluation.plan import is_method, SOURCE, UNIMODAL
from dcat_ros.evaluation.protocol import Direction, Drawn, Study, Subjects
from dcat_ros.evaluation.report.numbers import p_text, signed
from dcat_ros.evaluation.results import Cell, Results, Table
from dcat_ros.evaluation.statistics import SIGNIFICANT
from dcat_ros.evaluation.sweep import Sweep
from dcat_ros.evaluation.trial import share_text, SPLITS
from dcat_ros.pages.text import counted, listed
from dcat_ros.training import provenance

READING = (
    'Scores are macro-F1 in per cent, by clip. The prediction for a clip is the mean softmax of '
    'its windows; a clip without a window counts as missed. Differences are in points.',
    'The intervals of scores and differences, and p, come from Student’s t over seeds, paired by '
    'seed. They cover what changes with the seed: initial weights, order, augmentation, which '
    'clips keep their label and, if clips are left out at random, which. Every p is '
    'Holm-corrected for all comparisons in its table.',
    'Over clips: the interval of the same difference by a bootstrap over the test clips, which '
    'keeps all seeds’ predictions for a clip together and uses the same draws for both rows. It '
    'covers which clips were tested. The test over seeds does not, because seeds share them.',
    f'An asterisk (*) marks a difference with p below {SIGNIFICANT} whose interval over clips '
    'excludes zero; only such differences count as shown. Neither covers other people than those '
    'tested.',
    'A control is the same method with each source window replaced by a wrong one: what it gains '
    'is not knowledge. The source row is the source’s own score.',
)


class Verdict(Enum):
    """The verdict on a method at one share of labels."""

    TRANSFER = 'transferred knowledge'
    UNEXPLAINED = 'gained, but not shown to gain over its control,'
    HARM = 'did harm'
    NOTHING = 'showed no gain over unimodal'
    UNTESTED = 'was run with a single seed, too few for a test,'


def verdict(cell: Cell) -> Verdict:
    """Judge a method."""
    alone, control = cell.unimodal, cell.control
    if alone is None or alone.p is None:
        return Verdict.UNTESTED
    if alone.sign < 0:
        return Verdict.HARM
    if alone.sign == 0:
        return Verdict.NOTHING
    return Verdict.TRANSFER if control and control.sign > 0 else Verdict.UNEXPLAINED


def heading(table: Table) -> str:
    """Return direction and split of a table."""
    return f'{table.direction}, {SPLITS[table.split]}'


def finding(table: Table) -> str:
    """Return what was found, or not, in one direction and split."""
    methods = list(dict.fromkeys(cell.row for cell in table.cells if is_method(cell.row)))
    if not methods:
        return f'{heading(table)}: no method was run beside the unimodal model.'
    return f'{heading(table)}: {"; ".join(_of_method(table, method) for method in methods)}.'


def _of_method(table: Table, method: str) -> str:
    clauses: dict[Verdict, list[str]] = {}
    for share in table.shares:
        if cell := table.cell(method, share):
            clauses.setdefault(verdict(cell), []).append(_clause(cell, table))
    parts = [f'{found.value} with {listed(shares)}' for found, shares in clauses.items()]
    return f'{method} {", and ".join(parts)}'


def _clause(cell: Cell, table: Table) -> str:
    """Return the share of labels with the numbers that the verdict rests on."""
    if cell.unimodal is None:
        return share_text(cell.labelled)
    numbers = [f'{signed(cell.unimodal.difference.mean)} points']
    if cell.unimodal.p is not None:
        numbers.append(p_text(cell.unimodal.p))
    if cell.control:
        numbers.append(f'{signed(cell.control.difference.mean)} points over control')
    full = table.cell(UNIMODAL, 1.0)
    if full and cell.labelled < 1 and verdict(cell) is Verdict.TRANSFER:
        above = cell.macro_f1.mean > full.macro_f1.mean
        numbers.append(f'{"above" if above else "below"} unimodal with all labels')
    return f'{share_text(cell.labelled)} ({", ".join(numbers)})'


def question(results: Results) -> list[str]:
    """Return the question of the study, its splits, pairing and rows."""
    study = results.study
    methods = [row for row in results.rows if row not in (UNIMODAL, SOURCE)]
    pairing = (
        'Source and target windows of the same time are paired.' if study.is_paired else
        'Source windows come from other bags and are paired with target windows of the same label.'
    )
    budget = f', epochs times {study.budget:g}' if study.budget != 1 else ''
    return [
        f'Does the source help the target? {"; ".join(map(str, _directions(results)))}.',
        *([variants(study.targets)] if study.targets else []),
        *(_split(study, name) for name in study.splits.used),
        f'{pairing} The target has {listed(list(map(share_text, study.labelled)))}; the source '
        'has all of its own.',
        f'Rows beside {UNIMODAL} and {SOURCE}: {", ".join(methods) or "none"}. '
        f'{counted(study.seeds, "seed")} each{budget}.',
    ]


def variants(targets: Sweep) -> str:
    """Return in a sentence which variants of the targets a study has."""
    kinds = {True: 'with', False: 'without'}
    return (
        f'The target varies: channels of its convolutions × '
        f'{listed([f"{width:g}" for width in sorted(targets.widths)])}, epochs × '
        f'{listed([f"{factor:g}" for factor in sorted(targets.epochs)])}, '
        f'{listed([kinds[value] for value in targets.regularised])} regularisation '
        '(augmentation, dropout, weight decay, label smoothing, averaged weights, negatives). The '
        'source is the same for all. λ is the method’s default, and each fit runs to the end of '
        'its schedule.'
    )


def _directions(results: Results) -> list[Direction]:
    """Return the directions of a study, with the targets' own recipes for their variants."""
    own = results.inputs.variants
    return list(dict.fromkeys(
        replace(each, target=own[each.target].target) if each.target in own else each
        for each in results.study.directions
    ))


def _split(study: Study, name: str) -> str:
    split = study.splits.used[name]
    if isinstance(split, Subjects):
        text = f'trained on {", ".join(split.train)}, tested on {", ".join(split.test)}'
        if split.validation:
            text += f', settings chosen on {", ".join(split.validation)} of the training subjects'
    else:
        text = _drawn(split)
    elsewhere = '' if study.is_paired else f'; the source: {_drawn(study.source_split)}'
    return f'{SPLITS[name].capitalize()}: {text}{elsewhere}.'


def _drawn(split: Drawn) -> str:
    kept = ', clips of one recording together' if split.grouped else ''
    return (
        f'trained on {100 * split.share:g} % of the clips of each class, tested on the others, '
        f'drawn anew for each seed{kept}'
    )


def progress(results: Results) -> str:
    """Return how much of the study is finished, empty if all."""
    if results.finished == results.planned:
        return ''
    failed = f', {counted(len(results.failures), "trial")} failed' if results.failures else ''
    return (
        f'{results.finished} of {results.planned} trials are finished{failed}: the following '
        'covers only those.'
    )


def overfit(table: Table) -> str:
    """Return the relation of the source's overfitting to the gains."""
    found = table.overfit
    if found.r is None or found.p is None:
        return 'Too few points for a correlation.'
    shown = 'A relation' if found.p < SIGNIFICANT else 'No relation shown'
    return (
        f'{shown}: r = {found.r:.2f}, {p_text(found.p)}, n = {len(table.points)}; points of one '
        'seed share their source, so p is too small.'
    )


def origin(results: Results) -> list[str]:
    """Return bags, recipes and versions in sentences."""
    bags, source_bags = results.inputs.sums
    versions = provenance.versions().items()
    return [
        *(
            f'{title}, with the first digits of their SHA-256: '
            + ', '.join(f'{name} {digest[:12]}' for name, digest in sums.items()) + '.'
            for title, sums in (('Bags', bags), ('Bags of the source', source_bags)) if sums
        ),
        f'Recipes: {", ".join(results.inputs.recipes)}, in results.json with all settings.',
        f'Versions: {", ".join(f"{name} {number}" for name, number in versions)}.',
    ]
