# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""The recorder over real topics: what is published is in the bag, whatever else happens."""

import time

from dcat_ros.bags import messages
from dcat_ros.bags.reader import BagReader
from dcat_ros.modalities.cdr import header_stamp
from dcat_ros.nodes.common.messages import message_class, time_message
from dcat_ros.nodes.common.qos import LATCHED
from dcat_ros.nodes.recorder.node import RecorderNode
from dcat_ros.nodes.recorder.stamp_monitor import Pairing
from diagnostic_msgs.msg import DiagnosticStatus
from lifecycle_msgs.msg import State
import pytest
from rclpy.context import Context
from rclpy.node import Node
from rclpy.qos import qos_profile_sensor_data, QoSProfile
from recorder_fixture import (
    AUDIO,
    CAMERA,
    contents,
    image,
    IMU,
    imu,
    INFO,
    LABEL,
    recorded,
    reported,
    serialised,
    sound,
    TYPES,
)
from rosgraph_msgs.msg import Clock

SECOND = 10**9


def play(fixture, count, first=None, each=10):
    """Send rounds of an image, a chunk of sound and IMU samples, each taken before the next."""
    first = first or time.time_ns()
    for index in range(count):
        stamp = first + index * SECOND // 30
        fixture.send(CAMERA, image(stamp))
        fixture.send(AUDIO, sound(stamp + 1000))
        for part in range(each):
            fixture.send(IMU, imu(stamp + part * SECOND // 300, index))
        fixture.wait_until_received(IMU, CAMERA, AUDIO)


def test_every_message_is_in_the_bag_byte_for_byte_in_order(fixture, tmp_path):
    recorder = fixture(topics=['/extra'], location='lab', notes='left hand')
    assert recorder.call('start')[0]
    recorder.offer(INFO)
    recorder.send(INFO, serialised(messages.audio_info(1, 16000)))
    recorder.offer(IMU)
    recorder.offer(CAMERA, qos=qos_profile_sensor_data)
    recorder.offer(AUDIO)
    recorder.offer('/extra', 'std_msgs/msg/String')
    play(recorder, 40)
    recorder.send('/extra', serialised(messages.text('anything')))
    recorder.wait_until_received()
    bag = tmp_path / 'out' / 's1_one'
    assert recorder.call('stop') == (True, f'recorded {bag}')

    assert contents(bag) == recorder.sent
    assert len(recorder.sent[IMU]) == 400
    for rows in recorded(bag).values():
        times = [stamp for _, stamp in rows]
        assert times == sorted(times)
    custom = reported(bag)
    assert {key: custom[key] for key in ('subject', 'session', 'location', 'notes', 'ended')} == {
        'subject': 's1', 'session': 'one', 'location': 'lab', 'notes': 'left hand',
        'ended': 'stopped',
    }
    counts = {topic: (t['sensor'], t['received'], t['written'], t['dropped'])
              for topic, t in custom['topics'].items()}
    assert counts == {
        IMU: ('imu', 400, 400, 0), CAMERA: ('camera', 40, 40, 0), AUDIO: ('audio', 40, 40, 0),
        INFO: ('', 1, 1, 0), '/extra': ('', 1, 1, 0),
    }
    assert custom['topics'][CAMERA]['frame_id'] == 'eye'
    assert custom['topics'][CAMERA]['qos'] == ['best_effort volatile']
    assert custom['topics'][INFO]['stamped_by'] == 'arrival'
    pairs = {tuple(pair['topics']): pair for pair in custom['pairing']}
    assert pairs[IMU, CAMERA]['matches'] == 40
    assert pairs[IMU, CAMERA]['unmatched'] == {IMU: 360, CAMERA: 0}
    assert pairs[CAMERA, AUDIO]['offset_median'] == pytest.approx(1e-6)


def test_sessions_follow_each_other_and_overwrite_nothing(fixture, tmp_path):
    recorder = fixture()
    recorder.offer(IMU)
    assert recorder.call('stop') == (False, 'no session runs')
    ok, output = recorder.call('start')
    assert ok
    assert f'recording {tmp_path}/out/s1_one, ' in output
    assert recorder.call('start') == (
        False, f'already recording {tmp_path}/out/s1_one: stop that first'
    )
    recorder.send(IMU, imu(time.time_ns(), 1.0))
    recorder.wait_until_received()
    assert recorder.call('stop')[0]
    assert recorder.call('start') == (
        False, f'{tmp_path}/out/s1_one exists already, not overwriting'
    )
    assert recorder.set(session='two') == ''
    assert recorder.call('start')[0]
    recorder.send(IMU, imu(time.time_ns(), 2.0))
    recorder.wait_until_received()
    assert recorder.call('stop')[0]
    assert contents(tmp_path / 'out' / 's1_one') == {IMU: recorder.sent[IMU][:1]}
    assert contents(tmp_path / 'out' / 's1_two') == {IMU: recorder.sent[IMU][1:]}


def test_what_was_said_before_the_session_and_still_holds_is_in_each_bag(fixture, tmp_path):
    recorder = fixture(topics=['/state'])
    recorder.offer(INFO)
    recorder.offer('/state', 'std_msgs/msg/String', LATCHED)
    old = serialised(messages.audio_info(2, 8000))
    recorder.send(INFO, old)
    recorder.send(INFO, serialised(messages.audio_info(1, 16000)))
    recorder.send('/state', serialised(messages.text('calibrated')))
    recorder.wait_until_received()
    for session in ('one', 'two'):
        assert recorder.set(session=session) == ''
        assert recorder.call('start')[0]
        assert recorder.call('stop')[0]
        assert contents(tmp_path / 'out' / f's1_{session}') == {
            INFO: recorder.sent[INFO][1:], '/state': recorder.sent['/state'],
        }


def test_empty_lists_are_empty():
    elsewhere = Context()
    elsewhere.init(args=['--ros-args', '-p', 'topics:=[]', '-p', 'sensors:=[]'])
    node = RecorderNode(context=elsewhere)
    node.trigger_configure()
    assert node.problem == 'sensors and topics are both empty: name what to record'
    node.destroy_node()
    elsewhere.shutdown()


def test_a_sensor_that_lags_behind_finds_its_partners(fixture, tmp_path):
    """The camera's messages come 0.4 s after the IMU's of the same stamp."""
    recorder = fixture(sensors=['imu', 'camera'])
    recorder.offer(IMU)
    recorder.offer(CAMERA)
    assert recorder.call('start')[0]
    first = time.time_ns()
    for index in range(400):
        recorder.send(IMU, imu(first + index * SECOND // 400))
        if index >= 160 and index % 10 == 0:
            recorder.send(CAMERA, image(first + (index - 160) * SECOND // 400))
        recorder.wait_until_received()
    assert recorder.call('stop')[0]
    pair, = reported(tmp_path / 'out' / 's1_one')['pairing']
    assert pair['matches'] == len(recorder.sent[CAMERA]) == 24
    assert abs(pair['offset_worst']) <= 1 / 400


def test_a_session_without_a_name_is_named_after_its_time(fixture, tmp_path):
    recorder = fixture(session='', subject='')
    assert recorder.call('start')[0]
    assert recorder.call('stop')[0]
    bag, = (tmp_path / 'out').iterdir()
    assert time.strptime(bag.name, '%Y_%m_%d-%H_%M_%S')


def test_labels_become_intervals_with_a_start_and_an_end(fixture, tmp_path):
    recorder = fixture()
    recorder.offer(IMU)
    recorder.offer(LABEL)
    recorder.send(LABEL, serialised(messages.text('walk')))
    recorder.wait_until_received(LABEL)
    assert recorder.status('session', lambda status: status.message.startswith('ready'))
    assert recorder.call('start')[0]
    play_imu(recorder, 20)
    recorder.send(LABEL, serialised(messages.text('sit')))
    recorder.wait_until_received(LABEL)
    play_imu(recorder, 20)
    assert {v.key: v.value for v in recorder.status('session').values}['label'] == 'sit'
    assert recorder.call('stop')[0]
    with BagReader(tmp_path / 'out' / 's1_one') as reader:
        walk, sit = reader.labels()
        assert (walk.label, sit.label, walk.group) == ('walk', 'sit', 's1')
        assert walk.start <= reader.start + SECOND
        assert walk.end == sit.start
        assert sit.end == reader.end - 1
        arrivals = [stamp for _, _, stamp in reader.raw([IMU])]
    assert all(stamp < walk.end for stamp in arrivals[:20])
    assert all(sit.start <= stamp for stamp in arrivals[20:])


def play_imu(recorder, count, first=None, period=SECOND // 100):
    first = first or time.time_ns()
    for index in range(count):
        recorder.send(IMU, imu(first + index * period, index))
    recorder.wait_until_received(IMU)


def test_a_late_publisher_that_offers_less_costs_no_message(fixture, tmp_path):
    """One reliable publisher goes on while a best-effort one comes; both are heard, once."""
    recorder = fixture(sensors=['imu'])
    assert recorder.call('start')[0]
    reliable = recorder.offer(IMU)
    first = time.time_ns()
    numbers = iter(range(10**6))

    def go_on():
        stamp = first + next(numbers) * 1000
        recorder.sent[IMU].append(imu(stamp))
        reliable.publish(recorder.sent[IMU][-1])

    go_on()
    late = recorder.node.create_publisher(
        message_class(TYPES[IMU]), IMU, qos_profile_sensor_data
    )
    recorder.until(lambda: go_on() or late.get_subscription_count())
    from_late = [imu(first + 10**9 + index, 1.0) for index in range(50)]
    for raw in from_late:
        late.publish(raw)
        go_on()
        recorder.wait_until_received(IMU)
    for _ in range(200):
        go_on()
        recorder.executor.spin_once(timeout_sec=0.01)
    total = len(recorder.sent[IMU]) + len(from_late)
    recorder.until(lambda: recorder.recorded_topic(IMU).rates.count >= total)
    assert recorder.call('stop')[0]
    found = contents(tmp_path / 'out' / 's1_one')[IMU]
    assert [raw for raw in found if raw not in from_late] == recorder.sent[IMU]
    assert [raw for raw in found if raw in from_late] == from_late


def test_a_second_type_on_a_topic_is_an_error_on_diagnostics(fixture):
    recorder = fixture()
    recorder.offer(IMU)
    elsewhere = Context()
    elsewhere.init()
    other = Node('other', context=elsewhere)
    other.create_publisher(message_class('std_msgs/msg/String'), IMU, 1)
    status = recorder.status('imu', lambda status: 'and' in status.message)
    assert status.level == DiagnosticStatus.ERROR
    assert status.message == (
        '/imu/data carries sensor_msgs/msg/Imu and std_msgs/msg/String: give each type a topic '
        'of its own'
    )
    other.destroy_node()
    elsewhere.shutdown()


def test_a_sensor_that_dies_is_reported_while_the_others_go_on(fixture, tmp_path):
    recorder = fixture(silent_after=0.2)
    for topic in (IMU, CAMERA, AUDIO):
        recorder.offer(topic)
    assert recorder.call('start')[0]
    play(recorder, 5)
    recorder.diagnostics.clear()
    first = time.time_ns()
    index = 0
    reports = []
    while not reports:
        recorder.send(IMU, imu(first + index * SECOND // 300))
        if index % 10 == 0:
            recorder.send(AUDIO, sound(first + index * SECOND // 300 + 1000))
        index += 1
        recorder.wait_until_received(IMU, AUDIO)
        reports = [
            status for message in recorder.diagnostics for status in message.status
            if status.name == 'recorder: camera' and 'silent for' in status.message
        ]
    assert reports[0].level == DiagnosticStatus.ERROR
    assert recorder.call('stop')[0]
    custom = reported(tmp_path / 'out' / 's1_one')
    pairs = {tuple(pair['topics']): pair for pair in custom['pairing']}
    assert pairs[IMU, AUDIO]['matches'] == len(recorder.sent[AUDIO])
    assert contents(tmp_path / 'out' / 's1_one') == recorder.sent


def test_a_clock_that_goes_back_begins_another_bag(fixture, context, tmp_path):
    recorder = fixture(use_sim_time=True, sensors=['imu'])
    clock = recorder.node.create_publisher(Clock, '/clock', 10)
    node_clock = recorder.recorder.get_clock()

    def tick(now):
        def told_time():
            clock.publish(Clock(clock=time_message(now)))
            return node_clock.now().nanoseconds == now

        recorder.until(told_time)

    assert recorder.call('start') == (
        False, 'use_sim_time is set, but nobody sends /clock: play with --clock'
    )
    tick(100 * SECOND)
    recorder.offer(IMU)
    recorder.offer(LABEL)
    assert recorder.call('start')[0]
    recorder.send(LABEL, serialised(messages.text('walk')))
    recorder.wait_until_received(LABEL)
    rounds = []
    for _ in range(3):
        before = len(recorder.sent[IMU])
        for second in range(100, 110):
            tick(second * SECOND)
            play_imu(recorder, 1, second * SECOND)
        rounds.append(recorder.sent[IMU][before:])
    assert recorder.call('stop')[0]
    bags = [tmp_path / 'out' / name for name in ('s1_one', 's1_one_2', 's1_one_3')]
    recorder.until(lambda: all((bag / 'metadata.yaml').exists() for bag in bags))
    for bag, sent in zip(bags, rounds, strict=True):
        rows = recorded(bag)[IMU]
        assert [data for data, _ in rows] == sent
        assert [stamp for _, stamp in rows] == [header_stamp(raw) for raw in sent]
        with BagReader(bag) as reader:
            assert [interval.label for interval in reader.labels()] == ['walk']
    assert [reported(bag)['ended'] for bag in bags] == [
        'the clock went back', 'the clock went back', 'stopped'
    ]


def test_stamps_that_loop_go_on_pairing(fixture, tmp_path):
    recorder = fixture()
    for topic in (IMU, CAMERA, AUDIO):
        recorder.offer(topic)
    assert recorder.call('start')[0]
    first = time.time_ns()
    for _ in range(3):
        play(recorder, 40, first)
    assert recorder.call('stop')[0]
    for pair in reported(tmp_path / 'out' / 's1_one')['pairing']:
        assert pair['restarts'] == 2
        assert pair['matches'] >= 3 * 40 - 2
    assert contents(tmp_path / 'out' / 's1_one') == recorder.sent
    assert 'jumped back 2 times' in recorder.status('camera').message or (
        'silent' in recorder.status('camera').message
    )


def test_sound_without_a_header_is_stamped_on_arrival_and_marked_so(fixture, tmp_path):
    recorder = fixture(sensors=['imu', 'audio'])
    recorder.offer(IMU)
    recorder.offer(AUDIO, 'audio_common_msgs/msg/AudioData')
    assert recorder.call('start')[0]
    raw = b'\0\1\0\0\4\0\0\0abcd'
    for _ in range(5):
        recorder.send(IMU, imu(time.time_ns()))
        recorder.send(AUDIO, raw)
        recorder.wait_until_received()
    assert recorder.call('stop')[0]
    custom = reported(tmp_path / 'out' / 's1_one')
    assert custom['topics'][AUDIO]['stamped_by'] == 'arrival'
    assert custom['pairing'][0]['matches'] == 5
    assert contents(tmp_path / 'out' / 's1_one')[AUDIO] == [raw] * 5


def test_a_flood_is_dropped_only_where_that_is_allowed_and_counted(fixture, tmp_path):
    """Images that compress badly, faster than they can be compressed."""
    recorder = fixture(
        sensors=['imu', 'camera'], overflow='drop', droppable=['camera/image_raw'], queue_size=1,
        compression='zstd',
    )
    recorder.offer(IMU)
    recorder.offer(CAMERA, qos=QoSProfile(depth=60))
    flood = image(time.time_ns(), (1080, 1920))
    assert recorder.call('start')[0]

    def dropped():
        recorder.send(CAMERA, flood)
        recorder.send(IMU, imu(time.time_ns()))
        recorder.wait_until_received()
        status = [
            s for m in recorder.diagnostics for s in m.status if s.name == 'recorder: session'
        ]
        return [s for s in status if 'messages dropped: the disk is too slow' in s.message]

    status = recorder.until(dropped)[-1]
    assert status.level == DiagnosticStatus.WARN
    assert recorder.call('stop')[0]
    bag = tmp_path / 'out' / 's1_one'
    found, topics = contents(bag), reported(bag)['topics']
    assert found[IMU] == recorder.sent[IMU]
    assert topics[CAMERA]['received'] == len(recorder.sent[CAMERA])
    assert topics[CAMERA]['written'] == len(found[CAMERA])
    assert topics[CAMERA]['dropped'] == len(recorder.sent[CAMERA]) - len(found[CAMERA]) > 0


def test_a_flood_waits_where_nothing_may_be_dropped(fixture, tmp_path):
    recorder = fixture(sensors=['camera'], queue_size=1, compression='zstd')
    recorder.offer(CAMERA, qos=QoSProfile(depth=60))
    floods = [image(time.time_ns() + index, (1080, 1920)) for index in range(3)]
    assert recorder.call('start')[0]

    def waited():
        for flood in floods:
            recorder.send(CAMERA, flood)
        recorder.wait_until_received()
        status = [
            s for m in recorder.diagnostics for s in m.status if s.name == 'recorder: session'
        ]
        return [s for s in status if 'times for the disk' in s.message]

    assert recorder.until(waited)[-1].level == DiagnosticStatus.WARN
    assert recorder.call('stop')[0]
    assert contents(tmp_path / 'out' / 's1_one') == recorder.sent


def test_delayed_messages_are_kept_and_counted(fixture, tmp_path):
    recorder = fixture(sensors=['imu'])
    recorder.offer(IMU)
    assert recorder.call('start')[0]
    first = time.time_ns()
    for late in (0, 10, 5, 20, 10, 30):
        recorder.send(IMU, imu(first + late * 10**6))
        recorder.wait_until_received()

    def counted(status):
        return {each.key: each.value for each in status.values}['out_of_order'] == '2'

    recorder.status('imu', counted)
    assert recorder.call('stop')[0]
    assert contents(tmp_path / 'out' / 's1_one') == recorder.sent


def test_bytes_that_are_no_message_are_kept_and_counted(fixture, tmp_path):
    recorder = fixture(sensors=['imu'])
    recorder.offer(IMU)
    assert recorder.call('start')[0]
    recorder.send(IMU, imu(time.time_ns()))
    recorder.send(IMU, b'\0\1\0\0\1')
    recorder.send(IMU, imu(time.time_ns()))
    recorder.wait_until_received()
    status = recorder.status('imu', lambda status: 'malformed' in status.message)
    assert status.level == DiagnosticStatus.ERROR
    assert recorder.call('stop')[0]
    assert contents(tmp_path / 'out' / 's1_one') == recorder.sent


def test_the_witness_survives_an_error_in_its_callback():
    pairing = Pairing(('/a', '/b'), 0.05)
    failed = []

    def fail_once(first, second):
        if not failed:
            failed.append(True)
            raise RuntimeError('the callback failed')
        Pairing._match(pairing, first, second)

    pairing._match = fail_once
    pairing._restart()
    for index in range(1, 11):
        pairing.observe('/a', index * SECOND)
        pairing.observe('/b', index * SECOND + 1000)
    assert pairing.error == "RuntimeError('the callback failed')"
    assert pairing.matches == 9
    assert pairing.record()['offset_median'] == pytest.approx(1e-6)


def test_what_would_change_a_running_session_is_refused(fixture, tmp_path):
    recorder = fixture()
    recorder.offer(IMU)
    assert recorder.set(subject='a/b').startswith('subject is "a/b", expected letters')
    assert recorder.set(overflow='maybe') == 'overflow is "maybe", expected wait or drop'
    assert recorder.set(sensors=['radar']) == (
        'sensors has "radar", expected imu, camera, audio, skeleton, or a name with a modality: '
        'set radar.modality'
    )
    refusal = recorder.set(topics=['/extra', '/no good'])
    assert refusal.startswith('topics has "/no good", which is no topic: ')
    for name in ('a//b', '{nope}/x'):
        assert 'which is no topic' in recorder.set(topics=[name])
        assert 'which is no topic' in recorder.set(droppable=[name])
    assert recorder.set(subject=7) == ''
    assert recorder.call('start')[0]
    assert recorder.set(session='x') == (
        'session cannot change while a session runs: call ~/stop first'
    )
    assert recorder.set(use_sim_time=True) == (
        'use_sim_time cannot change while a session runs: call ~/stop first'
    )
    assert recorder.set(notes='stumbled at 3 min') == ''
    play_imu(recorder, 1)
    assert recorder.call('stop')[0]
    assert reported(tmp_path / 'out' / '7_one')['notes'] == 'stumbled at 3 min'


def test_the_sensors_change_between_sessions(fixture, tmp_path):
    recorder = fixture(sensors=['imu'])
    recorder.offer(IMU)
    assert recorder.set(sensors=['camera']) == ''
    recorder.offer(CAMERA)
    recorder.until(lambda: recorder.publishers[IMU].get_subscription_count() == 0)
    assert recorder.call('start')[0]
    recorder.send(CAMERA, image(time.time_ns()))
    recorder.wait_until_received(CAMERA)
    assert recorder.call('stop')[0]
    assert contents(tmp_path / 'out' / 's1_one') == {CAMERA: recorder.sent[CAMERA]}


def test_deactivation_ends_the_session_and_the_bag(fixture, tmp_path):
    recorder = fixture(start_on_activation=True)
    recorder.offer(IMU)
    recorder.status('session', lambda status: status.message.startswith('recording'))
    play_imu(recorder, 10)
    recorder.recorder.trigger_deactivate()
    assert contents(tmp_path / 'out' / 's1_one') == recorder.sent
    assert recorder.call('start') == (
        False, 'not active: ros2 lifecycle set /recorder activate'
    )
    recorder.recorder.trigger_cleanup()
    assert recorder.call('start') == (
        False, 'not configured: ros2 lifecycle set /recorder configure'
    )
    assert recorder.status('session').level == DiagnosticStatus.WARN


def test_a_start_at_activation_that_fails_is_said_and_can_be_repeated(fixture, tmp_path):
    (tmp_path / 'out' / 's1_one').mkdir(parents=True)
    recorder = fixture(start_on_activation=True)
    status = recorder.status('session', lambda status: status.level == DiagnosticStatus.ERROR)
    assert status.message == f'{tmp_path}/out/s1_one exists already, not overwriting'
    assert recorder.set(session='two') == ''
    assert recorder.call('start')[0]


def test_a_node_that_cannot_be_configured_says_why(fixture):
    recorder = fixture(autostart=False, overflow='drop', droppable=[''])
    recorder.recorder.trigger_configure()
    assert recorder.recorder.problem == 'overflow is "drop", but droppable names no topic'
    assert recorder.recorder._state_machine.current_state[0] == State.PRIMARY_STATE_UNCONFIGURED


def test_after_a_session_its_report_is_in_the_bag(fixture, tmp_path):
    recorder = fixture(report=True)
    recorder.offer(IMU)
    assert recorder.call('start')[0]
    play_imu(recorder, 50)
    assert recorder.call('stop')[0]
    recorder.until((tmp_path / 'out' / 's1_one' / 'report.html').exists)


@pytest.mark.parametrize(
    ('parameter', 'value'), [('max_bagfile_size', 1), ('compression', 'zstd')]
)
def test_bags_are_stored_as_asked_for(fixture, tmp_path, parameter, value):
    recorder = fixture(sensors=['camera'], **{parameter: value})
    recorder.offer(CAMERA)
    assert recorder.call('start')[0]
    for _ in range(20):
        recorder.send(CAMERA, image(time.time_ns(), (240, 320)))
        recorder.wait_until_received()
    assert recorder.call('stop')[0]
    bag = tmp_path / 'out' / 's1_one'
    assert contents(bag) == recorder.sent
    files = sorted(bag.glob('*.mcap'))
    if parameter == 'max_bagfile_size':
        assert len(files) >= 4
    else:
        assert b'zstd' in files[0].read_bytes()
