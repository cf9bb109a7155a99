# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""The results as a page."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.metadata import version

from bench.inference.load import COLUMNS, ROWS
from bench.inference.nodes import ANSWERING, FLOOR, KINDS, NODE, PEER, PEERS, PLAIN, SINGLE
from bench.inference.results import LATE, Result
from bench.rig import tables
from bench.rig.bars import outcomes
from bench.rig.machine import machine
from bench.rig.tables import Rows

ENOUGH = 0.95
"""Of the answers due: with fewer than this, some were not given."""

EXPLANATION = f"""\
- `{NODE}` is the package's node with a shipped bundle and the one sensor named (`modality`).
- `{PEER}` is the node that one writes by hand (`bench/inference/peer.py`): plain rclpy, decoded
  messages, a deque of as many as a window lasts, thinned to the model's rate, and torch, eager and
  with its defaults, in the callback. It has the bundle's weights: before anything is measured, the
  logits of both are compared on 20 random windows. All give the same number of answers a second,
  the bundle's own but for rounding to whole messages.
- `{SINGLE}` is the same after `torch.set_num_threads(1)`; by default torch takes a thread for each
  core.
- `{FLOOR}` only hears, by the cheapest way that rclpy has: serialised messages, EventsExecutor,
  an empty callback. `{PLAIN}` hears decoded messages in `rclpy.spin`, with an empty callback.

Another process publishes on a fixed schedule: the IMU reliably, the depth camera best effort,
{COLUMNS} x {ROWS} in 16UC1 as UTD-MHAD's, with somebody who moves both arms; the nodes reduce the
images to the size that the bundle takes. Each node is a process; ten nodes are ten subscribers of
one topic. All nodes use `config/fastdds.xml`.

Latency is from the publication of a window's last message, whose stamp the answer bears, to the
answer's reception in another process; of a hundred answers or fewer the p99 is nearly the worst.
CPU is user and system time of all the node's threads. Resident is what the kernel calls Rss,
shared its Pss, in which a page that n processes use counts a n-th; both of one node. First answer
is from the start of the process, of ten from the start of the first to the last one's answer, mean
of the rounds, while the sensor publishes all the time; start-up is the same without the window's
own length, which nothing shortens. Sensor and receiver announce themselves ten times a second, not
every 3 s as by default, so that it is the nodes' own start that is measured and not how long they
wait to be discovered."""


def speed(results: Sequence[Result]) -> Rows:
    """Return the table of latencies and CPU times, its head first."""
    return [
        ['', 'node', 'answers', 'latency p50, ms', 'p99, ms', 'CPU per answer, ms',
         'above the floor, ms'],
        *(
            [result.scenario.title, kind, *_speed(result, kind)]
            for result in results for kind in KINDS
        ),
    ]


def _speed(result: Result, kind: str) -> list[str]:
    figures = result.of(kind)
    cpu = [
        f'{1000 * figures.cpu_per_answer:.1f}',
        '' if kind == FLOOR else f'{1000 * result.above(kind):.1f}'
    ]
    if kind not in ANSWERING:
        return ['', '', '', *cpu]
    return [
        f'{figures.answers}', f'{1000 * figures.median:.1f}', f'{1000 * figures.p99:.1f}', *cpu
    ]


def size(results: Sequence[Result]) -> Rows:
    """Return the table of memory and start-up, its head first."""
    return [
        ['', 'node', 'resident, MB', 'shared, MB', 'first answer, s', 'start-up, s'],
        *(
            [result.scenario.title, kind, *_size(result, kind)]
            for result in results for kind in (*ANSWERING, FLOOR)
        ),
    ]


def _size(result: Result, kind: str) -> list[str]:
    figures = result.of(kind)
    held = [f'{figures.resident / 1e6:.0f}', f'{figures.share / 1e6:.0f}']
    if kind not in ANSWERING:
        return [*held, '', '']
    return [*held, f'{figures.started:.1f}', f'{result.waited(kind):.1f}']


def bars(results: Sequence[Result]) -> Rows:
    """Return the table of what was demanded, its head first."""
    return [
        [f'`{NODE}` over', '', *(bar.demand for bar in results[0].bars(PEER))],
        *(
            [kind, result.scenario.title, *outcomes(result.bars(kind))]
            for kind in PEERS for result in results
        ),
    ]


def remarks(results: Sequence[Result]) -> list[str]:
    """Return what else is to be known of the numbers."""
    worst = max(result.prepared.difference for result in results)
    return [
        f"No logit of `{PEER}` differed by more than {worst:.1g} from the bundle's.",
        *(
            f'{result.scenario.title}: `{kind}` gave {figures.answers} answers, {figures.due:.0f} '
            'were due.'
            for result in results for kind in ANSWERING
            if (figures := result.of(kind)).answers < ENOUGH * figures.due
        ),
        *_lateness(results),
    ]


def _lateness(results: Sequence[Result]) -> list[str]:
    late = [
        f'{result.scenario.title}, {trial.kind} {1000 * trial.late:.0f} ms'
        for result in results for trial in result.late
    ]
    if not late:
        return []
    return [
        f'The sensor was late by more than {1000 * LATE:.0f} ms, a sign of a busy machine, in '
        f'{len(late)} of {sum(len(result.trials) for result in results)} trials: '
        f'{"; ".join(late)}.'
    ]


def markdown(results: Sequence[Result], rounds: int, seconds: float) -> str:
    """Return the whole page.

    :param seconds: for which nodes that answer were measured in each round.
    """
    return '\n'.join([
        '# The inference node beside one written by hand',
        '',
        f'By `python3 -m bench.inference`. {machine()}, torch {version("torch")}, ONNX Runtime '
        f'{version("onnxruntime")}.',
        '',
        EXPLANATION,
        '',
        f'Each in turn, {rounds} rounds of {seconds:g} s, the floors half as long.',
        '',
        *tables.markdown(speed(results)),
        '',
        *tables.markdown(size(results)),
        '',
        *tables.markdown(bars(results)),
        '',
        *(line for remark in remarks(results) for line in (remark, '')),
    ])
