# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Null node: subscribes like the recorder, counts the messages, and discards them."""

from __future__ import annotations

import argparse
from collections import Counter
from functools import partial
import json

from dcat_ros.modalities import MODALITIES
from dcat_ros.nodes.common.messages import message_class
from dcat_ros.nodes.common.run import run
from dcat_ros.nodes.recorder.subscriptions import DEPTH, IMAGE_DEPTH
from dcat_ros.recording.resources import keep_freed_memory
from rclpy.node import Node
from rclpy.qos import QoSProfile, ReliabilityPolicy

QOS = {
    'imu': QoSProfile(depth=DEPTH),
    'camera': QoSProfile(depth=IMAGE_DEPTH, reliability=ReliabilityPolicy.BEST_EFFORT),
    'audio': QoSProfile(depth=DEPTH),
}


class Null(Node):
    """Counts the messages of each sensor.

    :param counts: gets the numbers.
    """

    def __init__(self, counts: Counter[str]) -> None:
        super().__init__('null')
        self._counts = counts
        for sensor, qos in QOS.items():
            modality = MODALITIES[sensor]
            self.create_subscription(
                message_class(modality.message_types[0]), modality.topic,
                partial(self._on_message, sensor), qos, raw=True,
            )

    def _on_message(self, sensor: str, raw: bytes) -> None:
        self._counts[sensor] += 1


def main() -> int:
    """Spin until Ctrl-C, then print the counts as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--keep-freed-memory', action='store_true')
    if parser.parse_args().keep_freed_memory:
        keep_freed_memory()
    counts: Counter[str] = Counter()
    status = run('null', __doc__, lambda: Null(counts), [])
    print(json.dumps(counts))
    return status


if __name__ == '__main__':
    raise SystemExit(main())
