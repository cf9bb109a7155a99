# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Chooses λ and early stopping on validation subjects."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
import math

from dcat_ros.training.fit_runner import FitRunner
from dcat_ros.training.plan import Plan

ERRORS = 2.0
"""Standard errors that the end must lie below the peak before stopping early is worth it.

A schedule that is broken off has not settled, and a few points are noise on as many clips as a
person or two have.
"""


@dataclass(frozen=True)
class Choice:
    """The best settings on validation subjects.

    :param weight: λ.
    :param stop: share of the schedule.
    :param macro_f1: of the validation windows at that point, 0 to 1; nan where nothing was tried.
    """

    weight: float = 1.0
    stop: float = 1.0
    macro_f1: float = float('nan')

    @property
    def record(self) -> dict[str, float]:
        """Return it as a mapping."""
        return asdict(self)


def choose(
    fit_runner: FitRunner, plan: Plan, weights: Sequence[float], title: str,
    may_stop: bool = True,
) -> Choice:
    """Return the choice that does best on a plan's validation clips.

    :param plan: with clips to learn from and to validate on; its weight is not used.
    :param weights: λ to try.
    :param may_stop: whether to stop early where that is better.
    """
    choices = []
    for weight in weights:
        named = f'{title}, λ {weight:g} on validation' if plan.sources else f'{title}, validation'
        fitted = fit_runner.fit(replace(plan, weight=weight), named)
        choice = selected(weight, fitted.curve, len(plan.validation))
        choices.append(choice if may_stop else at_the_end(weight, fitted.curve))
    return max(choices, key=lambda choice: choice.macro_f1)


def selected(weight: float, curve: Sequence[dict[str, float]], clips: int) -> Choice:
    """Return the choice that a curve of ``macro_f1`` on so many validation clips suggests."""
    scored = _scored(curve)
    peak, end = max(scored, key=lambda point: point['macro_f1']), scored[-1]
    best = peak['macro_f1']
    if best - end['macro_f1'] > ERRORS * math.sqrt(best * (1 - best) / clips):
        return Choice(weight, peak['step'] / end['step'], peak['macro_f1'])
    return Choice(weight, 1.0, end['macro_f1'])


def at_the_end(weight: float, curve: Sequence[dict[str, float]]) -> Choice:
    """Return the choice of a whole schedule, with the score at its end."""
    return Choice(weight, 1.0, _scored(curve)[-1]['macro_f1'])


def _scored(curve: Sequence[dict[str, float]]) -> list[dict[str, float]]:
    return [point for point in curve if 'macro_f1' in point]
