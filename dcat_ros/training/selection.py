"""What is chosen on validation subjects: λ, and whether to stop before the schedule ends."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace

from dcat_ros.training.plan import Plan
from dcat_ros.training.school import School

WORTH = 0.02
"""Macro-F1 that the end must lie below the peak for stopping early to be more than noise."""


@dataclass(frozen=True)
class Choice:
    """What did best on validation subjects.

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


def choose(school: School, plan: Plan, weights: Sequence[float], title: str) -> Choice:
    """Return the choice that does best on a plan's validation clips.

    :param plan: with clips to learn from and to validate on; its weight is not used.
    :param weights: λ to try.
    """
    choices = []
    for weight in weights:
        named = f'{title}, λ {weight:g} on validation' if plan.sources else f'{title}, validation'
        fitted = school.learn(replace(plan, weight=weight), named)
        choices.append(_best(weight, fitted.curve))
    return max(choices, key=lambda choice: choice.macro_f1)


def _best(weight: float, curve: Sequence[dict[str, float]]) -> Choice:
    scored = [point for point in curve if 'macro_f1' in point]
    peak, end = max(scored, key=lambda point: point['macro_f1']), scored[-1]
    if peak['macro_f1'] - end['macro_f1'] > WORTH:
        return Choice(weight, peak['step'] / end['step'], peak['macro_f1'])
    return Choice(weight, 1.0, end['macro_f1'])
