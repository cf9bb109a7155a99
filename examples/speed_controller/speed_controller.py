# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Slows a robot down beside people, by the recognised activity. Not a safety function.

python3 speed_controller.py --ros-args --params-file speed_controller.yaml
"""

import signal
import sys
import time
from typing import Any

from diagnostic_msgs.msg import DiagnosticArray, DiagnosticStatus
from rcl_interfaces.msg import FloatingPointRange, ParameterDescriptor
import rclpy
from rclpy.clock import Clock, ClockType
from rclpy.exceptions import ParameterException
from rclpy.executors import SingleThreadedExecutor
from rclpy.node import Node
from rclpy.parameter import Parameter
from rclpy.qos import DurabilityPolicy, QoSProfile
from rclpy.signals import SignalHandlerOptions
from rclpy.time import Time
from speed_policy import Rules, Speed, SpeedPolicy, UNKNOWN
from std_msgs.msg import Float64
from vision_msgs.msg import Classification, LabelInfo

LATCHED = QoSProfile(depth=1, durability=DurabilityPolicy.TRANSIENT_LOCAL)
LEVEL_NAMES = {DiagnosticStatus.ERROR: 'ERROR', DiagnosticStatus.STALE: 'STALE'}


class SpeedController(Node):
    """Subscribes to an inference node and publishes ``~/speed_scale``, at once if it falls.

    Silence is measured on a steady clock: the ROS clock may stop, and then nothing would ever be
    late. Stamps are in ROS time, so the age of an answer at its arrival is measured on that clock.

    :raises ParameterException: if a parameter has the wrong type or is out of its range.
    :raises ValueError: if the lists of activities contradict each other.
    """

    def __init__(self, **kwargs: Any) -> None:
        super().__init__('speed_controller', **kwargs)
        inference: str = self.declare_parameter(
            'inference', '/inference', _descriptor('Full name of the inference node.')
        ).value
        rate = self._number('rate', 20.0, 1.0, 1000.0, 'Messages on ~/speed_scale in Hz.')
        self._rules = Rules(
            self._names('harmless', 'Activities that allow full speed.'),
            self._names('close_by', 'Activities near the robot.'),
            self._number('slow', 0.2, 0.0, 0.99, 'Scale whenever full speed is not allowed.'),
            self._number('least_score', 0.5, 0.0, 1.0, 'Score that an answer needs.'),
            self._number('timeout', 1.0, 0.05, 60.0, 'Age in s at which answers are too old.'),
            self._number(
                'diagnostics_timeout', 5.0, 1.0, 60.0, 'Age in s at which diagnostics are too old.'
            ),
            self._number(
                'hold', 2.0, 0.0, 60.0, 'Time in s of one activity before the speed rises.'
            ),
            self._number('rise', 0.25, 0.01, 100.0, 'How much the scale rises in a second.'),
        )
        self._policy = SpeedPolicy(self._rules)
        self._speed = Speed(self._rules.slow, '')
        self._status_prefix = f'{self.resolve_topic_name(inference).lstrip("/")}: '
        self._output = self.create_publisher(Float64, '~/speed_scale', 1)
        self.create_subscription(Classification, f'{inference}/activity', self._on_activity, 10)
        self.create_subscription(LabelInfo, f'{inference}/label_info', self._on_classes, LATCHED)
        self.create_subscription(DiagnosticArray, '/diagnostics', self._on_diagnostics, 100)
        steady = Clock(clock_type=ClockType.STEADY_TIME)
        self.create_timer(1.0 / rate, self._on_timer, clock=steady)

    def _number(
        self, name: str, default: float, least: float, most: float, description: str
    ) -> float:
        descriptor = _descriptor(description)
        descriptor.floating_point_range = [FloatingPointRange(from_value=least, to_value=most)]
        return self.declare_parameter(name, default, descriptor).value

    def _names(self, name: str, description: str) -> list[str]:
        self.declare_parameter(name, Parameter.Type.STRING_ARRAY, _descriptor(description))
        unset: Any = Parameter(name, Parameter.Type.STRING_ARRAY, [])
        return [label for label in self.get_parameter_or(name, unset).value if label]

    def _on_activity(self, message: Classification) -> None:
        age = self.get_clock().now() - Time.from_msg(message.header.stamp)
        best = message.results[0] if message.results else None
        self._apply(self._policy.set_answer(
            time.monotonic(),
            best.class_id if best else UNKNOWN,
            best.score if best else 0.0,
            age.nanoseconds / 1e9,
        ))

    def _on_classes(self, message: LabelInfo) -> None:
        classes = [vision_class.class_name for vision_class in message.class_map]
        self._apply(self._policy.set_classes(time.monotonic(), classes))
        if unknown := sorted(self._rules.named - set(classes)):
            self.get_logger().warning(
                f'harmless and close_by name {", ".join(unknown)}, but the model in use knows '
                f'{", ".join(classes)} only: correct the lists'
            )

    def _on_diagnostics(self, message: DiagnosticArray) -> None:
        statuses = [
            status for status in message.status if status.name.startswith(self._status_prefix)
        ]
        if statuses:
            worst = max(statuses, key=lambda status: status.level)
            level = LEVEL_NAMES.get(worst.level)
            fault = f'{worst.name} is in {level} on /diagnostics' if level else ''
            self._apply(self._policy.set_fault(time.monotonic(), fault))

    def _on_timer(self) -> None:
        self._apply(self._policy.speed_at(time.monotonic()), publish=True)

    def _apply(self, speed: Speed, publish: bool = False) -> None:
        before, self._speed = self._speed, speed
        if speed.reason != before.reason:
            self.get_logger().info(f'speed {speed.scale:.2f}: {speed.reason}')
        if publish or speed.scale < before.scale:
            self._output.publish(Float64(data=speed.scale))


def _descriptor(description: str) -> ParameterDescriptor:
    return ParameterDescriptor(description=description, read_only=True)


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
        node = SpeedController()
    except (ParameterException, RuntimeError, ValueError) as error:
        sys.exit(f'error: {error}')
    executor = SingleThreadedExecutor()
    executor.add_node(node)
    while not signals:
        executor.spin_once(timeout_sec=0.5)
    rclpy.try_shutdown()


if __name__ == '__main__':
    main()
