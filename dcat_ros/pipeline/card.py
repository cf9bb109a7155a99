# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""The model card: what a bundle is, how well it works and where it does not (Markdown)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from textwrap import fill

from dcat_ros.evaluation.series import Series
from dcat_ros.pipeline.job import Job
from dcat_ros.pipeline.transfer import Baseline, Transfer
from dcat_ros.training.calibrate import Calibration, LEAST_COVERAGE, WANTED_ACCURACY
from dcat_ros.training.config import Protocol
import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import precision_recall_fscore_support

CONFUSIONS = 10


def protocol_text(sides: Protocol) -> str:
    """Return the protocol in a sentence."""
    persons = 'simulated persons' if sides.simulated else 'subjects'
    return (
        f'clip level, trained on {persons} {", ".join(sides.train)}, tested on {persons} '
        f'{", ".join(sides.test)}, seeds: {sides.seeds}'
    )


def card(
    job: Job,
    protocol: Protocol,
    classes: Sequence[str],
    subjects: Sequence[str],
    parameters: int,
    series: Series,
    calibration: Calibration,
    transfer: Transfer | None,
) -> str:
    """Return the card's text.

    :param protocol: what the scores were measured by.
    :param subjects: that the shipped weights were trained on.
    :param parameters: of the network.
    :param series: outcomes of all seeds.
    :param transfer: None for a model without sources.
    """
    config = job.recipe
    window, texts = config.window, config.card
    by_window = [outcome.window_macro_f1 for outcome in series.outcomes]
    return _wrapped(f"""\
# {config.name}: {texts.title}

Takes windows of the sensor `{config.modality}`, {window.duration:g} s at
{window.rate:g} Hz, a new one every {window.stride:g} s, and gives a score for each of
{len(classes)} activities. The network has {parameters:,} parameters: encoder, self-attention,
classifier.

Activities: {', '.join(classes)}.

## Data and licence

{texts.data}

Licence: {texts.licence}

## Scores

Protocol: {protocol_text(protocol)}. The class of a clip is the highest mean of its
windows' softmax; a clip too short for a window counts as missed. Mean ± standard deviation over
seeds:

{_table(['measure', 'value'], [
    ['macro-F1 of clips', _spread(series.macro_f1)],
    ['accuracy of clips', _spread(accuracy(series))],
    ['macro-F1 of single windows', _spread(by_window)],
])}

**The shipped weights were trained on all subjects ({', '.join(subjects)}) by the same
recipe.** What they score on those subjects would say nothing, so the scores above are those of
the recipe, trained on the protocol's training subjects only.
{_transfer(transfer) if transfer else ""}
{_table(['activity', 'precision', 'recall', 'F1'], _by_class(classes, series))}

Most frequent confusions, all seeds together:

{_table(['activity', 'taken for', 'share of its clips'], _confusions(classes, series))}

## Calibration and `unknown`

Measured on windows of subjects left out of the training in turn, all subjects
together; temperature and threshold were set on the same windows. Expected calibration error:
{calibration.ece_before:.3f} before, {calibration.ece_after:.3f} after scaling by the temperature
{calibration.temperature:.3f}. Below a score of {calibration.threshold:.3f} the answer is
`unknown`: {_percent(calibration.coverage)} of those windows reach it, of which
{_percent(calibration.accepted_accuracy)} are right ({_percent(calibration.accuracy)} of all). The
threshold is the lowest with {_percent(WANTED_ACCURACY)} right, or the highest that accepts
{_percent(LEAST_COVERAGE)} of the windows where that is lower.

## Intended use and limits

{texts.intended_use}

{texts.limits}

## Use

    ros2 launch dcat_ros infer_{config.modality}.launch.py
    ros2 param set /inference {config.modality}.bundle OUT/{config.name}

Of a bundle that is shipped, the name alone will do.

## Reproduce

    {texts.bags.strip()}
    dcat train {config.name} --bags BAGS --out OUT {_options(job)}

`manifest.yaml` has the settings, seeds, versions and the SHA-256 of each bag.
""")


def _transfer(transfer: Transfer) -> str:
    """Return the section on the transfer."""
    sources = ' and '.join(f'`{name}`' for name in transfer.sources)
    return f"""
## Taught by

While it was trained, {sources} taught it by the method
`{transfer.method}` (λ = {transfer.weight:g}); nothing of that is in the bundle, and none of it is
needed to run it. On the same test subjects and seeds, in points of macro-F1:

{_table(['compared with', 'macro-F1', 'difference', '95 % interval', 'p'], [
    [each.name, _spread(each.macro_f1), f'{100 * each.mean:+.1f}', *_certainty(each)]
    for each in transfer.comparisons
])}

Intervals and p are of a paired t-test over seeds. The control got the lessons of other windows:
what it gains too is regularisation.
"""


def _certainty(baseline: Baseline) -> tuple[str, str]:
    if baseline.low is None or baseline.high is None or baseline.p is None:
        return 'one seed', 'one seed'
    return f'{100 * baseline.low:+.1f} to {100 * baseline.high:+.1f}', f'{baseline.p:.3g}'


def _options(job: Job) -> str:
    """Return the options of ``dcat train`` that repeat the job, without bags and directories."""
    options = [f'--seeds {job.recipe.protocol.seeds}']
    if job.budget != 1:
        options.append(f'--budget {job.budget:g}')
    if job.sources:
        options.append(f'--source {job.source_text.replace("+", " ")} --method {job.method}')
    return ' '.join(options)


def _wrapped(text: str) -> str:
    """Return a text with each paragraph wrapped, headings, tables and commands untouched."""
    paragraphs = [
        part if part.startswith(('#', '|', ' '))
        else fill(' '.join(part.split()), 99, break_long_words=False, break_on_hyphens=False)
        for part in text.rstrip('\n').split('\n\n')
    ]
    return '\n\n'.join(paragraphs) + '\n'


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ['---'] * len(head), *rows]
    return '\n'.join(f'| {" | ".join(line)} |' for line in lines)


def _percent(share: float) -> str:
    return f'{100 * share:.1f} %'


def _spread(values: Sequence[float] | NDArray[np.float64]) -> str:
    if len(values) == 1:
        return f'{_percent(values[0])} (one seed)'
    return f'{100 * np.mean(values):.1f} ± {100 * np.std(values, ddof=1):.1f} %'


def accuracy(series: Series) -> list[float]:
    """Return the share of clips classified correctly, one value a seed."""
    return [
        float((truth == answers).mean())
        for truth, answers in zip(series.truth, series.predicted, strict=True)
    ]


def _by_class(classes: Sequence[str], series: Series) -> list[list[str]]:
    precision, recall, f1, _ = precision_recall_fscore_support(
        np.concatenate(series.truth), np.concatenate(series.predicted),
        labels=range(len(classes)), zero_division=0,
    )
    columns = zip(classes, precision, recall, f1, strict=True)
    return [[name, *map(_percent, values)] for name, *values in columns]


def _confusions(classes: Sequence[str], series: Series) -> list[list[str]]:
    """Return the most frequent confusions: class, answer, share of the class's clips."""
    wrong = Counter(
        pair for truth, answers in zip(series.truth, series.predicted, strict=True)
        for pair in zip(truth.tolist(), answers.tolist(), strict=True) if pair[0] != pair[1]
    )
    clips = series.confusion.sum(axis=1)
    names = [*classes, '(no window)']  # the answer of a clip without a window is -1
    return [
        [classes[truth], names[answer], _percent(count / clips[truth])]
        for (truth, answer), count in wrong.most_common(CONFUSIONS)
    ] or [['none', 'none', '0 %']]
