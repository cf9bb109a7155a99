# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""The results as a page."""

from __future__ import annotations

from collections.abc import Mapping
from statistics import median

from bench.inference.nodes import NODE, PEER
from bench.rig import tables
from bench.rig.machine import machine
from bench.rig.tables import Rows
from bench.swap.trial import RATES, Swap, SWAPS

Results = Mapping[tuple[str, str], list[Swap]]
"""The swaps by what was swapped and by kind of node."""

TITLES = {
    what: ' ↔ '.join(choice.bundle for choice in choices) for what, choices in SWAPS.items()
}
EXPLANATION = f"""\
An IMU at {RATES['imu']} Hz and a depth camera at {RATES['camera']} Hz are published all the time.
A node recognises, and another process swaps its model, or sensor and model, to and fro, at any
moment between two answers.

- `{NODE}` is told by one parameter: `imu.bundle` ({TITLES['bundle']}), or `modality`
  ({TITLES['sensor']}).
- `{PEER}` is a lifecycle node with torch (`bench/swap/peer.py`) and the same weights. It is
  deactivated, cleaned up, given the parameter, configured, upon which it loads the model, and
  activated.

The gap is the longest from one answer's reception to the next one's, between the last answer
before the request and the third of the new model; without a swap it is the stride, 0.25 s. Windows
are lost where two successive answers' stamps lie more than a stride apart. The new model's first
answer is counted from the request; both nodes hear a window for it first, which takes 2 s."""


def rows(results: Results) -> Rows:
    """Return the table, its head first."""
    return [
        ['swap of', 'node', 'swaps', 'gap, s: median', 'worst', 'windows lost: median', 'worst',
         'first answer of the new, s: median', 'worst'],
        *([what, kind, *_cells(swaps)] for (what, kind), swaps in results.items()),
    ]


def _cells(swaps: list[Swap]) -> list[str]:
    gaps, lost, taken = zip(*swaps, strict=True)
    return [
        f'{len(swaps)}', f'{median(gaps):.2f}', f'{max(gaps):.2f}', f'{median(lost):g}',
        f'{max(lost)}', f'{median(taken):.2f}', f'{max(taken):.2f}',
    ]


def markdown(results: Results) -> str:
    """Return the whole page."""
    return '\n'.join([
        '# Swapping the model while the node runs',
        '',
        f'By `python3 -m bench.swap`. {machine()}.',
        '',
        EXPLANATION,
        '',
        *tables.markdown(rows(results)),
        '',
    ])
