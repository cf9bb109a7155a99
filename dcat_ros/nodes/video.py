# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Publish a video file or a webcam as sensor_msgs/Image, or write it to a bag.

The images are bgr8 on `camera/image_raw`, stamped by the clock of the node; `--ros-args -r
camera/image_raw:=/front/image` remaps them. With --out they are written to a bag instead, a file
as fast as it can be read.

    dcat video film.mp4 --loop
    dcat video 0 --out bags/me                 # the first webcam, until Ctrl-C
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
import sys
import time
from typing import Any

from dcat_ros.bags import messages
from dcat_ros.bags.writer import BagWriter
from dcat_ros.modalities.base import NANOSECONDS
from dcat_ros.modalities.camera import Camera
from dcat_ros.modalities.images.video import VideoReader
from dcat_ros.nodes.common.images import bgr_image
from dcat_ros.nodes.common.run import collect_signals, ignore_signals, initialise
import numpy as np
from numpy.typing import NDArray
import rclpy
from rclpy.node import Node
from rich.console import Console
from rich.progress import Progress
from sensor_msgs.msg import Image

DEPTH = 5
"""Images that wait for a slow subscriber. They are reliable: large ones are often lost else."""
FRAME_ID = 'camera_optical_frame'


class VideoNode(Node):
    """Publishes pictures."""

    def __init__(self, **node_options: Any) -> None:
        super().__init__('video', start_parameter_services=False, **node_options)
        self._images = self.create_publisher(Image, Camera.topic, DEPTH)

    def publish(self, picture: NDArray[np.uint8]) -> None:
        """Publish a picture (rows, columns, 3) of blue, green, red."""
        message = bgr_image(picture)
        message.header.frame_id = FRAME_ID
        message.header.stamp = self.get_clock().now().to_msg()
        self._images.publish(message)


def play(
    video: VideoReader,
    publish: Callable[[NDArray[np.uint8]], None],
    loop: bool,
    is_ended: Callable[[], bool],
) -> int:
    """Publish a video at its own rate, a camera as its pictures come; return how many.

    :param loop: whether to start a file again at its end.
    :param is_ended: tells whether to stop.
    """
    count = 0
    while True:
        began = time.monotonic()
        for at, picture in video:
            wait = 0.0 if video.is_live else began + at / NANOSECONDS - time.monotonic()
            time.sleep(max(0.0, wait))
            if is_ended():
                return count
            publish(picture)
            count += 1
        if video.is_live or not loop:
            return count
        video.rewind()


def record(
    video: VideoReader, path: Path, is_ended: Callable[[], bool], progress: Progress
) -> int:
    """Write a video to a bag; return the number of images.

    :raises FileExistsError: if something exists at `path`.
    """
    start, count = time.time_ns(), 0
    task = progress.add_task(f'writing {path}', total=video.count or None)
    with BagWriter(path, {'source': 'video'}) as bag:
        for at, picture in video:
            if is_ended():
                break
            stamp = time.time_ns() if video.is_live else start + at
            bag.write(
                f'/{Camera.topic}', messages.image(stamp, FRAME_ID, 'bgr8', picture), stamp
            )
            count += 1
            progress.update(task, completed=count)
    return count


def parse(argv: list[str]) -> argparse.Namespace:
    """Parse the command line without its ROS arguments."""
    parser = argparse.ArgumentParser(
        prog='video', description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add = parser.add_argument
    add('source', metavar='FILE|DEVICE', help='a video file, or a camera such as 0 or /dev/video0')
    add('-l', '--loop', action='store_true', help='start a file again at its end')
    add('--out', type=Path, metavar='BAG', help='write this bag, and publish nothing')
    args = parser.parse_args(argv)
    if args.loop and args.out:
        parser.error('--loop would never end a bag: leave it or --out out')
    return args


def main(argv: list[str] | None = None) -> int:
    """Publish or write; return 0 at the end or on Ctrl-C, 1 if that cannot be done."""
    argv = sys.argv if argv is None else ['video', *argv]
    signals = collect_signals()
    with ExitStack() as stack:
        args = initialise(argv, parse)
        stack.callback(ignore_signals)
        stack.callback(rclpy.try_shutdown)
        try:
            video = VideoReader(args.source)
            stack.callback(video.close)
            if args.out is not None:
                console = Console(stderr=True, soft_wrap=True, highlight=False)
                with Progress(console=console, transient=True) as progress:
                    count = record(video, args.out, lambda: bool(signals), progress)
                print(f'wrote {count} images to {args.out}' if count else 'the video is empty')
                return 0 if count else 1
            node = VideoNode()
            stack.callback(node.destroy_node)
            node.get_logger().info(f'publishing {args.source} at {video.rate:.4g} Hz')
            count = play(video, node.publish, args.loop, lambda: bool(signals))
            node.get_logger().info(f'published {count} images')
            return 0
        except OSError as error:
            print(f'error: {error}', file=sys.stderr)
            return 1


if __name__ == '__main__':
    sys.exit(main())
