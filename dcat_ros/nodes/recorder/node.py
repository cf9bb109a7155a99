# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Records paired sensors and labels as bags for training, without losing a message."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
import traceback
from typing import Any

from dcat_ros.nodes.common.lifecycle import ManagedNode
from dcat_ros.nodes.common.messages import time_message
from dcat_ros.nodes.common.run import run
from dcat_ros.nodes.recorder.diagnostics import (
    idle_status,
    pairing_status,
    session_status,
    silence,
    topic_status,
)
from dcat_ros.nodes.recorder.parameters import DESCRIPTIVE, PARAMETERS, SENSOR_SETTINGS, Settings
from dcat_ros.nodes.recorder.recorded_topic import MessageSink, RecordedTopic
from dcat_ros.nodes.recorder.report_process import ReportProcesses
from dcat_ros.nodes.recorder.session_manager import SessionManager
from dcat_ros.nodes.recorder.stamp_monitor import StampMonitor
from dcat_ros.nodes.recorder.subscriptions import RecorderSubscriptions
from dcat_ros.recording.resources import keep_freed_memory
from diagnostic_msgs.msg import DiagnosticArray
from rcl_interfaces.msg import SetParametersResult
from rclpy.clock import Clock, ClockType
from rclpy.lifecycle import LifecycleState, TransitionCallbackReturn
from rclpy.parameter import Parameter
from std_srvs.srv import Trigger


