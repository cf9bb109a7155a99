# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Measure memory and speed of reading camera windows back from bags of several lengths.

    python3 -m bench.reader --minutes 1 10 60

Writes bags of VGA bgr8 images at 30 Hz and an IMU at 200 Hz to a temporary directory, iterates
over the camera windows of each in a process of its own, and prints time and memory. The images
show a bright block that moves over black, so they compress well: an hour is 100 GB to read but
takes little space on the disk.
"""

import argparse
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
import os
from pathlib import Path
import sys
from tempfile import TemporaryDirectory
import time
from typing import NamedTuple, TypeVar

from bench.common import command
from bench.common.messages import SECOND, serialise, stamped
from bench.common.page import write_page
from bench.common.process import peak_memory
from dcat_ros.bags import messages
from dcat_ros.bags.windows import InputSpec, windows
from dcat_ros.bags.writer import BagWriter
from dcat_ros.modalities import create
from dcat_ros.windows import WindowSpec
import numpy as np
from rich.console import Console

T = TypeVar('T')

START = 1_700_000_000 * SECOND
IMAGE_RATE, IMU_RATE = 30, 200
HEIGHT, WIDTH, BLOCK = 480, 640, 80
CAMERA = InputSpec(
    create('camera', {'height': 36, 'width': 48}),
    WindowSpec(duration=2.0, rate=8.0, stride=0.25, max_gap=0.5),
)


class Reading(NamedTuple):
    """Reading of one bag: windows, s, and peak resident bytes before and after."""

    windows: int
    seconds: float
    before: int
    peak: int


def frames() -> list[bytes]:
    """Return serialised images of a block that moves over black."""
    images = []
    for left in range(0, WIDTH - BLOCK, 8):
        pixels = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
        pixels[200:200 + BLOCK, left:left + BLOCK] = 220, 240, 200
        images.append(serialise(messages.image(START, 'camera', 'bgr8', pixels)))
    return images


def write(path: Path, minutes: float) -> None:
    """Write a bag whose label changes every ten seconds."""
    images, imu = frames(), serialise(messages.imu(START, 'wrist', np.ones(6)))
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
    before, start = peak_memory(os.getpid()), time.perf_counter()
    count = sum(1 for _ in windows(path, CAMERA))
    return Reading(count, time.perf_counter() - start, before, peak_memory(os.getpid()))


def in_process(function: Callable[..., T], *arguments: object) -> T:
    """Call a function in a process of its own."""
    with ProcessPoolExecutor(1, get_context('spawn')) as pool:
        return pool.submit(function, *arguments).result()


def main(args: argparse.Namespace, console: Console) -> bool:
    """Measure and write the page."""
    command.require_writable(args.results)
    results = {}
    with TemporaryDirectory(prefix='dcat_bench_') as folder:
        for minutes in dict.fromkeys(args.minutes):
            path = Path(folder, f'{minutes:g}')
            with console.status(f'writing {minutes:g} minutes'):
                in_process(write, path, minutes)
            with console.status(f'reading {minutes:g} minutes'):
                results[minutes] = in_process(read, path)
    write_page(args.results, 'reader.md.j2', console, results=results, image_rate=IMAGE_RATE,
               imu_rate=IMU_RATE)
    return True


def parse() -> argparse.Namespace:
    """Parse the command line."""
    parser = command.make_parser('reader', __doc__, '--results')
    parser.add_argument('--minutes', type=float, nargs='+', default=[1, 10, 60], metavar='M',
                        help='lengths of the bags (default: 1 10 60)')
    return parser.parse_args()


if __name__ == '__main__':
    sys.exit(command.run_bench(main, parse()))
