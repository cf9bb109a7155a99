# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Publish the IMU, camera, microphone and labels of a simulated person.

For demonstrations and tests; scores on a simulated person say nothing about real persons.
"""

from functools import partial
import sys
from typing import Any

from dcat_ros.bags import messages
from dcat_ros.bags.types import typestore
from dcat_ros.modalities.base import NANOSECONDS
from dcat_ros.nodes.common.messages import message_class
from dcat_ros.nodes.common.parameters import declare_parameters, Parameter
from dcat_ros.nodes.common.qos import LATCHED
from dcat_ros.nodes.common.run import run
from dcat_ros.simulation import ACTIVITIES, Scene, sensor_streams
from rclpy.node import Node
from rclpy.publisher import Publisher
from rclpy.qos import qos_profile_sensor_data, QoSProfile

LATEST = NANOSECONDS // 2
"""A sensor that is later than this, in ns, skips what it has missed."""

PARAMETERS = {
    'seed': Parameter('Seed of the person and of everything else.', 0, 2**31 - 1, read_only=True),
    'activities': Parameter(
        'What the person does.', constraint=f'some of {", ".join(ACTIVITIES)}', read_only=True
    ),
    'shuffle': Parameter(
        'Whether the order of the activities differs from round to round.', read_only=True
    ),
    'activity_duration': Parameter(
        'Mean duration of an activity in s; each lasts 0.75 to 1.25 of it.', 1.5, 3600.0,
        read_only=True,
    ),
    'new_person_every': Parameter(
        'Time in s after which the next person (seed + 1) takes over; 0 for never.', 0.0, 86400.0,
        read_only=True,
    ),
    'imu': Parameter('Whether the IMU publishes.'),
    'imu_rate': Parameter('Samples of the IMU in Hz.', 10.0, 1000.0, read_only=True),
    'camera': Parameter('Whether the camera publishes.'),
    'camera_rate': Parameter('Images in Hz.', 1.0, 60.0, read_only=True),
    'image_width': Parameter('Width of an image in pixels.', 32, 1920, read_only=True),
    'image_height': Parameter('Height of an image in pixels.', 32, 1080, read_only=True),
    'audio': Parameter('Whether the microphone publishes.'),
    'audio_chunk': Parameter('Seconds of sound in a message.', 0.01, 1.0, read_only=True),
}


class Simulate(Node):
    """Node that publishes what the sensors of a `Scene` measure, by its ROS clock."""

    def __init__(self, **node_options: Any) -> None:
        super().__init__('simulate', **node_options)
        declare_parameters(self, PARAMETERS, 'simulate')
        self._persons = 0
        self._origin = self._latest = 0
        self._label: str | None = None
        self._load_person(self._value('seed'))
        profiles = {
            'imu': QoSProfile(depth=50),
            'camera': qos_profile_sensor_data,
            'audio': QoSProfile(depth=10),
        }
        self._outputs = {
            name: self._create(stream.topic, stream.msgtype, profiles[name])
            for name, stream in self._streams.items()
        }
        self._label_output = self._create('label', 'std_msgs/msg/String', LATCHED)
        info = 'audio_common_msgs/msg/AudioInfo'
        self._audio_info = self._create('audio/audio_info', info, LATCHED)
        self._publish(self._audio_info, messages.audio_info(1, self._scene.microphone.rate))
        for name, stream in self._streams.items():
            self.create_timer(stream.period / NANOSECONDS, partial(self._tick, name))

    def _value(self, name: str) -> Any:
        return self.get_parameter(name).value

    def _create(self, topic: str, msgtype: str, profile: QoSProfile) -> Publisher:
        return self.create_publisher(message_class(msgtype), topic, profile)

    @staticmethod
    def _publish(publisher: Publisher, message: Any) -> None:
        publisher.publish(bytes(typestore().serialize_cdr(message, message.__msgtype__)))

    def _load_person(self, seed: int) -> None:
        """Simulate the person of a seed from now on."""
        self._scene = Scene(
            seed,
            self._value('activities'),
            self._value('activity_duration'),
            self._value('shuffle'),
            self._value('imu_rate'),
            self._value('camera_rate'),
            (self._value('image_width'), self._value('image_height')),
        )
        self._streams = sensor_streams(self._scene, self._value('audio_chunk'))
        self._next = dict.fromkeys(self._streams, 0)

    def _tick(self, name: str) -> None:
        """Publish the samples that a sensor has completed by now."""
        now = self.get_clock().now().nanoseconds
        if now == 0:
            return
        if self._origin == 0 or now < self._latest:
            self._origin = now
            self._next = dict.fromkeys(self._streams, 0)
        self._latest = now
        self._change_person(now)
        self._publish_label(now)
        stream = self._streams[name]
        ready = stream.complete(now - self._origin)
        oldest = stream.complete(now - self._origin - LATEST)
        if self._value(name):
            for index in range(max(self._next[name], oldest), ready):
                stamp = self._origin + stream.since(index)
                self._publish(self._outputs[name], stream.make(index, stamp))
        self._next[name] = max(ready, self._next[name])

    def _change_person(self, now: int) -> None:
        """Change the person when it is time; stamps continue, the sound without a gap."""
        period = self._value('new_person_every')
        if not period or now - self._origin < period * NANOSECONDS:
            return
        audio = self._streams['audio']
        origin = self._origin + audio.since(audio.complete(now - self._origin))
        done = {
            name: self._origin + stream.since(self._next[name] - 1)
            for name, stream in self._streams.items()
        }
        self._persons += 1
        self._load_person(self._value('seed') + self._persons)
        self._origin = origin
        self._next = {
            name: max(0, int((done[name] - origin) // stream.period) + 1)
            for name, stream in self._streams.items()
        }

    def _publish_label(self, now: int) -> None:
        label = self._scene.label((now - self._origin) / NANOSECONDS)
        if label != self._label:
            self._label = label
            self._publish(self._label_output, messages.text(label))


def main(argv: list[str] | None = None) -> int:
    """Run the node until it is told to stop."""
    return run('simulate', __doc__, Simulate, argv)


if __name__ == '__main__':
    sys.exit(main())
