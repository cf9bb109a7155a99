# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""A live view in a terminal, or printed lines if there is no terminal."""

from collections.abc import Callable
import time
from types import TracebackType

from rich.console import Console, RenderableType
from rich.live import Live
from rich.text import Text

BAR = 24


class Screen:
    """Context manager that keeps a live view up to date.

    ``is_live`` tells whether there is a live view; otherwise only printed lines appear.

    :param plain: print lines in a terminal too.
    """

    PERIOD = 0.1
    """Shortest time in s between two updates."""

    def __init__(self, plain: bool = False) -> None:
        self.console = Console()
        self.is_live = self.console.is_interactive and not plain
        self._live = Live(console=self.console, auto_refresh=False, transient=False)
        self._last_drawn = 0.0

    def __enter__(self) -> 'Screen':
        if self.is_live:
            self._live.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._live.stop()

    def print_line(self, text: str) -> None:
        """Print a line."""
        self.console.print(text, markup=False, soft_wrap=True)

    def update(self, render: Callable[[], RenderableType]) -> None:
        """Update the live view, unless the last update is too recent."""
        if self.is_live and time.monotonic() - self._last_drawn > self.PERIOD:
            self._last_drawn = time.monotonic()
            self._live.update(render(), refresh=True)


def bar(score: float, colour: str) -> Text:
    """Return a score from 0 to 1 as a bar and a number."""
    full = round(BAR * score)
    return Text.assemble(('━' * full, colour), ('━' * (BAR - full), 'dim'), f' {score:.2f}')
