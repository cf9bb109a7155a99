# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""An IMU worn on the wrist of the hand that the person uses most."""

from functools import lru_cache

from dcat_ros.simulation.body import Body, rotations
from dcat_ros.simulation.events import Events
from dcat_ros.simulation.noise import generator, samples
import numpy as np

GRAVITY = 9.80665
ACCELERATION_RANGE = 16.0 * GRAVITY
ANGULAR_VELOCITY_RANGE = np.deg2rad(2000.0)
JOLTS = {'step': 1.5, 'stamp': 5.0, 'clap': 22.0, 'knock': 20.0, 'strike': 55.0}
"""Acceleration in m/s^2 that a contact of strength 1 adds to that of the kinematics."""

STEP = 0.008
"""Half width in seconds of the derivatives; it bounds the sensor's bandwidth as a filter would."""

BLOCK = 64


class WristImu:
    """Samples of a wrist IMU: m/s^2 with +g at rest, and rad/s, in axes of the sensor (REP 145).

    The sensor sits a little turned and shifted on the wrist, has offsets, noise and a range.

    :param body: The body that wears it.
    :param events: Contacts that jolt it.
    :param seed: Seed of offsets and noise.
    :param rate: Samples per second.
    """

    def __init__(self, body: Body, events: Events, seed: int, rate: float) -> None:
        self.rate = rate
        self._body = body
        self._events = events
        self._seed = seed
        random = generator(seed, 'imu')
        self._offset = random.normal(0.0, [0.12] * 3 + [0.01] * 3)
        self._noise = random.uniform(0.5, 1.5) * np.array([0.05] * 3 + [0.006] * 3)
        self._turn = rotations(np.array([body.person.sensor_turn]))[0]
        self._shift = np.array(body.person.sensor_shift)
        self._block = lru_cache(maxsize=4)(self._make_block)

    def samples(self, first: int, count: int) -> np.ndarray:
        """Return an array (count, 6); sample i is at i / rate seconds of the scene."""
        return samples(first, count, BLOCK, self._block)

    def _make_block(self, number: int) -> np.ndarray:
        times = (number * BLOCK + np.arange(BLOCK)) / self.rate
        block = self.measure(times) + self._offset
        block += self._noise * generator(self._seed, 'imu noise', number).normal(size=block.shape)
        block[:, :3] = block[:, :3].clip(-ACCELERATION_RANGE, ACCELERATION_RANGE)
        block[:, 3:] = block[:, 3:].clip(-ANGULAR_VELOCITY_RANGE, ANGULAR_VELOCITY_RANGE)
        return block

    def measure(self, times: np.ndarray) -> np.ndarray:
        """Return what an ideal sensor would measure at seconds (n,), as (n, 6)."""
        pose = self._body.pose(np.concatenate([times - STEP, times, times + STEP]))
        places = pose['right_wrist'] + pose.wrist @ self._shift
        before, now, after = np.split(places, 3)
        turns = np.split(pose.wrist @ self._turn, 3)
        force = (before - 2.0 * now + after) / STEP**2 + [0.0, 0.0, GRAVITY]
        force = (force[:, None] @ turns[1])[:, 0] + self._jolts(times)
        change = np.swapaxes(turns[0], 1, 2) @ turns[2]
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

    def _jolts(self, times: np.ndarray) -> np.ndarray:
        """Return the ringing after contacts, (n, 3)."""
        total = np.zeros((len(times), 3))
        for event in self._events.between(times[0] - 0.2, times[-1]):
            if event.kind in JOLTS:
                since = (times - event.time).clip(0.0)
                random = np.random.default_rng(event.seed)
                speed = 2.0 * np.pi * random.uniform(22.0, 38.0)
                ringing = np.exp(-since / 0.022) * np.sin(speed * since)
                direction = random.normal([0.6, 0.0, -0.8], 0.25)
                total += JOLTS[event.kind] * event.strength * np.outer(ringing, direction)
        return total
