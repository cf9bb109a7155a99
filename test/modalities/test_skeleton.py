# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Skeletons: joints by name, nothing of a hidden joint in the features, bad bodies refused."""

from dcat_ros.bags import messages
from dcat_ros.bags.types import typestore
from dcat_ros.commands.import_utd_mhad import load_skeleton
from dcat_ros.modalities import create, create_format, DecodeError, Samples
from dcat_ros.modalities.base import ImplausibleError
from dcat_ros.modalities.body import JOINTS
from dcat_ros.modalities.skeleton import CHANNELS, SKELETON_2D
from dcat_ros.training import augment
from dcat_ros.training.augment.skeleton import joints_of, mirrored, with_velocities
from geometry_msgs.msg import Point, Pose, PoseArray
import numpy as np
import pytest
from rclpy.serialization import serialize_message
from repository import ROOT, SHARED
from rosbags.typesys import get_typestore, Stores
import torch

START, PERIOD = 1_700_000_000_000_000_000, 50_000_000
LEFT_WRIST = JOINTS.index('left_wrist')
BODY = np.array([
    [0.0, -0.7, 3.0], [0.2, -0.5, 3.0], [-0.2, -0.5, 3.0], [0.25, -0.2, 3.0], [-0.25, -0.2, 3.0],
    [0.25, 0.0, 2.9], [-0.25, 0.0, 2.9], [0.1, 0.0, 3.0], [-0.1, 0.0, 3.0], [0.1, 0.5, 3.0],
    [-0.1, 0.5, 3.0], [0.1, 0.9, 3.0], [-0.1, 0.9, 3.0],
])


def decoded(points, **given):
    decoder = create('skeleton', {}).decoder(create_format('skeleton', given))
    return decoder.decode(messages.poses(START, 'camera', np.asarray(points, float))).values[0]


def window_of(bodies):
    """Return a window (size, 13, 4) in which all joints are visible."""
    return np.concatenate([bodies, np.ones((*bodies.shape[:2], 1))], axis=2).astype(np.float32)


def waving(size=40):
    bodies = np.repeat(BODY[None], size, axis=0)
    bodies[:, LEFT_WRIST, 1] -= 0.5 + 0.2 * np.sin(np.arange(size) / 3)
    return bodies


def features(window):
    found = create('skeleton', {}).features(window)
    assert found.shape == (len(window), len(JOINTS) * CHANNELS) and found.dtype == np.float32
    return found.reshape(len(window), len(JOINTS), CHANNELS)


def test_joints_are_found_by_their_names():
    order = ['nose', *reversed(JOINTS)]
    poses = np.concatenate([[[9.0, 9.0, 9.0]], BODY[::-1]])
    assert np.allclose(decoded(poses, joints=order), window_of(BODY[None])[0])


def test_a_frame_with_z_up_is_turned_into_an_optical_one():
    x, y, z = BODY.T
    in_body_frame = np.stack([z, -x, -y], axis=1)  # REP 103: x forward, y left, z up
    turned = decoded(in_body_frame, mounting=[90.0, -90.0, 0.0])
    assert np.allclose(turned[:, :3], BODY, atol=1e-6)


def test_a_joint_that_is_not_finite_or_not_named_is_not_visible():
    poses = BODY.copy()
    poses[LEFT_WRIST] = np.nan
    found = decoded(poses)
    assert found[LEFT_WRIST].tolist() == [0, 0, 0, 0] and found[:, 3].sum() == 12
    without_head = decoded(BODY[1:], joints=JOINTS[1:])
    assert without_head[0].tolist() == [0, 0, 0, 0] and without_head[:, 3].sum() == 12


def test_nobody_in_view_is_a_sample_without_joints():
    assert not decoded(np.zeros((0, 3))).any()


@pytest.mark.parametrize(('points', 'kind', 'text'), [
    (BODY[:5], DecodeError, 'there are 5 poses, but skeleton.joints names 13'),
    (BODY * 1000, ImplausibleError, 'the trunk is 500 m long.*metres'),
    (BODY * 0.01, ImplausibleError, 'the trunk is 0.005 m long'),
])
def test_a_body_that_is_none_is_refused(points, kind, text):
    with pytest.raises(kind, match=text):
        decoded(points)


@pytest.mark.parametrize(('settings', 'text'), [
    ({'joints': ['head', 'head', *JOINTS[1:]]}, 'names a joint twice'),
    ({'joints': JOINTS[2:]}, 'lacks left_shoulder'),
    ({'mounting': [0.0]}, 'skeleton.mounting is .*expected roll, pitch and yaw'),
])
def test_an_unknown_format_is_refused(settings, text):
    with pytest.raises(ValueError, match=text):
        create_format('skeleton', settings)


