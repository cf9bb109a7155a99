# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""The UTD-MHAD importer, on a small data set in the official layout and on the real one."""

import json

from dcat_ros.bags.reader import BagReader
from dcat_ros.commands import import_utd_mhad
from dcat_ros.commands.import_utd_mhad import EPOCH, HOUR, load_depth
from dcat_ros.modalities.body import JOINTS
import numpy as np
import pytest
from repository import SHARED
from scipy.io import loadmat, savemat

REAL = SHARED / 'data' / 'utd_mhad'
SECOND = 10**9


def inertial_file(source, action, subject, trial, samples):
    path = source / 'Inertial' / f'a{action}_s{subject}_t{trial}_inertial.mat'
    path.parent.mkdir(parents=True, exist_ok=True)
    savemat(path, {'d_iner': samples})
    return path


def depth_file(source, action, subject, trial, frames):
    path = source / 'Depth' / f'a{action}_s{subject}_t{trial}_depth.mat'
    path.parent.mkdir(parents=True, exist_ok=True)
    savemat(path, {'d_depth': frames})
    return path


def skeleton_file(source, action, subject, trial, joints):
    path = source / 'Skeleton' / f'a{action}_s{subject}_t{trial}_skeleton.mat'
    path.parent.mkdir(parents=True, exist_ok=True)
    savemat(path, {'d_skel': joints})
    return path


@pytest.fixture
def source(tmp_path):
    rng = np.random.default_rng(0)
    for action, subject, trial, samples, frames in (
        (1, 1, 1, 100, 40), (23, 1, 1, 50, 20), (1, 1, 2, 75, 30), (4, 2, 1, 50, 19),
    ):
        inertial_file(tmp_path, action, subject, trial, rng.normal(size=(samples, 6)))
        depth = rng.integers(0, 4000, (80, 60, frames), dtype=np.uint16)
        depth_file(tmp_path, action, subject, trial, depth)
    return tmp_path


def run(source, out, *options):
    return import_utd_mhad.main([str(source), str(out), *options])


def read(bag, topic):
    with BagReader(bag) as reader:
        return [(message, stamp) for _, message, stamp in reader.messages([topic])]


def stamp_of(message):
    return message.header.stamp.sec * SECOND + message.header.stamp.nanosec


def test_each_subject_gets_a_bag_with_clips_in_a_fixed_order(source, tmp_path):
    assert run(source, tmp_path / 'out') == 0
    assert sorted(path.name for path in (tmp_path / 'out').iterdir()) == ['s1', 's2']
    with BagReader(tmp_path / 'out' / 's1') as reader:
        labels = reader.labels()
        custom = reader.custom
        assert reader.topics == {
            '/imu/data': 'sensor_msgs/msg/Imu',
            '/camera/image_raw': 'sensor_msgs/msg/Image',
            '/label': 'std_msgs/msg/String',
        }
    assert json.loads(custom['clips']) == ['a1_s1_t1', 'a23_s1_t1', 'a1_s1_t2']
    assert (custom['subject'], custom['source']) == ('1', 'UTD-MHAD')
    assert 'ICIP 2015' in custom['citation']
    assert [(interval.label, interval.group) for interval in labels] == [
        ('swipe_left', '1'), ('walk', '1'), ('swipe_left', '1')
    ]
    assert [(interval.start - EPOCH, interval.end - EPOCH) for interval in labels] == [
        (0, 2 * SECOND), (4 * SECOND, 5 * SECOND), (7 * SECOND, 8.5 * SECOND)
    ]
    with BagReader(tmp_path / 'out' / 's2') as reader:
        assert reader.start == EPOCH + HOUR


