# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Hand-written inference node: a window by message count, eager torch in the callback."""

from __future__ import annotations

import argparse
from collections import deque
from typing import Any

from bench.inference.checkpoint import Checkpoint
from bench.inference.tutorial import spin, TOPICS
import numpy as np
from numpy.typing import NDArray
from rclpy.node import Node
import torch
from vision_msgs.msg import Classification, ObjectHypothesis


class Inertial:
    """From IMU messages to a model input, acceleration and angular velocity scaled."""

    def __init__(self, acceleration_scale: float, angular_velocity_scale: float) -> None:
        scales = [acceleration_scale] * 3 + [angular_velocity_scale] * 3
        self._scales = np.array(scales, np.float32)

    def read(self, message: Any) -> list[float]:
        """Return a message's six numbers."""
        a, w = message.linear_acceleration, message.angular_velocity
        return [a.x, a.y, a.z, w.x, w.y, w.z]

    def inputs(self, samples: list[list[float]]) -> NDArray[np.float32]:
        """Return (samples, 6)."""
        return np.array(samples, np.float32) / self._scales


class Depth:
    """From depth images to a model input; the person is cut out as in training."""

    def __init__(self, kind: str, height: int, width: int) -> None:
        import cv2  # not for an IMU
        from cv_bridge import CvBridge
        from dcat_ros.modalities.images.person import centred_person

        self._cv2, self._bridge, self._features = cv2, CvBridge(), centred_person
        self._height, self._width = height, width

    def read(self, message: Any) -> NDArray[np.float32]:
        """Return a message's frame in metres, its middle reduced to the model's size."""
        image = self._bridge.imgmsg_to_cv2(message, 'passthrough').astype(np.float32) / 1000.0
        columns = image.shape[0] * self._width // self._height
        left = (image.shape[1] - columns) // 2
        size, area = (self._width, self._height), self._cv2.INTER_AREA
        return self._cv2.resize(image[:, left:left + columns], size, interpolation=area)

    def inputs(self, samples: list[NDArray[np.float32]]) -> NDArray[np.float32]:
        """Return (frames, channels, rows, columns)."""
        return self._features(np.stack(samples))


SENSORS = {'imu': Inertial, 'camera': Depth}


class Recogniser:
    """Classifies a window after every ``checkpoint.every`` messages.

    :param checkpoint: of the network.
    """

    def __init__(self, checkpoint: Checkpoint) -> None:
        self._checkpoint = checkpoint
        self._network = checkpoint.network()
        self._sensor = SENSORS[checkpoint.sensor](**checkpoint.settings)
        self._window: deque[Any] = deque(maxlen=checkpoint.messages)
        self._wait = 0

    def push(self, message: Any) -> Classification | None:
        """Return the classification of the window that a message completes, if any."""
        self._window.append(self._sensor.read(message))
        if len(self._window) < self._checkpoint.messages:
            return None
        if self._wait:
            self._wait -= 1
            return None
        self._wait = self._checkpoint.every - 1
        answer = Classification(header=message.header)
        answer.results = [
            ObjectHypothesis(class_id=label, score=score) for score, label in self._ranked()
        ]
        return answer

    def _ranked(self) -> list[tuple[float, str]]:
        thinning = self._checkpoint.thinning
        samples = list(self._window)[thinning - 1::thinning]
        inputs = torch.from_numpy(self._sensor.inputs(samples))
        with torch.no_grad():
            logits = self._network(inputs.unsqueeze(0)).logits[0]
        scores = torch.softmax(logits / self._checkpoint.temperature, dim=0).tolist()
        return sorted(zip(scores, self._checkpoint.classes, strict=True), reverse=True)


class Peer(Node):
    """Classifies in the callback of its subscription.

    :param name: of the node.
    :param path: of its checkpoint.
    """

    def __init__(self, name: str, path: str) -> None:
        super().__init__(name)
        checkpoint = Checkpoint.load(path)
        self._recogniser = Recogniser(checkpoint)
        self._activity = self.create_publisher(Classification, '~/activity', 10)
        kind, topic, qos = TOPICS[checkpoint.sensor]
        self.create_subscription(kind, topic, self._on_message, qos)

    def _on_message(self, message: Any) -> None:
        answer = self._recogniser.push(message)
        if answer is not None:
            self._activity.publish(answer)


def main() -> int:
    """Classify until Ctrl-C."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('name')
    parser.add_argument('checkpoint')
    parser.add_argument('--threads', type=int, metavar='N', help="of torch (default: torch's)")
    args = parser.parse_args()
    if args.threads:
        torch.set_num_threads(args.threads)
    return spin(lambda: Peer(args.name, args.checkpoint))


if __name__ == '__main__':
    raise SystemExit(main())
