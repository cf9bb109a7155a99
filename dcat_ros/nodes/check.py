# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Show live what an IMU delivers, and what to change before a model can use it.

The lines are rate, frame, magnitude and direction of the acceleration, angular velocity, whether
its axes are those of the acceleration, and how the model of a bundle sees the mounting. Turn the
sensor and hold it still, twice, then move for some seconds as the model's activities do. The exit
status is 1 if a problem was found or nothing came, else 0.

    dcat check imu                                # until Ctrl-C
    dcat check imu --seconds 10 --ros-args -r imu/data:=/my/imu
"""

from __future__ import annotations

import argparse
from collections import deque
from contextlib import ExitStack
import sys
import time
from typing import Any

from dcat_ros.bundles import Bundle
from dcat_ros.inference import Source, SourceSettings, UNKNOWN
from dcat_ros.modalities import create_format, DecodeError
from dcat_ros.modalities.imu import ACCELERATION_UNITS, ANGULAR_VELOCITY_UNITS, ImuFormat
from dcat_ros.modalities.imu_check import ImuCheck
from dcat_ros.nodes.common.matched_subscription import MatchedSubscription
from dcat_ros.nodes.common.run import collect_signals, ignore_signals, initialise, make_executor
import numpy as np
import rclpy
from rclpy.node import Node
from rclpy.serialization import deserialize_message
from rich.console import Console
from rich.live import Live
from rich.table import Table

PERIOD = 0.5  # s between two pictures
REFRESH = 0.1  # s between two looks at the graph
SHOWN = 100  # samples that means are taken over
SETTINGS = SourceSettings(
    stride=0.0, threshold=-1.0, smoothing=0.0, stale_timeout=1.0, return_delay=0.0
)


class ImuView:
    """What an IMU delivers.

    :param bundle: whose windows and mounting are expected.
    :param given: the stream's format.
    """

    def __init__(self, bundle: Bundle, given: ImuFormat) -> None:
        self.source = Source(bundle, SETTINGS, time.monotonic, bundle.modality.decoder(given))
        self._decoder = bundle.modality.decoder(given)
        self._samples: deque[Any] = deque(maxlen=SHOWN)
        self._frame = ''
        self._answers: deque[str] = deque(maxlen=12)
        self.refused = ''
        self.problems: set[str] = set()

    def receive(self, message_type: Any, raw: bytes) -> None:
        """Take a serialised message."""
        try:
            message = deserialize_message(raw, message_type)
            samples = self._decoder.decode(message)
            windows = self.source.stream.push(message)
        except (DecodeError, RuntimeError) as error:
            self.refused = str(error)
            return
        self.refused = ''
        self._frame = message.header.frame_id
        if samples is not None:
            self._samples.append(samples.values[0])
        for window in windows:
            self._answers.append(
                UNKNOWN if window.problem else self.source.classify(window)[0].label
            )

    @property
    def problem(self) -> str:
        """Return what is wrong and the remedy, empty if nothing is known to be wrong."""
        found = self.refused or self.source.stream.check.problem or self.source.mounting.problem
        if found:
            self.problems.add(found)
        return found

    def lines(self, waiting: str) -> dict[str, str]:
        """Return what is shown, by name.

        :param waiting: why no message comes, if none does.
        """
        if not self._samples:
            return {'problem': self.problem or waiting or 'waiting for messages'}
        values = np.stack(self._samples)
        mean, now = values.mean(axis=0), values[-1]
        named = [answer for answer in self._answers if answer != UNKNOWN]
        manifest = self.source.bundle.manifest
        mounting = 'not known yet: move as the activities do'
        if self.source.mounting.problem:
            mounting = 'the wrong way round'
        elif named:
            mounting = f'as expected: the model sees {named[-1]}'
        axes = 'not known yet: turn the sensor by 90° and hold it still, twice'
        check = self.source.stream.check
        if isinstance(check, ImuCheck) and check.has_judged_axes:
            axes = 'see the problem' if self.problem else 'as gravity turns'
        return {
            'rate': f'{self.source.stream.rate:.1f} Hz (expected {manifest.window.rate:g})',
            'frame_id': self._frame or '(empty)',
            'acceleration': f'{np.linalg.norm(now[:3]):.2f} m/s² (9.8 at rest)',
            'points up': _direction(mean[:3]),
            'angular velocity': f'{np.linalg.norm(now[3:]):.2f} rad/s',
            'axes': axes,
            'mounting': mounting,
            'problem': self.problem or 'none',
        }


def _direction(mean: np.ndarray) -> str:
    """Return the axis that points up, by the mean acceleration, and by how much it is off."""
    size = float(np.linalg.norm(mean))
    if not size:
        return 'not known'
    axis = int(np.argmax(np.abs(mean)))
    angle = np.degrees(np.arccos(min(1.0, abs(mean[axis]) / size)))
    return f'{"+-"[int(mean[axis] < 0)]}{"xyz"[axis]}, {angle:.0f}° off'


def table(lines: dict[str, str]) -> Table:
    """Return the lines as a table without borders."""
    grid = Table.grid(padding=(0, 2))
    for name, text in lines.items():
        grid.add_row(name, text, style='red' if name == 'problem' and text != 'none' else '')
    return grid


def parse(argv: list[str]) -> argparse.Namespace:
    """Parse the command line without its ROS arguments."""
    parser = argparse.ArgumentParser(
        prog='check', description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add = parser.add_argument
    add('sensor', choices=['imu'], help='what to check')
    add('--bundle', default='imu_utd_mhad', help='the model (default: %(default)s)')
    add('--seconds', type=float, default=float('inf'), help='end after that time')
    add('--acceleration-unit', choices=ACCELERATION_UNITS, default='m/s^2',
        help='as parameter imu.acceleration_unit (default: %(default)s)')
    add('--angular-velocity-unit', choices=ANGULAR_VELOCITY_UNITS, default='rad/s',
        help='as parameter imu.angular_velocity_unit (default: %(default)s)')
    add('--mounting', type=float, nargs=3, default=[0.0, 0.0, 0.0],
        metavar=('ROLL', 'PITCH', 'YAW'), help='as parameter imu.mounting, degrees')
    return parser.parse_args(argv)


def run_view(args: argparse.Namespace, node: Node, view: ImuView, signals: list[int]) -> None:
    """Show what comes until the time is over or a signal arrives."""
    modality = view.source.bundle.modality
    subscription = MatchedSubscription(
        node, modality.topic, modality.message_types, 200, view.receive
    )
    executor = make_executor()
    executor.add_node(node)
    console = Console(soft_wrap=True, highlight=False)
    end, shown = time.monotonic() + args.seconds, 0.0
    refreshed = 0.0
    with ExitStack() as stack:
        stack.callback(subscription.close)
        live = stack.enter_context(Live(console=console, auto_refresh=False)) \
            if console.is_terminal else None
        while rclpy.ok() and not signals and time.monotonic() < end:
            executor.spin_once(timeout_sec=REFRESH)
            now = time.monotonic()
            if now - refreshed >= REFRESH:
                refreshed = now
                subscription.refresh()
            if now - shown >= (PERIOD if live else 1.0):
                shown = now
                lines = view.lines(subscription.problem or subscription.mismatch)
                if live:
                    live.update(table(lines), refresh=True)
                else:
                    console.print('; '.join(f'{name}: {text}' for name, text in lines.items()))


def main(argv: list[str] | None = None) -> int:
    """Run the program; return 1 if it cannot start, nothing came or a problem was found."""
    argv = sys.argv if argv is None else ['check', *argv]
    signals = collect_signals()
    try:
        with ExitStack() as stack:
            args = initialise(argv, parse)
            stack.callback(rclpy.try_shutdown)
            node = Node('check', start_parameter_services=False)
            stack.callback(node.destroy_node)
            given = create_format('imu', {
                'acceleration_unit': args.acceleration_unit,
                'angular_velocity_unit': args.angular_velocity_unit,
                'mounting': args.mounting,
            })
            view = ImuView(Bundle.load(args.bundle), given)
            stack.callback(ignore_signals)
            run_view(args, node, view, signals)
    except (OSError, ValueError) as error:
        print(f'error: {error}', file=sys.stderr)
        return 1
    for problem in sorted(view.problems):
        print(f'problem: {problem}')
    return 1 if view.problems or not view.source.stream.last_stamp else 0


if __name__ == '__main__':
    sys.exit(main())
