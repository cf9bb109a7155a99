# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""The inference node on real topics, with sensors that deliver as a simulated clock moves."""

import time

from audio_common_msgs.msg import AudioDataStamped, AudioInfo
from dcat_ros.nodes.common.messages import time_message
from dcat_ros.nodes.common.qos import LATCHED
from dcat_ros.nodes.inference.node import InferenceNode
from dcat_ros.nodes.inference.worker import Worker
from diagnostic_msgs.msg import DiagnosticArray
from geometry_msgs.msg import PoseArray
import numpy as np
from rclpy.executors import SingleThreadedExecutor
from rclpy.node import Node
from rclpy.parameter import Parameter
from rclpy.qos import qos_profile_sensor_data
from rosgraph_msgs.msg import Clock
from sensor_msgs.msg import Image, Imu
from vision_msgs.msg import Classification, LabelInfo

EPOCH = 1_700_000_000_000_000_000
STEP = 20_000_000
DEADLINE = 60.0
Worker.LONGEST_SLEEP = 0.002  # s: the fixture waits until each message is processed


class InferenceFixture:
    """The node, publishers of its sensors, and all messages that the node publishes.

    :param named: modality and topic of sensors with names of their own.
    """

    def __init__(self, context, info_qos=LATCHED, named=None, **parameters):
        named = named or {}
        self.modalities = {name: modality for name, (modality, _) in named.items()}
        self.now = EPOCH
        self.live = {'imu', 'camera', 'audio'}
        self.received = {'activity': [], 'label_info': [], 'diagnostics': []}
        self.levels = {'imu': 0.0, 'camera': 0, 'audio': 0.0}
        self.executor = SingleThreadedExecutor(context=context)
        values = {'use_sim_time': True, 'stale_timeout': 10.0, 'smoothing': 0.0, **parameters}
        overrides = [Parameter(name, value=value) for name, value in values.items()]
        self.sensor_node = node = Node('sensors', context=context)
        self.clock = node.create_publisher(Clock, '/clock', 10)
        self.publishers = {
            'imu': node.create_publisher(Imu, 'imu/data', qos_profile_sensor_data),
            'camera': node.create_publisher(Image, 'camera/image_raw', qos_profile_sensor_data),
            'audio': node.create_publisher(AudioDataStamped, 'audio/audio_stamped', 50),
        }
        for name, (modality, topic) in named.items():
            self.levels[name] = 0.0 if modality == 'imu' else 0
            kind = {'imu': Imu, 'camera': Image}[modality]
            self.publishers[name] = node.create_publisher(kind, topic, qos_profile_sensor_data)
        if parameters.get('modality') == 'skeleton':
            self.publishers['skeleton'] = node.create_publisher(PoseArray, 'skeleton', 50)
        self.audio_info = node.create_publisher(AudioInfo, 'audio/audio_info', info_qos)
        self.publish_audio_info()
        for name, kind, topic, qos in (
            ('activity', Classification, '/inference/activity', 1000),
            ('label_info', LabelInfo, '/inference/label_info', LATCHED),
            ('diagnostics', DiagnosticArray, '/diagnostics', 100),
        ):
            node.create_subscription(kind, topic, self.received[name].append, qos)
        self.executor.add_node(node)
        self.node = InferenceNode(context=context, parameter_overrides=overrides)
        self.executor.add_node(self.node)
        self.tick()

    def publish_audio_info(self):
        self.audio_info.publish(AudioInfo(
            channels=1, sample_rate=16000, sample_format='S16LE', coding_format='wave'
        ))

    def close(self):
        self.executor.shutdown()
        self.node.destroy_node()
        self.sensor_node.destroy_node()

    def until(self, condition):
        """Run callbacks until a condition is true."""
        deadline = time.monotonic() + DEADLINE
        while not condition():
            assert time.monotonic() < deadline, {k: len(v) for k, v in self.received.items()}
            self.executor.spin_once(timeout_sec=0.02)

    def tick(self, now=None):
        """Move the clock, by a step or to a time, and wait until the node has received it."""
        self.now = now or self.now + STEP
        clock, time_now = self.node.get_clock(), Clock(clock=time_message(self.now))
        self.until(
            lambda: clock.now().nanoseconds == self.now or self.clock.publish(time_now)
        )

    def play(self, seconds):
        """Let the live sensors deliver for some seconds; return the answers.

        Each message is processed before the next is sent. A best-effort message may be lost during
        discovery; then it is sent again, and the node drops a repeated stamp.
        """
        before = len(self.received['activity'])
        for _ in range(round(seconds * 1e9 / STEP)):
            self.tick()
            for name in sorted(self.live):
                self.deliver(name, self.message(name))
        return self.received['activity'][before:]

    def deliver(self, name, message):
        """Send a message of the present time until the node has processed it, if it subscribes."""
        publisher = self.publishers[name]
        if not publisher.get_subscription_count():
            return
        while not self._processed(name):
            publisher.publish(message)
            for _ in range(10):
                if not self._processed(name):
                    self.executor.spin_once(timeout_sec=0.02)

    def _processed(self, name):
        """Tell whether the newest message was processed or is no longer needed."""
        sources = {source.name: source for source in self.node.engine.needed}
        if name not in sources:
            return True
        last = sources[name].stream.last_stamp
        return last is not None and 0 <= last - self.now < 10**9

    def message(self, name):
        modality = self.modalities.get(name, name)
        if modality == 'imu':
            message = Imu()
            level = self.levels[name]
            message.linear_acceleration.x = message.linear_acceleration.y = level
            message.linear_acceleration.z = level or 9.80665
        elif modality == 'camera':
            pixels = np.zeros((48, 64), np.uint8)
            pixels[:, :32] = self.levels[name] if (self.now // STEP) % 2 else 0
            message = Image(height=48, width=64, step=64, encoding='mono8', data=pixels.tobytes())
        else:
            samples = np.full(320, 1000 * self.levels['audio'], '<i2')
            message = AudioDataStamped()
            message.audio.data = samples.tobytes()
        message.header.stamp = time_message(self.now)
        message.header.frame_id = f'{name}_frame'
        return message

    def set(self, **parameters):
        """Set parameters (`imu__bundle` for imu.bundle) and return the first refusal, or ''."""
        changes = [
            Parameter(name.replace('__', '.'), value=value) for name, value in parameters.items()
        ]
        result = self.node.set_parameters_atomically(changes)
        return '' if result.successful else result.reason

    def subscribed_to(self, *names):
        """Tell whether the node subscribes to these sensors and no others."""
        return {
            name for name, publisher in self.publishers.items()
            if publisher.get_subscription_count()
        } == set(names)

    def status(self, name):
        """Return the next diagnostic status of one part of the node."""
        self.received['diagnostics'].clear()
        self.until(lambda: any(self._find(name)))
        return self._find(name)[-1]

    def _find(self, name):
        return [
            status
            for message in self.received['diagnostics'] for status in message.status
            if status.name == f'inference: {name}'
        ]


def stamp(message):
    """Return a message's header stamp in ns."""
    return message.header.stamp.sec * 10**9 + message.header.stamp.nanosec
