# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""A scene: one person, one script, one clock, three sensors."""

from collections.abc import Sequence

from dcat_ros.simulation.activities import ACTIVITIES
from dcat_ros.simulation.body import Body
from dcat_ros.simulation.camera import Camera
from dcat_ros.simulation.events import Events
from dcat_ros.simulation.imu import WristImu
from dcat_ros.simulation.person import Person
from dcat_ros.simulation.script import Script
from dcat_ros.simulation.sound import Microphone


class Scene:
    """A person drawn at random who goes through activities before an IMU, a camera, a microphone.

    All that the sensors tell is a function of the seed and of the time since the scene began.
    It shows software at work; scores on it say nothing about real persons.

    :param seed: Seed of everything, not negative.
    :param activities: Names from `ACTIVITIES`; none for all.
    :param activity_duration: Mean seconds of an activity.
    :param shuffle: Whether the activities come in random order.
    :param imu_rate: Samples per second of the IMU.
    :param camera_rate: Images per second of the camera.
    :param image_size: Width and height of the images in pixels.
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
        self.person = Person.draw(seed)
        self.script = Script(seed, activities or tuple(ACTIVITIES), activity_duration, shuffle)
        self.body = Body(self.person, self.script, seed)
        self.events = Events(self.body, seed)
        self.imu = WristImu(self.body, self.events, seed, imu_rate)
        self.camera = Camera(self.body, self.events, seed, camera_rate, image_size)
        self.microphone = Microphone(self.events, self.person, seed)

    def label(self, time: float) -> str:
        """Return the activity at seconds of the scene."""
        return self.script.at(time).activity


def check_activities(names: Sequence[str]) -> None:
    """Check the names of activities.

    :raises ValueError: if one is unknown; it names those that are known.
    """
    for name in names:
        if name not in ACTIVITIES:
            raise ValueError(
                f"activity '{name}' is unknown; choose from {', '.join(ACTIVITIES)}"
            )
