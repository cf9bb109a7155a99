# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Colour or grey images to the joints of the person in them."""

from collections.abc import Callable
from typing import Any, NamedTuple

import cv2
from dcat_ros.modalities.base import DecodeError, NANOSECONDS, Samples, stamp_of
from dcat_ros.modalities.body import JOINTS
from dcat_ros.modalities.images.body_pose import Body, BodyPose, LEAST_VISIBILITY
from dcat_ros.modalities.images.pixels import pixels
from dcat_ros.modalities.images.pose_weights import DETECTION, find_weights
from dcat_ros.modalities.images.quality import PictureQuality
import numpy as np
from numpy.typing import NDArray

EARLY = 0.85
"""Share of the period between two poses after which an image is not too early."""


class View(NamedTuple):
    """An image and the body that was found in it.

    :param header: of the message, std_msgs/Header.
    :param picture: (rows, columns, 3) of blue, green, red, turned upright.
    :param turns: quarter turns clockwise from the message to the picture.
    """

    header: Any
    picture: NDArray[np.uint8]
    body: Body | None
    turns: int

    @property
    def points_in_message(self) -> NDArray[np.float64]:
        """Return the points of the body (13, 2), parts of the message's width and height."""
        assert self.body is not None
        rows, columns = self.picture.shape[:2]
        x, y = (self.body.points / [columns, rows]).T
        for _ in range(self.turns):
            x, y = y, 1 - x
        return np.stack([x, y], axis=1)


class PoseDecoder:
    """Decodes an image to (1, 13, 4): the joints of one person as a skeleton has them.

    Without a person no joint is visible.

    :param model: `lite`, `full` or `heavy`.
    :param rotation: degrees by which images are turned clockwise, a multiple of 90.
    :param rate: most poses a second, by stamp; images that come sooner are passed over. 0 for
        every image.
    :ivar watch: called with the view of each decoded image, if set.
    :raises WeightsError: if the weights or LiteRT are missing.
    """

    def __init__(self, model: str, rotation: int, rate: float) -> None:
        self.watch: Callable[[View], None] | None = None
        self._turns = rotation // 90
        self._least_period = EARLY * NANOSECONDS / rate if rate else 0.0
        self._last: int | None = None
        self._quality = PictureQuality()
        self._pose = BodyPose(find_weights(DETECTION), find_weights(model))

    @property
    def others(self) -> int:
        """Return how many further people were in view about a second ago."""
        return self._pose.others

    def decode(self, message: Any) -> Samples | None:
        """Return the joints in a sensor_msgs/Image or CompressedImage, None for a passed one.

        :raises DecodeError: if the image is incomplete, of depth, or shows nothing.
        """
        stamp = stamp_of(message.header)
        if self._last is not None and 0 < stamp - self._last < self._least_period:
            return None
        picture: NDArray[Any] = pixels(message, in_colour=True)
        if picture.dtype != np.uint8:
            raise DecodeError(
                f'the image has {picture.dtype} pixels, but pose takes colour or grey images: '
                'remap the camera topic, or use a bundle for depth, such as depth_utd_mhad'
            )
        self._last = stamp
        grey: NDArray[Any] = cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY)
        self._quality.check(grey, stamp)
        picture = np.ascontiguousarray(np.rot90(picture, -self._turns))
        body = self._pose.find(cv2.cvtColor(picture, cv2.COLOR_BGR2RGB), stamp)
        if self.watch is not None:
            self.watch(View(message.header, picture, body, self._turns))
        joints = np.zeros((1, len(JOINTS), 4), np.float32)
        if body is not None:
            seen = body.joints[:, 3:] >= LEAST_VISIBILITY
            joints[0, :, :3] = body.joints[:, :3] * seen
            joints[0, :, 3:] = seen
        return Samples(np.array([stamp], np.int64), joints)
