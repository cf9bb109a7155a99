# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Import UTD-MHAD (IMU on wrist or thigh, Kinect depth, skeletons) as one bag for each subject.

SOURCE has the official layout: Inertial/aA_sS_tT_inertial.mat, Depth/aA_sS_tT_depth.mat and
Skeleton/aA_sS_tT_skeleton.mat (action A, subject S, trial T). OUT/s1, OUT/s2, ... get /imu/data,
/camera/image_raw, /skeleton (13 joints in the camera's optical frame, REP 103) and /label.
The clips are in the order of trials, then actions, with two seconds between two clips.

The data set has no stamps. IMU samples are placed 20 ms apart, and the depth frames and skeletons
of a clip evenly over the same time. Full-size depth (240 x 320) is cropped to columns 72
to 251, then averaged over 3 x 3 blocks, which gives models the same view as reduced files (80 x
60). With --virtual-imu, bags OUT/s1v, ... get an IMU that is computed from the skeletons, of a
subject `1v`, and no other sensor.
"""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Callable, Iterator
from pathlib import Path
import re
import struct
from typing import Any
import zlib

from dcat_ros.bags import messages
from dcat_ros.bags.writer import Clip
from dcat_ros.commands.importing import DataSet, run
from dcat_ros.commands.imu_units import add_unit_arguments, to_si
from dcat_ros.modalities.body import JOINTS
from dcat_ros.simulation.virtual_imu import SMOOTHED, virtual_imu
import numpy as np
from numpy.typing import NDArray
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
FRAME_PERIOD = 10**9 / 19  # ns, for clips without inertial data: the usual rate
FULL_SIZE = (240, 320)
CROP = slice(72, 252)
EPOCH = 1_443_312_000 * 10**9  # 2015-09-27T00:00:00Z
SKELETON = [0, 4, 8, 5, 9, 6, 10, 12, 16, 13, 17, 14, 18]
"""Joints of the Kinect in the order of `dcat_ros.modalities.body.JOINTS`."""
OPTICAL = np.array([-1.0, -1.0, 1.0])
"""From the Kinect's axes, x to the left and y up, to an optical frame's (REP 103)."""
LIMBS = (('right_elbow', 'right_wrist'), ('right_hip', 'right_knee'))
"""Upper and lower joint of the limb with the IMU: the arm, or the leg."""
HOUR = 3600 * 10**9
UNREADABLE = (
    OSError, ValueError, TypeError, KeyError, IndexError, NotImplementedError, MemoryError,
    struct.error, zlib.error, MatReadError,
)

Key = tuple[int, int, int]  # subject, trial, action: the order in the bags


def find(source: Path, kind: str) -> dict[Key, Path]:
    """Return the files of one kind: `inertial`, `depth` or `skeleton`."""
    found = {}
    for path in (source / kind.capitalize()).glob(f'*_{kind}.mat'):
        match = re.fullmatch(rf'a(\d+)_s(\d+)_t(\d+)_{kind}\.mat', path.name)
        if match and 1 <= int(match[1]) <= len(ACTIONS):
            found[int(match[2]), int(match[3]), int(match[1])] = path
    return found


def load_inertial(path: Path) -> NDArray[np.float64]:
    """Return samples (n, 6) in the file's units.

    :raises ValueError: if the file has another shape.
    """
    samples = np.asarray(loadmat(path)['d_iner'], float)
    if samples.ndim != 2 or samples.shape[1] != 6 or not len(samples):
        raise ValueError(f'd_iner has shape {samples.shape}, not (n, 6)')
    return samples


def load_depth(path: Path) -> NDArray[np.uint16]:
    """Return frames (t, height, width) in mm; full-size ones cropped and reduced to 80 x 60.

    :raises ValueError: if the file has another shape.
    """
    depth = np.asarray(loadmat(path)['d_depth'])
    if depth.ndim != 3 or not depth.size:
        raise ValueError(f'd_depth has shape {depth.shape}, not (height, width, frames)')
    frames = np.moveaxis(depth, 2, 0)
    if frames.shape[1:] == FULL_SIZE:
        blocks = frames[:, :, CROP].reshape(len(frames), 80, 3, 60, 3)
        frames = blocks.mean(axis=(2, 4)).round()
    return np.ascontiguousarray(frames, '<u2')


def load_skeleton(path: Path) -> NDArray[np.float64]:
    """Return joints (t, 13, 3) in m, in an optical frame.

    :raises ValueError: if the file has another shape.
    """
    joints = np.asarray(loadmat(path)['d_skel'], float)
    if joints.ndim != 3 or joints.shape[:2] != (20, 3) or not joints.size:
        raise ValueError(f'd_skel has shape {joints.shape}, not (20, 3, frames)')
    return np.moveaxis(joints, 2, 0)[:, SKELETON] * OPTICAL


def inertial(
    start: int, frame_id: str, samples: NDArray[np.float64]
) -> Iterator[tuple[str, Any, int]]:
    """Yield topic, message and stamp of each sample (n, 6), in m/s² and rad/s, from a stamp on."""
    for index, sample in enumerate(samples):
        stamp = start + index * IMU_PERIOD
        yield '/imu/data', messages.imu(stamp, frame_id, sample), stamp


class UtdMhad(DataSet):
    """UTD-MHAD; its keys are subject, trial and action."""

    option, unit, prefix = '--subjects', 'subject', 's'
    custom = {  # noqa: RUF012
        'source': 'UTD-MHAD',
        'citation': 'C. Chen, R. Jafari, N. Kehtarnavaz, "UTD-MHAD: A Multimodal Dataset for '
                    'Human Action Recognition Utilizing a Depth Camera and a Wearable Inertial '
                    'Sensor", IEEE ICIP 2015',
    }

    @classmethod
    def add_arguments(cls, parser: ArgumentParser) -> None:
        """Add the units and the virtual IMU."""
        add_unit_arguments(parser, 'g', 'deg/s')
        parser.add_argument('--virtual-imu', action='store_true',
                            help='compute the IMU from the skeletons, for more training data')

    def __init__(
        self,
        source: Path,
        acceleration_unit: str = 'g',
        angular_velocity_unit: str = 'deg/s',
        virtual_imu: bool = False,
    ) -> None:
        """Find the files.

        :raises ValueError: if there are none.
        """
        super().__init__(source)
        self.factors = to_si(acceleration_unit, angular_velocity_unit)
        self.inertial = find(source, 'inertial')
        self.depth = find(source, 'depth')
        self.skeleton = find(source, 'skeleton')
        for key in sorted(self.inertial.keys() | self.depth.keys() | self.skeleton.keys()):
            self.keys.setdefault(f'{key[0]}{"v" if virtual_imu else ""}', []).append(key)
        self._is_virtual = virtual_imu
        if not self.keys:
            raise ValueError(
                f'{source} holds no Inertial/, Depth/ or Skeleton/ files named as in UTD-MHAD'
            )

    def start(self, part: str) -> int:
        """Return the first stamp (ns) of a subject."""
        return EPOCH + (int(part.removesuffix('v')) - 1) * HOUR

    def clip(self, key: Key) -> Clip | None:
        """Return one clip with the sensors that can be read, None if there are none."""
        subject, trial, action = key
        name = f'a{action}_s{subject}_t{trial}'
        if self._is_virtual:
            return self._virtual_clip(key, name)
        samples = self._load(load_inertial, self.inertial.get(key), f'{name} has no inertial file')
        frames = self._load(load_depth, self.depth.get(key), f'{name} has no depth file')
        bodies: Any = None
        if self.skeleton:  # smaller copies of the data set have none
            bodies = self._load(
                load_skeleton, self.skeleton.get(key), f'{name} has no skeleton file'
            )
        if samples is not None:
            duration = len(samples) * IMU_PERIOD
        elif frames is not None or bodies is not None:
            count = len(bodies if frames is None else frames)
            duration = round(count * FRAME_PERIOD)
        else:
            return None
        frame_id = 'right_thigh' if action >= FIRST_THIGH_ACTION else 'right_wrist'

        def stamped(start: int) -> Iterator[tuple[str, Any, int]]:
            if samples is not None:
                yield from inertial(start, frame_id, samples * self.factors)
            for index, frame in enumerate(() if frames is None else frames):
                stamp = start + index * duration // len(frames)
                pixels = messages.image(stamp, 'camera_depth_optical_frame', '16UC1', frame)
                yield '/camera/image_raw', pixels, stamp
            for index, body in enumerate(() if bodies is None else bodies):
                stamp = start + index * duration // len(bodies)
                joints = messages.poses(stamp, 'camera_depth_optical_frame', body)
                yield '/skeleton', joints, stamp

        return Clip(name, ACTIONS[action - 1], str(subject), duration, stamped)

    def _virtual_clip(self, key: Key, name: str) -> Clip | None:
        """Return the clip of an IMU on the limb on which the real one was."""
        subject, _, action = key
        bodies = self._load(load_skeleton, self.skeleton.get(key), f'{name} has no skeleton file')
        if bodies is None or len(bodies) < SMOOTHED:
            return None
        is_thigh = action >= FIRST_THIGH_ACTION
        upper, lower = (bodies[:, JOINTS.index(joint)] for joint in LIMBS[is_thigh])
        count = round(len(bodies) * FRAME_PERIOD / IMU_PERIOD)
        duration = count * IMU_PERIOD
        samples = virtual_imu(upper, lower, duration / 10**9, count)

        return Clip(
            name, ACTIONS[action - 1], f'{subject}v', duration,
            lambda start: inertial(start, 'virtual', samples),
        )

    def _load(self, load: Callable[[Path], NDArray], path: Path | None, absence: str) -> Any:
        if path is None:
            self.missing.append(absence)
            return None
        try:
            return load(path)
        except UNREADABLE as error:
            self.unreadable.append(f'{path} cannot be read ({error}): left out')
            return None


def main(argv: list[str] | None = None) -> int:
    """Import; 1 when something could not be read or written, else 0."""
    return run(UtdMhad, 'import_utd_mhad', __doc__, argv)
