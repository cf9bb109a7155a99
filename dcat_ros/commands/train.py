"""Train a classifier on labelled bags and write it as a bundle.

Three steps: the recipe is scored on the protocol's test subjects, seed by seed; it is calibrated
on subjects left out in turn; it is trained once more, on all subjects, and written to OUT/NAME.
Finished parts are kept in OUT and used again while bags and settings stay the same.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

from dcat_ros.training.config import Config
from dcat_ros.training.errors import TrainingError

COLUMNS = (
    TextColumn('{task.description}'), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(),
    TimeRemainingColumn(),
)


def parse(argv: Sequence[str] | None) -> argparse.Namespace:
    """Parse the command line."""
    parser = argparse.ArgumentParser(
        prog='train', description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add = parser.add_argument
    add('config', metavar='CONFIG', help='a YAML file, or the name of a shipped one')
    add('--bags', type=Path, nargs='+', required=True, metavar='DIR',
        help='bags, or directories of bags')
    add('--out', type=Path, required=True, metavar='OUT', help='directory for results and bundle')
    add('--seeds', type=int, metavar='N', help='seeds to score (default: as configured)')
    add('--only', choices=('evaluate', 'export'),
        help='stop after the scores, or go on from finished ones')
    add('--force', action='store_true', help='replace a bundle that is there')
    return parser.parse_args(argv)


def train(config: Config, args: argparse.Namespace, progress: Progress) -> None:
    """Do the steps asked for.

    :raises TrainingError: if one cannot be done.
    """
    import torch

    from dcat_ros.training import provenance
    from dcat_ros.training.calibrate import calibrate
    from dcat_ros.training.dataset import load, without_window
    from dcat_ros.training.evaluate import evaluate, finished
    from dcat_ros.training.export import export, refuse_existing
    from dcat_ros.training.recording import find_bags

    torch.set_num_threads(1)
    say = progress.console.print
    work, bundle = args.out / f'{config.name}.work', args.out / config.name
    if args.only != 'evaluate':
        refuse_existing(bundle, args.force)
    bags = find_bags(args.bags)
    reading = progress.add_task('reading bags', total=len(bags))
    data = load(bags, config, lambda: progress.advance(reading))
    progress.update(reading, visible=False)
    lost = without_window(data.live, range(len(data.clips)))
    say(
        f'{len(data.clips)} clips of {len(data.classes)} classes and {len(data.subjects)} '
        f'subjects, {lost} too short for a window; {data.refused} messages refused'
    )
    sums = provenance.bags_of(bags)
    key = provenance.key(config, sums)
    if args.only == 'export':
        scores = finished(config, work, key)
    else:
        scores = evaluate(data, config, work, key, progress)
    mean = sum(score.macro_f1 for score in scores) / len(scores)
    say(f'mean macro-F1 of {len(scores)} seeds: {100 * mean:.1f}')
    if args.only == 'evaluate':
        return
    calibration = calibrate(data, config, work, key, progress)
    say(f'temperature {calibration.temperature:.3f}, threshold {calibration.threshold:.3f}')
    export(data, config, sums, scores, calibration, bundle, progress)
    print(bundle)


def main(argv: list[str] | None = None) -> int:
    """Train; 1 when that cannot be done, else 0."""
    args = parse(argv)
    console = Console(stderr=True, soft_wrap=True, markup=False, highlight=False)
    try:
        config = Config.read(args.config)
        if args.seeds is not None:
            config = replace(config, protocol=replace(config.protocol, seeds=args.seeds))
        with Progress(*COLUMNS, console=console, transient=True) as progress:
            train(config, args, progress)
    except ModuleNotFoundError as error:
        console.print(
            f'error: training needs {error.name}: install the extra dcat_ros[train], in a clone '
            'without ROS by `python3 ros_on_pip/setup_host.py --extras train`'
        )
        return 1
    except (OSError, TrainingError) as error:
        console.print(f'error: {error}')
        return 1
    return 0


if __name__ == '__main__':
    sys.exit(main())
