# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Import ESC-50 (environmental sounds) into rosbag2 bags, one for each fold.

SOURCE has the official layout: audio/*.wav (16 bit) and meta/esc50.csv. OUT/fold1, ... get
/audio/audio_stamped (S16LE, 20 ms in each message, stamped with its first sample),
/audio/audio_info and /label, with two seconds between two clips. Clips from one recording have the
same `src_file` in `clip_groups` of the bag's custom_data: never split them between training and
test.
"""

from __future__ import annotations

from collections.abc import Iterator
import csv
from pathlib import Path
import struct
from typing import Any

from dcat_ros.bags import messages
from dcat_ros.bags.writer import Clip
from dcat_ros.commands.importing import DataSet, run
import numpy as np
from scipy.io import wavfile

CHUNK_RATE = 50  # messages/s
EPOCH = 1_445_817_600 * 10**9  # 2015-10-26T00:00:00Z
DAY = 24 * 3600 * 10**9
COLUMNS = {'filename', 'fold', 'category', 'src_file'}


class Esc50(DataSet):
    """ESC-50; its keys are the rows of meta/esc50.csv."""

    option, unit, prefix = '--fold', 'fold', 'fold'
    custom = {  # noqa: RUF012
        'source': 'ESC-50',
        'license': 'CC BY-NC 3.0 (no commercial use); the licence of each clip is in the data set',
        'citation': 'K. J. Piczak, "ESC: Dataset for Environmental Sound Classification", '
                    'ACM Multimedia 2015',
    }

    def __init__(self, source: Path) -> None:
        """Read the table of clips.

        :raises OSError: if it is not there.
        :raises ValueError: if it lacks a column.
        """
        super().__init__(source)
        path = source / 'meta' / 'esc50.csv'
        with path.open(encoding='utf-8', newline='') as file:
            table = csv.DictReader(file)
            if lacking := COLUMNS - set(table.fieldnames or ()):
                raise ValueError(f'{path} has no column {", ".join(sorted(lacking))}')
            for row in sorted(table, key=lambda row: row['filename']):
                self.keys.setdefault(str(int(row['fold'])), []).append(row)

    def start(self, part: str) -> int:
        """Return the first stamp (ns) of a fold."""
        return EPOCH + (int(part) - 1) * DAY

    def clip(self, row: dict[str, str]) -> Clip | None:
        """Return the clip of one row, None if its file cannot be read."""
        path = self.source / 'audio' / row['filename']
        try:
            rate, samples = wavfile.read(path)
            if samples.dtype != np.int16 or not len(samples):
                raise ValueError(f'{len(samples)} samples of {samples.dtype}, expected int16')
        except (OSError, ValueError, EOFError, struct.error) as error:
            self.unreadable.append(f'{path} cannot be read ({error}): left out')
            return None
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


def main(argv: list[str] | None = None) -> int:
    """Import; 1 when something could not be read or written, else 0."""
    return run(Esc50, 'import_esc50', __doc__, argv)
