# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Compare values of the inference node's `threshold` and `smoothing` on labelled recordings.

The clips go through the windows, the model and the decision of the inference node. For each pair
of settings, a row shows the share of unknown windows, the share of wrong ones, and how long after
the start of a clip the first correct answer comes: for half of the clips, for nine of ten, and the
share of clips without one. Delays are by stamps, without the time for computing and transport.
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
from trade_off import best, classify_bag, evaluate, Recording, TradeOff

THRESHOLDS = (0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)
SMOOTHING = (0.0, 0.3, 0.6, 0.8)
MOST_SMOOTHING = 0.99  # the most that the inference node accepts


def share(text: str) -> float:
    """Return a number from 0 to 1.

    :raises argparse.ArgumentTypeError: if it is out of range.
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
        help="thresholds to compare, 0 to 1; the bundle's own is added")
    add('--smoothing', type=share, nargs='+', default=SMOOTHING, metavar='S',
        help=f'weights of past windows to compare, 0 to {MOST_SMOOTHING}')
    add('--most-wrong', type=share, default=0.05, metavar='W',
        help='largest allowed share of wrong windows (default: 0.05)')
    add('--most-delay', type=positive, default=float('inf'), metavar='S',
        help='longest allowed delay in s for nine of ten clips (default: any)')
    add('--plot', type=Path, metavar='FILE', help='plot the trade-off, as SVG, PDF or PNG')
    args = parser.parse_args(argv)
    if max(args.smoothing) > MOST_SMOOTHING:
        parser.error(f'--smoothing is {max(args.smoothing):g}, expected 0 to {MOST_SMOOTHING}')
    return args


def table(options: Sequence[TradeOff], chosen: TradeOff | None, own: float) -> Table:
    """Return a table of the options, with the chosen pair in bold.

    :param own: the bundle's threshold, which is marked.
    """
    shown = Table(box=box.SIMPLE_HEAD, padding=(0, 1), pad_edge=False, show_edge=False)
    for name in ('smoothing', 'threshold', 'unknown', 'wrong', 'delay', '9 of 10', 'missed'):
        shown.add_column(name, justify='right')
    for number, option in enumerate(options):
        last = number + 1 == len(options) or options[number + 1].smoothing != option.smoothing
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
        return 'No pair is within the limits: try higher thresholds, or train on more people.'
    return (
        'Least unknown within the limits:\n'
        f'  ros2 param set /inference threshold {chosen.threshold:.3g}\n'
        f'  ros2 param set /inference smoothing {chosen.smoothing:g}'
    )


def cautions(manifest: Manifest, recordings: Sequence[Recording]) -> list[str]:
    """Return what limits the validity of the numbers."""
    clips = [clip for recording in recordings for clip in recording.clips]
    trained = map(str, manifest.training.get('subjects', []))
    seen = sorted({clip.group for clip in clips}.intersection(trained))
    texts = [
        'On people that the model was trained on, the numbers are too good: it is wrong more '
        f'often about others. By their names, {manifest.name} was trained on '
        f'{", ".join(seen) if seen else "none"} of the subjects here.'
    ]
    if {clip.label for clip in clips} <= set(manifest.classes):
        texts.append(
            'All clips show activities that the model knows, so the numbers do not say how often '
            'another one gets a wrong class: record some, labelled e.g. "other".'
        )
    segments = sum(window.first for recording in recordings for window in recording.windows)
    if 2 * segments > len(clips):
        texts.append(
            'Most clips begin after a gap: most of the delay is the time to fill a window of '
            f'{manifest.window.duration:g} s, and the delay by smoothing at a change of activity '
            'does not show. Record activities that follow each other without a pause.'
        )
    return texts


def plot(options: Sequence[TradeOff], path: Path) -> None:
    """Plot wrong against unknown and delay against threshold, a line for each smoothing.

    :raises OSError: if the file cannot be written.
    :raises ValueError: if the file name has no known format.
    """
    figure = Figure(figsize=(9, 4), layout='constrained')
    errors, delays = figure.subplots(1, 2)
    for smoothing in dict.fromkeys(option.smoothing for option in options):
        line = [option for option in options if option.smoothing == smoothing]
        name = f'smoothing {smoothing:g}'
        errors.plot(
            [100 * option.unknown for option in line], [100 * option.wrong for option in line],
            'o-', label=name,
        )
        delays.plot([option.threshold for option in line], [option.late for option in line], 'o-')
    errors.set(xlabel='unknown, % of windows', ylabel='wrong, % of windows')
    delays.set(
        xlabel='threshold; a line ends where more than 1 clip of 10 is missed',
        ylabel='delay for 9 of 10 clips, s',
    )
    errors.legend()
    figure.savefig(path)


def main(argv: Sequence[str] | None = None) -> int:
    """Print the comparison; return 1 if it is not possible, else 0."""
    args = parse(argv)
    console = Console(stderr=True, soft_wrap=True, markup=False, highlight=False)
    try:
        bundle = Bundle.load(args.bundle)
        own = bundle.manifest.threshold
        recordings = [
            classify_bag(bundle, bag)
            for bag in track(
                args.bags, 'reading', console=console, transient=True,
                disable=not console.is_terminal,
            )
        ]
        options = [
            evaluate(bundle, recordings, threshold, smoothing)
            for smoothing in sorted(set(args.smoothing))
            for threshold in sorted({own, *args.thresholds})
        ]
        if args.plot:
            plot(options, args.plot)
    except (BagError, OSError, ValueError) as error:
        console.print(f'error: {error}')
        return 1
    chosen = best(options, args.most_wrong, args.most_delay)
    Console(highlight=False).print(table(options, chosen, own))
    print(advice(chosen))
    for text in cautions(bundle.manifest, recordings):
        print(f'Note: {text}')
    return 0


if __name__ == '__main__':
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    sys.exit(main())
