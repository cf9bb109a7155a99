# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""A camera that films the person in a room."""

from functools import lru_cache

import cv2
from dcat_ros.simulation.events import Events
from dcat_ros.simulation.renderer import body_parts, draw_parts, draw_shadow, Projection
from dcat_ros.simulation.seeding import seeded_generator
from dcat_ros.simulation.skeleton import Pose, Skeleton
import numpy as np

OVERSAMPLING = 2  # the body is drawn this many times finer than the image
BLOCK = 16  # poses that are computed at once

WALLS = ((206, 216, 222), (214, 204, 188), (190, 206, 196), (176, 190, 214), (200, 196, 206))
FLOORS = ((92, 122, 158), (70, 96, 132), (120, 128, 134), (112, 118, 108), (128, 150, 176))
FURNITURE = (
    (74, 110, 158), (150, 106, 64), (84, 134, 92), (64, 82, 176), (152, 150, 146), (70, 70, 74),
    (96, 168, 206), (132, 92, 112)
)


class Camera:
    """Images of the person.

    :param skeleton: the skeleton of the person.
    :param events: syllables move the mouth.
    :param seed: seed of viewpoint, room, light and noise.
    :param rate: images per second.
    :param size: width and height in pixels.
    """

    def __init__(
        self, skeleton: Skeleton, events: Events, seed: int, rate: float, size: tuple[int, int]
    ) -> None:
        width, height = size
        self.rate = rate
        self._skeleton = skeleton
        self._events = events
        self._seed = seed
        self._size = size
        fine_size = OVERSAMPLING * width, OVERSAMPLING * height
        self._projection = Projection.random(seed, *fine_size)
        room = draw_background(seed, width, height)
        self._background = cv2.resize(room, fine_size)
        random = seeded_generator(seed, 'camera')
        self._light = np.array([random.choice([-0.7, 0.7]), -0.7])
        grain = random.uniform(2.0, 5.0) * random.normal(size=(height + 64, width + 64, 3))
        self._grain = np.asarray(np.round(grain), np.int8)
        self._poses = lru_cache(maxsize=2)(self._make_poses)

    def frame(self, index: int) -> np.ndarray:
        """Return an image: (height, width, 3), uint8, bgr8.

        :param index: image i is at i / rate seconds of the scene.
        """
        pose = self._poses(index // BLOCK)[index % BLOCK]
        canvas = self._background.copy()
        draw_shadow(canvas, pose, self._projection)
        mouth = self._mouth(index / self.rate)
        parts = body_parts(pose, self._skeleton.person, mouth, self._projection)
        draw_parts(canvas, parts, self._projection, self._light)
        image = cv2.resize(canvas, self._size, interpolation=cv2.INTER_AREA)
        row, column = seeded_generator(self._seed, 'grain', index).integers(64, size=2)
        grain = self._grain[row:, column:][:self._size[1], :self._size[0]]
        return np.asarray(cv2.add(image, grain, dtype=cv2.CV_8U))

    def _make_poses(self, number: int) -> list[Pose]:
        return self._skeleton.pose((number * BLOCK + np.arange(BLOCK)) / self.rate).split()

    def _mouth(self, time: float) -> float:
        """Return how far the mouth is open, 0 to 1."""
        opening = 0.0
        for event in self._events.between(time - 0.5, time):
            share = (time - event.time) / max(event.duration, 1e-6)
            if share < 1.0:
                opening = max(opening, event.strength * float(np.sin(np.pi * share)))
        return opening


def draw_background(seed: int, width: int, height: int) -> np.ndarray:
    """Return a random room with wall, floor, furniture and light: (height, width, 3), bgr8."""
    projection = Projection.random(seed, width, height)
    random = seeded_generator(seed, 'backdrop')
    wall = -random.uniform(1.0, 2.2)
    floor = np.array(FLOORS[random.integers(len(FLOORS))], float)
    image = np.full((height, width, 3), floor, np.float32)

    def quad(corners: list[list[float]], colour: np.ndarray) -> None:
        pixels, _ = projection.project(np.array(corners))
        cv2.fillConvexPoly(
            image, np.round(pixels * 16).astype(np.int32), colour.tolist(), cv2.LINE_AA, 4
        )

    for plank in np.arange(-4.0, 4.0, 0.22).tolist():
        quad(
            [[wall, plank, 0], [1.6, plank, 0], [1.6, plank + 0.22, 0], [wall, plank + 0.22, 0]],
            floor * random.uniform(0.93, 1.05),
        )

    def panel(left: float, right: float, low: float, high: float, colour: np.ndarray) -> None:
        quad([[wall, left, low], [wall, right, low], [wall, right, high], [wall, left, high]],
             colour)

    paint = np.array(WALLS[random.integers(len(WALLS))], float)
    panel(-7.0, 7.0, 0.0, 6.0, paint)
    panel(-7.0, 7.0, 0.0, 0.09, paint * 0.72)
    for middle in random.permutation(np.linspace(-1.9, 1.9, 5))[:random.integers(2, 5)]:
        colour = np.array(FURNITURE[random.integers(len(FURNITURE))]) * random.uniform(0.8, 1.1)
        half = random.uniform(0.24, 0.44)
        left, right = middle - half, middle + half
        furniture = random.integers(4)
        if furniture == 0:
            panel(left - 0.04, right + 0.04, 1.16, 2.14, np.array([236.0, 238.0, 240.0]))
            panel(left, right, 1.2, 2.1, np.array([244.0, 226.0, 196.0]))
            panel(middle - 0.02, middle + 0.02, 1.2, 2.1, np.array([236.0, 238.0, 240.0]))
        elif furniture == 1:
            panel(left, right, 0.0, 2.0, colour * 0.8)
            panel(right - 0.14, right - 0.08, 0.95, 1.01, np.array([200.0, 214.0, 220.0]))
        elif furniture == 2:
            panel(left, right, 1.3, 1.9, colour * 0.5)
            panel(left + 0.04, right - 0.04, 1.34, 1.86, colour)
        else:
            for shelf in (0.45, 0.95, 1.45):
                panel(left, right, shelf - 0.04, shelf, colour * 0.6)
                for book in np.arange(left + 0.04, right - 0.06, 0.07):
                    spine = np.array(FURNITURE[random.integers(len(FURNITURE))])
                    panel(book, book + 0.06, shelf, shelf + random.uniform(0.16, 0.3), spine * 1.1)
    x, y = np.meshgrid(np.linspace(-1, 1, width), np.linspace(-1, 1, height))
    lamp = random.uniform(-0.8, 0.8)
    light = random.uniform(0.85, 1.1) * (1.08 - 0.16 * (x - lamp) ** 2 - 0.12 * (y + 0.6) ** 2)
    blurred = cv2.GaussianBlur(image, (0, 0), height / 240.0)
    return np.asarray((blurred * light[..., None]).clip(0, 255), np.uint8)
