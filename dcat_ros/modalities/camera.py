# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Cameras: colour, grey or depth images, reduced to a model's size."""

from dataclasses import dataclass
import math
from typing import ClassVar

from dcat_ros.modalities.base import Check, Decoder, NANOSECONDS, nearest, NoCheck, Samples
from dcat_ros.modalities.images.pose_weights import MODELS
from dcat_ros.modalities.skeleton import Skeleton
import numpy as np
from numpy.typing import NDArray

ROTATIONS = (0, 90, 180, 270)


@dataclass(frozen=True)
class CameraFormat:
    """How a camera is mounted.

    :param rotation: degrees, 0, 90, 180 or 270, by which its images are turned clockwise.
    :param pose_model: for kind ``pose``: `lite`, `full` or `heavy`, from fast to exact.
    :param pose_rate: for kind ``pose``: most poses a second; 0 for every image.
    :raises ValueError: for another angle or model, or a negative rate.
    """

    rotation: int = 0
    pose_model: str = 'full'
    pose_rate: float = 15.0

    def __post_init__(self) -> None:
        if self.pose_model not in MODELS:
            raise ValueError(
                f'camera.pose_model is "{self.pose_model}", expected {", ".join(MODELS)}'
            )
        if not 0 <= self.pose_rate < math.inf:
            raise ValueError(f'camera.pose_rate is {self.pose_rate}, expected 0 or more')
        if self.rotation not in ROTATIONS:
            raise ValueError(
                f'camera.rotation is {self.rotation}, expected {", ".join(map(str, ROTATIONS))}'
            )


@dataclass(frozen=True)
class Camera:
    """A camera that shows one person.

    The model input is (size, channels, rows, columns): for ``depth`` the person cut out, centred
    and scaled (see :mod:`dcat_ros.modalities.images.person`), for ``grey`` the difference of each
    frame from the window's mean frame and from the frame before. For ``pose`` it is that of a
    skeleton, (size, 91): the joints of the person, which BlazePose finds.

    :param kind: ``depth`` (16UC1, mono16, 32FC1), ``grey`` or ``pose`` (any colour or grey
        encoding).
    :param height: rows of a decoded frame.
    :param width: columns of a decoded frame.
    :raises ValueError: if the kind is none of these.
    """

    kind: str = 'grey'
    height: int = 48
    width: int = 64

    name: ClassVar[str] = 'camera'
    topic: ClassVar[str] = 'camera/image_raw'
    message_types: ClassVar[tuple[str, ...]] = (
        'sensor_msgs/msg/Image',
        'sensor_msgs/msg/CompressedImage',
    )
    info: ClassVar[dict[str, str]] = {}
    latest_only: ClassVar[bool] = True

    def __post_init__(self) -> None:
        if self.kind not in ('depth', 'grey', 'pose'):
            raise ValueError(f'camera kind is "{self.kind}", expected depth, grey or pose')

    @property
    def sample_shape(self) -> tuple[int, ...]:
        """Return the shape of one decoded sample."""
        if self.kind == 'pose':
            return Skeleton.sample_shape
        return (self.height, self.width)

    def decoder(self, given: CameraFormat | None = None) -> Decoder:
        """Return a decoder for one stream of a camera that is mounted in a given way."""
        given = given or CameraFormat()
        if self.kind == 'pose':
            from dcat_ros.modalities.images.pose_decoder import PoseDecoder  # imports OpenCV
            return PoseDecoder(given.pose_model, given.rotation, given.pose_rate)
        from dcat_ros.modalities.images.decoder import CameraDecoder  # imports OpenCV
        return CameraDecoder(self.kind, self.height, self.width, given.rotation)

    def check(self) -> Check:
        """Return a check for one stream."""
        return NoCheck()

    def resample(self, samples: Samples, end: int, rate: float, size: int) -> NDArray[np.float32]:
        """Return the frame nearest to each time; joints are interpolated.

        :returns: (size, height, width) or (size, 13, 4), the last one at ``end``.
        """
        if self.kind == 'pose':
            return Skeleton().resample(samples, end, rate, size)
        times = end - np.arange(size - 1, -1, -1) * round(NANOSECONDS / rate)
        return samples.values[nearest(samples.stamps, times)]

    def features(self, window: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return the model input of a (size, height, width) or (size, 13, 4) window."""
        if self.kind == 'pose':
            return Skeleton().features(window)
        if self.kind == 'depth':
            from dcat_ros.modalities.images.person import centred_person
            return centred_person(window)
        against_mean = window - window.mean(axis=0, keepdims=True)
        motion = np.diff(window, axis=0, prepend=window[:1])
        return np.stack([against_mean, motion], axis=1) * np.float32(4.0)
