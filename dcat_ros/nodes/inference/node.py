# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Recognises a person's activity from one sensor and publishes it for the robot controller."""

import time
from typing import Any

from dcat_ros.inference import Answer, Engine, Source
from dcat_ros.modalities.base import NANOSECONDS
from dcat_ros.nodes.common.lifecycle import ManagedNode
from dcat_ros.nodes.common.messages import time_message
from dcat_ros.nodes.common.qos import LATCHED, on_subscriber_mismatch
from dcat_ros.nodes.common.run import run
from dcat_ros.nodes.inference.diagnostics import (
    activity_status,
    Latency,
    made_of_simulations,
    source_status,
)
from dcat_ros.nodes.inference.loading import load_sources
from dcat_ros.nodes.inference.messages import classification, label_info
from dcat_ros.nodes.inference.parameters import PARAMETERS, Plan
from dcat_ros.nodes.inference.recognition import Recognition
from dcat_ros.nodes.inference.subscriptions import Input
from diagnostic_msgs.msg import DiagnosticArray
from rcl_interfaces.msg import SetParametersResult
from rclpy.clock import Clock, ClockType
from rclpy.lifecycle import LifecycleState, TransitionCallbackReturn
from rclpy.parameter import Parameter
from vision_msgs.msg import Classification, LabelInfo


class InferenceNode(ManagedNode):
    """Subscribes to the sensor in use and publishes ``~/activity`` and ``~/label_info``.

    Loading a bundle and setting a parameter happen in the executor's thread; decoding,
    recognition and publishing in a worker's thread, so that neither waits for the other.
    """

    GRAPH_PERIOD = 0.1
    DIAGNOSTICS_PERIOD = 1.0
    FAULT_PERIOD = 5.0
    _recognition: Recognition | None = None

    def __init__(self, **kwargs: Any) -> None:
        super().__init__('inference', PARAMETERS, **kwargs)
        self._plan: Plan | None = None
        self._sources: dict[str, Source] = {}
        self._mismatch = ''
        self._described: tuple[Source, float] | None = None
        self._latency = Latency()
        self._engine = self._new_engine()
        steady = Clock(clock_type=ClockType.STEADY_TIME)
        self._diagnostics = self.create_publisher(DiagnosticArray, '/diagnostics', 10)
        self._activity = self.create_lifecycle_publisher(
            Classification, '~/activity', 10,
            event_callbacks=on_subscriber_mismatch('~/activity', self._report_mismatch),
        )
        self._label_info = self.create_lifecycle_publisher(LabelInfo, '~/label_info', LATCHED)
        self.create_timer(self.GRAPH_PERIOD, self._follow_graph, clock=steady)
        self.create_timer(self.DIAGNOSTICS_PERIOD, self._diagnose, clock=steady)
        self.add_on_set_parameters_callback(self._on_set_parameters)

    @property
    def engine(self) -> Engine:
        """Return the engine that decides what is published."""
        return self._engine

    def on_configure(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Load the bundles that the parameters name."""
        return self.run_transition(self._configure)

    def on_activate(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Begin to listen and to answer."""
        super().on_activate(state)
        return self.run_transition(self._start)

    def on_deactivate(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Stop listening; the bundles stay loaded."""
        self._stop()
        return super().on_deactivate(state)

    def on_cleanup(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Free the bundles."""
        self._sources, self._plan, self._described = {}, None, None
        self._engine = self._new_engine()
        return TransitionCallbackReturn.SUCCESS

    def on_shutdown(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Stop, from whatever state."""
        self._stop()
        return TransitionCallbackReturn.SUCCESS

    def destroy_node(self) -> None:
        """Stop the worker, then destroy the node."""
        self._stop()
        super().destroy_node()

    def _new_engine(self) -> Engine:
        return Engine(lambda: self.get_clock().now().nanoseconds, time.monotonic)

    def _configure(self) -> None:
        plan = Plan.of(self.values)
        self._adopt(plan, load_sources(plan, {}, renew=set()))

    def _start(self) -> None:
        self._engine.use(list(self._sources.values()))
        self._recognition = Recognition(self, self._engine, self._publish, self._report_fault)
        self._follow_graph()

    def _stop(self) -> None:
        if self._recognition is None:
            return
        self._recognition.stop()
        self._recognition = None
        self._latency = Latency()
        for source in self._sources.values():
            source.reset()
        self._engine = self._new_engine()

    def _on_set_parameters(self, changes: list[Parameter]) -> SetParametersResult:
        """Refuse what cannot work and change nothing; else load beside what runs, and exchange."""
        changed = {change.name: change.value for change in changes}
        if not set(changed) & set(PARAMETERS):
            return SetParametersResult(successful=True)
        values = self.values | changed
        try:
            plan = Plan.of(values)
            renew = {name for name in plan.bundles if f'{name}.bundle' in changed}
            if any(name.startswith('audio.') for name in changed):
                renew.add('audio')
            sources = load_sources(plan, self._sources, renew)
        except ValueError as error:
            return SetParametersResult(successful=False, reason=str(error))
        self.problem = ''
        if self._plan is not None:
            self._adopt(plan, sources)
            if self._recognition is not None:
                self._engine.use(list(self._sources.values()))
                self._follow_graph()
        return SetParametersResult(successful=True)

    def _adopt(self, plan: Plan, sources: dict[str, Source]) -> None:
        for source in sources.values():
            source.adopt(plan.settings)
        self._plan, self._sources, self._described = plan, sources, None

    def _follow_graph(self) -> None:
        if self._recognition is not None and self._plan is not None:
            self._recognition.follow(self._plan.bundles)

    @property
    def _feeds(self) -> list[Input]:
        return self._recognition.inputs if self._recognition is not None else []

    def _publish(self, answer: Answer) -> None:
        active = self._engine.active_source
        if active is not None:
            described = (active, active.decision.threshold)
            if described != self._described:
                self._described = described
                self._label_info.publish(label_info(active, answer.stamp))
                self.get_logger().info(
                    f'recognising from {active.name}: bundle {active.bundle.manifest.name}, '
                    f'{len(active.decision.classes)} classes, threshold {described[1]:.2f}'
                )
                if active.bundle.manifest.simulated:
                    self.get_logger().warning(made_of_simulations(active))
        self._activity.publish(classification(answer))
        if answer.reason:
            obstacles = [feed.obstacle for feed in self._feeds if feed.obstacle]
            self.get_logger().warning('; '.join([f'unknown: {answer.reason}', *obstacles]))
        else:
            now = self.get_clock().now().nanoseconds
            self._latency.add((now - answer.stamp) / NANOSECONDS)

    def _report_fault(self, trace: str) -> None:
        self.get_logger().error(trace, throttle_duration_sec=self.FAULT_PERIOD)

    def _report_mismatch(self, text: str) -> None:
        self._mismatch = text
        self.get_logger().warning(text)

    def _diagnose(self) -> None:
        name = self.get_fully_qualified_name().lstrip('/')
        now = time.monotonic()
        idle = self.why_inactive(self._plan is not None, self._recognition is not None)
        message = DiagnosticArray()
        message.header.stamp = time_message(self.get_clock().now().nanoseconds)
        message.status = [
            activity_status(
                name, self._engine, self._latency, self.problem, idle or self._mismatch
            ),
            *(source_status(name, feed, self._engine, now) for feed in self._feeds),
        ]
        self._diagnostics.publish(message)


def main(argv: list[str] | None = None) -> int:
    """Run the node until it is told to stop."""
    return run('inference', __doc__, InferenceNode, argv)


if __name__ == '__main__':
    raise SystemExit(main())
