# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""How a program without a node ends when it is told to."""

from collections.abc import Iterator
from contextlib import contextmanager
import signal
import sys
from types import FrameType

SIGNALS = (signal.SIGINT, signal.SIGTERM)
SOON = 0.01  # s


@contextmanager
def ending_at_signals() -> Iterator[None]:
    """Let SIGINT and SIGTERM end the program as they do in a shell, but with all cleaned up.

    Python ignores what is raised in a destructor, so a signal that arrives in one is raised again.

    :raises SystemExit: with status 130 or 143, wherever the program happens to be.
    """
    told: list[int] = []
    report = sys.unraisablehook

    def end(number: int, frame: FrameType | None) -> None:
        told.append(number)
        sys.exit(128 + number)

    def end_after_all(number: int, frame: FrameType | None) -> None:
        sys.exit(128 + told[-1])

    def ignored(what: 'sys.UnraisableHookArgs') -> None:
        if isinstance(what.exc_value, SystemExit) and told:
            signal.setitimer(signal.ITIMER_REAL, SOON)
        else:
            report(what)

    handlers = {**dict.fromkeys(SIGNALS, end), signal.SIGALRM: end_after_all}
    before = {number: signal.signal(number, handler) for number, handler in handlers.items()}
    sys.unraisablehook = ignored
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0.0)
        sys.unraisablehook = report
        for number, handler in before.items():
            signal.signal(number, handler)
