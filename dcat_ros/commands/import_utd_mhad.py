# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Import UTD-MHAD (wrist or thigh IMU and Kinect depth) into rosbag2 bags, one a subject.

SOURCE holds the official layout: Inertial/aA_sS_tT_inertial.mat and Depth/aA_sS_tT_depth.mat
(action A, subject S, trial T). OUT/s1, OUT/s2, ... get /imu/data, /camera/image_raw and /label:
trial by trial, each through all actions, two seconds of nothing between two clips.

The data set has no stamps: IMU samples stand 20 ms apart, a clip's depth frames are spread evenly
over the same time. Full-size depth (240 x 320) is cropped to columns 72 to 251 and averaged over
3 x 3 blocks, so that official and reduced (80 x 60) files give models the same framing.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path
import re
import struct
import sys
from typing import Any
import zlib

from dcat_ros.bags import messages
from dcat_ros.bags.clips import Clip, write_clips
from dcat_ros.bags.writer import BagWriter
import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.progress import track
from scipy.io import loadmat
from scipy.io.matlab import MatReadError

ACTIONS = (
    'swipe_left', 'swipe_right', 'wave', 'clap', 'throw', 'arm_cross', 'basketball_shoot',
    'draw_x', 'draw_circle_cw', 'draw_circle_ccw', 'draw_triangle', 'bowling', 'boxing',
    'baseball_swing', 'tennis_swing', 'arm_curl', 'tennis_serve', 'push', 'knock', 'catch',
    'pickup_and_throw', 'jog', 'walk', 'sit_to_stand', 'stand_to_sit', 'lunge', 'squat',
)
FIRST_THIGH_ACTION = 22
IMU_PERIOD = 20_000_000  # ns: 50 Hz
FRAME_PERIOD = 10**9 / 19  # ns, of a clip whose inertial half is missing: the usual rate
TO_SI = np.array([9.80665] * 3 + [np.pi / 180] * 3)  # from g and deg/s
FULL_SIZE = (240, 320)
CROP = slice(72, 252)
EPOCH = 1_443_312_000 * 10**9  # 2015-09-27T00:00:00Z; each subject starts an hour later
HOUR = 3600 * 10**9
CITATION = (
    'C. Chen, R. Jafari, N. Kehtarnavaz, "UTD-MHAD: A Multimodal Dataset for Human Action '
    'Recognition Utilizing a Depth Camera and a Wearable Inertial Sensor", IEEE ICIP 2015'
)
UNREADABLE = (
    OSError, ValueError, TypeError, KeyError, IndexError, NotImplementedError, MemoryError,
    struct.error, zlib.error, MatReadError,
)

Key = tuple[int, int, int]  # subject, trial, action: the order in the bags


def find(source: Path, kind: str) -> dict[Key, Path]:
    """Return the files of one kind (`inertial`, `depth`) by subject, trial and action."""
    found = {}
    for path in (source / kind.capitalize()).glob(f'*_{kind}.mat'):
        match = re.fullmatch(rf'a(\d+)_s(\d+)_t(\d+)_{kind}\.mat', path.name)
        if match and 1 <= int(match[1]) <= len(ACTIONS):
            found[int(match[2]), int(match[3]), int(match[1])] = path
    return found


def load_inertial(path: Path) -> NDArray[np.float64]:
    """Return samples in SI units, shape (n, 6).

    :raises ValueError: when the file holds something else.
    """
    samples = np.asarray(loadmat(path)['d_iner'], float)
    if samples.ndim != 2 or samples.shape[1] != 6 or not len(samples):
        raise ValueError(f'd_iner has shape {samples.shape}, not (n, 6)')
    return samples * TO_SI


def load_depth(path: Path) -> NDArray[np.uint16]:
    """Return frames in mm, shape (t, height, width), official ones cropped and reduced to 80 x 60.

    :raises ValueError: when the file holds something else.
    """
    depth = np.asarray(loadmat(path)['d_depth'])
    if depth.ndim != 3 or not depth.size:
        raise ValueError(f'd_depth has shape {depth.shape}, not (height, width, frames)')
    frames = np.moveaxis(depth, 2, 0)
    if frames.shape[1:] == FULL_SIZE:
        blocks = frames[:, :, CROP].reshape(len(frames), 80, 3, 60, 3)
        frames = blocks.mean(axis=(2, 4)).round()
    return np.ascontiguousarray(frames, '<u2')


