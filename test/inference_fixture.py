# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""A stage for the inference node: real topics, a clock to move, sensors in lockstep."""

import time

from audio_common_msgs.msg import AudioDataStamped, AudioInfo
from dcat_ros.nodes.common.messages import time_message
from dcat_ros.nodes.common.qos import LATCHED
from dcat_ros.nodes.inference.node import InferenceNode
from dcat_ros.nodes.inference.worker import Worker
from diagnostic_msgs.msg import DiagnosticArray
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
Worker.LONGEST_SLEEP = 0.002  # s: the stage waits until each message is taken


class Stage:
    """Publishers of three sensors, listeners of all that the node says, and the node."""

    def __init__(self, context, info_qos=LATCHED, **parameters):
        self.now = EPOCH
        self.live = {'imu', 'camera', 'audio'}
        self.heard = {'activity': [], 'label_info': [], 'diagnostics': []}
        self.levels = {'imu': 0.0, 'camera': 0, 'audio': 0.0}
        self.executor = SingleThreadedExecutor(context=context)
        values = {'use_sim_time': True, 'stale_timeout': 10.0, 'smoothing': 0.0, **parameters}
        overrides = [Parameter(name, value=value) for name, value in values.items()]
        self.others = Node('sensors', context=context)
        self.clock = self.others.create_publisher(Clock, '/clock', 10)
        self.publishers = {
            'imu': self.others.create_publisher(Imu, 'imu/data', qos_profile_sensor_data),
            'camera': self.others.create_publisher(
                Image, 'camera/image_raw', qos_profile_sensor_data
            ),
            'audio': self.others.create_publisher(AudioDataStamped, 'audio/audio_stamped', 50),
        }
        self.info = self.others.create_publisher(AudioInfo, 'audio/audio_info', info_qos)
        self.describe_audio()
        for name, kind, topic, qos in (
            ('activity', Classification, '/inference/activity', 1000),
            ('label_info', LabelInfo, '/inference/label_info', LATCHED),
            ('diagnostics', DiagnosticArray, '/diagnostics', 100),
        ):
            self.others.create_subscription(kind, topic, self.heard[name].append, qos)
        self.executor.add_node(self.others)
        self.node = InferenceNode(context=context, parameter_overrides=overrides)
        self.executor.add_node(self.node)
        self.tick()

    def describe_audio(self):
        self.info.publish(AudioInfo(
            channels=1, sample_rate=16000, sample_format='S16LE', coding_format='wave'
        ))

    def close(self):
        self.executor.shutdown()
        self.node.destroy_node()
        self.others.destroy_node()

    def until(self, condition):
        """Let callbacks run until something holds."""
        deadline = time.monotonic() + DEADLINE
        while not condition():
            assert time.monotonic() < deadline, {k: len(v) for k, v in self.heard.items()}
            self.executor.spin_once(timeout_sec=0.02)

    def tick(self, now=None):
        """Move the clock, by a step or to a time, and wait until the node has heard of it."""
        self.now = now or self.now + STEP
        self.clock.publish(Clock(clock=time_message(self.now)))
        clock = self.node.get_clock()
        self.until(lambda: clock.now().nanoseconds == self.now or self._tell_time())

    def _tell_time(self):
        self.clock.publish(Clock(clock=time_message(self.now)))

    def play(self, seconds):
        """Let the live sensors deliver for a while, each message taken before the next is sent.

        A best-effort message may be lost while two ends still discover each other; it is sent
        again, and the node leaves a repeated stamp out.
        """
        before = len(self.heard['activity'])
        for _ in range(round(seconds * 1e9 / STEP)):
            self.tick()
            for name in sorted(self.live):
                self.deliver(name, self._message(name))
        return self.heard['activity'][before:]

    def deliver(self, name, message):
        """Send a message of the present time, if anybody listens, until the node has taken it."""
        publisher = self.publishers[name]
        if not publisher.get_subscription_count():
            return
        while not self._taken(name):
            publisher.publish(message)
            for _ in range(10):
                if not self._taken(name):
                    self.executor.spin_once(timeout_sec=0.02)

    def _taken(self, name):
        """Tell whether the newest message was taken, or nobody listens any more."""
        sources = {source.name: source for source in self.node.engine.needed}
        if name not in sources:
            return True
        last = sources[name].last_stamp
        return last is not None and 0 <= last - self.now < 10**9

    def _message(self, name):
        if name == 'imu':
            message = Imu()
            level = self.levels['imu']
            message.linear_acceleration.x = message.linear_acceleration.y = level
            message.linear_acceleration.z = level
        elif name == 'camera':
            pixels = np.zeros((48, 64), np.uint8)
            pixels[:, :32] = self.levels['camera'] if (self.now // STEP) % 2 else 0
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

    def listening(self, *names):
        """Tell whether the node subscribes to exactly these sensors."""
        return {
            name for name, publisher in self.publishers.items()
            if publisher.get_subscription_count()
        } == set(names)

    def status(self, name):
        """Return the newest diagnostic status of one part of the node, once there is a new one."""
        self.heard['diagnostics'].clear()
        self.until(lambda: any(self._find(name)))
        return self._find(name)[-1]

    def _find(self, name):
        return [
            status
            for message in self.heard['diagnostics'] for status in message.status
            if status.name == f'inference: {name}'
        ]


def stamp(message):
    """Return a message's header stamp in ns."""
    return message.header.stamp.sec * 10**9 + message.header.stamp.nanosec