def test_inertial_samples_come_in_si_units_at_50_hz(source, tmp_path):
    run(source, tmp_path / 'out', '--subjects', '1')
    recorded = loadmat(source / 'Inertial' / 'a1_s1_t1_inertial.mat')['d_iner']
    samples = read(tmp_path / 'out' / 's1', '/imu/data')
    assert len(samples) == 225
    for index, (message, stamp) in enumerate(samples[:100]):
        assert stamp == stamp_of(message) == EPOCH + index * SECOND // 50
        assert message.header.frame_id == 'right_wrist'
        assert message.orientation_covariance[0] == -1
        force, rotation = message.linear_acceleration, message.angular_velocity
        assert [force.x, force.y, force.z] == pytest.approx(recorded[index, :3] * 9.80665)
        assert [rotation.x, rotation.y, rotation.z] == pytest.approx(
            np.radians(recorded[index, 3:])
        )
    assert samples[100][0].header.frame_id == 'right_thigh'
    assert samples[100][1] == EPOCH + 4 * SECOND


def test_a_copy_in_other_units_is_converted(source, tmp_path):
    run(source, tmp_path / 'out', '--subjects', '1', '--acceleration-unit', 'm/s^2',
        '--angular-velocity-unit', 'rad/s')
    recorded = loadmat(source / 'Inertial' / 'a1_s1_t1_inertial.mat')['d_iner']
    message, _ = read(tmp_path / 'out' / 's1', '/imu/data')[7]
    assert message.linear_acceleration.y == recorded[7, 1]
    assert message.angular_velocity.z == recorded[7, 5]


def test_skeletons_are_in_the_optical_frame_in_the_order_of_the_joints(source, tmp_path):
    joints = np.random.default_rng(1).normal(size=(20, 3, 25))
    skeleton_file(source, 1, 1, 1, joints)
    assert run(source, tmp_path / 'out') == 0
    bodies = read(tmp_path / 'out' / 's1', '/skeleton')
    assert len(bodies) == 25
    message, stamp = bodies[5]
    assert stamp == stamp_of(message) == EPOCH + 5 * 100 * 20_000_000 // 25
    left_wrist = message.poses[JOINTS.index('left_wrist')].position
    assert np.allclose([left_wrist.x, left_wrist.y, left_wrist.z], joints[6, :, 5] * [-1, -1, 1])
    right_ankle = message.poses[JOINTS.index('right_ankle')].position
    assert np.isclose(right_ankle.z, joints[18, 2, 5])


def test_depth_frames_are_spread_evenly_over_the_clip(source, tmp_path):
    run(source, tmp_path / 'out', '--subjects', '1')
    recorded = loadmat(source / 'Depth' / 'a1_s1_t1_depth.mat')['d_depth']
    frames = read(tmp_path / 'out' / 's1', '/camera/image_raw')
    assert len(frames) == 90
    for index, (message, stamp) in enumerate(frames[:40]):
        assert stamp == stamp_of(message) == EPOCH + index * SECOND // 20
        assert (message.encoding, message.height, message.width) == ('16UC1', 80, 60)
        pixels = message.data.view('<u2').reshape(80, 60)
        assert np.array_equal(pixels, recorded[:, :, index])
        assert message.header.frame_id == 'camera_depth_optical_frame'


def test_full_size_depth_is_cropped_and_averaged(tmp_path):
    small = np.random.default_rng(1).integers(0, 4000, (80, 60, 3), dtype=np.uint16)
    full = np.full((240, 320, 3), 9999, np.uint16)
    full[:, 72:252] = small.repeat(3, axis=0).repeat(3, axis=1)
    full[0, 72] += 9
    small[0, 0] += 1
    frames = load_depth(depth_file(tmp_path, 1, 1, 1, full))
    assert frames.dtype == np.uint16
    assert np.array_equal(frames, np.moveaxis(small, 2, 0))


def test_a_clip_without_one_sensor_is_imported_and_reported(source, tmp_path, capsys):
    (source / 'Depth' / 'a1_s1_t1_depth.mat').unlink()
    (source / 'Inertial' / 'a23_s1_t1_inertial.mat').unlink()
    assert run(source, tmp_path / 'out', '--subjects', '1') == 0
    report = capsys.readouterr().err
    assert 'a1_s1_t1 has no depth file' in report
    assert 'a23_s1_t1 has no inertial file' in report
    with BagReader(tmp_path / 'out' / 's1') as reader:
        first, second, _ = reader.labels()
    assert (first.end - first.start, second.label) == (2 * SECOND, 'walk')
    assert second.end - second.start == round(20 / 19 * SECOND)
    assert len(read(tmp_path / 'out' / 's1', '/camera/image_raw')) == 50


