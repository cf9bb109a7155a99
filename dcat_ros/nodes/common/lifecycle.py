# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""The base class of the package's lifecycle nodes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
import traceback
from typing import Any

from dcat_ros.nodes.common.parameters import declare_parameters, Parameter, parameter_value
from dcat_ros.nodes.common.sensor_parameters import SensorParameters, SensorSettings
from rcl_interfaces.msg import SetParametersResult
from rclpy.lifecycle import LifecycleNode, TransitionCallbackReturn
from rclpy.parameter import Parameter as ParameterChange


class ManagedNode(LifecycleNode):
    """A lifecycle node with parameters that can configure and activate itself.

    ``problem`` says why the last transition failed, '' if it did not.

    :param name: the name of the node, and of its YAML file under config/.
    :param parameters: all of its parameters; one is ``autostart``.
    :param sensor_settings: further parameters of each sensor that its parameter ``sensors`` names;
        empty if it has no such parameter.
    """

    def __init__(
        self,
        name: str,
        parameters: dict[str, Parameter],
        sensor_settings: SensorSettings | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(name, **kwargs)
        declare_parameters(self, parameters, name)
        self.problem = ''
        self._parameter_names = tuple(parameters)
        self._sensor_parameters = SensorParameters(self, sensor_settings or {})

    @property
    def values(self) -> dict[str, Any]:
        """Return the parameters' values by name, including those of named sensors."""
        names = (*self._parameter_names, *self._sensor_parameters.declared)
        return {name: parameter_value(self, name) for name in names}

    def set_parameters(self, parameter_list: list[ParameterChange]) -> list[SetParametersResult]:
        """Set parameters one by one, see :meth:`set_parameters_atomically`."""
        return [self.set_parameters_atomically([change]) for change in parameter_list]

    def set_parameters_atomically(
        self, parameter_list: Sequence[ParameterChange]
    ) -> SetParametersResult:
        """Set all parameters or none; those of a sensor by name need not be declared before.

        The parameter services of a node call this.
        """
        try:
            new = self._sensor_parameters.declare_for(parameter_list)
        except ValueError as error:
            return SetParametersResult(successful=False, reason=str(error))
        result = super().set_parameters_atomically(list(parameter_list))
        if result.successful:
            self._sensor_parameters.keep_those_of_modalities(parameter_list)
        else:
            self._sensor_parameters.undeclare(new)
        return result

    def autostart(self) -> None:
        """Configure and activate the node if the parameter ``autostart`` is true.

        :raises SystemExit: if a transition fails; the reason is logged.
        """
        if self.get_parameter('autostart').value:
            for transition in (self.trigger_configure, self.trigger_activate):
                if transition() is not TransitionCallbackReturn.SUCCESS:
                    raise SystemExit(1)

    def run_transition(self, transition: Callable[[], None]) -> TransitionCallbackReturn:
        """Run a transition and log its errors, which rclpy would drop."""
        try:
            transition()
        except (ValueError, OSError) as error:
            self.problem = str(error)
            self.get_logger().error(self.problem)
            return TransitionCallbackReturn.FAILURE
        except Exception:  # noqa: BLE001 - rclpy goes to ERROR without logging it
            self.get_logger().error(traceback.format_exc())
            return TransitionCallbackReturn.ERROR
        self.problem = ''
        return TransitionCallbackReturn.SUCCESS

    def why_inactive(self, configured: bool, active: bool) -> str:
        """Return why the node does nothing in its present state, '' if it is active."""
        command = f'ros2 lifecycle set {self.get_fully_qualified_name()}'
        if not configured:
            return f'not configured: {command} configure'
        return '' if active else f'not active: {command} activate'
