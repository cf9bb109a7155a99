# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""One trial: nodes of one kind receive a sensor's messages while they are measured."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, ExitStack
from dataclasses import dataclass
import json
from pathlib import Path
from statistics import mean
from tempfile import TemporaryDirectory
import time
from typing import NamedTuple

from bench.common.messages import SECOND
from bench.common.process import BenchError, cpu_seconds, Process, running
from bench.inference.listener import Answer
from bench.inference.scenarios import CLASSIFYING, command, Prepared, Scenario
from rich.progress import Progress

SETTLING = 1.0
REPORT_PERIOD = 0.2
STDERR = 1000
"""Characters of a node's output that an error message shows."""


class Usage(NamedTuple):
    """What processes used from ``since`` to ``until``, in ns of the system clock.

    ``cpu``: s, of all together. ``resident`` and ``share``: mean bytes (Rss, Pss) at the end.
    """

    since: int
    until: int
    cpu: float
    resident: float
    share: float

    @property
    def seconds(self) -> float:
        """How long it was."""
        return (self.until - self.since) / SECOND


@dataclass(frozen=True)
class Trial:
    """Result of one trial.

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
    """Start nodes of one kind and a sensor, and measure them.

    :raises BenchError: when a process fails, or a node does not answer.
    """
    title = f'{scenario.title}: {kind}'
    task = progress.add_task(title, total=seconds)
    try:
        with TemporaryDirectory(prefix='dcat_bench_') as folder, _with_output(title, Path(folder)):
            return _run(
                kind, scenario, prepared, seconds, Path(folder),
                lambda passed: progress.update(task, completed=passed),
            )
    finally:
        progress.remove_task(task)


def _run(
    kind: str, scenario: Scenario, prepared: Prepared, seconds: float, folder: Path,
    report: Callable[[float], object],
) -> Trial:
    names = [f'node_{number}' for number in range(scenario.nodes)]
    classifying = names if kind in CLASSIFYING else []
    with ExitStack() as stack:
        def start(module: str, arguments: list[str], subfolder: str) -> Process:
            (folder / subfolder).mkdir()
            return stack.enter_context(running(module, arguments, folder / subfolder))

        rate = [f'--{scenario.sensor}', str(scenario.rate)]
        publisher = start('bench.inference.publisher', rate, 'publisher')
        listener = start('bench.inference.listener', classifying, 'listener')
        listener_lines = listener.lines()
        next(listener_lines)
        start_time = time.time_ns()
        nodes = [start(*command(kind, scenario, prepared, name), name) for name in names]
        for node in nodes:
            if not next(listener_lines if classifying else node.lines(), ''):
                raise BenchError('a process ended early')
        time.sleep(SETTLING)
        used = measure_usage(nodes, seconds, report)
        late = json.loads(publisher.finish())
        for node in nodes:
            node.interrupt()
        answers = [Answer(*fields) for fields in json.loads(listener.interrupt())]
    latencies = latencies_of(answers, used)
    if classifying and not latencies:
        raise BenchError(f'no answer within {seconds:g} s')
    first = {answer.node: answer.received for answer in reversed(answers)}
    measured = range(used.since // SECOND, used.until // SECOND + 1)
    return Trial(
        kind, scenario.nodes * used.seconds * scenario.rate / prepared.every, used, latencies,
        (max(first.values()) - start_time) / SECOND if classifying else 0.0,
        max(late.get(str(second), 0) for second in measured) / SECOND,
    )


def latencies_of(answers: Sequence[Answer], used: Usage) -> list[float]:
    """Return s from the stamp of an answer to its reception, of those in the measured time."""
    return [
        (answer.received - answer.stamp) / SECOND
        for answer in answers if used.since <= answer.stamp < used.until
    ]


@contextmanager
def _with_output(title: str, folder: Path) -> Iterator[None]:
    """Add the nodes' output to an error."""
    try:
        yield
    except BenchError as error:
        texts = [path.read_text(errors='replace') for path in sorted(folder.glob('node_*/*'))]
        output = '\n'.join(text.strip()[-STDERR:] for text in texts if text)
        raise BenchError(f'{title}: {error}; output of the nodes:\n{output or "-"}') from error


def measure_usage(
    processes: Sequence[Process], seconds: float, report: Callable[[float], object]
) -> Usage:
    """Wait, and return what the processes used meanwhile.

    :param report: called about five times a second with the seconds that have passed.
    :raises BenchError: if a process ends meanwhile.
    """
    since, before = time.time_ns(), _cpu(processes)
    while (left := seconds - (time.time_ns() - since) / SECOND) > 0:
        time.sleep(min(left, REPORT_PERIOD))
        report(seconds - left)
    until, cpu = time.time_ns(), _cpu(processes) - before
    try:
        resident, share = zip(*map(_memory, processes), strict=True)
    except (ProcessLookupError, FileNotFoundError) as error:
        raise BenchError('a node ended while it was measured') from error
    return Usage(since, until, cpu, mean(resident), mean(share))


def _memory(process: Process) -> tuple[int, int]:
    """Return the resident bytes, and those with pages shared by n processes counted 1/n."""
    lines = Path(f'/proc/{process.id}/smaps_rollup').read_text(encoding='utf-8').splitlines()
    kilobytes = {words[0]: int(words[1]) for words in map(str.split, lines[1:])}
    return 1024 * kilobytes['Rss:'], 1024 * kilobytes['Pss:']


def _cpu(processes: Sequence[Process]) -> float:
    return sum(cpu_seconds(process.id) for process in processes)
