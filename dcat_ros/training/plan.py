# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""All that a fitted network depends on."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
import hashlib
import json
from typing import Any


@dataclass(frozen=True)
class SourcePlan:
    """A source: a network fitted by its own plan, then frozen.

    :param weight: of this source among several.
    """

    plan: Plan
    weight: float = 1.0


@dataclass(frozen=True)
class Plan:
    """Who learns what, from which clips, and by whom it is taught.

    :param recipe: name of the recipe.
    :param clips: numbers of the clips to learn from, with their labels.
    :param hidden: clips that only sources may speak of.
    :param subjects: whose windows outside of all clips sources may speak of.
    :param budget: factor on the recipe's epochs.
    :param method: a name in ``dcat_ros.method.METHODS``; empty to learn from labels alone.
    :param sources: who teaches.
    :param weight: λ, on top of the sources' weights.
    :param shuffled: whether every window gets the source output of another window: the control.
    :param validation: clips to score now and then.
    :param stop: share of the schedule after which to stop.
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
    validation: tuple[int, ...] = ()
    stop: float = 1.0

    @property
    def recipes(self) -> list[str]:
        """Return the recipes of learner and sources, each once."""
        return sorted({self.recipe, *(each.plan.recipe for each in self.sources)})

    def unimodal(self) -> Plan:
        """Return the same without sources."""
        return replace(self, method='', sources=(), weight=1.0, shuffled=False)

    def key(self, circumstances: Any) -> str:
        """Return a hash of the plan and of all else that matters, fit for JSON."""
        record = [asdict(self), circumstances]
        return hashlib.sha256(json.dumps(record, sort_keys=True).encode()).hexdigest()
