# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Everything that a fitted network depends on, beside recipes and bags."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
import hashlib
import json
from typing import Any


@dataclass(frozen=True)
class SourcePlan:
    """A source: a network fitted by its own plan, then frozen.

    :param weight: relative to the other sources.
    """

    plan: Plan
    weight: float = 1.0


@dataclass(frozen=True)
class Plan:
    """Which network is fitted to which clips, with which sources.

    :param recipe: name of the recipe.
    :param clips: numbers of the clips to train on with their labels.
    :param hidden: clips to train on without their labels, by the sources only.
    :param subjects: their windows outside of all clips are used like hidden ones.
    :param budget: factor on the recipe's epochs.
    :param method: a name in ``dcat_ros.method.METHODS``; empty without sources.
    :param weight: λ, a factor on the sources' weights.
    :param shuffled: whether each window gets the source output of another window: the control.
    :param negatives: subjects whose recorded negatives are trained on.
    :param validation: clips to score during the fit.
    :param stop: share of the schedule after which to stop.
    :param member: number of the network in an ensemble.
    """

    recipe: str
    clips: tuple[int, ...]
    hidden: tuple[int, ...] = ()
    subjects: tuple[str, ...] = ()
    seed: int = 0
    budget: float = 1.0
    method: str = ''
    sources: tuple[SourcePlan, ...] = ()
    weight: float = 1.0
    shuffled: bool = False
    negatives: tuple[str, ...] = ()
    validation: tuple[int, ...] = ()
    stop: float = 1.0
    member: int = 0

    @property
    def recipes(self) -> list[str]:
        """Return the recipes of target and sources, each once."""
        return sorted({self.recipe, *(source.plan.recipe for source in self.sources)})

    def unimodal(self) -> Plan:
        """Return the plan without sources."""
        return replace(self, method='', sources=(), weight=1.0, shuffled=False)

    def key(self, conditions: Any) -> str:
        """Return a hash of the plan and of further conditions, which must be fit for JSON."""
        record = [asdict(self), conditions]
        return hashlib.sha256(json.dumps(record, sort_keys=True).encode()).hexdigest()
