# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""What the package's lifecycle nodes have in common."""

from __future__ import annotations

from collections.abc import Callable
import traceback
from typing import Any, TypeVar

from dcat_ros.nodes.common.parameters import declare, Parameter, value_of
from rclpy.lifecycle import LifecycleNode, TransitionCallbackReturn


class ManagedNode(LifecycleNode):
    """A lifecycle node with parameters, that may bring itself up.

    ``problem`` is what made the last transition fail, '' for nothing.

    :param name: of the node, and of its YAML file under config/.
    :param parameters: all of its parameters; one is ``autostart``.
    """

    def __init__(self, name: str, parameters: dict[str, Parameter], **kwargs: Any) -> None:
        super().__init__(name, **kwargs)
        declare(self, parameters, name)
        self.problem = ''
        self._parameter_names = tuple(parameters)

    @property
    def values(self) -> dict[str, Any]:
        """Return the parameters' values by name."""
        return {name: value_of(self, name) for name in self._parameter_names}

    def autostart(self) -> None:
        """Configure and activate where the parameter says so.

        :raises SystemExit: if one of both fails; the reason is logged.
        """
        if self.get_parameter('autostart').value:
            for transition in (self.trigger_configure, self.trigger_activate):
                if transition() is not TransitionCallbackReturn.SUCCESS:
                    raise SystemExit(1)

    def guarded(self, transition: Callable[[], None]) -> TransitionCallbackReturn:
        """Run a transition, logging what rclpy would swallow."""
        try:
            transition()
        except (ValueError, OSError) as error:
            self.problem = str(error)
            self.get_logger().error(self.problem)
            return TransitionCallbackReturn.FAILURE
        except Exception:  # noqa: BLE001 - rclpy turns it into ERROR without a word
            self.get_logger().error(traceback.format_exc())
            return TransitionCallbackReturn.ERROR
        self.problem = ''
        return TransitionCallbackReturn.SUCCESS

    def idle(self, configured: bool, active: bool) -> str:
        """Return why nothing can be expected of the node in its present state, else ''."""
        command = f'ros2 lifecycle set {self.get_fully_qualified_name()}'
        if not configured:
            return f'not configured: {command} configure'
        return '' if active else f'not active: {command} activate'


N = TypeVar('N', bound=ManagedNode)


def brought_up(kind: Callable[[], N]) -> N:
    """Return a node, started where its parameters say so.

    :raises SystemExit: if it cannot start as its parameters ask.
    """
    node = kind()
    try:
        node.autostart()
    except SystemExit:
        node.destroy_node()
        raise
    return node
