# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Which source window is paired with a target window."""

from __future__ import annotations

from typing import Protocol

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

UNPAIRED = -1
"""The partner of a window without a partner."""


class Pairing(Protocol):
    """Chooses the source window, the partner, of each target window."""

    def partners(
        self, rows: NDArray[np.int64], targets: NDArray[np.int64], random: Generator
    ) -> NDArray[np.int64]:
        """Return a source row or `UNPAIRED` for each target row.

        :param rows: windows of the target, (n,).
        :param targets: the class of each, -1 if unknown, (n,).
        """

    def is_paired(self, rows: NDArray[np.int64], target: int) -> NDArray[np.bool_]:
        """Return which target rows of one class, -1 if unknown, have a partner."""

    def used_rows(self, rows: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the source rows, ascending, that can be partners of some target rows."""

    def renumbered(self, kept: NDArray[np.int64]) -> Pairing:
        """Return the pairing with only the source rows `kept`, ascending, numbered from 0 on."""

    def shuffled(self, random: Generator) -> Pairing:
        """Return the control: as many partners from the same windows, assigned at random."""


class SameTime:
    """Paired recordings: the partner is the source window of the same time.

    :param partner: of each target row, `UNPAIRED` for none.
    """

    def __init__(self, partner: NDArray[np.int64]) -> None:
        self.partner = partner

    def partners(
        self, rows: NDArray[np.int64], targets: NDArray[np.int64], random: Generator
    ) -> NDArray[np.int64]:
        """See :meth:`Pairing.partners`."""
        return self.partner[rows]

    def is_paired(self, rows: NDArray[np.int64], target: int) -> NDArray[np.bool_]:
        """See :meth:`Pairing.is_paired`."""
        return self.partner[rows] != UNPAIRED

    def used_rows(self, rows: NDArray[np.int64]) -> NDArray[np.int64]:
        """See :meth:`Pairing.used_rows`."""
        partner = np.unique(self.partner[rows])
        return partner[partner != UNPAIRED]

    def renumbered(self, kept: NDArray[np.int64]) -> SameTime:
        """See :meth:`Pairing.renumbered`."""
        number = np.searchsorted(kept, self.partner)
        return SameTime(np.where(np.isin(self.partner, kept), number, UNPAIRED))

    def shuffled(self, random: Generator) -> SameTime:
        """See :meth:`Pairing.shuffled`; each row keeps the same wrong partner."""
        partner = self.partner.copy()
        paired = partner != UNPAIRED
        partner[paired] = random.permutation(partner[paired])
        return SameTime(partner)


class SameLabel:
    """Unpaired recordings: the partner is any window of the source with the same class.

    :param classes: of each source row, -1 for none.
    """

    def __init__(self, classes: NDArray[np.int64]) -> None:
        self.classes = classes
        self._rows = {int(label): np.flatnonzero(classes == label) for label in np.unique(classes)}

    def partners(
        self, rows: NDArray[np.int64], targets: NDArray[np.int64], random: Generator
    ) -> NDArray[np.int64]:
        """See :meth:`Pairing.partners`; drawn again at each call."""
        drawn = np.full(len(rows), UNPAIRED)
        for place, target in enumerate(targets):
            if target >= 0 and target in self._rows:
                drawn[place] = random.choice(self._rows[int(target)])
        return drawn

    def is_paired(self, rows: NDArray[np.int64], target: int) -> NDArray[np.bool_]:
        """See :meth:`Pairing.is_paired`."""
        return np.full(len(rows), target >= 0 and target in self._rows)

    def used_rows(self, rows: NDArray[np.int64]) -> NDArray[np.int64]:
        """See :meth:`Pairing.used_rows`."""
        return np.flatnonzero(self.classes >= 0)

    def renumbered(self, kept: NDArray[np.int64]) -> SameLabel:
        """See :meth:`Pairing.renumbered`."""
        return SameLabel(self.classes[kept])

    def shuffled(self, random: Generator) -> SameLabel:
        """See :meth:`Pairing.shuffled`; the classes are permuted."""
        classes = self.classes.copy()
        known = classes >= 0
        classes[known] = random.permutation(classes[known])
        return SameLabel(classes)


def pair_by_time(
    target_groups: NDArray[np.int64],
    target_times: NDArray[np.int64],
    source_groups: NDArray[np.int64],
    source_times: NDArray[np.int64],
    tolerance: int,
) -> SameTime:
    """Pair each target window with the source window nearest in time within the same recording.

    :param target_groups: number of each target window's recording, (n,).
    :param target_times: centres of the target windows, ns, (n,); those of the source are (m,).
    :param tolerance: largest time difference within a pair, ns.
    """
    partner = np.full(len(target_times), UNPAIRED)
    for group in np.unique(target_groups):
        mine = np.flatnonzero(target_groups == group)
        theirs = np.flatnonzero(source_groups == group)
        if not len(theirs):
            continue
        theirs = theirs[np.argsort(source_times[theirs], kind='stable')]
        times = source_times[theirs]
        after = np.minimum(np.searchsorted(times, target_times[mine]), len(times) - 1)
        before = np.maximum(after - 1, 0)
        is_before = target_times[mine] - times[before] <= times[after] - target_times[mine]
        nearest = np.where(is_before, before, after)
        near = np.abs(times[nearest] - target_times[mine]) <= tolerance
        partner[mine[near]] = theirs[nearest[near]]
    return SameTime(partner)
