# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Publish a video as a camera does, 640 x 480, on a fixed schedule, without end."""

from __future__ import annotations

import argparse
from itertools import cycle
import time

from bench.common.messages import SECOND
from bench.inference.publisher import announce_often, end_of_input, schedule
from bench.inference.tutorial import TOPICS
import cv2
from dcat_ros.modalities.images.video import VideoReader
from dcat_ros.nodes.common.images import bgr_image
import rclpy
from rclpy.node import Node
from rclpy.qos import qos_profile_sensor_data
from rclpy.signals import SignalHandlerOptions
from sensor_msgs.msg import Image

SIZE = 640, 480


def messages(video: str) -> list[Image]:
    """Return the pictures of a video, forwards and then backwards, so that a loop has no jump."""
    found = []
    for _, picture in VideoReader(video):
        message = bgr_image(cv2.resize(picture, SIZE))
        message.header.frame_id = 'camera'
        found.append(message)
    return found + found[-2:0:-1]


def main() -> int:
    """Publish until the end of the input."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('video')
    parser.add_argument('rate', type=int)
    args = parser.parse_args()
    end = end_of_input()
    announce_often()
    rclpy.init(signal_handler_options=SignalHandlerOptions.NO)
    node = Node('camera')
    images = node.create_publisher(*TOPICS['camera'][:2], qos_profile_sensor_data)
    start = time.monotonic_ns()
    due_times = schedule({'camera': args.rate})
    for message, (due, _) in zip(cycle(messages(args.video)), due_times, strict=False):
        early = start + due - time.monotonic_ns()
        time.sleep(max(0, early) / SECOND)
        if end.is_set():
            break
        message.header.stamp = node.get_clock().now().to_msg()
        images.publish(message)
    node.destroy_node()
    rclpy.try_shutdown()
    return 0


if __name__ == '__main__':
    raise SystemExit(main())
