# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Adaptation of a network to unlabelled windows, without a source modality."""

from __future__ import annotations

from copy import deepcopy
import math

from dcat_ros.method import Classifier
from dcat_ros.training.sampling import SamplingUnits
from dcat_ros.training.score import logits_of
from dcat_ros.training.windows import Windows
import numpy as np
from numpy.typing import NDArray
from scipy.special import softmax
import torch
from torch.nn.modules.batchnorm import _BatchNorm

CONFIDENCE = 0.9
"""Least score of a window that gets a pseudo-label."""
BATCH = 64


@torch.no_grad()
def with_statistics_of(
    network: Classifier, windows: Windows, rows: NDArray[np.int64], seed: int
) -> Classifier:
    """Return a copy of a network whose batch normalisation has the statistics of some windows.

    Adaptive batch normalisation (Li et al., arXiv 1603.04779): weights stay, running means and
    variances are replaced. Each is the mean over batches of `BATCH` windows in random order.
    """
    adapted = deepcopy(network).eval()
    for module in adapted.modules():
        if isinstance(module, _BatchNorm):
            module.reset_running_stats()
            module.momentum = None  # the mean over all batches
            module.train()
    order = np.random.default_rng(seed).permutation(rows)
    for chosen in np.array_split(order, max(1, round(len(order) / BATCH))):
        adapted(torch.from_numpy(windows.inputs(chosen)))
    return adapted.eval()


def pseudo_labelled(
    network: Classifier, windows: Windows, units: SamplingUnits
) -> SamplingUnits:
    """Return unlabelled units with the classes that a network is sure of (Lee 2013).

    :return: one unit for each class of each stretch; windows below `CONFIDENCE` are left out.
    """
    rows: list[NDArray[np.int64]] = []
    classes: list[int] = []
    scores = softmax(logits_of(network, windows, units.all_rows).astype(float), axis=1)
    best = np.where(scores.max(axis=1) >= CONFIDENCE, scores.argmax(axis=1), -1)
    ends = np.cumsum([len(of_unit) for of_unit in units.rows])[:-1]
    for of_unit, found in zip(units.rows, np.split(best, ends), strict=True):
        for number in np.unique(found[found >= 0]):
            rows.append(of_unit[found == number])
            classes.append(int(number))
    return SamplingUnits(rows, np.array(classes, np.int64))


def beside(labelled: SamplingUnits, pseudo: SamplingUnits) -> SamplingUnits:
    """Return units of which about half have true labels, however many have pseudo-labels."""
    times = max(1, math.ceil(len(pseudo) / len(labelled)))
    return SamplingUnits(
        [*times * list(labelled.rows), *pseudo.rows],
        np.concatenate([np.tile(labelled.targets, times), pseudo.targets]),
    )


def shuffled(units: SamplingUnits, seed: int) -> SamplingUnits:
    """Return the control: the same classes, assigned to other units."""
    return SamplingUnits(units.rows, np.random.default_rng(seed).permutation(units.targets))
