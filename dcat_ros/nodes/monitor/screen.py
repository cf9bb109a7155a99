# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""A picture that changes in a terminal, or lines where there is none."""

from collections.abc import Callable
import time
from types import TracebackType

from rich.console import Console, RenderableType
from rich.live import Live
from rich.text import Text

BAR = 24


class Screen:
    """Context manager in which a picture is kept up to date.

    ``is_live`` tells whether there is a picture; else only what is said is seen.

    :param plain: no picture, in a terminal neither.
    """

    PERIOD = 0.1
    """Seconds from one picture to the next, at least."""

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

    def say(self, text: str) -> None:
        """Print a line."""
        self.console.print(text, markup=False, soft_wrap=True)

    def show(self, picture: Callable[[], RenderableType]) -> None:
        """Draw, unless the last picture is too young."""
        if self.is_live and time.monotonic() - self._last_drawn > self.PERIOD:
            self._last_drawn = time.monotonic()
            self._live.update(picture(), refresh=True)


def bar(score: float, colour: str) -> Text:
    """Return a score from 0 to 1 as a bar and a number."""
    full = round(BAR * score)
    return Text.assemble(('━' * full, colour), ('━' * (BAR - full), 'dim'), f' {score:.2f}')
