# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Colour or grey images to the joints of the person in them."""

from typing import Any

import cv2
from dcat_ros.modalities.base import DecodeError, Samples, stamp_of
from dcat_ros.modalities.images.body_pose import BodyPose, LEAST_VISIBILITY
from dcat_ros.modalities.images.pixels import pixels
from dcat_ros.modalities.images.pose_weights import DETECTION, find_weights
from dcat_ros.modalities.images.quality import PictureQuality
from dcat_ros.modalities.skeleton import JOINTS
import numpy as np
from numpy.typing import NDArray


class PoseDecoder:
    """Decodes an image to (1, 13, 4): the joints of one person as a skeleton has them.

    Without a person no joint is visible.

    :param model: `lite`, `full` or `heavy`.
    :param rotation: degrees by which images are turned clockwise, a multiple of 90.
    :raises WeightsError: if the weights are missing.
    :raises ValueError: if LiteRT is not installed.
    """

    def __init__(self, model: str, rotation: int) -> None:
        self._turns = -rotation // 90
        self._quality = PictureQuality()
        self._pose = BodyPose(find_weights(DETECTION), find_weights(model))

    def decode(self, message: Any) -> Samples:
        """Return the joints in a sensor_msgs/Image or CompressedImage.

        :raises DecodeError: if the image is incomplete, of depth, or shows nothing.
        """
        stamp = stamp_of(message.header)
        image: NDArray[Any] = pixels(message, in_colour=True)
        if image.dtype != np.uint8:
            raise DecodeError(
                f'the image has {image.dtype} pixels, but pose takes colour or grey images: remap '
                'the camera topic'
            )
        grey: NDArray[Any] = cv2.cvtColor(image, cv2.COLOR_BGR2GRAY)
        self._quality.check(grey, stamp)
        image = np.ascontiguousarray(np.rot90(image, self._turns)) if self._turns else image
        image = cv2.cvtColor(image, cv2.COLOR_BGR2RGB)
        body = self._pose.find(image)
        joints = np.zeros((1, len(JOINTS), 4), np.float32)
        if body is not None:
            seen = body.joints[:, 3:] >= LEAST_VISIBILITY
            joints[0, :, :3] = body.joints[:, :3] * seen
            joints[0, :, 3:] = seen
        return Samples(np.array([stamp], np.int64), joints)
