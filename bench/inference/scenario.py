# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""What is measured: which sensor, how fast, and how many nodes at once."""

from __future__ import annotations

from dataclasses import dataclass

BUNDLES = {'imu': 'imu_utd_mhad', 'camera': 'depth_utd_mhad'}
"""The shipped bundle of each sensor."""


@dataclass(frozen=True)
class Scenario:
    """Nodes that all recognise from one sensor.

    :param name: on the command line.
    :param sensor: ``imu`` or ``camera``.
    :param rate: messages per second.
    :param nodes: that run at once.
    """

    name: str
    sensor: str
    rate: int
    nodes: int = 1

    @property
    def title(self) -> str:
        """Return the scenario in words."""
        one = f'{"IMU" if self.sensor == "imu" else "depth camera"}, {self.rate} Hz'
        return one if self.nodes == 1 else f'{self.nodes} nodes, {one}'

    @property
    def bundle(self) -> str:
        """Return the bundle that both sides recognise with."""
        return BUNDLES[self.sensor]


SCENARIOS = {
    scenario.name: scenario
    for scenario in (
        Scenario('imu100', 'imu', 100),
        Scenario('imu200', 'imu', 200),
        Scenario('imu400', 'imu', 400),
        Scenario('camera', 'camera', 30),
        Scenario('ten', 'imu', 100, nodes=10),
    )
}
