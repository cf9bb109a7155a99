# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Measure what a vote of a worn IMU and skeletons gains over each sensor alone, on UTD-MHAD.

BAGS are those of `dcat import_utd_mhad`. Models are fitted and calibrated on the training people
of the shipped recipes, seed by seed, and answer on the test people as the inference node would.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
import sys
from typing import Any

from bench.common import command
from bench.common.page import write_page
from bench.voting.networks import bundles, one_network
from bench.voting.replay import ClipAnswers, replay
from dcat_ros.bundles import Manifest
from dcat_ros.evaluation.statistics import Estimate, paired, PairedDifference, score_estimate
from dcat_ros.training.dataset import find_bags
from dcat_ros.training.progress import TerminalReporter
from dcat_ros.training.score import macro_f1_of, predicted_classes
import numpy as np
from rich.console import Console

IMU, SKELETON = 'imu_utd_mhad', 'pose_utd_mhad'
ROWS = {
    'IMU alone': ((IMU,), ''),
    'skeletons alone': ((SKELETON,), ''),
    'both vote': ((IMU, SKELETON), ''),
    'both vote, no skeletons in every second clip': ((IMU, SKELETON), 'skeleton'),
}
"""The bundles that vote, and the sensor that fails."""
MEASURES = ('macro-F1 by clip', 'windows named', 'right of the named')


def measures(clips: Sequence[ClipAnswers], classes: Sequence[str]) -> list[float]:
    """Return the measures, each 0 to 1, in the order of MEASURES."""
    truth = np.array([classes.index(clip.label) for clip in clips])
    means = np.array([
        clip.scores.mean(axis=0) if len(clip.scores) else np.zeros(len(classes)) for clip in clips
    ])
    named = np.concatenate([clip.named for clip in clips])
    right = np.concatenate([clip.right for clip in clips])
    return [
        macro_f1_of(truth, predicted_classes(means), len(classes)),
        float(named.mean()), float(right[named].mean()),
    ]


def measure(args: argparse.Namespace) -> dict[str, list[list[float]]]:
    """Return the measures of each row, by seed."""
    bags = find_bags([args.bags])
    recipes = {name: one_network(name) for name in (IMU, SKELETON)}
    test = [bag for bag in bags if bag.name.removeprefix('s') in recipes[IMU].protocol.test]
    with TerminalReporter() as reporter:
        fitted = {
            name: list(bundles(recipe, bags, args.seeds, args.work, reporter))
            for name, recipe in recipes.items()
        }
        found: dict[str, list[list[float]]] = {row: [] for row in ROWS}
        with reporter.stage('answering', args.seeds * len(ROWS) * len(test)) as stage:
            for seed in range(args.seeds):
                for row, (names, failing) in ROWS.items():
                    clips: list[ClipAnswers] = []
                    for bag in test:
                        voters = [fitted[name][seed] for name in names]
                        clips += replay(bag, voters, _classes(voters[0]), failing)
                        stage.advance()
                    found[row].append(measures(clips, _classes(voters[0])))
    return found


def _classes(bundle: Path) -> list[str]:
    return Manifest.read(bundle).classes


def compared(found: dict[str, list[list[float]]]) -> list[dict[str, Any]]:
    """Return the rows of the page: estimates, and the difference to the best single sensor."""
    alone = max(list(ROWS)[:2], key=lambda row: np.mean([seed[0] for seed in found[row]]))
    return [
        {
            'name': row,
            'estimates': [score_estimate(values) for values in zip(*seeds, strict=True)],
            'gain': None if row in list(ROWS)[:2] else paired(
                [seed[0] for seed in seeds], [seed[0] for seed in found[alone]]
            ),
        }
        for row, seeds in found.items()
    ]


def percent(found: Estimate) -> str:
    """Return an estimate in per cent."""
    if found.low is None or found.high is None:
        return f'{100 * found.mean:.1f}'
    return f'{100 * found.mean:.1f} [{100 * found.low:.1f}, {100 * found.high:.1f}]'


def signed(found: PairedDifference | None) -> str:
    """Return a difference in points, with its p."""
    if found is None:
        return '—'
    p = '' if found.p is None else f' (p = {found.p:.2g})'
    return f'{100 * found.mean:+.1f}{p}'


def main(args: argparse.Namespace, console: Console) -> bool:
    """Measure and write the page; return whether the vote is better than either sensor."""
    command.require_writable(args.out)
    rows = compared(measure(args))
    write_page(
        args.out, 'voting/page.md.j2', console, rows=rows, measures=MEASURES, percent=percent,
        signed=signed, seeds=args.seeds,
    )
    return rows[2]['gain'].mean > 0


def parse() -> argparse.Namespace:
    """Parse the command line."""
    parser = command.make_parser('voting', __doc__)
    parser.add_argument('bags', type=Path, metavar='BAGS')
    parser.add_argument('--work', type=Path, required=True, metavar='DIR',
                        help='directory for windows, fits and bundles; finished ones are reused')
    parser.add_argument('--seeds', type=int, default=5, metavar='N')
    return parser.parse_args()


if __name__ == '__main__':
    sys.exit(command.run_bench(main, parse()))
