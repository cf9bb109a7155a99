# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Two subscriptions of one topic for a while, so that a change of QoS costs no message."""

from collections import Counter


class Handover:
    """Lets each message pass once, whichever of two subscriptions brings it first.

    Messages are told apart by their content: one that both bring passes once, one published twice
    passes twice.
    """

    def __init__(self) -> None:
        self._ahead: tuple[Counter[int], Counter[int]] = (Counter(), Counter())

    def is_first(self, side: int, raw: bytes) -> bool:
        """Tell whether the other side has not brought this message yet.

        :param side: 0 for the old subscription, 1 for the new one.
        """
        content = hash(raw)
        if self._ahead[1 - side][content] > 0:
            self._ahead[1 - side][content] -= 1
            return False
        self._ahead[side][content] += 1
        return True
