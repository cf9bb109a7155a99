# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""One trial: nodes of one kind recognise, or only hear, for a while."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, ExitStack
from dataclasses import dataclass
import json
from pathlib import Path
from tempfile import TemporaryDirectory
import time

from bench.inference.heard import Heard, last_beginning, latencies, SECOND
from bench.inference.measure import Usage, usage
from bench.inference.nodes import ANSWERING, command
from bench.inference.prepared import Prepared
from bench.inference.scenario import Scenario
from bench.rig.process import Failed, Process, running
from rich.progress import Progress

SETTLING = 1.0
SAID = 1000
"""Characters of what a node said that are shown when a trial fails."""


@dataclass(frozen=True)
class Trial:
    """What came of it.

    :param kind: of the nodes.
    :param due: answers of all nodes together.
    :param usage: of all nodes together.
    :param latencies: s from the publication of a window's last message to the answer's reception.
    :param started: s from the start of all nodes to the first answer of the last.
    :param late: the sensor's greatest lateness in s.
    """

    kind: str
    due: float
    usage: Usage
    latencies: list[float]
    started: float
    late: float


def run(
    kind: str, scenario: Scenario, prepared: Prepared, seconds: float, progress: Progress
) -> Trial:
    """Let nodes of one kind hear the sensor.

    :raises Failed: when a process fails, or a node does not answer.
    """
    title = f'{scenario.title}: {kind}'
    task = progress.add_task(title, total=seconds)
    try:
        with TemporaryDirectory(prefix='dcat_bench_') as folder, _explained(title, Path(folder)):
            return _run(
                kind, scenario, prepared, seconds, Path(folder),
                lambda passed: progress.update(task, completed=passed),
            )
    finally:
        progress.remove_task(task)


def _run(
    kind: str, scenario: Scenario, prepared: Prepared, seconds: float, folder: Path,
    tell: Callable[[float], object],
) -> Trial:
    names = [f'node_{number}' for number in range(scenario.nodes)]
    speaking = names if kind in ANSWERING else []
    with ExitStack() as stack:
        def start(module: str, arguments: list[str], subfolder: str) -> Process:
            (folder / subfolder).mkdir()
            return stack.enter_context(running(module, arguments, folder / subfolder))

        rate = [f'--{scenario.sensor}', str(scenario.rate)]
        traffic = start('bench.inference.traffic', rate, 'traffic')
        listener = start('bench.inference.listener', speaking, 'listener')
        said = listener.lines()
        next(said)
        begun = time.time_ns()
        nodes = [start(*command(kind, scenario, prepared, name), name) for name in names]
        for node in nodes:
            if not next(said if speaking else node.lines(), ''):
                raise Failed('a process ended early')
        time.sleep(SETTLING)
        used = usage(nodes, seconds, tell)
        late = json.loads(traffic.finish())
        for node in nodes:
            node.interrupt()
        heard = [Heard(*each) for each in json.loads(listener.interrupt())]
    found = latencies(heard, used.since, used.until)
    if speaking and not found:
        raise Failed(f'no answer within {seconds:g} s')
    measured = range(used.since // SECOND, used.until // SECOND + 1)
    return Trial(
        kind, scenario.nodes * used.seconds * scenario.rate / prepared.every, used, found,
        (last_beginning(heard) - begun) / SECOND if speaking else 0.0,
        max(late.get(str(second), 0) for second in measured) / SECOND,
    )


@contextmanager
def _explained(title: str, folder: Path) -> Iterator[None]:
    """Add to a failure what the nodes said."""
    try:
        yield
    except Failed as error:
        texts = [path.read_text(errors='replace') for path in sorted(folder.glob('node_*/*'))]
        said = '\n'.join(text.strip()[-SAID:] for text in texts if text)
        raise Failed(f'{title}: {error}; the nodes said:\n{said or "nothing"}') from error
