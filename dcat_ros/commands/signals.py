# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""How SIGINT and SIGTERM end a program without a node."""

from collections.abc import Iterator
from contextlib import contextmanager
import signal
import sys
from types import FrameType

SIGNALS = (signal.SIGINT, signal.SIGTERM)
RETRY_DELAY = 0.01  # s


@contextmanager
def ending_at_signals() -> Iterator[None]:
    """Let SIGINT and SIGTERM raise SystemExit, so that the program cleans up.

    Python ignores exceptions in destructors. If a signal arrives in one, an alarm raises
    SystemExit again a moment later.

    :raises SystemExit: with status 130 or 143, anywhere in the block.
    """
    received: list[int] = []
    default_hook = sys.unraisablehook

    def end(number: int, frame: FrameType | None) -> None:
        if number != signal.SIGALRM:
            received.append(number)
        sys.exit(128 + received[-1])

    def retry(unraisable: 'sys.UnraisableHookArgs') -> None:
        if isinstance(unraisable.exc_value, SystemExit) and received:
            signal.setitimer(signal.ITIMER_REAL, RETRY_DELAY)
        else:
            default_hook(unraisable)

    before = {number: signal.signal(number, end) for number in (*SIGNALS, signal.SIGALRM)}
    sys.unraisablehook = retry
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0.0)
        sys.unraisablehook = default_hook
        for number, handler in before.items():
            signal.signal(number, handler)
