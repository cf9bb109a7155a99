# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""The simulated person: synchronous sensors, reproducible to the sample."""

from dataclasses import replace
from itertools import pairwise

from dcat_ros.bags.reader import BagReader
from dcat_ros.commands.simulate_bags import EPOCH, main
from dcat_ros.simulation import ACTIVITIES, microphone, Scene, sensor_streams
from dcat_ros.simulation.imu import GRAVITY
from dcat_ros.simulation.skeleton import Skeleton, TRANSITION
import numpy as np
import pytest

NANOSECONDS = 10**9


def in_chunks(samples, first, count, sizes):
    """Return the same samples as one call, but from several calls, the last chunk first."""
    ends = [first]
    while ends[-1] < first + count:
        ends.append(min(ends[-1] + sizes[len(ends) % len(sizes)], first + count))
    chunks = {}
    for start, end in reversed(list(pairwise(ends))):
        chunks[start] = samples(start, end - start)
    return np.concatenate([chunks[start] for start in ends[:-1]])


@pytest.mark.parametrize('sensor', ['imu', 'microphone'])
def test_samples_do_not_depend_on_the_division_into_calls(sensor):
    whole = getattr(Scene(3, activity_duration=2.0), sensor).samples(17, 5000)
    samples = getattr(Scene(3, activity_duration=2.0), sensor).samples
    assert np.array_equal(in_chunks(samples, 17, 5000, (1, 700, 64, 2049)), whole)


def test_blocks_of_sound_join_without_a_seam(monkeypatch):
    blocks = Scene(3, ['hammer', 'talk'], 2.0).microphone.samples(0, 80000)
    monkeypatch.setattr(microphone, 'BLOCK', 80000)
    assert np.array_equal(Scene(3, ['hammer', 'talk'], 2.0).microphone.samples(0, 80000), blocks)


def test_frames_do_not_depend_on_their_order():
    first, second = Scene(3, activity_duration=2.0), Scene(3, activity_duration=2.0)
    forward = [first.camera.frame(index) for index in range(0, 60, 7)]
    backward = [second.camera.frame(index) for index in reversed(range(0, 60, 7))]
    assert np.array_equal(forward, backward[::-1])


def test_another_seed_gives_another_person_room_and_schedule():
    first, second = Scene(1), Scene(2)
    assert first.person != second.person
    assert not np.allclose(first.imu.samples(0, 500), second.imu.samples(0, 500), atol=1.0)
    assert np.abs(first.camera.frame(0).astype(int) - second.camera.frame(0)).mean() > 10
    order = [[scene.schedule[i].activity for i in range(9)] for scene in (first, second)]
    assert order[0] != order[1]


def test_every_activity_comes_once_a_round_and_none_follows_itself():
    schedule = Scene(5).schedule
    names = [schedule[index].activity for index in range(20 * len(ACTIVITIES))]
    for start in range(0, len(names), len(ACTIVITIES)):
        assert set(names[start:start + len(ACTIVITIES)]) == set(ACTIVITIES)
    assert all(a != b for a, b in pairwise(names))
    assert all(schedule[i].end == schedule[i + 1].start for i in range(len(names) - 1))


def test_the_label_changes_where_the_segment_does():
    scene = Scene(5, ['walk', 'clap'], shuffle=False)
    end = scene.schedule[0].end
    assert (scene.label(0.0), scene.label(end - 1e-6), scene.label(end)) == (
        'walk', 'walk', 'clap')


def test_an_unknown_activity_is_refused_by_name():
    with pytest.raises(ValueError, match="'swim' is unknown; choose from idle, walk"):
        Scene(0, ['walk', 'swim'])


