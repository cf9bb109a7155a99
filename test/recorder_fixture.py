# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""A fixture for the recorder: sensors over real topics, and an operator who calls its services."""

import json
import time

from dcat_ros.bags import messages
from dcat_ros.bags.reader import BagReader
from dcat_ros.bags.types import typestore
from dcat_ros.nodes.common.messages import message_class
from dcat_ros.nodes.common.qos import LATCHED
from dcat_ros.nodes.recorder.node import RecorderNode
from diagnostic_msgs.msg import DiagnosticArray
import numpy as np
from plausible_imu import sample
from rclpy.executors import SingleThreadedExecutor
from rclpy.node import Node
from rclpy.parameter import Parameter
from rclpy.qos import QoSProfile
from std_srvs.srv import Trigger

DEADLINE = 60.0
IMU, CAMERA = '/imu/data', '/camera/image_raw'
AUDIO, INFO = '/audio/audio_stamped', '/audio/audio_info'
LABEL = '/recorder/label'
TYPES = {
    IMU: 'sensor_msgs/msg/Imu',
    CAMERA: 'sensor_msgs/msg/Image',
    AUDIO: 'audio_common_msgs/msg/AudioDataStamped',
    INFO: 'audio_common_msgs/msg/AudioInfo',
    LABEL: 'std_msgs/msg/String',
}


def serialised(message):
    return bytes(typestore().serialize_cdr(message, message.__msgtype__))


def imu(stamp, value=0.0):
    return serialised(messages.imu(stamp, 'wrist', sample(value)))


def image(stamp, size=(12, 16), rng=None):
    pixels = (rng or np.random.default_rng(stamp % 2**32)).integers(0, 255, (*size, 3), np.uint8)
    return serialised(messages.image(stamp, 'eye', 'bgr8', pixels))


def sound(stamp):
    return serialised(messages.audio(stamp, 'ear', np.arange(160, dtype=np.int16)))


class Sensors:
    """Publishers by topic, which keep what they sent."""

    def __init__(self, context):
        self.context = context
        self.node = Node('sensors', context=context)
        self.executor = SingleThreadedExecutor(context=context)
        self.executor.add_node(self.node)
        self.publishers = {}
        self.sent = {}
        self.diagnostics = []
        self.node.create_subscription(
            DiagnosticArray, '/diagnostics', self.diagnostics.append, 100
        )

    def close(self):
        self.executor.shutdown()
        self.node.destroy_node()

    def until(self, condition, say=lambda: ''):
        deadline = time.monotonic() + DEADLINE
        while not (found := condition()):
            assert time.monotonic() < deadline, say()
            self.executor.spin_once(timeout_sec=0.01)
        return found

    def offer(self, topic, type_name=None, qos=None, listeners=1):
        """Publish on a topic from now on, once somebody listens; return the publisher."""
        kind = message_class(type_name or TYPES[topic])
        latched = topic in (INFO, LABEL)
        publisher = self.node.create_publisher(
            kind, topic, qos or (LATCHED if latched else QoSProfile(depth=2000))
        )
        self.publishers[topic] = publisher
        self.sent.setdefault(topic, [])
        self.until(lambda: publisher.get_subscription_count() >= listeners)
        return publisher

    def send(self, topic, raw):
        self.sent[topic].append(raw)
        self.publishers[topic].publish(raw)

    def call(self, service):
        """Call a Trigger service; return whether it succeeded, and what it said."""
        client = self.node.create_client(Trigger, f'/recorder/{service}')
        self.until(client.service_is_ready)
        future = client.call_async(Trigger.Request())
        self.until(future.done)
        self.node.destroy_client(client)
        return future.result().success, future.result().message

    def status(self, part, accept=lambda status: True):
        """Return the newest diagnostic status of a part of the recorder that is as wanted."""
        self.diagnostics.clear()
        name = f'recorder: {part}'

        def found():
            return [
                status for message in self.diagnostics for status in message.status
                if status.name == name and accept(status)
            ]

        return self.until(found, lambda: [m.status for m in self.diagnostics[-1:]])[-1]


class RecorderFixture(Sensors):
    """Sensors, and a recorder in the same process."""

    def __init__(self, context, output, **parameters):
        super().__init__(context)
        values = {
            'output': str(output), 'subject': 's1', 'session': 'one', 'report': False,
            'least_free_space': 0, **parameters,
        }
        overrides = [Parameter(name, value=value) for name, value in values.items()]
        self.recorder = RecorderNode(context=context, parameter_overrides=overrides)
        self.executor.add_node(self.recorder)
        self.recorder.autostart()

    def close(self):
        self.recorder.destroy_node()
        super().close()

    def recorded_topic(self, topic):
        return next(found for found in self.recorder.recorded_topics if found.name == topic)

    def wait_until_received(self, *topics):
        """Wait until the recorder has received all that was sent on some topics, or on all."""
        for topic in topics or self.sent:
            rates, sent = self.recorded_topic(topic).rates, self.sent[topic]
            self.until(
                lambda rates=rates, sent=sent: rates.count >= len(sent),
                lambda rates=rates, sent=sent, topic=topic: (topic, rates.count, len(sent)),
            )

    def set(self, **parameters):
        """Set parameters and return the first refusal, or ''."""
        changes = [Parameter(name, value=value) for name, value in parameters.items()]
        result = self.recorder.set_parameters_atomically(changes)
        return '' if result.successful else result.reason


def recorded(bag):
    """Return the messages of a bag by topic, in the order of reading, with their bag times."""
    found = {}
    with BagReader(bag) as reader:
        for topic, data, stamp in reader.raw():
            found.setdefault(topic, []).append((data, stamp))
    return found


def contents(bag):
    """Return the messages of a bag by topic."""
    return {topic: [data for data, _ in rows] for topic, rows in recorded(bag).items()}


def reported(bag):
    """Return custom_data of a bag, with what is JSON in it read."""
    with BagReader(bag) as reader:
        custom = reader.custom
    return custom | {key: json.loads(custom[key]) for key in ('topics', 'pairing')}
