# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Recognises a person's activity from one sensor and publishes it for the robot controller."""

from collections import deque
import time
from typing import Any

from dcat_ros.inference import Answer, Engine, Source
from dcat_ros.modalities.base import NANOSECONDS
from dcat_ros.nodes.common.lifecycle import ManagedNode
from dcat_ros.nodes.common.qos import LATCHED, on_subscriber_mismatch
from dcat_ros.nodes.common.run import run
from dcat_ros.nodes.inference.diagnostics import (
    activity_status,
    sensor_status,
    simulated_warning,
    unused_status,
)
from dcat_ros.nodes.inference.loading import load_sources, Loaded
from dcat_ros.nodes.inference.messages import classification, label_info
from dcat_ros.nodes.inference.parameters import (
    no_bundle,
    PARAMETERS,
    sensor_settings,
    Settings,
)
from dcat_ros.nodes.inference.subscriptions import SensorSubscription, Subscriptions
from dcat_ros.nodes.inference.worker import Worker
from diagnostic_msgs.msg import DiagnosticArray
from rcl_interfaces.msg import SetParametersResult
from rclpy.clock import Clock, ClockType
from rclpy.lifecycle import LifecycleState, TransitionCallbackReturn
from rclpy.parameter import Parameter
from vision_msgs.msg import Classification, LabelInfo


