# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""An IMU on the wrist of the dominant hand."""

from functools import lru_cache

from dcat_ros.simulation.events import Events
from dcat_ros.simulation.seeding import samples_from_blocks, seeded_generator
from dcat_ros.simulation.skeleton import rotations, Skeleton
import numpy as np

GRAVITY = 9.80665
ACCELERATION_RANGE = 16.0 * GRAVITY
ANGULAR_VELOCITY_RANGE = np.deg2rad(2000.0)
CONTACT_ACCELERATION = {
    'step': 1.5, 'stamp': 5.0, 'clap': 22.0, 'knock': 20.0, 'strike': 55.0
}
"""Acceleration in m/s² that a contact of strength 1 adds to that of the movement."""

STEP = 0.008
"""Time step in seconds of the derivatives; it limits the bandwidth like a filter."""

BLOCK = 64


class WristImu:
    """Samples of a wrist IMU: m/s² with +g at rest, and rad/s, in axes of the sensor (REP 145).

    The sensor is slightly rotated and displaced on the wrist, and has biases, noise and a range.

    :param skeleton: the skeleton that wears it.
    :param events: contacts that shake it.
    :param seed: seed of biases and noise.
    :param rate: samples per second.
    """

    def __init__(self, skeleton: Skeleton, events: Events, seed: int, rate: float) -> None:
        self.rate = rate
        self._skeleton = skeleton
        self._events = events
        self._seed = seed
        random = seeded_generator(seed, 'imu')
        self._bias = random.normal(0.0, [0.12] * 3 + [0.01] * 3)
        self._noise = random.uniform(0.5, 1.5) * np.array([0.05] * 3 + [0.006] * 3)
        self._mounting = rotations(np.array([skeleton.person.sensor_rotation]))[0]
        self._shift = np.array(skeleton.person.sensor_offset)
        self._block = lru_cache(maxsize=4)(self._make_block)

    def samples(self, first: int, count: int) -> np.ndarray:
        """Return an array (count, 6); sample i is at i / rate seconds of the scene."""
        return samples_from_blocks(first, count, BLOCK, self._block)

    def _make_block(self, number: int) -> np.ndarray:
        times = (number * BLOCK + np.arange(BLOCK)) / self.rate
        block = self.measure(times) + self._bias
        random = seeded_generator(self._seed, 'imu noise', number)
        block += self._noise * random.normal(size=block.shape)
        block[:, :3] = block[:, :3].clip(-ACCELERATION_RANGE, ACCELERATION_RANGE)
        block[:, 3:] = block[:, 3:].clip(-ANGULAR_VELOCITY_RANGE, ANGULAR_VELOCITY_RANGE)
        return block

    def measure(self, times: np.ndarray) -> np.ndarray:
        """Return what an ideal sensor would measure at seconds (n,), as (n, 6)."""
        pose = self._skeleton.pose(np.concatenate([times - STEP, times, times + STEP]))
        positions = pose['right_wrist'] + pose.wrist @ self._shift
        before, now, after = np.split(positions, 3)
        axes = np.split(pose.wrist @ self._mounting, 3)
        force = (before - 2.0 * now + after) / STEP**2 + [0.0, 0.0, GRAVITY]
        force = (force[:, None] @ axes[1])[:, 0] + self._contact_acceleration(times)
        change = np.swapaxes(axes[0], 1, 2) @ axes[2]
        axis = 0.5 * np.stack(
            [
                change[:, 2, 1] - change[:, 1, 2],
                change[:, 0, 2] - change[:, 2, 0],
                change[:, 1, 0] - change[:, 0, 1],
            ],
            axis=1,
        )
        sine = np.linalg.norm(axis, axis=1, keepdims=True).clip(1e-9, 1.0)
        return np.concatenate([force, axis * np.arcsin(sine) / sine / (2.0 * STEP)], axis=1)

    def _contact_acceleration(self, times: np.ndarray) -> np.ndarray:
        """Return the vibration after contacts, (n, 3)."""
        total = np.zeros((len(times), 3))
        for event in self._events.between(times[0] - 0.2, times[-1]):
            if event.kind in CONTACT_ACCELERATION:
                since = (times - event.time).clip(0.0)
                random = np.random.default_rng(event.seed)
                frequency = 2.0 * np.pi * random.uniform(22.0, 38.0)
                ringing = np.exp(-since / 0.022) * np.sin(frequency * since)
                direction = random.normal([0.6, 0.0, -0.8], 0.25)
                peak = CONTACT_ACCELERATION[event.kind] * event.strength
                total += peak * np.outer(ringing, direction)
        return total
