# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Video files: written, read, published over a topic, written to a bag."""

from contextlib import closing

from dcat_ros.bags.reader import BagReader
from dcat_ros.modalities.base import NANOSECONDS
from dcat_ros.modalities.images.pixels import pixels
from dcat_ros.modalities.images.video import VideoReader, VideoWriter
from dcat_ros.nodes import video
import numpy as np
import pytest
from rclpy.executors import SingleThreadedExecutor
from rclpy.qos import qos_profile_sensor_data
from sensor_msgs.msg import Image

RATE, COUNT = 20.0, 12
SHADES = np.linspace(20, 220, COUNT).round()


@pytest.fixture
def film(tmp_path):
    """Return a video that becomes brighter from picture to picture."""
    path = tmp_path / 'film.mp4'
    with closing(VideoWriter(path, RATE)) as writer:
        for index, shade in enumerate(SHADES):
            picture = np.full((48, 64, 3), shade, np.uint8)
            writer.write(10**18 + round(index * NANOSECONDS / RATE), picture)
    return path


def test_pictures_come_back_with_their_times(film):
    with closing(VideoReader(str(film))) as reader:
        found = list(reader)
        assert (reader.rate, reader.count, reader.is_live) == (RATE, COUNT, False)
        reader.rewind()
        assert len(list(reader)) == COUNT
    times, pictures = zip(*found, strict=True)
    assert times == tuple(round(index * NANOSECONDS / RATE) for index in range(COUNT))
    assert np.allclose([picture.mean() for picture in pictures], SHADES, atol=6)


def test_a_pause_repeats_the_picture(tmp_path):
    path = tmp_path / 'film.mp4'
    with closing(VideoWriter(path, 10.0)) as writer:
        for second in (0, 1):
            picture = np.full((48, 64, 3), 100 * second, np.uint8)
            writer.write(10**18 + second * NANOSECONDS, picture)
    with closing(VideoReader(str(path))) as reader:
        assert len(list(reader)) == 11


def test_a_video_becomes_a_bag_and_is_never_overwritten(film, tmp_path, capsys):
    bag = tmp_path / 'bag'
    assert video.main([str(film), '--out', str(bag)]) == 0
    assert f'wrote {COUNT} images' in capsys.readouterr().out
    with BagReader(bag) as reader:
        found = [message for _, message, _ in reader.messages(['/camera/image_raw'])]
    assert [message.encoding for message in found] == ['bgr8'] * COUNT
    assert np.allclose([pixels(message).mean() for message in found], SHADES, atol=6)
    assert video.main([str(film), '--out', str(bag)]) == 1
    assert 'exists already' in capsys.readouterr().err


def test_a_video_is_published(film, context):
    node, received = video.VideoNode(context=context), []
    listener = SingleThreadedExecutor(context=context)
    listener.add_node(node)
    node.create_subscription(
        Image, 'camera/image_raw', received.append, qos_profile_sensor_data
    )
    try:
        with closing(VideoReader(str(film))) as reader:
            while len(received) < 2:
                video.play(reader, node.publish, False, lambda: False)
                for _ in range(2 * COUNT):
                    listener.spin_once(timeout_sec=0.01)
                reader.rewind()
    finally:
        listener.shutdown()
        node.destroy_node()
    assert received[0].encoding == 'bgr8' and (received[0].height, received[0].width) == (48, 64)
    stamps = [message.header.stamp.sec * 10**9 + message.header.stamp.nanosec
              for message in received]
    assert stamps == sorted(set(stamps)) and stamps[0] > 10**18


def test_a_loop_goes_on_until_the_end_is_asked_for(film):
    seen = []
    with closing(VideoReader(str(film))) as reader:
        count = video.play(reader, seen.append, True, lambda: len(seen) == COUNT + 3)
    assert count == len(seen) == COUNT + 3


@pytest.mark.parametrize('source', ['nothing.mp4', __file__, '/dev/video99'])
def test_what_cannot_be_opened_is_named(source, capsys):
    assert video.main([source]) == 1
    assert f'cannot open {source}' in capsys.readouterr().err
