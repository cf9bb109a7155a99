# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""The receiver thread: a node and an executor that only receive messages."""

from __future__ import annotations

from collections.abc import Callable
import threading
import traceback

from dcat_ros.nodes.common.run import make_executor
from rclpy.clock import Clock, ClockType
from rclpy.node import Node


class ReceiverThread:
    """Holds subscriptions apart from a node's services, timers and publishers.

    The node itself still responds when receiving has to wait for the disk. The name of the
    receiving node makes it a hidden one.

    :param owner: the node that records.
    :param refresh: called a few times a second in this thread, to follow the ROS graph.
    :param fail: called with the traceback of an unexpected error; receiving continues.
    """

    GRAPH_PERIOD = 0.2

    def __init__(
        self, owner: Node, refresh: Callable[[], None], fail: Callable[[str], object]
    ) -> None:
        self.node = Node(
            f'_{owner.get_name()}_subscriptions',
            context=owner.context,
            namespace=owner.get_namespace(),
            use_global_arguments=False,
            enable_rosout=False,
            start_parameter_services=False,
        )
        self._fail = fail
        self._executor = make_executor(owner.context)
        self._executor.add_node(self.node)
        steady = Clock(clock_type=ClockType.STEADY_TIME)
        self.node.create_timer(self.GRAPH_PERIOD, refresh, clock=steady)
        self._stop = False
        self._thread = threading.Thread(target=self._run, name='receiver', daemon=True)

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def close(self) -> None:
        """End the thread and its subscriptions."""
        self._stop = True
        self._thread.join()
        self._executor.shutdown()
        self.node.destroy_node()

    def _run(self) -> None:
        while not self._stop and self.node.context.ok():
            self._spin()

    def _spin(self) -> None:
        try:
            self._executor.spin_once(timeout_sec=0.2)
        except Exception:  # noqa: BLE001 - one bad message must not end a recording
            self._fail(traceback.format_exc())