class Importer:
    """Reads clips and keeps account of what is missing or unreadable.

    :param source: directory with Inertial/ and Depth/.
    """

    def __init__(self, source: Path) -> None:
        self.inertial = find(source, 'inertial')
        self.depth = find(source, 'depth')
        self.keys = sorted(self.inertial.keys() | self.depth.keys())
        self.subjects = sorted({subject for subject, _, _ in self.keys})
        self.missing: list[str] = []
        self.unreadable: list[str] = []

    def clips(self, subject: int) -> Iterator[Clip]:
        """Yield the subject's clips in the bag's order."""
        for key in [key for key in self.keys if key[0] == subject]:
            clip = self.clip(key)
            if clip is not None:
                yield clip

    def clip(self, key: Key) -> Clip | None:
        """Return one clip with what there is of it, None when there is nothing."""
        subject, trial, action = key
        name = f'a{action}_s{subject}_t{trial}'
        samples = self._load(load_inertial, self.inertial.get(key))
        frames = self._load(load_depth, self.depth.get(key))
        for kind, files in (('inertial', self.inertial), ('depth', self.depth)):
            if key not in files:
                self.missing.append(f'{name} has no {kind} file')
        if samples is not None:
            duration = len(samples) * IMU_PERIOD
        elif frames is not None:
            duration = round(len(frames) * FRAME_PERIOD)
        else:
            return None
        frame_id = 'right_thigh' if action >= FIRST_THIGH_ACTION else 'right_wrist'

        def stamped(start: int) -> Iterator[tuple[str, Any, int]]:
            for index, sample in enumerate(() if samples is None else samples):
                stamp = start + index * IMU_PERIOD
                yield '/imu/data', messages.imu(stamp, frame_id, sample), stamp
            for index, frame in enumerate(() if frames is None else frames):
                stamp = start + index * duration // len(frames)
                pixels = messages.image(stamp, 'camera_depth_optical_frame', '16UC1', frame)
                yield '/camera/image_raw', pixels, stamp

        return Clip(name, ACTIONS[action - 1], str(subject), duration, stamped)

    def _load(self, load: Any, path: Path | None) -> Any:
        if path is None:
            return None
        try:
            return load(path)
        except UNREADABLE as error:
            self.unreadable.append(f'{path} cannot be read ({error}): left out')
            return None


def parse(argv: list[str] | None) -> argparse.Namespace:
    """Parse the command line."""
    parser = argparse.ArgumentParser(
        prog='import_utd_mhad',
        description=__doc__,
        epilog=CITATION,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument('source', type=Path, metavar='SOURCE', help='the data set')
    parser.add_argument('out', type=Path, metavar='OUT', help='directory for the bags')
    parser.add_argument('--subjects', type=int, nargs='+', metavar='S', help='only these')
    return parser.parse_args(argv)


def main(argv: list[str] | None = None) -> int:
    """Import; 1 when something could not be read or written, else 0."""
    args = parse(argv)
    console = Console(stderr=True, soft_wrap=True, markup=False, highlight=False)
    importer = Importer(args.source)
    subjects = args.subjects or importer.subjects
    known = ', '.join(map(str, importer.subjects))
    absent = sorted(set(subjects) - set(importer.subjects))
    if not importer.keys:
        console.print(f'{args.source} holds no Inertial/ or Depth/ files named as in UTD-MHAD')
        return 1
    if absent:
        console.print(f'{args.source} has no subject {absent[0]}; it has {known}')
        return 1
    try:
        writers = {subject: BagWriter(args.out / f's{subject}') for subject in subjects}
        for subject, writer in writers.items():
            writer.custom |= {
                'subject': str(subject), 'session': f's{subject}',
                'source': 'UTD-MHAD', 'citation': CITATION,
            }
            total = sum(key[0] == subject for key in importer.keys)
            clips = track(importer.clips(subject), f'subject {subject}', total, console=console)
            with writer:
                count = write_clips(writer, clips, EPOCH + (subject - 1) * HOUR)
            print(f'{writer.path}: {count} clips' if count else f's{subject}: no readable clip')
    except OSError as error:
        console.print(str(error))
        return 1
    for line in importer.missing + importer.unreadable:
        console.print(line)
    return 1 if importer.unreadable else 0


if __name__ == '__main__':
    sys.exit(main())
