# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""A scene: one person and three sensors on one clock, also as streams of messages."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from dcat_ros.bags import messages
from dcat_ros.simulation.activities import ACTIVITIES
from dcat_ros.simulation.camera import Camera
from dcat_ros.simulation.events import Events
from dcat_ros.simulation.imu import WristImu
from dcat_ros.simulation.microphone import Microphone
from dcat_ros.simulation.person import Person
from dcat_ros.simulation.schedule import Schedule
from dcat_ros.simulation.skeleton import Skeleton


class Scene:
    """A random person who performs activities, recorded by an IMU, a camera and a microphone.

    All measurements are a function of the seed and of the time since the scene began. They are
    for demonstrations; scores on them say nothing about real persons.

    :param seed: seed of everything, not negative.
    :param activities: names from `ACTIVITIES`; none for all.
    :param activity_duration: mean seconds of an activity.
    :param shuffle: whether the activities come in random order.
    :param imu_rate: samples per second.
    :param camera_rate: images per second.
    :param image_size: width and height in pixels.
    :raises ValueError: if an activity is unknown.
    """

    def __init__(
        self,
        seed: int = 0,
        activities: Sequence[str] = (),
        activity_duration: float = 8.0,
        shuffle: bool = True,
        imu_rate: float = 100.0,
        camera_rate: float = 15.0,
        image_size: tuple[int, int] = (160, 120),
    ) -> None:
        check_activities(activities)
        self.person = Person.random(seed)
        names = activities or tuple(ACTIVITIES)
        self.schedule = Schedule(seed, names, activity_duration, shuffle)
        self.skeleton = Skeleton(self.person, self.schedule, seed)
        self.events = Events(self.skeleton, seed)
        self.imu = WristImu(self.skeleton, self.events, seed, imu_rate)
        self.camera = Camera(self.skeleton, self.events, seed, camera_rate, image_size)
        self.microphone = Microphone(self.events, self.person, seed)

    def label(self, time: float) -> str:
        """Return the activity at a time in seconds."""
        return self.schedule.at(time).activity


def check_activities(names: Sequence[str]) -> None:
    """Check the names of activities.

    :raises ValueError: if one is unknown; it names those that are known.
    """
    for name in names:
        if name not in ACTIVITIES:
            raise ValueError(
                f"activity '{name}' is unknown; choose from {', '.join(ACTIVITIES)}"
            )


@dataclass(frozen=True)
class SensorStream:
    """The messages of one sensor.

    :param topic: relative name.
    :param msgtype: as in `sensor_msgs/msg/Imu`.
    :param period: ns from one message to the next.
    :param length: ns from a message's stamp to the end of its content.
    :param make: returns message number i, given its stamp in ns, of the types of `dcat_ros.bags`.
    """

    topic: str
    msgtype: str
    period: float
    length: float
    make: Callable[[int, int], Any]

    def since(self, index: int) -> int:
        """Return the time (ns) from the scene's start to the stamp of message `index`."""
        return round(index * self.period)

    def complete(self, elapsed: int) -> int:
        """Return the number of messages that are complete at a time (ns) of the scene."""
        return max(0, int((elapsed - self.length) // self.period) + 1)


def sensor_streams(scene: Scene, audio_chunk: float) -> dict[str, SensorStream]:
    """Return the streams of a scene by sensor: 'imu', 'camera' and 'audio'.

    :param audio_chunk: seconds of sound in a message.
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
        'imu': SensorStream('imu/data', 'sensor_msgs/msg/Imu', 1e9 / scene.imu.rate, 0.0, imu),
        'camera': SensorStream(
            'camera/image_raw', 'sensor_msgs/msg/Image', 1e9 / scene.camera.rate, 0.0, camera
        ),
        'audio': SensorStream(
            'audio/audio_stamped', 'audio_common_msgs/msg/AudioDataStamped', chunk, chunk, audio
        ),
    }
