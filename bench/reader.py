# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Memory and speed of reading a recording back, whatever its length.

    python3 -m bench.reader --minutes 1 10 60

Writes bags of VGA bgr8 images at 30 Hz and an IMU at 200 Hz to a temporary directory, iterates
over the camera windows of each in a process of its own, and prints what that took. The images are
a bright block that moves over black, so that they pack well: an hour of them are 100 GB to read
but little on the disk.
"""

import argparse
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
import os
from pathlib import Path
import struct
import sys
from tempfile import TemporaryDirectory
import time
from typing import NamedTuple, TypeVar

from bench.rig import tables
from bench.rig.machine import machine
from bench.rig.process import peak_memory
from dcat_ros.bags import messages
from dcat_ros.bags.types import typestore
from dcat_ros.bags.windows import InputSpec, windows
from dcat_ros.bags.writer import BagWriter
from dcat_ros.modalities import create
from dcat_ros.windows import WindowSpec
import numpy as np
from rich.console import Console

T = TypeVar('T')

SECOND = 10**9
START = 1_700_000_000 * SECOND
IMAGE_RATE, IMU_RATE = 30, 200
HEIGHT, WIDTH, BLOCK = 480, 640, 80
STAMP = 4  # offset of the header's stamp in a serialised message
CAMERA = InputSpec(
    create('camera', {'height': 36, 'width': 48}),
    WindowSpec(duration=2.0, rate=8.0, stride=0.25, max_gap=0.5),
)
RESULTS = Path(__file__).parent / 'results' / 'reader.md'
HEAD = ['length', 'read', 'peak RSS', 'of it before', 'windows', 'windows/s', 'times real time']


class Reading(NamedTuple):
    """One bag's reading: windows, s, and peak resident bytes before and after."""

    windows: int
    seconds: float
    before: int
    peak: int


def serialised(message: object) -> bytes:
    """Return a message's CDR bytes."""
    return bytes(typestore().serialize_cdr(message, message.__msgtype__))


def stamped(data: bytes, stamp: int) -> bytes:
    """Return a serialised message with another header stamp, in ns."""
    return data[:STAMP] + struct.pack('<iI', *divmod(stamp, SECOND)) + data[STAMP + 8:]


def frames() -> list[bytes]:
    """Return serialised images of a block on its way over black."""
    made = []
    for left in range(0, WIDTH - BLOCK, 8):
        pixels = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
        pixels[200:200 + BLOCK, left:left + BLOCK] = 220, 240, 200
        made.append(serialised(messages.image(START, 'camera', 'bgr8', pixels)))
    return made


def write(path: Path, minutes: float) -> None:
    """Write a bag that changes its label every ten seconds."""
    images, imu = frames(), serialised(messages.imu(START, 'wrist', np.ones(6)))
    with BagWriter(path, {'subject': 'nobody'}) as bag:
        for index in range(round(60 * minutes * IMU_RATE)):
            stamp = START + index * SECOND // IMU_RATE
            turn, rest = divmod(index, 10 * IMU_RATE)
            if not rest:
                bag.write('/label', messages.text(f'activity {turn % 5}'), stamp)
            bag.write_raw('/imu/data', 'sensor_msgs/msg/Imu', stamped(imu, stamp), stamp)
            number, rest = divmod(index * IMAGE_RATE, IMU_RATE)
            if rest < IMAGE_RATE:
                data = stamped(images[number % len(images)], stamp)
                bag.write_raw('/camera/image_raw', 'sensor_msgs/msg/Image', data, stamp)


def read(path: Path) -> Reading:
    """Iterate over the camera windows of a bag."""
    before, since = peak_memory(os.getpid()), time.perf_counter()
    count = sum(1 for _ in windows(path, CAMERA))
    return Reading(count, time.perf_counter() - since, before, peak_memory(os.getpid()))


def apart(function: Callable[..., T], *arguments: object) -> T:
    """Call a function in a process of its own."""
    with ProcessPoolExecutor(1, get_context('spawn')) as pool:
        return pool.submit(function, *arguments).result()


def row(minutes: float, reading: Reading) -> list[str]:
    """Return one length's row of the table."""
    return [
        f'{minutes:g} min',
        f'{reading.seconds:.1f} s',
        f'{reading.peak / 1e6:.0f} MB',
        f'{reading.before / 1e6:.0f} MB',
        f'{reading.windows}',
        f'{reading.windows / reading.seconds:.0f}',
        f'{60 * minutes / reading.seconds:.1f}',
    ]


def markdown(rows: tables.Rows) -> str:
    """Return the results as a page."""
    return '\n'.join([
        '# Reading camera windows back from a bag',
        '',
        f'VGA bgr8 at {IMAGE_RATE} Hz and an IMU at {IMU_RATE} Hz, by `python3 -m bench.reader`. '
        f'{machine()}.',
        '',
        *tables.markdown(rows, '---:'),
        '',
    ])


def main() -> int:
    """Measure, print and keep the results."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument('--minutes', type=float, nargs='+', default=[1, 10, 60], metavar='M',
                        help='lengths of the bags (default: 1 10 60)')
    parser.add_argument('--results', type=Path, default=RESULTS, metavar='FILE',
                        help='where to keep the table (default: results/reader.md beside this)')
    args = parser.parse_args()
    console = Console()
    rows = [HEAD]
    with TemporaryDirectory(prefix='dcat_bench_') as folder:
        for number, minutes in enumerate(args.minutes):
            path = Path(folder, str(number))
            with console.status(f'writing {minutes:g} minutes'):
                apart(write, path, minutes)
            with console.status(f'reading {minutes:g} minutes'):
                rows.append(row(minutes, apart(read, path)))
    console.print(tables.table(rows, f'camera windows from VGA bags, {machine()}'))
    args.results.parent.mkdir(parents=True, exist_ok=True)
    args.results.write_text(markdown(rows), encoding='utf-8')
    return 0


if __name__ == '__main__':
    sys.exit(main())
