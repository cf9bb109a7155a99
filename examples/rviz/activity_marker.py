# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Shows the recognised activity in RViz, as text at the sensor.

python3 activity_marker.py --ros-args -p inference:=/inference
"""

import colorsys
import signal
import sys
from typing import Any

from rcl_interfaces.msg import FloatingPointRange, ParameterDescriptor
import rclpy
from rclpy.duration import Duration
from rclpy.exceptions import ParameterException
from rclpy.executors import SingleThreadedExecutor
from rclpy.node import Node
from rclpy.signals import SignalHandlerOptions
from std_msgs.msg import ColorRGBA
from vision_msgs.msg import Classification
from visualization_msgs.msg import Marker

UNKNOWN = 'unknown'
GREY = ColorRGBA(r=0.6, g=0.6, b=0.6, a=1.0)


class ActivityMarker(Node):
    """Publishes ``~/marker``, a text that each answer replaces and a silence removes.

    :raises ParameterException: if a parameter has the wrong type or is out of its range.
    """

    def __init__(self, **kwargs: Any) -> None:
        super().__init__('activity_marker', **kwargs)
        inference: str = self.declare_parameter(
            'inference', '/inference',
            ParameterDescriptor(description='Full name of the inference node.', read_only=True),
        ).value
        self._lifetime = self._number('lifetime', 1.0, 0.1, 60.0, 'Time in s that a text stays.')
        self._height = self._number('height', 0.2, 0.01, 10.0, 'Height of the text in m.')
        self._above = self._number('above', 0.3, -10.0, 10.0, 'Height above the sensor in m.')
        self._frame_id = ''
        self._output = self.create_publisher(Marker, '~/marker', 1)
        self.create_subscription(Classification, f'{inference}/activity', self._on_activity, 10)

    def _number(
        self, name: str, default: float, least: float, most: float, description: str
    ) -> float:
        descriptor = ParameterDescriptor(
            description=description, read_only=True,
            floating_point_range=[FloatingPointRange(from_value=least, to_value=most)],
        )
        return self.declare_parameter(name, default, descriptor).value

    def _on_activity(self, message: Classification) -> None:
        """Show the best class; without a frame, as in a silence, at the last known frame."""
        self._frame_id = message.header.frame_id or self._frame_id
        if not self._frame_id or not message.results:
            return
        best = message.results[0]
        known = best.class_id != UNKNOWN
        marker = Marker(
            header=message.header, ns='activity', type=Marker.TEXT_VIEW_FACING,
            action=Marker.ADD, frame_locked=True,
            lifetime=Duration(seconds=self._lifetime).to_msg(),
            text=f'{best.class_id} {100 * best.score:.0f} %' if known else UNKNOWN,
            color=colour(best.score) if known else GREY,
        )
        marker.header.frame_id = self._frame_id
        marker.pose.orientation.w = 1.0
        marker.pose.position.z = self._above
        marker.scale.z = self._height
        self._output.publish(marker)


def colour(score: float) -> ColorRGBA:
    """Return red for a score of 0, yellow for a half, green for 1."""
    red, green, blue = colorsys.hsv_to_rgb(score / 3.0, 1.0, 1.0)
    return ColorRGBA(r=red, g=green, b=blue, a=1.0)


def main() -> None:
    """Run the node until it is told to stop.

    The signal handlers only collect signals: those of rclpy invalidate the context while a
    callback may be publishing.
    """
    signals: list[int] = []
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda received, frame: signals.append(received))
    try:
        rclpy.init(signal_handler_options=SignalHandlerOptions.NO)
        node = ActivityMarker()
    except (ParameterException, RuntimeError) as error:
        sys.exit(f'error: {error}')
    executor = SingleThreadedExecutor()
    executor.add_node(node)
    while not signals:
        executor.spin_once(timeout_sec=0.5)
    rclpy.try_shutdown()


if __name__ == '__main__':
    main()
