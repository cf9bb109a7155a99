# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""A study in sentences: what was asked, how to read the numbers, and what they rest on."""

from __future__ import annotations

from dcat_ros.evaluation.protocol import Drawn, Study, Subjects
from dcat_ros.evaluation.report.findings import finding, state
from dcat_ros.evaluation.report.wording import direction_text, p_text, share_text, SPLITS
from dcat_ros.evaluation.results import Results
from dcat_ros.evaluation.rows import SOURCE, UNIMODAL
from dcat_ros.evaluation.statistics import SIGNIFICANT
from dcat_ros.evaluation.tables import Table
from dcat_ros.reports.wording import counted, listed

READING = (
    'Macro-F1 in per cent, by clip: a clip is what the mean softmax of its windows says, and '
    'missed where it has no window. Differences are in points.',
    'Intervals in the columns of scores and differences, and p: Student’s t over seeds, paired by '
    'seed. They cover what changes with the seed: initial weights, order, augmentation, which '
    'clips keep their label and, where clips are left out at random, which. Every p is '
    'Holm-corrected for all comparisons in its table.',
    'Over clips: the interval of the same difference by a bootstrap over the test clips, with all '
    'seeds’ answers to a clip together and the same draws for both rows. It covers which clips '
    'happened to be tested, which the test over seeds does not, as seeds share them.',
    f'An asterisk (*) marks a difference with p below {SIGNIFICANT} whose interval over clips '
    'excludes zero; only such ones are called shown. Neither covers other persons than those '
    'tested.',
    'A control is the same method with the source’s windows beside the wrong ones: what it '
    'gains is not knowledge. The source row is the source’s own score.',
)


def asked(results: Results) -> list[str]:
    """Return what the study asks."""
    study = results.study
    methods = [row for row in results.rows if row not in (UNIMODAL, SOURCE)]
    pairing = (
        'Source and target windows of the same time are paired.' if study.is_paired else
        'Source windows come from other bags and are paired with target windows of the same label.'
    )
    rows = f'Rows beside {UNIMODAL} and {SOURCE}: {", ".join(methods) or "none"}.'
    return [
        f'Does the source help the target? {"; ".join(map(direction_text, study.directions))}.',
        *(_split(study, name) for name in study.splits.used),
        f'{pairing} The target has {listed(list(map(share_text, study.labelled)))}; the source '
        'has all of its own.',
        f'{rows} {counted(study.seeds, "seed")} each'
        + (f', epochs times {study.budget:g}.' if study.budget != 1 else '.'),
    ]


def _split(study: Study, name: str) -> str:
    split = study.splits.used[name]
    if isinstance(split, Subjects):
        said = f'trained on {", ".join(split.train)}, tested on {", ".join(split.test)}'
        if split.validation:
            said += f', settings chosen on {", ".join(split.validation)} of those to train on'
    else:
        said = _drawn(split)
    elsewhere = '' if study.is_paired else f'; the source’s: {_drawn(study.source_split)}'
    return f'{SPLITS[name].capitalize()}: {said}{elsewhere}.'


def _drawn(split: Drawn) -> str:
    kept = ', clips of one recording together' if split.grouped else ''
    return (
        f'trained on {100 * split.share:g} % of the clips of each class, tested on the others, '
        f'drawn anew for each seed{kept}'
    )


def progress(results: Results) -> str:
    """Return how much of the study there is, empty when all."""
    return state(results.finished, results.planned, len(results.failures))


def findings(results: Results) -> list[str]:
    """Return what was found, a sentence for each table."""
    return [finding(table) for table in results.tables]


def overfit(table: Table) -> str:
    """Return how the source's overfitting and the gains go together."""
    found = table.overfit
    if found.r is None or found.p is None:
        return 'Too few points for a correlation.'
    shown = 'a relation' if found.p < SIGNIFICANT else 'no relation shown'
    return (
        f'{shown.capitalize()}: r = {found.r:.2f}, {p_text(found.p)}, n = {len(table.points)}; '
        'points of one seed share their source, so p is rather too small.'
    )
