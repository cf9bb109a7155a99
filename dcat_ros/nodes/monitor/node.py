# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Shows what a running system recognises, live in a terminal.

Beside the answers of the inference node stand the swaps of its model, and what it, the recorder
and the trainer say on /diagnostics. The sensors' rates come from there too: the monitor subscribes
to no sensor. Where there is no terminal, each change is a line:

    dcat monitor
    dcat monitor --node /robot/inference
    dcat monitor --plain --duration 60 > changes.txt

ROS arguments follow --ros-args, such as `-p use_sim_time:=true` while a bag is played.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
import sys
import time
from typing import Any

from dcat_ros.arguments import positive
from dcat_ros.modalities.base import NANOSECONDS
from dcat_ros.nodes.common.qos import LATCHED, on_mismatch
from dcat_ros.nodes.common.run import collect_signals, ignore_signals, initialise, make_executor
from dcat_ros.nodes.monitor.history import ActivityResult
from dcat_ros.nodes.monitor.state import (
    ACTIVITY,
    DIAGNOSTICS,
    Event,
    LABEL_INFO,
    Model,
    MonitorState,
)
from dcat_ros.nodes.monitor.statuses import ReceivedStatus
from dcat_ros.nodes.monitor.view import View
from diagnostic_msgs.msg import DiagnosticArray
import rclpy
from rclpy.clock import Clock, ClockType
from rclpy.exceptions import NameValidationException
from rclpy.executors import ExternalShutdownException
from rclpy.expand_topic_name import expand_topic_name
from rclpy.node import Node
from rclpy.validate_full_topic_name import validate_full_topic_name
from vision_msgs.msg import Classification, LabelInfo

PACKAGE = 'dcat_ros'
"""The hardware_id by which the package's own diagnostics are told from others."""


class MonitorNode(Node):
    """Listens to an inference node, and to the diagnostics of all nodes of the package.

    :param target: the inference node's name; a relative one is in the monitor's namespace.
    :param report: called with each change when it is noticed.
    :raises ValueError: if that is no name of a node.
    """

    GRAPH_PERIOD = 0.5

    def __init__(self, target: str, report: Callable[[Event], None], **kwargs: Any) -> None:
        super().__init__(
            'monitor', start_parameter_services=False, enable_rosout=False, **kwargs
        )
        try:
            full = expand_topic_name(target, self.get_name(), self.get_namespace())
            validate_full_topic_name(full)
            self._topics = {
                ACTIVITY: self.resolve_topic_name(f'{full}/activity'),
                LABEL_INFO: self.resolve_topic_name(f'{full}/label_info'),
                DIAGNOSTICS: self.resolve_topic_name('/diagnostics'),
            }
        except (ValueError, NameValidationException) as error:
            self.destroy_node()
            raise ValueError(
                f'"{target}" is no name of a node: give one such as /robot/inference'
            ) from error
        self.state = MonitorState(full, self._topics, report)
        for word, kind, callback, qos in (
            (DIAGNOSTICS, DiagnosticArray, self._on_diagnostics, 100),
            (LABEL_INFO, LabelInfo, self._on_label_info, LATCHED),
            (ACTIVITY, Classification, self._on_activity, 100),
        ):
            topic = self._topics[word]
            self.create_subscription(
                kind, topic, callback, qos,
                event_callbacks=on_mismatch(topic, self._report_problem),
            )
        steady = Clock(clock_type=ClockType.STEADY_TIME)
        self.create_timer(self.GRAPH_PERIOD, self._update, clock=steady)

    def _update(self) -> None:
        publishers = {
            word: frozenset(
                tuple(publisher.endpoint_gid)
                for publisher in self.get_publishers_info_by_topic(topic)
            )
            for word, topic in self._topics.items()
        }
        self.state.update(publishers, time.monotonic())

    def _report_problem(self, text: str) -> None:
        self._update()
        self.state.report_problem(text, time.monotonic())

    def _on_activity(self, message: Classification) -> None:
        if not message.results:
            self._report_problem(f'{self._topics[ACTIVITY]} carries an answer without a class')
            return
        stamp = message.header.stamp
        best, *others = message.results
        self.state.add_result(ActivityResult(
            time.monotonic(),
            stamp.sec * NANOSECONDS + stamp.nanosec,
            self.get_clock().now().nanoseconds,
            message.header.frame_id, best.class_id, best.score, len(others),
        ))

    def _on_label_info(self, message: LabelInfo) -> None:
        self._update()  # the first one of a node that has just come is no swap
        classes = tuple(entry.class_name for entry in message.class_map)
        model = Model(message.header.frame_id, classes, message.threshold)
        self.state.set_model(model, time.monotonic())

    def _on_diagnostics(self, message: DiagnosticArray) -> None:
        status = [
            ReceivedStatus(
                status.name, ord(status.level), status.message,
                {pair.key: pair.value for pair in status.values},
            )
            for status in message.status if status.hardware_id == PACKAGE
        ]
        self.state.add_statuses(status, time.monotonic())


def parse(argv: list[str]) -> argparse.Namespace:
    """Parse the command line without its ROS arguments."""
    parser = argparse.ArgumentParser(
        prog='monitor', description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument('--node', default='inference', metavar='NAME',
                        help='the inference node (default: inference, in the namespace)')
    parser.add_argument('--plain', action='store_true', help='lines in a terminal too')
    parser.add_argument('--duration', type=positive, default=float('inf'), metavar='S',
                        help='end after so many seconds')
    return parser.parse_args(argv)


def watch(node: MonitorNode, view: View, ends: float, asked_to_end: list[int]) -> None:
    """Show what comes until a steady time, a signal or a shutdown."""
    executor = make_executor()
    executor.add_node(node)
    while rclpy.ok() and not asked_to_end and time.monotonic() < ends:
        executor.spin_once(timeout_sec=0.1)
        view.draw(node.state, time.monotonic())


def main(argv: list[str] | None = None) -> int:
    """Run the program; 1 when there can be no node of that name, else 0."""
    argv = sys.argv if argv is None else ['monitor', *argv]
    asked_to_end = collect_signals()
    args = initialise(argv, parse)
    view = View(args.plain)
    node = None
    try:
        node = MonitorNode(args.node, view.add_event)
        with view:
            watch(node, view, time.monotonic() + args.duration, asked_to_end)
    except ExternalShutdownException:
        pass
    except ValueError as error:
        print(f'error: --node {error}', file=sys.stderr)
        return 1
    finally:
        if node is not None:
            node.destroy_node()
        rclpy.try_shutdown()
        ignore_signals()
    return 0


if __name__ == '__main__':
    sys.exit(main())
