# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Train bundles from bags in a child process, and deploy them to a running inference node."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from dcat_ros.nodes.common.messages import time_message
from dcat_ros.nodes.common.parameters import declare_parameters, parameter_value
from dcat_ros.nodes.common.qos import LATCHED
from dcat_ros.nodes.common.run import run
from dcat_ros.nodes.trainer.diagnostics import training_status
from dcat_ros.nodes.trainer.parameters import PARAMETERS, Settings
from dcat_ros.nodes.trainer.run import TrainingRun
from diagnostic_msgs.msg import DiagnosticArray, DiagnosticStatus
from rcl_interfaces.msg import SetParametersResult
from rclpy.clock import Clock, ClockType
from rclpy.node import Node
from rclpy.parameter import Parameter
from std_srvs.srv import Trigger


class TrainerNode(Node):
    """Trains on ``~/train`` until the bundle or ``~/cancel``; publishes ``~/progress``.

    Nothing blocks: a timer polls the training process and the deployment.

    :raises ValueError: if a parameter is invalid.
    """

    POLL_PERIOD = 0.1
    DIAGNOSTICS_PERIOD = 1.0

    def __init__(self, **kwargs: Any) -> None:
        super().__init__('trainer', **kwargs)
        declare_parameters(self, PARAMETERS, 'trainer')
        self._settings = Settings.from_parameters(self.values)
        self._training = TrainingRun(self)
        steady = Clock(clock_type=ClockType.STEADY_TIME)
        self._progress = self.create_publisher(DiagnosticStatus, '~/progress', LATCHED)
        self._diagnostics = self.create_publisher(DiagnosticArray, '/diagnostics', 10)
        self.create_service(Trigger, '~/train', self._on_train)
        self.create_service(Trigger, '~/cancel', self._on_cancel)
        self.create_timer(self.POLL_PERIOD, self._poll, clock=steady)
        self.create_timer(self.DIAGNOSTICS_PERIOD, self._publish_diagnostics, clock=steady)
        self.add_on_set_parameters_callback(self._on_set_parameters)
        self._publish()

    @property
    def values(self) -> dict[str, Any]:
        """Return the parameters' values by name."""
        return {name: parameter_value(self, name) for name in PARAMETERS}

    @property
    def training(self) -> TrainingRun:
        """Return the trainings of this node."""
        return self._training

    def autostart(self) -> None:
        """Train if `autostart` is set and the parameters suffice."""
        if not self.get_parameter('autostart').value or self._settings.missing:
            return
        try:
            self.get_logger().info(self._training.start(self._settings))
        except (ValueError, OSError) as error:
            self._training.fail(str(error))
            self.get_logger().error(str(error))
        self._publish()

    def destroy_node(self) -> None:
        """Stop the training, then destroy the node."""
        self._training.close()
        super().destroy_node()

    def _on_train(self, request: Trigger.Request, response: Trigger.Response) -> Trigger.Response:
        return self._answer(response, lambda: self._training.start(self._settings))

    def _on_cancel(self, request: Trigger.Request, response: Trigger.Response) -> Trigger.Response:
        return self._answer(response, self._training.cancel)

    def _answer(self, response: Trigger.Response, action: Callable[[], str]) -> Trigger.Response:
        try:
            response.message = action()
            response.success = True
            self.get_logger().info(response.message)
        except (ValueError, OSError) as error:
            response.message = str(error)
            self.get_logger().error(response.message)
        self._publish()
        return response

    def _on_set_parameters(self, changes: list[Parameter]) -> SetParametersResult:
        """Refuse invalid values, and any change during a training."""
        changed = {
            change.name: change.value for change in changes if change.name in PARAMETERS
        }
        if changed and self._training.is_busy:
            reason = (
                f'{min(changed)} cannot change while {self._training.state.state}: call '
                '~/cancel first, or wait'
            )
            return SetParametersResult(successful=False, reason=reason)
        try:
            self._settings = Settings.from_parameters(self.values | changed)
        except ValueError as error:
            return SetParametersResult(successful=False, reason=str(error))
        return SetParametersResult(successful=True)

    def _poll(self) -> None:
        before = self._training.state.state
        if self._training.poll():
            self._progress.publish(self._status())
            if self._training.state.state != before:
                self._publish_diagnostics()

    def _publish(self) -> None:
        self._progress.publish(self._status())
        self._publish_diagnostics()

    def _status(self) -> DiagnosticStatus:
        name = self.get_fully_qualified_name().lstrip('/')
        return training_status(name, self._training, self._settings.missing)

    def _publish_diagnostics(self) -> None:
        message = DiagnosticArray(status=[self._status()])
        message.header.stamp = time_message(self.get_clock().now().nanoseconds)
        self._diagnostics.publish(message)


def create_node() -> TrainerNode:
    """Return the node, training already if its parameters say so."""
    node = TrainerNode()
    node.autostart()
    return node


def main(argv: list[str] | None = None) -> int:
    """Run the node until a signal stops it."""
    return run('trainer', __doc__, create_node, argv)


if __name__ == '__main__':
    raise SystemExit(main())
