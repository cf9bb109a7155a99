# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Colour images become skeletons: weights, the person in real clips, and answers over a topic."""

from array import array
from pathlib import Path

import cv2
from dcat_ros.bags import messages
from dcat_ros.bundles import Bundle, BundleError
from dcat_ros.commands import fetch_pose
from dcat_ros.modalities import create, DecodeError
from dcat_ros.modalities.images.pose_weights import (
    cache_directory,
    DETECTION,
    find_weights,
    WeightsError,
)
from inference_fixture import InferenceFixture
import numpy as np
import pytest
from repository import SHARED
from sensor_msgs.msg import Image

CLIPS = SHARED / 'data' / 'rgb_gestures'
FRAME = 10**9 // 30

pytest.importorskip('ai_edge_litert', reason='needs LiteRT')
needs_clips = pytest.mark.skipif(not CLIPS.is_dir(), reason='needs clips in ../shared/data')


@pytest.fixture(scope='module')
def weights():
    """Fetch the weights as a user does."""
    if fetch_pose.main([]):
        pytest.skip('the weights cannot be fetched')


@pytest.fixture
def empty_cache(tmp_path, monkeypatch):
    monkeypatch.setenv('XDG_CACHE_HOME', str(tmp_path / 'cache'))


def pictures(name):
    """Yield the frames of a clip."""
    clip = cv2.VideoCapture(str(CLIPS / f'{name}.avi'))
    while (read := clip.read())[0]:
        yield read[1]


def image(frame, stamp, encoding='bgr8'):
    rows, columns = frame.shape[:2]
    message = Image(height=rows, width=columns, encoding=encoding, step=frame.strides[0])
    message.data = array('B', frame.tobytes())
    message.header.stamp.sec, message.header.stamp.nanosec = divmod(stamp, 10**9)
    return message


def pose_decoder():
    return create('camera', {'kind': 'pose'}).decoder()


def test_without_weights_there_is_one_clear_sentence(empty_cache):
    with pytest.raises(WeightsError, match=r'is missing: run `dcat fetch_pose`.*without network'):
        pose_decoder()


def test_weights_are_taken_from_a_copy_and_checked(weights, tmp_path, monkeypatch, capsys):
    kept = cache_directory()
    monkeypatch.setenv('XDG_CACHE_HOME', str(tmp_path / 'cache'))
    assert fetch_pose.main(['--source', str(kept)]) == 0
    altered = find_weights(DETECTION)
    altered.write_bytes(altered.read_bytes()[:-1])
    with pytest.raises(WeightsError, match='is not the file of BlazePose'):
        find_weights(DETECTION)
    (tmp_path / 'text').write_text('text')
    assert fetch_pose.main(['--source', str(tmp_path / 'text')]) == 1
    assert 'is no wheel, npm package, folder' in capsys.readouterr().err
    assert fetch_pose.main(['--source', str(tmp_path)]) == 1
    assert 'no weights of detection' in capsys.readouterr().err


def test_a_bundle_for_skeletons_serves_a_camera_and_no_other_sensor():
    bundle = Bundle.load('pose_utd_mhad')
    bundle.serve('camera')
    assert bundle.modality == create('camera', {'kind': 'pose'})
    with pytest.raises(BundleError, match='is for skeleton, not for imu'):
        Bundle.load('pose_utd_mhad').serve('imu')


def test_nobody_in_view_is_a_sample_without_joints(weights):
    noise = np.random.default_rng(0).integers(0, 255, (240, 320, 3), np.uint8)
    assert not pose_decoder().decode(image(noise, FRAME)).values.any()


def test_depth_is_refused(weights):
    with pytest.raises(DecodeError, match='pose takes colour or grey'):
        pose_decoder().decode(image(np.ones((48, 64), np.uint16), FRAME, '16UC1'))


@needs_clips
def test_a_camera_gives_the_features_of_the_same_skeleton(weights):
    camera, skeleton = create('camera', {'kind': 'pose'}), create('skeleton', {})
    decoder, other = camera.decoder(), skeleton.decoder()
    window = []
    for index, frame in zip(range(20), pictures('PS7A2P1T1'), strict=False):
        sample = decoder.decode(image(frame, 10**18 + index * FRAME))
        joints = sample.values[0]
        points = np.where(joints[:, 3:] > 0, joints[:, :3], np.nan).astype(float)
        twin = other.decode(messages.poses(10**18 + index * FRAME, 'camera', points))
        assert np.array_equal(twin.values, sample.values)
        assert joints[:7, 3].all(), 'arms, shoulders and head are in view'
        window.append(joints)
    left_shoulder, right_shoulder = np.array(window)[:, 1:3, 0].T
    assert (left_shoulder > right_shoulder).all(), 'she faces the camera'
    assert np.array_equal(
        camera.features(np.array(window)), skeleton.features(np.array(window))
    )


@needs_clips
def test_an_upside_down_camera_is_turned_by_its_parameter(weights):
    from dcat_ros.modalities import create_format
    frame = next(pictures('PS7A2P1T1'))
    upright = pose_decoder().decode(image(frame, FRAME)).values
    turned = create('camera', {'kind': 'pose'}).decoder(create_format('camera', {'rotation': 180}))
    found = turned.decode(image(np.ascontiguousarray(frame[::-1, ::-1]), FRAME)).values
    assert np.array_equal(found, upright)


@needs_clips
@pytest.mark.parametrize(('clip', 'named'), [
    ('PS7A1P1T1', set()), ('PS7A2P1T1', {'wave'}), ('PS7A3P1T1', set()),
])
def test_waving_is_named_over_a_topic_and_other_gestures_are_not(weights, context, clip, named):
    inference = InferenceFixture(
        context, modality='camera', **{'camera.bundle': 'pose_utd_mhad'}
    )
    try:
        inference.node.autostart()
        inference.until(lambda: inference.subscribed_to('camera'))
        start = inference.now + FRAME
        for index, frame in enumerate(pictures(clip)):
            inference.tick(start + index * FRAME)
            inference.deliver('camera', image(frame, start + index * FRAME))
        answers = inference.received['activity']
        assert len(answers) > 1
        assert {answer.results[0].class_id for answer in answers} - {'unknown'} == named
    finally:
        inference.close()


def test_the_cache_is_the_users(monkeypatch):
    monkeypatch.delenv('XDG_CACHE_HOME', raising=False)
    assert cache_directory() == Path('~/.cache/dcat_ros/pose').expanduser()