@pytest.mark.parametrize('seed', range(4))
def test_bones_keep_their_lengths_and_feet_stay_above_the_floor(seed):
    scene = Scene(seed, activity_duration=2.0)
    pose, person = scene.skeleton.pose(np.arange(0.0, 20.0, 0.05)), scene.person
    for start, end, length in (
        ('shoulder', 'elbow', person.upper_arm), ('elbow', 'wrist', person.forearm),
        ('hip', 'knee', person.thigh), ('knee', 'ankle', person.shank),
    ):
        for side in ('right', 'left'):
            bone = np.linalg.norm(pose[f'{side}_{start}'] - pose[f'{side}_{end}'], axis=1)
            assert bone == pytest.approx(np.full(len(bone), length), abs=2e-3)
    assert pose.joints[:, :, 2].min() > 0.0


def test_a_left_handed_person_is_the_mirror_image():
    scene = Scene(1, ['wave'])
    times = np.linspace(0.0, 5.0, 50)
    right, left = (
        Skeleton(replace(scene.person, left_handed=left), scene.schedule, 1).pose(times)
        for left in (False, True)
    )
    assert np.array_equal(left.joints, right.joints * [1.0, -1.0, 1.0])
    assert right['right_wrist'][-1, 1] < 0.0 < left['right_wrist'][-1, 1]
    for pose in (right, left):
        assert np.linalg.det(pose.wrist) == pytest.approx(np.ones(50))
        along = pose['right_hand'] - pose['right_wrist']
        along /= np.linalg.norm(along, axis=1, keepdims=True)
        assert along == pytest.approx(pose.wrist[:, :, 0])


def test_at_rest_the_imu_measures_gravity_and_no_rotation():
    samples = Scene(2, ['idle']).imu.samples(200, 1000)
    assert np.linalg.norm(samples[:, :3], axis=1).mean() == pytest.approx(GRAVITY, abs=0.4)
    assert np.abs(samples[:, 3:]).mean() < 0.15


def test_the_gyroscope_and_the_accelerometer_agree_with_the_skeleton():
    scene = Scene(4, ['wave'], activity_duration=60.0)
    times = np.arange(2.0, 6.0, 0.002)
    pose, ideal = scene.skeleton.pose(times), scene.imu.measure(times)
    mounted = pose.wrist @ scene.imu._mounting
    turned, error = mounted[0], 0.0
    for rate, actual in zip(ideal[:-1, 3:], mounted[1:], strict=True):
        angle = np.linalg.norm(rate) * 0.002
        x, y, z = rate / np.linalg.norm(rate)
        cross = np.array([[0, -z, y], [z, 0, -x], [-y, x, 0]])
        turned = turned @ (
            np.eye(3) + np.sin(angle) * cross + (1 - np.cos(angle)) * cross @ cross
        )
        error = max(error, np.abs(turned - actual).max())
    assert error < 0.02

    force = (mounted @ ideal[:, :3, None])[..., 0] - [0.0, 0.0, GRAVITY]
    place = pose['right_wrist'] + pose.wrist @ np.array(scene.person.sensor_offset)
    velocity = (place[1] - place[0]) / 0.002 + np.cumsum(force, axis=0) * 0.002
    path = place[0] + np.cumsum(velocity, axis=0) * 0.002
    assert np.abs(path - place).max() < 0.1


@pytest.mark.parametrize('seed', range(3))
def test_a_clap_is_synchronous_in_all_sensors(seed):
    scene = Scene(seed, ['clap'], activity_duration=20.0)
    claps = [event.time for event in scene.events.between(2.0, 6.0)]
    assert len(claps) >= 4
    times = np.arange(1.5, 6.5, 0.005)
    pose = scene.skeleton.pose(times)
    gap = np.linalg.norm(pose['right_wrist'] - pose['left_wrist'], axis=1)
    force = np.linalg.norm(scene.imu.measure(times)[:, :3], axis=1)
    rate = scene.microphone.rate
    loudness = np.abs(scene.microphone.samples(0, 7 * rate).astype(float))
    for clap in claps:
        near = np.abs(times - clap) < 0.1
        at = np.abs(times - clap) < 0.03
        assert gap[near].argmin() == pytest.approx(near.sum() / 2, abs=4)
        assert force[at].max() == force[near].max() > 20.0
        start = round(clap * rate)
        assert loudness[start:start + 200].max() > 10 * loudness[start - 320:start].mean()


