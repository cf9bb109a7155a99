# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""What every filter is: something that callbacks are registered with."""

from collections.abc import Callable
from typing import Any


class SimpleFilter:
    """Hand each signalled message to the registered callbacks, in order of registration."""

    def __init__(self):
        self.callbacks: dict[int, tuple[Callable[..., Any], tuple[Any, ...]]] = {}

    def registerCallback(self, cb: Callable[..., Any], *args: Any) -> int:  # noqa: N802
        """Call a function with every message that leaves this filter.

        :param cb: called with the messages, then with ``args``
        :return: the callback's key in ``callbacks``
        """
        index = max(self.callbacks, default=-1) + 1
        self.callbacks[index] = (cb, args)
        return index

    def signalMessage(self, *msg: Any) -> None:  # noqa: N802
        """Call every registered callback with these messages."""
        for cb, args in list(self.callbacks.values()):
            cb(*msg, *args)