def test_the_same_bytes_give_the_same_samples_in_ros_and_in_bags():
    message = PoseArray(poses=[Pose(position=Point(x=x, y=y, z=z)) for x, y, z in BODY.tolist()])
    message.header.stamp.sec = START // 10**9
    raw = serialize_message(message)
    twin = get_typestore(Stores.ROS2_HUMBLE).deserialize_cdr(raw, 'geometry_msgs/msg/PoseArray')
    decoder = create('skeleton', {}).decoder()
    one, other = decoder.decode(message), decoder.decode(twin)
    assert np.array_equal(one.values, other.values)
    assert one.stamps.tolist() == other.stamps.tolist() == [START]


def test_features_do_not_depend_on_place_and_size():
    window = window_of(waving())
    found = features(window)
    moved = window.copy()
    moved[..., :3] = window[..., :3] * 1.3 + np.array([1.0, 0.2, 2.0], np.float32)
    assert np.allclose(features(moved), found, atol=1e-5)
    assert found[0, 1:3, :3].mean(axis=0) == pytest.approx([0, 0, 0], abs=1e-6)
    assert (found[..., 6] == 1).all()
    assert np.abs(found[1:, LEFT_WRIST, 3:6]).max() > 0.2
    assert np.abs(np.delete(found, LEFT_WRIST, axis=1)[..., 3:6]).max() == 0


def test_nothing_of_a_hidden_joint_is_in_the_features():
    window = window_of(waving())
    window[10:20, LEFT_WRIST, 3] = 0
    other = window.copy()
    other[10:20, LEFT_WRIST, :3] = 77.0
    found = features(window)
    assert np.array_equal(found, features(other))
    assert not found[10:20, LEFT_WRIST].any()
    assert not found[20, LEFT_WRIST, 3:6].any(), 'no jump where it is visible again'


def test_without_hips_the_shoulders_give_the_size_of_a_flat_body():
    window = window_of(waving())
    window[:, 7:, 3] = 0
    found = create('skeleton', {'flat': True}).features(window)
    to_shoulder = np.linalg.norm(found.reshape(len(window), len(JOINTS), CHANNELS)[0, 1, :3])
    assert to_shoulder == pytest.approx(0.2 / (1.45 * 0.4), rel=1e-5)


def test_people_of_all_proportions_have_the_same_features():
    window = window_of(waving())
    other = window.copy()
    for joints, upper, factor in (([3, 5], 1, 1.3), ([4, 6], 2, 1.3), ([9, 11], 7, 0.8),
                                  ([10, 12], 8, 0.8), ([0], None, 0.6)):
        start = window[:, [upper], :3] if upper else window[:, 1:3, :3].mean(1, keepdims=True)
        other[:, joints, :3] = start + factor * (window[:, joints, :3] - start)
    assert np.allclose(features(other), features(window), atol=1e-5)
    lengths = np.linalg.norm(np.diff(features(window)[:, [1, 3, 5], :3], axis=1), axis=2)
    assert np.allclose(lengths, [0.69, 0.62], atol=1e-5)


def test_a_hand_whose_elbow_is_hidden_is_hidden_too():
    window = window_of(waving())
    window[:, LEFT_WRIST - 2, 3] = 0
    assert not features(window)[:, [LEFT_WRIST - 2, LEFT_WRIST]].any()


def test_a_slow_camera_is_interpolated_and_a_hidden_joint_is_not_invented():
    bodies = window_of(waving(9))
    bodies[4, LEFT_WRIST, 3] = 0
    stamps = START + np.arange(9) * 4 * PERIOD
    window = create('skeleton', {}).resample(Samples(stamps, bodies), int(stamps[-1]), 20.0, 33)
    assert np.allclose(window[::4, :4], bodies[:, :4], atol=1e-6)
    assert np.allclose(window[2, :, :3], bodies[:2, :, :3].mean(axis=0), atol=1e-6)
    assert window[:, LEFT_WRIST, 3].tolist() == [1] * 13 + [0] * 7 + [1] * 13


def test_training_makes_the_same_features():
    window = window_of(waving())
    found = torch.from_numpy(create('skeleton', {}).features(window))[None]
    joints = joints_of(found)
    torch.testing.assert_close(with_velocities(joints), found)


def test_without_strengths_windows_stay_as_they_are():
    found = torch.from_numpy(create('skeleton', {}).features(window_of(waving())))[None]
    generator = torch.Generator().manual_seed(0)
    torch.testing.assert_close(augment.create('skeleton', {})(found, generator), found)


def test_a_mirrored_person_waves_with_the_other_hand():
    joints = torch.from_numpy(window_of(waving()))[None]
    other = mirrored(joints)
    assert torch.equal(other[:, :, LEFT_WRIST + 1, 1:3], joints[:, :, LEFT_WRIST, 1:3])
    assert torch.equal(mirrored(other), joints)


