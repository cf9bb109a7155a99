# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""A camera that sees the body as a figure in a room."""

from functools import lru_cache

import cv2
from dcat_ros.simulation.backdrop import draw_backdrop
from dcat_ros.simulation.body import Body, Pose
from dcat_ros.simulation.events import Events
from dcat_ros.simulation.figure import draw_parts, draw_shadow, parts_of
from dcat_ros.simulation.noise import generator
from dcat_ros.simulation.view import View
import numpy as np

FINE = 2
"""The figure is drawn this many times finer than the image."""

BLOCK = 16
"""Poses that are computed at once."""


class Camera:
    """Images of the body.

    :param body: The body to see.
    :param events: Its syllables move the mouth.
    :param seed: Seed of viewpoint, room, light and noise.
    :param rate: Images per second.
    :param size: Width and height in pixels.
    """

    def __init__(
        self, body: Body, events: Events, seed: int, rate: float, size: tuple[int, int]
    ) -> None:
        width, height = size
        self.rate = rate
        self._body = body
        self._events = events
        self._seed = seed
        self._size = size
        self._view = View.draw(seed, FINE * width, FINE * height)
        room = draw_backdrop(seed, View.draw(seed, width, height), width, height)
        self._room = cv2.resize(room, (FINE * width, FINE * height))
        random = generator(seed, 'camera')
        self._light = np.array([random.choice([-0.7, 0.7]), -0.7])
        grain = random.uniform(2.0, 5.0) * random.normal(size=(height + 64, width + 64, 3))
        self._grain = np.asarray(np.round(grain), np.int8)
        self._poses = lru_cache(maxsize=2)(self._make_poses)

    def frame(self, index: int) -> np.ndarray:
        """Return an image: (height, width, 3), uint8, bgr8.

        :param index: The image is that of index / rate seconds of the scene.
        """
        pose = self._poses(index // BLOCK)[index % BLOCK]
        canvas = self._room.copy()
        draw_shadow(canvas, pose, self._view)
        parts = parts_of(pose, self._body.person, self._mouth(index / self.rate), self._view)
        draw_parts(canvas, parts, self._view, self._light)
        image = cv2.resize(canvas, self._size, interpolation=cv2.INTER_AREA)
        row, column = generator(self._seed, 'grain', index).integers(64, size=2)
        grain = self._grain[row:, column:][:self._size[1], :self._size[0]]
        return np.asarray(cv2.add(image, grain, dtype=cv2.CV_8U))

    def _make_poses(self, number: int) -> list[Pose]:
        return self._body.pose((number * BLOCK + np.arange(BLOCK)) / self.rate).split()

    def _mouth(self, time: float) -> float:
        opening = 0.0
        for event in self._events.between(time - 0.5, time):
            share = (time - event.time) / max(event.duration, 1e-6)
            if share < 1.0:
                opening = max(opening, event.strength * float(np.sin(np.pi * share)))
        return opening