def test_transitions_between_activities_are_smooth():
    calm = [Scene(seed, ['idle', 'talk'], 3.0, shuffle=False) for seed in range(5)]
    for scene in calm:
        change = scene.schedule[0].end
        force = scene.imu.measure(np.arange(change - 0.2, change + TRANSITION + 0.2, 0.005))[:, :3]
        assert np.abs(np.diff(force, axis=0)).max() < 2.0
        assert np.linalg.norm(force, axis=1).max() < 40.0


@pytest.mark.parametrize('size', [(160, 120), (64, 96)])
def test_the_person_is_in_the_middle_of_the_image(size):
    scene = Scene(6, ['squat'], image_size=size)
    frames = np.stack([scene.camera.frame(index) for index in range(0, 45, 5)]).astype(int)
    assert frames.shape == (9, size[1], size[0], 3)
    moved = np.argwhere(np.ptp(frames, axis=0).max(axis=2) > 60)
    assert len(moved) > 0.01 * size[0] * size[1]
    middle = moved.mean(axis=0)
    assert np.all(np.abs(middle / [size[1], size[0]] - 0.5) < 0.25)
    assert scene.skeleton.pose(np.zeros(1))['head'][0, 2] > 1.2


def test_every_activity_but_idle_is_louder_than_the_room():
    for name in set(ACTIVITIES) - {'idle'}:
        rooms = [Scene(7, [activity], 60.0) for activity in ('idle', name)]
        quiet, loud = (scene.microphone.samples(32000, 160000).astype(float) for scene in rooms)
        assert np.abs(loud).max() > 2.0 * np.abs(quiet).max(), name


def test_streams_are_complete_when_their_content_has_happened():
    streams = sensor_streams(Scene(1), audio_chunk=0.04)
    assert streams['imu'].complete(-1) == 0
    assert streams['imu'].complete(0) == 1
    assert streams['imu'].complete(NANOSECONDS) == 101
    assert streams['audio'].complete(40_000_000 - 1) == 0
    assert streams['audio'].complete(40_000_000) == 1
    assert streams['audio'].since(25) == NANOSECONDS
    for name, stream in streams.items():
        message = stream.make(3, 5 * NANOSECONDS + 7)
        assert message.__msgtype__ == stream.msgtype, name
        assert (message.header.stamp.sec, message.header.stamp.nanosec) == (5, 7)


def test_a_bag_has_the_data_of_the_scene(tmp_path):
    arguments = [str(tmp_path), '--subjects', '2', '--duration', '12', '--seed', '40']
    assert main(arguments) == 0
    scene = Scene(41)
    with BagReader(tmp_path / 'sim41') as bag:
        assert bag.custom['subject'] == 'sim41'
        assert bag.custom['source'] == 'simulation'
        assert bag.topics == {
            '/imu/data': 'sensor_msgs/msg/Imu',
            '/camera/image_raw': 'sensor_msgs/msg/Image',
            '/audio/audio_stamped': 'audio_common_msgs/msg/AudioDataStamped',
            '/audio/audio_info': 'audio_common_msgs/msg/AudioInfo',
            '/label': 'std_msgs/msg/String',
        }
        labels = bag.labels()
        assert [interval.label for interval in labels] == [
            segment.activity for segment in scene.schedule.between(0.0, 11.999)]
        assert (labels[0].start, labels[-1].end) == (EPOCH, EPOCH + 12 * NANOSECONDS)
        sound = bag.messages(['/audio/audio_stamped'])
        chunks = [bytes(message.audio.data) for _, message, _ in sound]
        assert b''.join(chunks) == scene.microphone.samples(0, 12 * 16000).tobytes()
        frames = [message for _, message, _ in bag.messages(['/camera/image_raw'])]
        assert bytes(frames[30].data) == scene.camera.frame(30).tobytes()
    assert main(arguments) == 1
