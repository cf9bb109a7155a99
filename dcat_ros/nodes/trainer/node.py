# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Trains bundles from bags, in a process of its own, and deploys them to a running node."""

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
    """Trains from ``~/train`` to a bundle or ``~/cancel``, and tells of it on ``~/progress``.

    Nothing here waits: the training is a process that is looked at, and so is the deployment.

    :raises ValueError: if a parameter makes no sense.
    """

    LOOK_PERIOD = 0.1
    DIAGNOSTICS_PERIOD = 1.0

    def __init__(self, **kwargs: Any) -> None:
        super().__init__('trainer', **kwargs)
        declare_parameters(self, PARAMETERS, 'trainer')
        self._settings = Settings.of(self.values)
        self._training = TrainingRun(self)
        steady = Clock(clock_type=ClockType.STEADY_TIME)
        self._progress = self.create_publisher(DiagnosticStatus, '~/progress', LATCHED)
        self._diagnostics = self.create_publisher(DiagnosticArray, '/diagnostics', 10)
        self.create_service(Trigger, '~/train', self._on_train)
        self.create_service(Trigger, '~/cancel', self._on_cancel)
        self.create_timer(self.LOOK_PERIOD, self._look, clock=steady)
        self.create_timer(self.DIAGNOSTICS_PERIOD, self._diagnose, clock=steady)
        self.add_on_set_parameters_callback(self._on_set_parameters)
        self._tell()

    @property
    def values(self) -> dict[str, Any]:
        """Return the parameters' values by name."""
        return {name: parameter_value(self, name) for name in PARAMETERS}

    @property
    def training(self) -> TrainingRun:
        """Return what is under way."""
        return self._training

    def autostart(self) -> None:
        """Train where the parameters say what, and that it shall begin by itself."""
        if not self.get_parameter('autostart').value or self._settings.lacking:
            return
        try:
            self.get_logger().info(self._training.start(self._settings))
        except (ValueError, OSError) as error:
            self._training.refuse(str(error))
            self.get_logger().error(str(error))
        self._tell()

    def destroy_node(self) -> None:
        """End the training, then destroy the node."""
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
        self._tell()
        return response

    def _on_set_parameters(self, changes: list[Parameter]) -> SetParametersResult:
        """Refuse what makes no sense, or comes too late for the training that runs."""
        changed = {
            change.name: change.value for change in changes if change.name in PARAMETERS
        }
        if changed and self._training.is_busy:
            reason = (
                f'{min(changed)} cannot change while {self._training.standing.state}: call '
                '~/cancel first, or wait'
            )
            return SetParametersResult(successful=False, reason=reason)
        try:
            self._settings = Settings.of(self.values | changed)
        except ValueError as error:
            return SetParametersResult(successful=False, reason=str(error))
        return SetParametersResult(successful=True)

    def _look(self) -> None:
        before = self._training.standing.state
        if self._training.look():
            self._progress.publish(self._status())
            if self._training.standing.state != before:
                self._diagnose()

    def _tell(self) -> None:
        self._progress.publish(self._status())
        self._diagnose()

    def _status(self) -> DiagnosticStatus:
        name = self.get_fully_qualified_name().lstrip('/')
        return training_status(name, self._training, self._settings.lacking)

    def _diagnose(self) -> None:
        message = DiagnosticArray(status=[self._status()])
        message.header.stamp = time_message(self.get_clock().now().nanoseconds)
        self._diagnostics.publish(message)


def brought_up() -> TrainerNode:
    """Return the node, at work where its parameters say so."""
    node = TrainerNode()
    node.autostart()
    return node


def main(argv: list[str] | None = None) -> int:
    """Run the node until it is told to stop."""
    return run('trainer', __doc__, brought_up, argv)


if __name__ == '__main__':
    raise SystemExit(main())
