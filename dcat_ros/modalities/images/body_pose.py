# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""The body of the person in a picture: BlazePose (arXiv 2006.10204) on LiteRT, in one thread."""

from pathlib import Path
from typing import Any, NamedTuple

import cv2
from dcat_ros.modalities.base import NANOSECONDS
from dcat_ros.modalities.images.pose_weights import WeightsError
import numpy as np
from numpy.typing import NDArray

POINTS = [[7, 8], *([point] for point in (11, 12, 13, 14, 15, 16, 23, 24, 25, 26, 27, 28))]
"""BlazePose's points in the order of `body.JOINTS`; the head is between the ears."""
OF_JOINTS = np.array([np.isin(range(39), points) / len(points) for points in POINTS])
"""Takes BlazePose's points, (39, ...), to joints."""
DETECTION, LANDMARKS = 224, 256
"""Pixels of the networks' inputs."""
LAYERS = ((28, 2), (14, 2), (7, 6))
"""Cells of a side, and anchors in each, of the detector."""
LEAST_DETECTION = LEAST_PRESENCE = LEAST_VISIBILITY = 0.5
MOST_OVERLAP = 0.3
"""Of two detections, intersection over union; more is the same person."""
SEARCH, COUNT = NANOSECONDS // 5, NANOSECONDS
"""ns from one run of the detector to the next: while nobody is in view, and to count others."""
MARGIN = 1.25
"""Size of the square that is looked at, as a factor on the circle around a person."""


class Square(NamedTuple):
    """A square in a picture: centre and side in pixels, turned clockwise by an angle in rad."""

    x: float
    y: float
    side: float
    angle: float


class Body(NamedTuple):
    """The person in a picture.

    :param joints: (13, 4): x to the right, y down and z forward from between the hips, m, and
        visibility.
    :param points: (13, 2): pixels.
    """

    joints: NDArray[np.float32]
    points: NDArray[np.float32]


class BodyPose:
    """Follows one person from picture to picture.

    The square in which a person is looked for follows from the picture before. The detector runs
    when the person was lost, every :data:`SEARCH` ns while nobody is in view, and every
    :data:`COUNT` ns to count others. Of several people the largest is followed, as long as that
    one is visible.

    :param detector: its file.
    :param landmarks: the file of the network that finds the points.
    :ivar others: number of further people at the last run of the detector.
    :raises WeightsError: if LiteRT is not installed.
    """

    def __init__(self, detector: Path, landmarks: Path) -> None:
        self.others = 0
        self._detector, self._landmarks = _load(detector), _load(landmarks)
        self._anchors = _anchors()
        self._square: Square | None = None
        self._searched: int | None = None

    def find(self, picture: NDArray[Any], stamp: int) -> Body | None:
        """Return the body in a picture, if there is one.

        :param picture: (rows, columns, 3) of red, green, blue.
        :param stamp: ns.
        """
        followed = self._square
        body = self._look(picture, followed) if followed else None
        is_lost = followed is not None and body is None
        if is_lost or self._is_due(stamp, SEARCH if body is None else COUNT):
            self._searched = stamp
            squares = self._detect(picture)
            if body is None:
                body = self._look(picture, squares[0]) if squares else None
            self.others = sum(_is_apart(square, self._square) for square in squares)
        if body is None:
            self._square = None
        return body

    def _is_due(self, stamp: int, period: int) -> bool:
        return self._searched is None or not 0 <= stamp - self._searched < period

    def _detect(self, picture: NDArray[Any]) -> list[Square]:
        """Return the squares about the people in a picture, the largest first."""
        rows, columns = picture.shape[:2]
        side = max(rows, columns)
        whole = Square(columns / 2, rows / 2, side, 0.0)
        raw, logits = self._detector(_crop(picture, whole, DETECTION) * 2 - 1)
        raw, scores = raw[0], 1 / (1 + np.exp(-logits[0, :, 0].clip(-80, 80)))
        boxes = raw[:, :4].copy()
        boxes[:, :2] += self._anchors * DETECTION - boxes[:, 2:] / 2
        chosen = np.asarray(
            cv2.dnn.NMSBoxes(boxes.tolist(), scores.tolist(), LEAST_DETECTION, MOST_OVERLAP), int
        )
        keypoints = raw[chosen, 4:8].reshape(-1, 2, 2) / DETECTION + self._anchors[chosen, None]
        points = (keypoints - 0.5) * side + [whole.x, whole.y]
        return sorted((_square(*each) for each in points), key=lambda square: -square.side)

    def _look(self, picture: NDArray[Any], square: Square) -> Body | None:
        found = self._landmarks(_crop(picture, square, LANDMARKS))
        presence = next(each for each in found if each.size == 1)
        points = next(each for each in found if each.size == 195).reshape(39, 5)
        world = next(each for each in found if each.size == 117).reshape(39, 3)
        if presence.item() < LEAST_PRESENCE:
            return None
        turn = np.array([
            [np.cos(square.angle), np.sin(square.angle)],
            [-np.sin(square.angle), np.cos(square.angle)],
        ])
        pixels = (points[:, :2] / LANDMARKS - 0.5) * square.side @ turn + [square.x, square.y]
        self._square = _square(pixels[33], pixels[34])
        joints = np.empty((len(POINTS), 4), np.float32)
        joints[:, :2] = OF_JOINTS @ world[:, :2] @ turn
        joints[:, 2] = OF_JOINTS @ world[:, 2]
        joints[:, 3] = OF_JOINTS @ (1 / (1 + np.exp(-points[:, 3])))
        return Body(joints, (OF_JOINTS @ pixels).astype(np.float32))


