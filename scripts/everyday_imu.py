# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Make the shipped set of negatives ``everyday_imu`` of SP/SW-HAR.

SOURCE is the data set. OUT gets a bag for each subject and sensor, such as ``watch_s01``, with the
first five executions. To keep the bags small, samples are reduced to 50 Hz and rounded to 1/64
m/s² and 1/512 rad/s, less than the sensors' own noise.
"""

from __future__ import annotations

import argparse
from itertools import pairwise
import json
from pathlib import Path
from tempfile import TemporaryDirectory

from dcat_ros.bags import messages
from dcat_ros.bags.reader import BagReader
from dcat_ros.bags.windows import SampleReader
from dcat_ros.bags.writer import BagWriter
from dcat_ros.commands import import_sp_sw_har
from dcat_ros.modalities import create, Samples
from dcat_ros.modalities.base import NANOSECONDS
import numpy as np

EXECUTIONS = 5
RATE = 50
PERIOD = NANOSECONDS // RATE
GAP = NANOSECONDS // 4
PAUSE = NANOSECONDS  # between executions
STEPS = np.array([64.0] * 3 + [512.0] * 3)  # powers of two compress well
FRAMES = {'watch': 'wrist', 'phone': 'trousers_pocket'}


def reduce(bag: Path, out: Path, frame: str) -> None:
    """Write a bag with the same movement at 50 Hz, rounded."""
    modality = create('imu', {})
    with BagReader(bag) as reader, BagWriter(out, reader.custom) as writer:
        parts = [samples for samples, _ in SampleReader(reader, modality)]
        stamps = np.concatenate([part.stamps for part in parts])
        values = np.concatenate([part.values for part in parts])
        labels = [
            (stamp, '/label', message)
            for _, message, stamp in reader.messages(['/label'])
        ]
        edges = [0, *np.flatnonzero(np.diff(stamps) > PAUSE) + 1, len(stamps)][:EXECUTIONS + 1]
        end_stamp = stamps[edges[-1] - 1]
        labels = [item for item in labels if item[0] <= end_stamp + GAP]
        content = list(labels)
        for first, end in pairwise(edges):
            samples = Samples(stamps[first:end], values[first:end])
            count = int((samples.stamps[-1] - samples.stamps[0]) // PERIOD)
            last = int(samples.stamps[0]) + count * PERIOD
            rows = modality.resample(samples, last, RATE, count + 1)
            rounded = np.round(rows * STEPS) / STEPS
            times = last - PERIOD * np.arange(count, -1, -1)
            content += [
                (int(stamp), '/imu/data', messages.imu(int(stamp), frame, row))
                for stamp, row in zip(times, rounded, strict=True)
            ]
        named = [message.data for _, _, message in labels if message.data]
        writer.custom |= {
            'clips': json.dumps(json.loads(reader.custom['clips'])[:EXECUTIONS]),
            'clip_groups': json.dumps(json.loads(reader.custom['clip_groups'])[:len(named)]),
        }
        del writer.custom['executions']
        for stamp, topic, message in sorted(content, key=lambda item: item[0]):
            writer.write(topic, message, stamp)


def main(argv: list[str] | None = None) -> None:
    """Make the set."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('source', type=Path, metavar='SOURCE')
    parser.add_argument('out', type=Path, metavar='OUT')
    args = parser.parse_args(argv)
    with TemporaryDirectory() as scratch:
        for sensor, frame in FRAMES.items():
            bags = Path(scratch, sensor)
            import_sp_sw_har.main([str(args.source), str(bags), '--sensor', sensor])
            for bag in sorted(bags.iterdir()):
                reduce(bag, args.out / f'{sensor}_{bag.name}', frame)


if __name__ == '__main__':
    main()