def test_unreadable_files_are_reported_and_all_others_imported(source, tmp_path, capsys):
    torn = source / 'Inertial' / 'a1_s1_t1_inertial.mat'
    torn.write_bytes(torn.read_bytes()[:300])
    wrong = inertial_file(source, 23, 1, 1, np.zeros((50, 3)))
    (source / 'Depth' / 'a1_s1_t2_depth.mat').write_bytes(b'')
    assert run(source, tmp_path / 'out') == 1
    report = capsys.readouterr().err
    assert f'{torn} cannot be read' in report
    assert f'{wrong} cannot be read (d_iner has shape (50, 3), not (n, 6)): left out' in report
    assert 'a1_s1_t2_depth.mat cannot be read' in report
    with BagReader(tmp_path / 'out' / 's1') as reader:
        assert len(reader.labels()) == 3
    assert (tmp_path / 'out' / 's2').is_dir()


@pytest.mark.parametrize('compressed', [False, True])
def test_every_truncated_file_is_reported(source, compressed):
    path = inertial_file(source, 1, 1, 1, np.random.default_rng(2).normal(size=(100, 6)))
    savemat(path, {'d_iner': loadmat(path)['d_iner']}, do_compression=compressed)
    whole = path.read_bytes()
    for size in range(0, len(whole) - 8, 7):
        path.write_bytes(whole[:size])
        data_set = import_utd_mhad.UtdMhad(source)
        clip = data_set.clip((1, 1, 1))
        assert [str(path) in line for line in data_set.unreadable] == [True], size
        assert {topic for topic, _, _ in clip.messages(0)} == {'/camera/image_raw'}


def test_a_repeated_import_is_the_same_byte_for_byte(source, tmp_path):
    run(source, tmp_path / 'one', '--subjects', '1')
    run(source, tmp_path / 'two', '--subjects', '1')
    first, second = (
        (tmp_path / name / 's1' / 's1_0.mcap').read_bytes() for name in ('one', 'two')
    )
    assert first == second


def test_nothing_is_written_if_a_bag_exists(source, tmp_path, capsys):
    (tmp_path / 'out' / 's2').mkdir(parents=True)
    assert run(source, tmp_path / 'out') == 1
    assert 's2 exists already, not overwriting' in capsys.readouterr().err
    assert [path.name for path in (tmp_path / 'out').iterdir()] == ['s2']


def test_invalid_arguments_are_refused(source, tmp_path, capsys):
    assert run(tmp_path / 'nowhere', tmp_path / 'out') == 1
    assert 'nowhere holds no Inertial/, Depth/ or Skeleton/ files' in capsys.readouterr().err
    assert run(source, tmp_path / 'out', '--subjects', '1', '9') == 1
    assert 'has no subject 9; it has 1, 2' in capsys.readouterr().err
    assert not (tmp_path / 'out').exists()


@pytest.mark.skipif(not REAL.is_dir(), reason=f'no recordings at {REAL} (set DCAT_SHARED)')
def test_a_real_subject_is_imported_completely(tmp_path):
    assert run(REAL, tmp_path / 'out', '--subjects', '1') == 0
    with BagReader(tmp_path / 'out' / 's1') as reader:
        labels = reader.labels()
        forces = np.array([
            [message.linear_acceleration.x, message.linear_acceleration.y,
             message.linear_acceleration.z]
            for _, message, _ in reader.messages(['/imu/data'])
        ])
        depth = np.concatenate([
            message.data.view('<u2') for _, message, _ in reader.messages(['/camera/image_raw'])
        ])
    assert len(labels) == 107
    assert len({interval.label for interval in labels}) == 27
    assert 9 < np.median(np.linalg.norm(forces, axis=1)) < 11
    assert 1000 < np.median(depth[depth > 0]) < 4000
