# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Subscribes to all topics that the demonstration evaluates."""

from __future__ import annotations

import time
from typing import NamedTuple

from dcat_ros.demo.programs import NAMESPACE
from dcat_ros.modalities.base import NANOSECONDS
from dcat_ros.nodes.common.qos import LATCHED
from diagnostic_msgs.msg import DiagnosticArray, DiagnosticStatus
from rclpy.node import Node
from std_msgs.msg import Float64, String
from vision_msgs.msg import Classification


class Activity(NamedTuple):
    """A result of the inference node.

    :param time: of its arrival, in s of the steady clock.
    :param stamp: of its window's last sample, in ns.
    :param latency: from that stamp to the arrival, in s.
    """

    time: float
    stamp: int
    frame_id: str
    label: str
    score: float
    latency: float


class Observer(Node):
    """Holds what was received so far: ``answers``, and with times ``truth`` and ``speeds``.

    ``statuses`` has the newest status of each name on /diagnostics, ``progress`` the trainer's.
    """

    def __init__(self) -> None:
        super().__init__('observer', namespace=NAMESPACE)
        self.answers: list[Activity] = []
        self.truth: list[tuple[float, str]] = []
        self.speeds: list[tuple[float, float]] = []
        self.statuses: dict[str, DiagnosticStatus] = {}
        self.progress = DiagnosticStatus()
        self.create_subscription(Classification, 'inference/activity', self._on_activity, 100)
        self.create_subscription(String, 'label', self._on_label, LATCHED)
        self.create_subscription(
            Float64, 'speed_controller/speed_scale', self._on_speed, 100
        )
        self.create_subscription(DiagnosticArray, '/diagnostics', self._on_diagnostics, 100)
        self.create_subscription(
            DiagnosticStatus, 'trainer/progress', self._on_progress, LATCHED
        )

    @property
    def newest(self) -> str:
        """Return the newest result, the person's activity and the robot's speed scale as text."""
        parts = []
        if self.answers:
            parts.append(f'{self.answers[-1].label} {self.answers[-1].score:.2f}')
        if self.truth:
            parts.append(f'person: {self.truth[-1][1]}')
        if self.speeds:
            parts.append(f'speed {self.speeds[-1][1]:.2f}')
        return ', '.join(parts)

    def status_of(self, node: str, part: str) -> DiagnosticStatus | None:
        """Return the newest status of one part of a node, None if there is none."""
        return self.statuses.get(f'{NAMESPACE.lstrip("/")}/{node}: {part}')

    def _on_activity(self, message: Classification) -> None:
        stamp = message.header.stamp.sec * NANOSECONDS + message.header.stamp.nanosec
        latency = (self.get_clock().now().nanoseconds - stamp) / NANOSECONDS
        best = message.results[0]
        self.answers.append(Activity(
            time.monotonic(), stamp, message.header.frame_id, best.class_id, best.score, latency
        ))

    def _on_label(self, message: String) -> None:
        self.truth.append((time.monotonic(), message.data))

    def _on_speed(self, message: Float64) -> None:
        self.speeds.append((time.monotonic(), message.data))

    def _on_diagnostics(self, message: DiagnosticArray) -> None:
        self.statuses |= {status.name: status for status in message.status}

    def _on_progress(self, message: DiagnosticStatus) -> None:
        self.progress = message