def test_legs_out_of_view_are_zero():
    found = torch.from_numpy(create('skeleton', {}).features(window_of(waving())))
    windows = found.expand(400, -1, -1)
    generator = torch.Generator().manual_seed(0)
    drawn = augment.create('skeleton', {'hide_legs': 0.5})(windows, generator)
    legs = joints_of(drawn)[:, :, 9:]
    hidden = ~legs.flatten(1).any(dim=1)
    assert 0.4 < hidden.float().mean() < 0.6
    hips = joints_of(drawn)[:, :, 7:9].flatten(1).any(dim=1)
    assert hips[~hidden].all() and 0.15 < (~hips).float().mean() < 0.35


def test_a_turned_view_keeps_lengths():
    found = torch.from_numpy(create('skeleton', {}).features(window_of(waving())))
    generator = torch.Generator().manual_seed(0)
    turned = augment.create('skeleton', {'yaw': 1.0, 'tilt': 0.1})
    drawn = turned(found.expand(8, -1, -1), generator)
    before, after = joints_of(found[None])[..., :3], joints_of(drawn)[..., :3]
    torch.testing.assert_close(after.norm(dim=3), before.norm(dim=3).expand(8, -1, -1))
    assert (after - before).abs().amax(dim=(1, 2, 3)).min() > 0.01


@pytest.mark.skipif(not (SHARED / 'data').is_dir(), reason='needs recordings in ../shared/data')
def test_no_real_body_is_refused():
    clips = sorted((SHARED / 'data' / 'utd_mhad' / 'Skeleton').glob('*.mat'))[::40]
    assert len(clips) > 10
    for clip in clips:
        for body in load_skeleton(clip)[::10]:
            assert decoded(body)[:, 3].all(), clip.name


def image_points(points):
    """Return the points of a Skeleton2D of bodies in an image 4 by 3, x and y from 0 to 1."""
    found = np.full((len(JOINTS), 3), np.nan)
    found[:, :2] = points[:, :2] / [4 / 3, 1] + 0.5
    found[:, 2] = 0.9
    return dict(zip(SKELETON_2D, found, strict=True))


def skeleton_2d(points):
    """Return a Skeleton2D; the points that are not given are not seen."""
    types, unseen = typestore().types, (np.nan, np.nan, 0.0)
    return types['hri_msgs/msg/Skeleton2D'](
        header=messages.header(START, 'camera'),
        skeleton=[
            types['hri_msgs/msg/NormalizedPointOfInterest2D'](*points.get(index, unseen))
            for index in range(18)
        ],
    )


def flat(points, **given):
    decoder = create('skeleton', {'flat': True}).decoder(create_format('skeleton', given))
    return decoder.decode(skeleton_2d(points)).values[0]


def test_a_skeleton_of_an_image_is_the_body_without_depth():
    found = flat(image_points(0.3 * BODY))
    assert np.allclose(found[:, :2] - found[0, :2], 0.3 * (BODY - BODY[0])[:, :2], atol=1e-6)
    assert not found[:, 2].any() and found[:, 3].all()
    wide = flat(image_points(0.3 * BODY), aspect_ratio=8 / 3)
    assert np.allclose(wide[:, 0], 2 * found[:, 0])


def test_points_without_confidence_are_not_visible():
    points = image_points(0.3 * BODY)
    points[SKELETON_2D[LEFT_WRIST]] = [0.4, 0.4, 0.1]
    del points[SKELETON_2D[0]]
    found = flat(points)
    assert found[:, 3].tolist() == [0, *[1] * 4, 0, *[1] * 7]
    assert not found[[0, LEFT_WRIST]].any()
    assert not flat({}).any(), 'nobody in view'


def test_pixels_are_refused_and_so_is_a_bundle_that_needs_depth():
    points = {index: [640 * x, 480 * y, c] for index, (x, y, c) in image_points(BODY).items()}
    with pytest.raises(ImplausibleError, match='expected 0 to 1: let the points be parts'):
        flat(points)
    decoder = create('skeleton', {}).decoder()
    with pytest.raises(DecodeError, match='no depth, which this bundle needs'):
        decoder.decode(skeleton_2d(image_points(BODY)))
    with pytest.raises(ValueError, match=r'skeleton.aspect_ratio is 0.0'):
        flat({}, aspect_ratio=0.0)


def test_both_types_of_the_same_flat_body_give_the_same_features():
    bodies = 0.3 * waving() * [1, 1, 0]
    poses = np.array([decoded(body) for body in bodies])
    points = np.array([flat(image_points(body)) for body in bodies])
    modality = create('skeleton', {'flat': True})
    assert np.allclose(modality.features(poses), modality.features(points), atol=1e-4)


def test_a_network_for_images_does_not_see_the_depth():
    from dcat_ros.training.config import Config
    from dcat_ros.training.network import build
    windows = torch.randn(2, 40, 91)
    other = windows.unflatten(2, (len(JOINTS), CHANNELS)).clone()
    other[..., [2, 5]] += 1
    recipe = Config.read(str(ROOT / 'config/train/pose_2d_utd_mhad.yaml'))
    network = build(recipe, (40, 91), 5).eval()
    assert torch.equal(network(windows).logits, network(other.flatten(2)).logits)