class RecorderNode(ManagedNode):
    """Subscribes while it is active, and records from ``~/start`` to ``~/stop``.

    One thread receives messages and another one writes them, so the node responds whatever
    sensors and disk do.
    """

    CHECK_PERIOD = 0.1
    DIAGNOSTICS_PERIOD = 1.0
    FAULT_PERIOD = 5.0
    _recorded: RecorderSubscriptions | None = None
    _is_start_due = False

    def __init__(self, **kwargs: Any) -> None:
        super().__init__('recorder', PARAMETERS, SENSOR_SETTINGS, **kwargs)
        self._settings: Settings | None = None
        self._silent: set[str] = set()
        self._reports = ReportProcesses(self.get_logger())
        steady = Clock(clock_type=ClockType.STEADY_TIME)
        self._diagnostics = self.create_publisher(DiagnosticArray, '/diagnostics', 10)
        self.create_service(Trigger, '~/start', self._on_start)
        self.create_service(Trigger, '~/stop', self._on_stop)
        self.create_timer(self.CHECK_PERIOD, self._check, clock=steady)
        self.create_timer(self.DIAGNOSTICS_PERIOD, self._diagnose, clock=steady)
        self.add_on_set_parameters_callback(self._on_set_parameters)

    @property
    def recorded_topics(self) -> list[RecordedTopic]:
        """Return the topics that the node subscribes to."""
        return self._recorded.topics if self._recorded is not None else []

    def on_configure(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Check the parameters."""
        return self.run_transition(self._configure)

    def on_activate(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Subscribe, and start to record if the parameter says so."""
        super().on_activate(state)
        self._is_start_due = self.get_parameter('start_on_activation').value
        return self.run_transition(self._subscribe)

    def on_deactivate(self, state: LifecycleState) -> TransitionCallbackReturn:
        """End the session and the subscriptions."""
        result = self.run_transition(self._end)
        super().on_deactivate(state)
        return result

    def on_cleanup(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Forget the settings."""
        self._settings = None
        return TransitionCallbackReturn.SUCCESS

    def on_shutdown(self, state: LifecycleState) -> TransitionCallbackReturn:
        """End the session, from whatever state."""
        return self.run_transition(self._end)

    def destroy_node(self) -> None:
        """End the session, then destroy the node."""
        self.run_transition(self._end)
        super().destroy_node()

    def _configure(self) -> None:
        self._settings = Settings.from_parameters(self.values, self.resolve_topic_name)

    def _now(self) -> int:
        return self.get_clock().now().nanoseconds

    def _subscribe(self) -> None:
        sink = MessageSink(self._now, lambda: self._sessions.continue_in_new_bag())
        settings = self._required_settings()
        recorded = RecorderSubscriptions(self, settings, sink, self._report_fault)
        self._stamp_monitor = StampMonitor(sink, recorded.sensors.values(), settings.slop)
        self._sessions = SessionManager(
            self._required_settings, recorded, self._stamp_monitor, self.get_logger(),
            self._report_on,
        )
        self._recorded = recorded

    def _required_settings(self) -> Settings:
        if self._settings is None:
            raise ValueError('not configured')
        return self._settings

    def _end(self) -> None:
        if self._recorded is None:
            return
        try:
            if self._sessions.current is not None:
                self.get_logger().info(f'recorded {self._sessions.stop()}')
        finally:
            self._recorded.close()
            self._recorded = None

    def _report_on(self, bag: Path) -> None:
        if self._required_settings().report:
            self._reports.start(bag)

    def _on_start(self, request: Trigger.Request, response: Trigger.Response) -> Trigger.Response:
        return self._answer(response, lambda: self._sessions.start())

    def _on_stop(self, request: Trigger.Request, response: Trigger.Response) -> Trigger.Response:
        return self._answer(response, lambda: f'recorded {self._sessions.stop()}')

    def _answer(self, response: Trigger.Response, action: Callable[[], str]) -> Trigger.Response:
        try:
            if self._recorded is None:
                raise ValueError(self._idle)
            response.message = action()
            response.success = True
            self.get_logger().info(response.message)
        except (ValueError, OSError) as error:
            response.message = str(error)
            self.get_logger().error(response.message)
        self._diagnose()
        return response

    def _on_set_parameters(self, changes: list[Parameter]) -> SetParametersResult:
        """Refuse what makes no sense, or would change a running session."""
        values = self.values
        changed = {
            change.name: change.value for change in changes
            if change.name in {*values, 'use_sim_time'}
        }
        if not changed:
            return SetParametersResult(successful=True)
        fixed = sorted(set(changed) - set(DESCRIPTIVE))
        if self._recorded is not None and self._sessions.current is not None and fixed:
            reason = f'{fixed[0]} cannot change while a session runs: call ~/stop first'
            return SetParametersResult(successful=False, reason=reason)
        try:
            settings = Settings.from_parameters(values | changed, self.resolve_topic_name)
        except ValueError as error:
            return SetParametersResult(successful=False, reason=str(error))
        before, self._settings = self._settings, settings if self._settings else None
        if self._recorded is not None and before is not None and (
            before.subscription_settings != settings.subscription_settings
        ):
            self._recorded.close()
            self._subscribe()
        return SetParametersResult(successful=True)

    @property
    def _idle(self) -> str:
        return self.why_inactive(self._settings is not None, self._recorded is not None)

    def _report_fault(self, trace: str) -> None:
        self.get_logger().error(trace, throttle_duration_sec=self.FAULT_PERIOD)

    def _check(self) -> None:
        """Check session and sensors, and report at once when a sensor falls silent."""
        self._reports.log_finished()
        if self._recorded is None or self._settings is None:
            return
        try:
            self._start_when_due()
            self._sessions.check()
        except Exception:  # noqa: BLE001 - whatever it is, the recording continues
            self._report_fault(traceback.format_exc())
        silent = {
            topic.name for topic in self._recorded.topics
            if silence(topic, self._settings.silent_after)
        }
        for name in sorted(silent - self._silent):
            self.get_logger().error(f'{name} fell silent; the others continue')
        for name in sorted(self._silent - silent):
            self.get_logger().info(f'{name} is back')
        if silent != self._silent:
            self._silent = silent
            self._diagnose()

    def _start_when_due(self) -> None:
        """Start as the parameter says, once the ROS clock runs."""
        if not self._is_start_due or not self._now():
            return
        self._is_start_due = False
        try:
            self.get_logger().info(self._sessions.start())
        except (ValueError, OSError) as error:
            self._sessions.problem = str(error)
            self.get_logger().error(str(error))

    def _diagnose(self) -> None:
        name = self.get_fully_qualified_name().lstrip('/')
        message = DiagnosticArray()
        message.header.stamp = time_message(self._now())
        if self._recorded is None or self._settings is None:
            message.status = [idle_status(name, self.problem or self._idle)]
        else:
            recorded, silent_after = self._recorded, self._settings.silent_after
            message.status = [
                session_status(
                    name, self._sessions, recorded.sink.labels.label, self.problem
                ),
                *(
                    topic_status(name, topic, silent_after) for topic in recorded.topics
                    if topic is not recorded.label
                ),
                *(pairing_status(name, pairing) for pairing in self._stamp_monitor.pairings),
            ]
        self._diagnostics.publish(message)


def main(argv: list[str] | None = None) -> int:
    """Run the node until it is told to stop."""
    keep_freed_memory()
    return run('recorder', __doc__, RecorderNode, argv)


if __name__ == '__main__':
    raise SystemExit(main())
