# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Colour images become skeletons: weights, the person in real clips, and answers over a topic."""

from array import array
from pathlib import Path

import cv2
from dcat_ros.bags import messages
from dcat_ros.bundles import Bundle, BundleError
from dcat_ros.commands import fetch_pose
from dcat_ros.modalities import create, create_format, DecodeError
from dcat_ros.modalities.images.pose_weights import (
    cache_directory,
    DETECTION,
    find_weights,
    WeightsError,
)
from hri_msgs.msg import Skeleton2D
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


def pose_decoder(**given):
    return create('camera', {'kind': 'pose'}).decoder(create_format('camera', given))


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
    decoder, other = pose_decoder(pose_rate=0.0), skeleton.decoder()
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
    frame = next(pictures('PS7A2P1T1'))
    upright = pose_decoder().decode(image(frame, FRAME)).values
    turned = image(np.ascontiguousarray(frame[::-1, ::-1]), FRAME)
    found = pose_decoder(rotation=180).decode(turned).values
    assert np.array_equal(found, upright)


@needs_clips
@pytest.mark.parametrize(('clip', 'named'), [
    ('PS7A1P1T1', set()), ('PS7A2P1T1', {'wave'}), ('PS7A3P1T1', set()),
])
def test_waving_is_named_over_a_topic_and_other_gestures_are_not(weights, context, clip, named):
    inference = InferenceFixture(
        context, modality='camera', smoothing=0.3, **{'camera.pose_rate': 0.0}
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


@needs_clips
def test_no_more_poses_a_second_than_asked_for(weights):
    decoder = pose_decoder(pose_rate=10.0)
    frame = next(pictures('PS7A2P1T1'))
    found = [decoder.decode(image(frame, 10**18 + index * FRAME)) for index in range(9)]
    assert [sample is not None for sample in found] == [True, False, False] * 3
    assert decoder.decode(image(frame, 10**18)) is not None, 'the clock went back'


@needs_clips
def test_the_largest_person_is_followed_and_the_others_are_counted(weights):
    decoder = pose_decoder()
    near, far = (next(pictures(name)) for name in ('PS7A2P1T1', 'PS7A1P1T1'))
    both = np.zeros((480, 1000, 3), np.uint8)
    both[60:420, :480], both[:, 480:] = cv2.resize(far, (480, 360)), near[:, 60:580]
    views = []
    decoder.watch = views.append
    for index in range(8):
        decoder.decode(image(both, 10**18 + index * 10**9 // 4))
    assert decoder.others == 1
    assert all(view.body.points[0, 0] > 480 for view in views)
    both[:, 480:] = 0
    decoder.decode(image(both, 10**18 + 2 * 10**9))
    assert decoder.others == 0
    assert views[-1].body.points[0, 0] < 480, 'the other one, once the first has left'


@needs_clips
@pytest.mark.parametrize('rotation', [0, 90, 180, 270])
def test_overlay_and_skeleton_are_published_for_those_who_subscribe(
    weights, context, monkeypatch, rotation
):
    from dcat_ros.nodes.inference import body_output
    drawn = []
    draw = body_output.draw
    monkeypatch.setattr(body_output, 'draw', lambda *args: drawn.append(args) or draw(*args))
    inference = InferenceFixture(
        context, modality='camera', **{'camera.rotation': rotation, 'camera.pose_rate': 0.0}
    )
    frame = np.ascontiguousarray(np.rot90(next(pictures('PS7A2P1T1')), rotation // 90))
    try:
        inference.node.autostart()
        inference.until(lambda: inference.subscribed_to('camera'))
        inference.tick()
        inference.deliver('camera', image(frame, inference.now))
        assert not drawn, 'nobody subscribes'
        overlays, skeletons = [], []
        topics = {
            '/inference/overlay': (Image, overlays),
            '/inference/skeleton2d': (Skeleton2D, skeletons),
        }
        for topic, (kind, received) in topics.items():
            inference.sensor_node.create_subscription(kind, topic, received.append, 5)
        inference.until(lambda: all(inference.node.count_subscribers(topic) for topic in topics))
        while not (overlays and skeletons):
            inference.tick()
            inference.deliver('camera', image(frame, inference.now))
        assert overlays[0].header.stamp == skeletons[0].header.stamp
        values = {each.key: each.value for each in inference.status('camera').values}
        assert values['others_in_view'] == '0'
        shape = (overlays[0].height, overlays[0].width)
        assert shape == (480, 640), 'upright'
        wrist = skeletons[0].skeleton[Skeleton2D.RIGHT_WRIST]
        eye = skeletons[0].skeleton[Skeleton2D.LEFT_EYE]
        assert np.isnan(eye.x) and eye.c == 0 < 0.5 < wrist.c
        x, y = wrist.x, wrist.y
        for _ in range((360 - rotation) // 90 % 4):
            x, y = y, 1 - x
        decoder = pose_decoder()
        views = []
        decoder.watch = views.append
        decoder.decode(image(next(pictures('PS7A2P1T1')), FRAME))
        assert (640 * x, 480 * y) == pytest.approx(tuple(views[0].body.points[6]), abs=2)
    finally:
        inference.close()


def test_auto_leaves_a_camera_without_weights_out_and_says_so(context, empty_cache):
    inference = InferenceFixture(context, **{'skeleton.bundle': ''})
    try:
        inference.node.autostart()
        inference.until(lambda: inference.subscribed_to('imu'))
        status = inference.status('camera')
        assert 'not used, since' in status.message and 'run `dcat fetch_pose`' in status.message
        assert 'is missing: run `dcat fetch_pose`' in inference.set(modality='camera')
    finally:
        inference.close()


def test_the_cache_is_the_users(monkeypatch):
    monkeypatch.delenv('XDG_CACHE_HOME', raising=False)
    assert cache_directory() == Path('~/.cache/dcat_ros/pose').expanduser()
