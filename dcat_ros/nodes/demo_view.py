"""What the demonstration draws in the terminal."""

import time
from collections import Counter
from itertools import pairwise
from statistics import median
from types import TracebackType
from typing import NamedTuple

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

BLOCKS = 64
BAR = 24


class Seen(NamedTuple):
    """One answer as it arrived: ``stamp`` in ns, ``latency`` in s.

    ``mixed`` tells whether its window began before what the person does now.
    """

    mixed: bool
    stamp: int
    frame_id: str
    label: str
    score: float
    truth: str
    latency: float

    @property
    def colour(self) -> str:
        """Green if the answer is what the person does, yellow if unknown, else blue or red."""
        if self.label == self.truth:
            return 'green'
        if self.label == 'unknown':
            return 'yellow'
        return 'blue' if self.mixed else 'red'


class Story:
    """What has happened so far."""

    def __init__(self) -> None:
        self.truth = ''
        self.since = float('inf')
        self.seen: list[Seen] = []
        self.stages: list[tuple[str, int]] = []
        self.ends = 0.0

    def does(self, activity: str) -> None:
        """Note what the person does from now on."""
        self.truth, self.since = activity, time.monotonic()

    def add(self, seen: Seen) -> None:
        """Take an answer."""
        self.seen.append(seen)

    def stage(self, modality: str, ends: float) -> None:
        """Begin the stage of a sensor, which ends at a steady time."""
        self.stages.append((modality, len(self.seen)))
        self.ends = ends


class View:
    """A live picture in a terminal; a line for each change of answer where there is none."""

    def __init__(self) -> None:
        self._console = Console()
        self._live = Live(console=self._console, auto_refresh=False, transient=False)
        self._printed = ''
        self._last_drawn = 0.0

    def __enter__(self) -> 'View':
        self._console.print('[bold]dcat_ros demo[/bold]: starting the simulated sensors and the '
                            'inference node ...')
        if self._console.is_terminal:
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
        self._console.print(text, markup=False, soft_wrap=True)

    def draw(self, story: Story) -> None:
        """Show the newest answer."""
        if not story.seen or not story.stages:
            return
        if not self._console.is_terminal:
            self._print_change(story)
        elif time.monotonic() - self._last_drawn > 0.1:
            self._last_drawn = time.monotonic()
            self._live.update(self._picture(story), refresh=True)

    def _print_change(self, story: Story) -> None:
        seen = story.seen[-1]
        line = f'{seen.frame_id or "-":30} {seen.label}'
        if line != self._printed:
            self._printed = line
            self.say(
                f'{line:42} score {seen.score:.2f}  latency {1000 * seen.latency:5.1f} ms  '
                f'person: {seen.truth}'
            )

    def _picture(self, story: Story) -> RenderableType:
        seen = story.seen[-1]
        left = max(story.ends - time.monotonic(), 0.0)
        table = Table.grid(padding=(0, 2))
        table.add_column(style='dim', justify='right')
        table.add_column()
        table.add_row('sensor in use', f'[bold]{story.stages[-1][0]}[/bold] ({seen.frame_id}), '
                                       f'{left:.0f} s left')
        table.add_row('the person does', seen.truth or '-')
        table.add_row('recognised', f'[bold {seen.colour}]{seen.label}[/]')
        full = round(BAR * seen.score)
        table.add_row('score', f'[{seen.colour}]{"━" * full}[/][dim]{"━" * (BAR - full)}[/] '
                               f'{seen.score:.2f}')
        table.add_row('latency', f'{1000 * seen.latency:.1f} ms')
        newest = story.seen[-BLOCKS:]
        history = Text.assemble(*(('█', answer.colour) for answer in newest))
        table.add_row('so far', history)
        legend = Text('green: right   blue: still sees what went before   yellow: unknown   '
                      'red: other', style='dim')
        return Panel(Group(table, legend), title='dcat_ros: one sensor in, activities out',
                     width=94)

    def summary(self, story: Story) -> None:
        """Print what each sensor did and how the swaps went."""
        if not story.stages:
            return
        table = Table(title='simulated sensors, bundles made for the simulation')
        columns = ('sensor', 'answers', 'of one activity', 'right', 'unknown', 'latency')
        for column in columns:
            table.add_column(column, justify='left' if column == 'sensor' else 'right')
        bounds = [first for _, first in story.stages] + [len(story.seen)]
        for (modality, _), (first, last) in zip(story.stages, pairwise(bounds), strict=True):
            part = story.seen[first:last]
            if not part:
                continue
            whole = [answer for answer in part if not answer.mixed]
            tally = Counter(answer.colour for answer in whole)
            table.add_row(
                modality,
                str(len(part)),
                str(len(whole)),
                f'{tally["green"] / max(len(whole), 1):.0%}',
                f'{tally["yellow"] / max(len(whole), 1):.0%}',
                f'{1000 * median(answer.latency for answer in part):.1f} ms',
            )
        self._console.print(table)
        stamps = [answer.stamp for answer in story.seen]
        longest = max((b - a for a, b in pairwise(stamps)), default=0) / 1e9
        rising = 'yes' if all(b > a for a, b in pairwise(stamps)) else 'NO'
        self.say(
            f'{max(len(story.stages) - 1, 0)} swaps by parameter; longest time between two '
            f'answers {longest:.2f} s; every stamp after the one before: {rising}'
        )
