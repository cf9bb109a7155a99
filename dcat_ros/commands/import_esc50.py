# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Import ESC-50 (environmental sounds) into rosbag2 bags, one a fold.

SOURCE holds the official layout: audio/*.wav (16 bit) and meta/esc50.csv. OUT/fold1, ... get
/audio/audio_stamped (S16LE, 20 ms a message, stamped with its first sample), /audio/audio_info and
/label, two seconds of nothing between two clips. Clips cut from one recording share their
`src_file` in `clip_groups` of the bag's custom_data: never split them between training and test.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
import csv
from pathlib import Path
import struct
import sys
from typing import Any

from dcat_ros.bags import messages
from dcat_ros.bags.clips import Clip, write_clips
from dcat_ros.bags.writer import BagWriter
import numpy as np
from rich.console import Console
from rich.progress import track
from scipy.io import wavfile

CHUNK_RATE = 50  # messages/s
EPOCH = 1_445_817_600 * 10**9  # 2015-10-26T00:00:00Z; each fold starts a day later
DAY = 24 * 3600 * 10**9
CITATION = (
    'K. J. Piczak, "ESC: Dataset for Environmental Sound Classification", ACM Multimedia 2015'
)
LICENSE = 'CC BY-NC 3.0 (no commercial use); the licence of each clip is in the data set'
COLUMNS = {'filename', 'fold', 'category', 'src_file'}


def read_clip(source: Path, row: dict[str, str]) -> Clip:
    """Return the clip that one row of esc50.csv names.

    :raises ValueError: when the file is no 16-bit WAV.
    """
    rate, samples = wavfile.read(source / 'audio' / row['filename'])
    if samples.dtype != np.int16 or not len(samples):
        raise ValueError(f'{len(samples)} samples of {samples.dtype}, expected int16')
    channels = samples.shape[1] if samples.ndim == 2 else 1
    size = rate // CHUNK_RATE

    def stamped(start: int) -> Iterator[tuple[str, Any, int]]:
        yield '/audio/audio_info', messages.audio_info(channels, rate), start
        for first in range(0, len(samples), size):
            stamp = start + first * 10**9 // rate
            chunk = messages.audio(stamp, 'microphone', samples[first:first + size])
            yield '/audio/audio_stamped', chunk, stamp

    duration = len(samples) * 10**9 // rate
    return Clip(row['filename'], row['category'], row['src_file'], duration, stamped)


def read_table(source: Path) -> dict[int, list[dict[str, str]]]:
    """Return the rows of meta/esc50.csv by fold.

    :raises OSError: when the file is not there.
    :raises ValueError: when it has other columns.
    """
    path = source / 'meta' / 'esc50.csv'
    folds: dict[int, list[dict[str, str]]] = {}
    with path.open(encoding='utf-8', newline='') as file:
        table = csv.DictReader(file)
        lacking = COLUMNS - set(table.fieldnames or ())
        if lacking:
            raise ValueError(f'{path} has no column {", ".join(sorted(lacking))}')
        for row in table:
            folds.setdefault(int(row['fold']), []).append(row)
    return folds


def readable(source: Path, rows: list[dict[str, str]], faults: list[str]) -> Iterator[Clip]:
    """Yield the clips in order of file name; `faults` gets a sentence for each unreadable one."""

    def clip_or_fault(row: dict[str, str]) -> Clip | None:
        try:
            return read_clip(source, row)
        except (OSError, ValueError, EOFError, struct.error) as error:
            faults.append(
                f'{source / "audio" / row["filename"]} cannot be read ({error}): left out'
            )
            return None

    return filter(None, map(clip_or_fault, sorted(rows, key=lambda row: row['filename'])))


def parse(argv: list[str] | None) -> argparse.Namespace:
    """Parse the command line."""
    parser = argparse.ArgumentParser(
        prog='import_esc50',
        description=__doc__,
        epilog=f'{CITATION}. Licence: {LICENSE}.',
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument('source', type=Path, metavar='SOURCE', help='the data set')
    parser.add_argument('out', type=Path, metavar='OUT', help='directory for the bags')
    parser.add_argument('--fold', type=int, nargs='+', metavar='F', help='only these')
    return parser.parse_args(argv)


def main(argv: list[str] | None = None) -> int:
    """Import; 1 when something could not be read or written, else 0."""
    args = parse(argv)
    console = Console(stderr=True, soft_wrap=True, markup=False, highlight=False)
    faults: list[str] = []
    try:
        table = read_table(args.source)
        folds = args.fold or sorted(table)
        absent = sorted(set(folds) - set(table))
        if absent:
            known = ', '.join(map(str, sorted(table)))
            raise ValueError(f'{args.source} has no fold {absent[0]}; it has {known}')
        print(f'ESC-50 licence: {LICENSE}')
        writers = {fold: BagWriter(args.out / f'fold{fold}') for fold in folds}
        for fold, writer in writers.items():
            writer.custom |= {
                'session': f'fold{fold}', 'source': 'ESC-50', 'fold': str(fold),
                'license': LICENSE, 'citation': CITATION,
            }
            rows = table[fold]
            clips = readable(args.source, rows, faults)
            with writer:
                shown = track(clips, f'fold {fold}', len(rows), console=console)
                count = write_clips(writer, shown, EPOCH + (fold - 1) * DAY)
            print(f'{writer.path}: {count} clips' if count else f'fold {fold}: no readable clip')
    except (OSError, ValueError) as error:
        console.print(str(error))
        return 1
    for fault in faults:
        console.print(fault)
    return 1 if faults else 0


if __name__ == '__main__':
    sys.exit(main())
