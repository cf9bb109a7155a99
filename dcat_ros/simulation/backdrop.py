# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""The room in which the person stands, drawn at random."""

import cv2
from dcat_ros.simulation.noise import generator
from dcat_ros.simulation.view import View
import numpy as np

WALLS = ((206, 216, 222), (214, 204, 188), (190, 206, 196), (176, 190, 214), (200, 196, 206))
FLOORS = ((92, 122, 158), (70, 96, 132), (120, 128, 134), (112, 118, 108), (128, 150, 176))
THINGS = (
    (74, 110, 158), (150, 106, 64), (84, 134, 92), (64, 82, 176), (152, 150, 146), (70, 70, 74),
    (96, 168, 206), (132, 92, 112)
)


def draw_backdrop(seed: int, view: View, width: int, height: int) -> np.ndarray:
    """Draw a wall, a floor and some clutter.

    :param seed: Seed of what is there and of the light.
    :param view: The camera.
    :returns: Image (height, width, 3), uint8, blue, green, red.
    """
    random = generator(seed, 'backdrop')
    wall = -random.uniform(1.0, 2.2)
    floor = np.array(FLOORS[random.integers(len(FLOORS))], float)
    image = np.full((height, width, 3), floor, np.float32)

    def quad(corners: list[list[float]], colour: np.ndarray) -> None:
        pixels, _ = view.project(np.array(corners))
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
    for place in random.permutation(np.linspace(-1.9, 1.9, 5))[:random.integers(2, 5)]:
        colour = np.array(THINGS[random.integers(len(THINGS))]) * random.uniform(0.8, 1.1)
        half = random.uniform(0.24, 0.44)
        left, right = place - half, place + half
        thing = random.integers(4)
        if thing == 0:
            panel(left - 0.04, right + 0.04, 1.16, 2.14, np.array([236.0, 238.0, 240.0]))
            panel(left, right, 1.2, 2.1, np.array([244.0, 226.0, 196.0]))
            panel(place - 0.02, place + 0.02, 1.2, 2.1, np.array([236.0, 238.0, 240.0]))
        elif thing == 1:
            panel(left, right, 0.0, 2.0, colour * 0.8)
            panel(right - 0.14, right - 0.08, 0.95, 1.01, np.array([200.0, 214.0, 220.0]))
        elif thing == 2:
            panel(left, right, 1.3, 1.9, colour * 0.5)
            panel(left + 0.04, right - 0.04, 1.34, 1.86, colour)
        else:
            for shelf in (0.45, 0.95, 1.45):
                panel(left, right, shelf - 0.04, shelf, colour * 0.6)
                for book in np.arange(left + 0.04, right - 0.06, 0.07):
                    spine = np.array(THINGS[random.integers(len(THINGS))])
                    panel(book, book + 0.06, shelf, shelf + random.uniform(0.16, 0.3), spine * 1.1)
    x, y = np.meshgrid(np.linspace(-1, 1, width), np.linspace(-1, 1, height))
    lamp = random.uniform(-0.8, 0.8)
    light = random.uniform(0.85, 1.1) * (1.08 - 0.16 * (x - lamp) ** 2 - 0.12 * (y + 0.6) ** 2)
    blurred = cv2.GaussianBlur(image, (0, 0), height / 240.0)
    return np.asarray((blurred * light[..., None]).clip(0, 255), np.uint8)
