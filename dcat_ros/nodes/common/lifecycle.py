# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""The base class of the package's lifecycle nodes."""

from __future__ import annotations

from collections.abc import Callable
import traceback
from typing import Any

from dcat_ros.nodes.common.parameters import declare_parameters, Parameter, parameter_value
from rclpy.lifecycle import LifecycleNode, TransitionCallbackReturn


class ManagedNode(LifecycleNode):
    """A lifecycle node with parameters that can configure and activate itself.

    ``problem`` says why the last transition failed, '' if it did not.

    :param name: the name of the node, and of its YAML file under config/.
    :param parameters: all of its parameters; one is ``autostart``.
    """

    def __init__(self, name: str, parameters: dict[str, Parameter], **kwargs: Any) -> None:
        super().__init__(name, **kwargs)
        declare_parameters(self, parameters, name)
        self.problem = ''
        self._parameter_names = tuple(parameters)

    @property
    def values(self) -> dict[str, Any]:
        """Return the parameters' values by name."""
        return {name: parameter_value(self, name) for name in self._parameter_names}

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
