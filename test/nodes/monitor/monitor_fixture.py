# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""A stage with an audience: the inference node, its sensors, and monitors that look on."""

from dcat_ros.nodes.inference.node import InferenceNode
from dcat_ros.nodes.monitor.node import MonitorNode
from inference_fixture import InferenceFixture
from rclpy.parameter import Parameter


class MonitorFixture(InferenceFixture):
    """Monitors, and whoever else may come, beside an inference node on its IMU."""

    def __init__(self, context, **parameters):
        super().__init__(context, modality='imu', **parameters)
        self.context, self.parameters = context, parameters
        self.guests = []
        self._start()

    def _start(self):
        self.node.autostart()
        self.until(lambda: self.subscribed_to('imu'))

    def restart(self):
        """Let the node end and another one of its name come."""
        self.executor.remove_node(self.node)
        self.node.destroy_node()
        values = {'use_sim_time': True, 'modality': 'imu', **self.parameters}
        self.node = InferenceNode(context=self.context, parameter_overrides=[
            Parameter(name, value=value) for name, value in values.items()
        ])
        self.executor.add_node(self.node)
        self.tick()
        self._start()

    def invite(self, kind, *args, **parameters):
        guest = kind(*args, context=self.context, parameter_overrides=[
            Parameter(name, value=value) for name, value in parameters.items()
        ])
        self.executor.add_node(guest)
        self.guests.append(guest)
        return guest

    def dismiss(self, guest):
        self.guests.remove(guest)
        self.executor.remove_node(guest)
        guest.destroy_node()

    def add_monitor(self, target='/inference', use_sim_time=True):
        """Return a monitor; `told` gives what it has reported of some kinds."""
        events = []
        monitor = self.invite(MonitorNode, target, events.append, use_sim_time=use_sim_time)
        monitor.reported = lambda *kinds: [each.text for each in events if each.kind in kinds]
        return monitor

    def play_until(self, condition):
        """Let the live sensors deliver until something holds."""
        self.until(lambda: condition() or (self.play(0.1) and condition()))

    def close(self):
        for guest in list(self.guests):
            self.dismiss(guest)
        super().close()
