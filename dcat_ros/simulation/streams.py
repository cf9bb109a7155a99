# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""A scene's sensors as streams of messages: the same live and in bags."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from dcat_ros.bags import messages
from dcat_ros.simulation.scene import Scene


@dataclass(frozen=True)
class Stream:
    """The messages of one sensor.

    :param topic: Relative name.
    :param msgtype: As in `sensor_msgs/msg/Imu`.
    :param period: Nanoseconds from one message to the next.
    :param length: Nanoseconds from a message's stamp until all of its content has happened.
    :param make: Makes message number i, with a stamp in nanoseconds, of the types of `bags`.
    """

    topic: str
    msgtype: str
    period: float
    length: float
    make: Callable[[int, int], Any]

    def since(self, index: int) -> int:
        """Return the nanoseconds from the scene's start to the stamp of message `index`."""
        return round(index * self.period)

    def complete(self, elapsed: int) -> int:
        """Return how many messages are complete after so many nanoseconds of the scene."""
        return max(0, int((elapsed - self.length) // self.period) + 1)


def streams(scene: Scene, audio_chunk: float) -> dict[str, Stream]:
    """Return the streams of a scene by sensor: 'imu', 'camera' and 'audio'.

    :param audio_chunk: Seconds of sound in a message.
    """
    microphone = scene.microphone
    size = round(audio_chunk * microphone.rate)

    def imu(index: int, stamp: int) -> Any:
        return messages.imu(stamp, 'wrist_imu', scene.imu.samples(index, 1)[0])

    def camera(index: int, stamp: int) -> Any:
        frame = scene.camera.frame(index)
        return messages.image(stamp, 'camera_color_optical_frame', 'bgr8', frame)

    def audio(index: int, stamp: int) -> Any:
        samples = microphone.samples(index * size, size)
        return messages.audio(stamp, 'microphone', samples)

    chunk = size * 1e9 / microphone.rate
    return {
        'imu': Stream('imu/data', 'sensor_msgs/msg/Imu', 1e9 / scene.imu.rate, 0.0, imu),
        'camera': Stream(
            'camera/image_raw', 'sensor_msgs/msg/Image', 1e9 / scene.camera.rate, 0.0, camera
        ),
        'audio': Stream(
            'audio/audio_stamped', 'audio_common_msgs/msg/AudioDataStamped', chunk, chunk, audio
        ),
    }