class InferenceNode(ManagedNode):
    """Subscribes to the sensor in use and publishes ``~/activity`` and ``~/label_info``.

    Bundles are loaded and parameters set in the executor's thread; messages are decoded, windows
    classified and answers published in the worker's thread. So neither waits for the other.
    ``engine`` decides what is published.
    """

    GRAPH_PERIOD = 0.1
    DIAGNOSTICS_PERIOD = 1.0
    ERROR_LOG_PERIOD = 5.0
    _worker: Worker | None = None
    _inputs: Subscriptions | None = None

    def __init__(self, **kwargs: Any) -> None:
        super().__init__('inference', PARAMETERS, sensor_settings(), **kwargs)
        self._settings: Settings | None = None
        self._sources: dict[str, Source] = {}
        self._unused: dict[str, str] = {}
        self._bodies: dict[str, Any] = {}
        self._mismatch = self._logged_reason = ''
        self._published_info: tuple[Source, float] | None = None
        self._latencies: deque[float] = deque(maxlen=50)
        self.engine = self._new_engine()
        steady = Clock(clock_type=ClockType.STEADY_TIME)
        self._diagnostics = self.create_publisher(DiagnosticArray, '/diagnostics', 10)
        self._activity = self.create_lifecycle_publisher(
            Classification, '~/activity', 10,
            event_callbacks=on_subscriber_mismatch('~/activity', self._report_mismatch),
        )
        self._label_info = self.create_lifecycle_publisher(LabelInfo, '~/label_info', LATCHED)
        self.create_timer(self.GRAPH_PERIOD, self._refresh_subscriptions, clock=steady)
        self.create_timer(self.DIAGNOSTICS_PERIOD, self._publish_diagnostics, clock=steady)
        self.add_on_set_parameters_callback(self._on_set_parameters)

    def on_configure(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Load the bundles that the parameters name."""
        return self.run_transition(self._configure)

    def on_activate(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Subscribe and publish answers."""
        super().on_activate(state)
        return self.run_transition(self._start)

    def on_deactivate(self, state: LifecycleState) -> TransitionCallbackReturn:
        """End all subscriptions; the bundles stay loaded."""
        self._stop()
        return super().on_deactivate(state)

    def on_cleanup(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Free the bundles."""
        self._sources, self._unused = {}, {}
        self._settings = self._published_info = None
        self.engine = self._new_engine()
        return TransitionCallbackReturn.SUCCESS

    def on_shutdown(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Stop, from any state."""
        self._stop()
        return TransitionCallbackReturn.SUCCESS

    def destroy_node(self) -> None:
        """Stop the worker, then destroy the node."""
        self._stop()
        super().destroy_node()

    def _new_engine(self) -> Engine:
        return Engine(lambda: self.get_clock().now().nanoseconds, time.monotonic)

    def _configure(self) -> None:
        settings = Settings.from_parameters(self.values, self.resolve_topic_name)
        self._apply(settings, load_sources(settings, loaded={}, reload=set()))

    def _apply(self, settings: Settings, loaded: Loaded) -> None:
        for source in loaded.sources.values():
            source.apply(settings.source)
            self._watch_body(source)
        unused = {name: no_bundle(name) for name in settings.without_bundle} | loaded.left_out
        for name, reason in unused.items():
            if name not in self._unused:
                text = f'{name} is not used, since {reason}'
                if name in loaded.left_out:
                    self.get_logger().warning(text)
                else:
                    self.get_logger().info(text)
        self._unused, self._published_info = unused, None
        self._settings, self._sources = settings, loaded.sources

    def _watch_body(self, source: Source) -> None:
        """Publish the bodies that a source sees, if it looks for bodies."""
        if hasattr(source.stream.decoder, 'watch'):
            if source.name not in self._bodies:
                from dcat_ros.nodes.inference.body_output import BodyOutput  # imports OpenCV
                self._bodies[source.name] = BodyOutput(self, source.sensor)
            source.stream.decoder.watch = self._bodies[source.name].show

    def _start(self) -> None:
        self.engine.set_sources(list(self._sources.values()), self._votes)
        self._worker = Worker(self.engine, self._publish, self._log_error)
        self._inputs = Subscriptions(self, self.engine, self._worker.wake)
        self._refresh_subscriptions()

    def _stop(self) -> None:
        if self._worker is None or self._inputs is None:
            return
        self._worker.stop()
        self._inputs.close()
        self._worker = self._inputs = None
        self._latencies.clear()
        for source in self._sources.values():
            source.reset()
        self.engine = self._new_engine()

    def _on_set_parameters(self, changes: list[Parameter]) -> SetParametersResult:
        """Load the changed bundles beside the running ones and swap, or refuse all changes."""
        changed = {change.name: change.value for change in changes}
        if not changed.keys() & self.values.keys():
            return SetParametersResult(successful=True)
        try:
            settings = Settings.from_parameters(self.values | changed, self.resolve_topic_name)
            reload = {name for name in settings.bundles if f'{name}.bundle' in changed}
            if self._settings is not None:
                reload |= settings.changed(self._settings)
            loaded = load_sources(settings, self._sources, reload)
        except ValueError as error:
            return SetParametersResult(successful=False, reason=str(error))
        self.problem = ''
        if self._settings is not None:
            self._apply(settings, loaded)
            if self._worker is not None:
                self.engine.set_sources(list(loaded.sources.values()), self._votes)
                self._refresh_subscriptions()
        return SetParametersResult(successful=True)

    def _refresh_subscriptions(self) -> None:
        if self._inputs is not None and self._settings is not None:
            sensors = self._settings.sensors
            self._inputs.refresh(sensors[name] for name in self._settings.bundles)

    @property
    def _votes(self) -> bool:
        return self._settings is not None and self._settings.vote

    @property
    def _sensors(self) -> list[SensorSubscription]:
        return self._inputs.sensors if self._inputs is not None else []

    def _publish(self, answer: Answer) -> None:
        active = self.engine.active_source
        if active is not None:
            info = (active, self.engine.threshold)
            if info != self._published_info:
                self._published_info = info
                self._publish_label_info(active, answer.stamp)
        self._activity.publish(classification(answer))
        for body in self._bodies.values():
            body.answer(answer)
        if answer.reason and answer.reason == self._logged_reason:
            return
        self._logged_reason = answer.reason
        if answer.reason:
            reasons = [sensor.why_no_samples for sensor in self._sensors]
            reasons = [f'unknown: {answer.reason}', *(reason for reason in reasons if reason)]
            self.get_logger().warning('; '.join(reasons))
        else:
            now = self.get_clock().now().nanoseconds
            self._latencies.append((now - answer.stamp) / NANOSECONDS)

    def _publish_label_info(self, active: Source, stamp: int) -> None:
        threshold = self.engine.threshold
        self._label_info.publish(label_info(active, threshold, stamp))
        self.get_logger().info(
            f'recognising from {active.name}: bundle {active.bundle.manifest.name}, '
            f'{len(active.decision.classes)} classes, threshold {threshold:.2f}'
        )
        if active.bundle.manifest.simulated:
            self.get_logger().warning(simulated_warning(active))

    def _log_error(self, trace: str) -> None:
        self.get_logger().error(trace, throttle_duration_sec=self.ERROR_LOG_PERIOD)

    def _report_mismatch(self, text: str) -> None:
        self._mismatch = text
        self.get_logger().warning(text)

    def _publish_diagnostics(self) -> None:
        name = self.get_fully_qualified_name().lstrip('/')
        now = time.monotonic()
        inactive = self.why_inactive(self._settings is not None, self._worker is not None)
        subscribed = {sensor.source.name for sensor in self._sensors}
        message = DiagnosticArray()
        message.header.stamp = self.get_clock().now().to_msg()
        message.status = [
            activity_status(
                name, self.engine, self._latencies, self.problem, inactive or self._mismatch
            ),
            *(sensor_status(name, sensor, self.engine, now) for sensor in self._sensors),
            *(
                unused_status(name, *each) for each in self._unused.items()
                if each[0] not in subscribed
            ),
        ]
        self._diagnostics.publish(message)


def main(argv: list[str] | None = None) -> int:
    """Run the node until it is told to stop."""
    return run('inference', __doc__, InferenceNode, argv)


if __name__ == '__main__':
    raise SystemExit(main())
