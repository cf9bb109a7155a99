# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Node written by hand: mediapipe's Python solution on every image, torch in the callback."""

from __future__ import annotations

import argparse
from collections import deque
from typing import Any

from bench.inference.checkpoint import Checkpoint
from bench.inference.tutorial import spin, TOPICS
from dcat_ros.modalities.skeleton import Skeleton
import mediapipe
import numpy as np
from rclpy.node import Node
import torch
from vision_msgs.msg import Classification, ObjectHypothesis

POINTS = [0, 11, 12, 13, 14, 15, 16, 23, 24, 25, 26, 27, 28]
LEAST_VISIBILITY = 0.5
SECONDS, STRIDE = 2.0, 0.25


class Peer(Node):
    """Finds the body in each image, and classifies a window after every few."""

    def __init__(self, path: str, rate: int) -> None:
        super().__init__('node')
        self._checkpoint = Checkpoint.load(path)
        self._network = self._checkpoint.network()
        self._pose = mediapipe.solutions.pose.Pose(model_complexity=1)
        self._window: deque[Any] = deque(maxlen=round(SECONDS * rate))
        self._every, self._wait = round(STRIDE * rate), 0
        self._activity = self.create_publisher(Classification, '~/activity', 10)
        kind, topic, qos = TOPICS['camera']
        self.create_subscription(kind, topic, self._on_image, qos)

    def _on_image(self, message: Any) -> None:
        image = np.frombuffer(message.data, np.uint8).reshape(message.height, message.width, 3)
        found = self._pose.process(image[:, :, ::-1]).pose_world_landmarks
        joints = np.zeros((len(POINTS), 4), np.float32)
        if found:
            for row, index in enumerate(POINTS):
                point = found.landmark[index]
                joints[row] = point.x, point.y, point.z, point.visibility > LEAST_VISIBILITY
        self._window.append(joints)
        self._wait -= 1
        if len(self._window) < self._window.maxlen or self._wait > 0:
            return
        self._wait = self._every
        size = self._checkpoint.shape[0]
        chosen = np.linspace(0, len(self._window) - 1, size).round().astype(int)
        features = Skeleton().features(np.array(self._window)[chosen])
        with torch.no_grad():
            logits = self._network(torch.from_numpy(features)[None]).logits[0]
        scores = torch.softmax(logits / self._checkpoint.temperature, dim=0).tolist()
        ranked = sorted(zip(scores, self._checkpoint.classes, strict=True), reverse=True)
        answer = Classification(header=message.header)
        answer.results = [
            ObjectHypothesis(class_id=label, score=score) for score, label in ranked
        ]
        self._activity.publish(answer)


def main() -> int:
    """Classify until Ctrl-C."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('checkpoint')
    parser.add_argument('rate', type=int)
    args = parser.parse_args()
    return spin(lambda: Peer(args.checkpoint, args.rate))


if __name__ == '__main__':
    raise SystemExit(main())
