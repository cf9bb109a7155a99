# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""The model card: what a bundle is, how well it works and where it does not (Markdown)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
import re
from textwrap import fill

from dcat_ros.evaluation.series import Series
from dcat_ros.pages import render
from dcat_ros.pipeline.job import Job
from dcat_ros.pipeline.open_set import OpenSet
from dcat_ros.pipeline.transfer import Baseline, Transfer
from dcat_ros.training.calibrate import (
    Calibration,
    KNOWN_NAMED,
    LEAST_COVERAGE,
    WANTED_ACCURACY,
)
from dcat_ros.training.config import Protocol
import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import precision_recall_fscore_support

CONFUSIONS = 10
"""Most confusions that a card lists."""


def protocol_text(protocol: Protocol) -> str:
    """Return the protocol in a sentence."""
    subjects = 'simulated persons' if protocol.simulated else 'subjects'
    return (
        f'clip level, trained on {subjects} {", ".join(protocol.train)}, tested on {subjects} '
        f'{", ".join(protocol.test)}, seeds: {protocol.seeds}'
    )


def card(
    job: Job,
    protocol: Protocol,
    classes: Sequence[str],
    subjects: Sequence[str],
    parameters: int,
    series: Series,
    calibration: Calibration,
    open_set: OpenSet | None,
    transfer: Transfer | None,
) -> str:
    """Return the card's text.

    :param protocol: of the scores.
    :param subjects: that the shipped weights were trained on.
    :param parameters: number of the network's parameters.
    :param series: outcomes of all seeds.
    :param open_set: None if the protocol trains on one subject only.
    :param transfer: None for a model without sources.
    """
    return _wrapped(render(
        'model_card.md.j2',
        recipe=job.recipe,
        protocol=protocol_text(protocol),
        classes=classes,
        subjects=subjects,
        parameters=parameters,
        macro_f1=series.macro_f1,
        accuracy=accuracy(series),
        window_macro_f1=[outcome.window_macro_f1 for outcome in series.outcomes],
        by_class=_by_class(classes, series),
        confusions=_confusions(classes, series),
        calibration=calibration,
        open_set=open_set,
        known_named=KNOWN_NAMED,
        wanted_accuracy=WANTED_ACCURACY,
        least_coverage=LEAST_COVERAGE,
        transfer=transfer,
        sources=' and '.join(f'`{source.recipe.name}`' for source in job.sources),
        comparisons=[_comparison(baseline) for baseline in transfer.comparisons]
        if transfer else [],
        options=_options(job),
        percent=_percent,
        spread=_spread,
    ))


def _comparison(baseline: Baseline) -> list[str]:
    row = [baseline.name, _spread(baseline.macro_f1), f'{100 * baseline.mean:+.1f}']
    if baseline.low is None or baseline.high is None or baseline.p is None:
        return [*row, 'one seed', 'one seed']
    interval = f'{100 * baseline.low:+.1f} to {100 * baseline.high:+.1f}'
    return [*row, interval, f'{baseline.p:.3g}']


def _options(job: Job) -> str:
    """Return the options of ``dcat train`` that repeat the job, without bags and directories."""
    options = [f'--seeds {job.recipe.protocol.seeds}']
    if job.budget != 1:
        options.append(f'--budget {job.budget:g}')
    if job.sources:
        options.append(f'--source {job.source_text.replace("+", " ")} --method {job.method}')
    return ' '.join(options)


def _wrapped(text: str) -> str:
    """Return a text with its paragraphs wrapped; headings, tables and commands are kept."""
    paragraphs = [
        part if part.startswith(('#', '|', ' '))
        else fill(' '.join(part.split()), 99, break_long_words=False, break_on_hyphens=False)
        for part in re.split(r'\n{2,}', text.strip('\n'))
    ]
    return '\n\n'.join(paragraphs) + '\n'


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
