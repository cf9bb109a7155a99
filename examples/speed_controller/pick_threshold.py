# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Weigh settings of the inference node, `threshold` and `smoothing`, on labelled recordings.

The clips go through the windows, the model and the decision of the inference node. For each pair
of settings a row tells how many windows are unknown, how many get a wrong name, and how long after
the begin of a clip the right answer comes: for half of the clips, for nine of ten, and the share
for which it never does. Delays are by stamps: computing and transport come on top.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
import signal
import sys

from dcat_ros.arguments import positive
from dcat_ros.bags.reader import BagError
from dcat_ros.bundles import Bundle, Manifest
from matplotlib.figure import Figure
from rich import box
from rich.console import Console
from rich.progress import track
from rich.table import Table
from trade_off import best, Recording, replay, TradeOff, weigh

THRESHOLDS = (0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)
SMOOTHING = (0.0, 0.3, 0.6, 0.8)
MOST_SMOOTHING = 0.99  # that the inference node takes


def share(text: str) -> float:
    """Return a number from 0 to 1.

    :raises argparse.ArgumentTypeError: if it is none.
    """
    value = float(text)
    if not 0.0 <= value <= 1.0:
        raise argparse.ArgumentTypeError(f'{text} is not 0 to 1')
    return value


def parse(argv: Sequence[str] | None) -> argparse.Namespace:
    """Parse the command line."""
    parser = argparse.ArgumentParser(
        prog='pick_threshold.py', description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add('bundle', metavar='BUNDLE', help='name of a shipped bundle, or a path with a /')
    add('bags', type=Path, nargs='+', metavar='BAG', help='directory of a labelled bag')
    add('--thresholds', type=share, nargs='+', default=THRESHOLDS, metavar='T',
        help="scores to weigh, 0 to 1; the bundle's own is added")
    add('--smoothing', type=share, nargs='+', default=SMOOTHING, metavar='S',
        help=f'weights of past windows to weigh, 0 to {MOST_SMOOTHING}')
    add('--most-wrong', type=share, default=0.05, metavar='W',
        help='share of wrong names that is borne (default: 0.05)')
    add('--most-delay', type=positive, default=float('inf'), metavar='S',
        help='seconds that are borne for nine of ten clips (default: any)')
    add('--plot', type=Path, metavar='FILE', help='draw the trade-off, as SVG, PDF or PNG')
    args = parser.parse_args(argv)
    if max(args.smoothing) > MOST_SMOOTHING:
        parser.error(f'--smoothing is {max(args.smoothing):g}, expected 0 to {MOST_SMOOTHING}')
    return args


def table(options: Sequence[TradeOff], chosen: TradeOff | None, own: float) -> Table:
    """Return all that was weighed, with the chosen pair in bold.

    :param own: the bundle's threshold, which is marked.
    """
    shown = Table(box=box.SIMPLE_HEAD, padding=(0, 1), pad_edge=False, show_edge=False)
    for name in ('smoothing', 'threshold', 'unknown', 'wrong', 'delay', '9 of 10', 'missed'):
        shown.add_column(name, justify='right')
    for place, option in enumerate(options):
        last = place + 1 == len(options) or options[place + 1].smoothing != option.smoothing
        shown.add_row(
            f'{option.smoothing:g}',
            f'{"own " if option.threshold == own else ""}{option.threshold:.3g}',
            *(f'{100 * value:.1f} %' for value in (option.unknown, option.wrong)),
            *(f'{value:.2f} s' if value < float('inf') else 'never'
              for value in (option.delay, option.late)),
            f'{100 * option.missed:.1f} %',
            style='bold' if option is chosen else '',
            end_section=last,
        )
    return shown


def advice(chosen: TradeOff | None) -> str:
    """Return the settings to use, as commands."""
    if chosen is None:
        return 'No pair keeps to the limits: weigh higher thresholds, or train on more people.'
    return (
        'Least unknown within the limits:\n'
        f'  ros2 param set /inference threshold {chosen.threshold:.3g}\n'
        f'  ros2 param set /inference smoothing {chosen.smoothing:g}'
    )


def cautions(manifest: Manifest, recordings: Sequence[Recording]) -> list[str]:
    """Return how far the numbers may be believed."""
    clips = [clip for recording in recordings for clip in recording.clips]
    trained = map(str, manifest.training.get('subjects', []))
    met = sorted({clip.group for clip in clips}.intersection(trained))
    told = [
        'Choosing on people that the model was trained on flatters it: with others it is wrong '
        f'more often. By their names, {manifest.name} was trained on '
        f'{", ".join(met) if met else "none"} of the subjects here.'
    ]
    if {clip.label for clip in clips} <= set(manifest.classes):
        told.append(
            'No clip shows anything but the activities that the model knows, so how often another '
            'one gets a name was not weighed: record some, labelled e.g. "other".'
        )
    fresh = sum(seen.first for recording in recordings for seen in recording.windows)
    if 2 * fresh > len(clips):
        told.append(
            'Most clips begin after a hole: most of the delay is a window of '
            f'{manifest.window.duration:g} s that fills, and what smoothing does at a change of '
            'activity is not seen. Record activities that follow each other without a pause.'
        )
    return told


def draw(options: Sequence[TradeOff], path: Path) -> None:
    """Draw wrong against unknown and delay against threshold, a line for each smoothing.

    :raises OSError: if the file cannot be written.
    :raises ValueError: if its ending is no known format.
    """
    figure = Figure(figsize=(9, 4), layout='constrained')
    errors, delays = figure.subplots(1, 2)
    for smoothing in dict.fromkeys(option.smoothing for option in options):
        line = [option for option in options if option.smoothing == smoothing]
        name = f'smoothing {smoothing:g}'
        errors.plot(
            [100 * each.unknown for each in line], [100 * each.wrong for each in line], 'o-',
            label=name,
        )
        delays.plot([each.threshold for each in line], [each.late for each in line], 'o-')
    errors.set(xlabel='unknown, % of windows', ylabel='wrong, % of windows')
    delays.set(
        xlabel='threshold; a line ends where more than 1 clip of 10 is missed',
        ylabel='delay for 9 of 10 clips, s',
    )
    errors.legend()
    figure.savefig(path)


def main(argv: Sequence[str] | None = None) -> int:
    """Weigh and print; 1 when that cannot be done, else 0."""
    args = parse(argv)
    console = Console(stderr=True, soft_wrap=True, markup=False, highlight=False)
    try:
        bundle = Bundle.load(args.bundle)
        own = bundle.manifest.threshold
        recordings = [
            replay(bundle, bag)
            for bag in track(
                args.bags, 'reading', console=console, transient=True,
                disable=not console.is_terminal,
            )
        ]
        options = [
            weigh(bundle, recordings, threshold, smoothing)
            for smoothing in sorted(set(args.smoothing))
            for threshold in sorted({own, *args.thresholds})
        ]
        if args.plot:
            draw(options, args.plot)
    except (BagError, OSError, ValueError) as error:
        console.print(f'error: {error}')
        return 1
    chosen = best(options, args.most_wrong, args.most_delay)
    Console(highlight=False).print(table(options, chosen, own))
    print(advice(chosen))
    for caution in cautions(bundle.manifest, recordings):
        print(f'Note: {caution}')
    return 0


if __name__ == '__main__':
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    sys.exit(main())