def _load(path: Path) -> Any:
    """Return a function from an input (rows, columns, channels) to all outputs of a network."""
    try:
        from ai_edge_litert.interpreter import Interpreter
    except ModuleNotFoundError as error:
        raise WeightsError('LiteRT is not installed: run `pip install ai-edge-litert`') from error
    network = Interpreter(str(path), num_threads=1)
    network.allocate_tensors()
    first = network.get_input_details()[0]['index']
    outputs = [each['index'] for each in network.get_output_details()]

    def run(values: NDArray[np.float32]) -> list[NDArray[np.float32]]:
        network.set_tensor(first, values[None])
        network.invoke()
        return [network.get_tensor(index) for index in outputs]

    return run


def _anchors() -> NDArray[np.float32]:
    """Return the centres (2254, 2) of the detector's anchors, x and y from 0 to 1."""
    layers = []
    for cells, count in LAYERS:
        centres = (np.arange(cells) + 0.5) / cells
        x, y = np.meshgrid(centres, centres)
        layers.append(np.stack([x, y], axis=2).reshape(-1, 2).repeat(count, axis=0))
    return np.concatenate(layers).astype(np.float32)


def _is_apart(square: Square, followed: Square | None) -> bool:
    """Tell whether a square is about another person than the one who is followed."""
    if followed is None:
        return False
    distance = np.hypot(square.x - followed.x, square.y - followed.y)
    return bool(distance > 0.25 * max(square.side, followed.side))


def _square(centre: NDArray[Any], edge: NDArray[Any]) -> Square:
    """Return the upright square around the circle about a person, through a point above it."""
    x, y = edge - centre
    angle = np.pi / 2 - np.arctan2(-y, x)
    return Square(*map(float, (*centre, 2 * MARGIN * np.hypot(x, y), angle)))


def _crop(picture: NDArray[Any], square: Square, size: int) -> NDArray[np.float32]:
    """Return a square of a picture in a network's size, 0 to 1, black outside of the picture."""
    cosine, sine = np.cos(square.angle) * square.side, np.sin(square.angle) * square.side
    across, down = np.array([cosine, sine]), np.array([-sine, cosine])
    corner = np.array([square.x, square.y]) - (across + down) / 2
    source = np.array([corner, corner + across, corner + down], np.float32)
    target = np.array([[0, 0], [size, 0], [0, size]], np.float32)
    matrix = cv2.getAffineTransform(source, target)
    cut: NDArray[Any] = cv2.warpAffine(picture, matrix, (size, size))
    return cut.astype(np.float32) / np.float32(255)
