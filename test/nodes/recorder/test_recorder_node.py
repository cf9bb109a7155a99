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
from dcat_ros.nodes.recorder.pairing import Pairing
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
    serialised,
    sound,
    Studio,
    told,
    TYPES,
)
from rosgraph_msgs.msg import Clock

SECOND = 10**9


@pytest.fixture
def studio(context, tmp_path):
    made = []

    def make(**parameters):
        made.append(Studio(context, tmp_path / 'out', **parameters))
        return made[-1]

    yield make
    for each in made:
        each.close()


def play(studio, count, first=None, each=10):
    """Send rounds of an image, a chunk of sound and IMU samples, each taken before the next."""
    first = first or time.time_ns()
    for index in range(count):
        stamp = first + index * SECOND // 30
        studio.send(CAMERA, image(stamp))
        studio.send(AUDIO, sound(stamp + 1000))
        for part in range(each):
            studio.send(IMU, imu(stamp + part * SECOND // 300, index))
        studio.heard(IMU, CAMERA, AUDIO)


def test_every_message_is_in_the_bag_byte_for_byte_in_order(studio, tmp_path):
    stage = studio(topics=['/extra'], location='lab', notes='left hand')
    assert stage.call('start')[0]
    stage.offer(INFO)
    stage.send(INFO, serialised(messages.audio_info(1, 16000)))
    stage.offer(IMU)
    stage.offer(CAMERA, qos=qos_profile_sensor_data)
    stage.offer(AUDIO)
    stage.offer('/extra', 'std_msgs/msg/String')
    play(stage, 40)
    stage.send('/extra', serialised(messages.text('anything')))
    stage.heard()
    bag = tmp_path / 'out' / 's1_one'
    assert stage.call('stop') == (True, f'recorded {bag}')

    assert contents(bag) == stage.sent
    assert len(stage.sent[IMU]) == 400
    for rows in recorded(bag).values():
        times = [stamp for _, stamp in rows]
        assert times == sorted(times)
    custom = told(bag)
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


def test_sessions_follow_each_other_and_overwrite_nothing(studio, tmp_path):
    stage = studio()
    stage.offer(IMU)
    assert stage.call('stop') == (False, 'no session runs')
    ok, said = stage.call('start')
    assert ok
    assert f'recording {tmp_path}/out/s1_one, ' in said
    assert stage.call('start') == (
        False, f'already recording {tmp_path}/out/s1_one: stop that first'
    )
    stage.send(IMU, imu(time.time_ns(), 1.0))
    stage.heard()
    assert stage.call('stop')[0]
    assert stage.call('start') == (
        False, f'{tmp_path}/out/s1_one exists already, not overwriting'
    )
    assert stage.set(session='two') == ''
    assert stage.call('start')[0]
    stage.send(IMU, imu(time.time_ns(), 2.0))
    stage.heard()
    assert stage.call('stop')[0]
    assert contents(tmp_path / 'out' / 's1_one') == {IMU: stage.sent[IMU][:1]}
    assert contents(tmp_path / 'out' / 's1_two') == {IMU: stage.sent[IMU][1:]}


def test_what_was_said_before_the_session_and_still_holds_is_in_each_bag(studio, tmp_path):
    stage = studio(topics=['/state'])
    stage.offer(INFO)
    stage.offer('/state', 'std_msgs/msg/String', LATCHED)
    old = serialised(messages.audio_info(2, 8000))
    stage.send(INFO, old)
    stage.send(INFO, serialised(messages.audio_info(1, 16000)))
    stage.send('/state', serialised(messages.text('calibrated')))
    stage.heard()
    for session in ('one', 'two'):
        assert stage.set(session=session) == ''
        assert stage.call('start')[0]
        assert stage.call('stop')[0]
        assert contents(tmp_path / 'out' / f's1_{session}') == {
            INFO: stage.sent[INFO][1:], '/state': stage.sent['/state'],
        }


def test_empty_lists_are_empty():
    elsewhere = Context()
    elsewhere.init(args=['--ros-args', '-p', 'topics:=[]', '-p', 'sensors:=[]'])
    node = RecorderNode(context=elsewhere)
    node.trigger_configure()
    assert node.problem == 'sensors and topics are both empty: name what to record'
    node.destroy_node()
    elsewhere.shutdown()


def test_a_sensor_that_lags_behind_finds_its_partners(studio, tmp_path):
    """The camera's messages come 0.4 s after the IMU's of the same stamp."""
    stage = studio(sensors=['imu', 'camera'])
    stage.offer(IMU)
    stage.offer(CAMERA)
    assert stage.call('start')[0]
    first = time.time_ns()
    for index in range(400):
        stage.send(IMU, imu(first + index * SECOND // 400))
        if index >= 160 and index % 10 == 0:
            stage.send(CAMERA, image(first + (index - 160) * SECOND // 400))
        stage.heard()
    assert stage.call('stop')[0]
    pair, = told(tmp_path / 'out' / 's1_one')['pairing']
    assert pair['matches'] == len(stage.sent[CAMERA]) == 24
    assert abs(pair['offset_worst']) <= 1 / 400


def test_a_session_without_a_name_is_named_after_its_time(studio, tmp_path):
    stage = studio(session='', subject='')
    assert stage.call('start')[0]
    assert stage.call('stop')[0]
    bag, = (tmp_path / 'out').iterdir()
    assert time.strptime(bag.name, '%Y_%m_%d-%H_%M_%S')


def test_labels_become_intervals_with_a_start_and_an_end(studio, tmp_path):
    stage = studio()
    stage.offer(IMU)
    stage.offer(LABEL)
    stage.send(LABEL, serialised(messages.text('walk')))
    stage.heard(LABEL)
    assert stage.status('session', lambda status: status.message.startswith('ready'))
    assert stage.call('start')[0]
    play_imu(stage, 20)
    stage.send(LABEL, serialised(messages.text('sit')))
    stage.heard(LABEL)
    play_imu(stage, 20)
    assert {v.key: v.value for v in stage.status('session').values}['label'] == 'sit'
    assert stage.call('stop')[0]
    with BagReader(tmp_path / 'out' / 's1_one') as reader:
        walk, sit = reader.labels()
        assert (walk.label, sit.label, walk.group) == ('walk', 'sit', 's1')
        assert walk.start <= reader.start + SECOND
        assert walk.end == sit.start
        assert sit.end == reader.end - 1
        arrivals = [stamp for _, _, stamp in reader.raw([IMU])]
    assert all(stamp < walk.end for stamp in arrivals[:20])
    assert all(sit.start <= stamp for stamp in arrivals[20:])


def play_imu(stage, count, first=None, period=SECOND // 100):
    first = first or time.time_ns()
    for index in range(count):
        stage.send(IMU, imu(first + index * period, index))
    stage.heard(IMU)


def test_a_late_publisher_that_offers_less_costs_no_message(studio, tmp_path):
    """One reliable publisher goes on while a best-effort one comes; both are heard, once."""
    stage = studio(sensors=['imu'])
    assert stage.call('start')[0]
    reliable = stage.offer(IMU)
    first = time.time_ns()
    numbers = iter(range(10**6))

    def go_on():
        stamp = first + next(numbers) * 1000
        stage.sent[IMU].append(imu(stamp))
        reliable.publish(stage.sent[IMU][-1])

    go_on()
    late = stage.node.create_publisher(
        message_class(TYPES[IMU]), IMU, qos_profile_sensor_data
    )
    stage.until(lambda: go_on() or late.get_subscription_count())
    from_late = [imu(first + 10**9 + index, 1.0) for index in range(50)]
    for raw in from_late:
        late.publish(raw)
        go_on()
        stage.until(lambda raw=raw: stage.feed(IMU).beat.count >= len(stage.sent[IMU]))
    for _ in range(200):
        go_on()
        stage.executor.spin_once(timeout_sec=0.01)
    total = len(stage.sent[IMU]) + len(from_late)
    stage.until(lambda: stage.feed(IMU).beat.count >= total)
    assert stage.call('stop')[0]
    found = contents(tmp_path / 'out' / 's1_one')[IMU]
    assert [raw for raw in found if raw not in from_late] == stage.sent[IMU]
    assert [raw for raw in found if raw in from_late] == from_late


def test_a_second_type_on_a_topic_is_an_error_on_diagnostics(studio):
    stage = studio()
    stage.offer(IMU)
    elsewhere = Context()
    elsewhere.init()
    other = Node('other', context=elsewhere)
    other.create_publisher(message_class('std_msgs/msg/String'), IMU, 1)
    status = stage.status('imu', lambda status: 'and' in status.message)
    assert status.level == DiagnosticStatus.ERROR
    assert status.message == (
        '/imu/data carries sensor_msgs/msg/Imu and std_msgs/msg/String: give each type a topic '
        'of its own'
    )
    other.destroy_node()
    elsewhere.shutdown()


def test_a_sensor_that_dies_is_reported_while_the_others_go_on(studio, tmp_path):
    stage = studio(silent_after=0.2)
    for topic in (IMU, CAMERA, AUDIO):
        stage.offer(topic)
    assert stage.call('start')[0]
    play(stage, 5)
    stage.diagnostics.clear()
    first = time.time_ns()
    index = 0
    reports = []
    while not reports:
        stage.send(IMU, imu(first + index * SECOND // 300))
        if index % 10 == 0:
            stage.send(AUDIO, sound(first + index * SECOND // 300 + 1000))
        index += 1
        stage.heard(IMU, AUDIO)
        reports = [
            status for message in stage.diagnostics for status in message.status
            if status.name == 'recorder: camera' and 'silent for' in status.message
        ]
    assert reports[0].level == DiagnosticStatus.ERROR
    assert stage.call('stop')[0]
    custom = told(tmp_path / 'out' / 's1_one')
    pairs = {tuple(pair['topics']): pair for pair in custom['pairing']}
    assert pairs[IMU, AUDIO]['matches'] == len(stage.sent[AUDIO])
    assert contents(tmp_path / 'out' / 's1_one') == stage.sent


def test_a_clock_that_goes_back_begins_another_bag(studio, context, tmp_path):
    stage = studio(use_sim_time=True, sensors=['imu'])
    clock = stage.node.create_publisher(Clock, '/clock', 10)
    node_clock = stage.recorder.get_clock()

    def tick(now):
        def told_time():
            clock.publish(Clock(clock=time_message(now)))
            return node_clock.now().nanoseconds == now

        stage.until(told_time)

    assert stage.call('start') == (
        False, 'use_sim_time is set, but nobody sends /clock: play with --clock'
    )
    tick(100 * SECOND)
    stage.offer(IMU)
    stage.offer(LABEL)
    assert stage.call('start')[0]
    stage.send(LABEL, serialised(messages.text('walk')))
    stage.heard(LABEL)
    rounds = []
    for _ in range(3):
        before = len(stage.sent[IMU])
        for second in range(100, 110):
            tick(second * SECOND)
            play_imu(stage, 1, second * SECOND)
        rounds.append(stage.sent[IMU][before:])
    assert stage.call('stop')[0]
    bags = [tmp_path / 'out' / name for name in ('s1_one', 's1_one_2', 's1_one_3')]
    stage.until(lambda: all((bag / 'metadata.yaml').exists() for bag in bags))
    for bag, sent in zip(bags, rounds, strict=True):
        rows = recorded(bag)[IMU]
        assert [data for data, _ in rows] == sent
        assert [stamp for _, stamp in rows] == [header_stamp(raw) for raw in sent]
        with BagReader(bag) as reader:
            assert [interval.label for interval in reader.labels()] == ['walk']
    assert [told(bag)['ended'] for bag in bags] == [
        'the clock went back', 'the clock went back', 'stopped'
    ]


def test_stamps_that_loop_go_on_pairing(studio, tmp_path):
    stage = studio()
    for topic in (IMU, CAMERA, AUDIO):
        stage.offer(topic)
    assert stage.call('start')[0]
    first = time.time_ns()
    for _ in range(3):
        play(stage, 40, first)
    assert stage.call('stop')[0]
    for pair in told(tmp_path / 'out' / 's1_one')['pairing']:
        assert pair['restarts'] == 2
        assert pair['matches'] >= 3 * 40 - 2
    assert contents(tmp_path / 'out' / 's1_one') == stage.sent
    assert 'jumped back 2 times' in stage.status('camera').message or (
        'silent' in stage.status('camera').message
    )


def test_sound_without_a_header_is_stamped_on_arrival_and_marked_so(studio, tmp_path):
    stage = studio(sensors=['imu', 'audio'])
    stage.offer(IMU)
    stage.offer(AUDIO, 'audio_common_msgs/msg/AudioData')
    assert stage.call('start')[0]
    raw = b'\0\1\0\0\4\0\0\0abcd'
    for _ in range(5):
        stage.send(IMU, imu(time.time_ns()))
        stage.send(AUDIO, raw)
        stage.heard()
    assert stage.call('stop')[0]
    custom = told(tmp_path / 'out' / 's1_one')
    assert custom['topics'][AUDIO]['stamped_by'] == 'arrival'
    assert custom['pairing'][0]['matches'] == 5
    assert contents(tmp_path / 'out' / 's1_one')[AUDIO] == [raw] * 5


def test_a_flood_is_dropped_only_where_that_is_allowed_and_counted(studio, tmp_path):
    """Images that compress badly, faster than they can be compressed."""
    stage = studio(
        sensors=['imu', 'camera'], overflow='drop', droppable=['camera/image_raw'], queue_size=1,
        compression='zstd',
    )
    stage.offer(IMU)
    stage.offer(CAMERA, qos=QoSProfile(depth=60))
    flood = image(time.time_ns(), (1080, 1920))
    assert stage.call('start')[0]

    def dropped():
        stage.send(CAMERA, flood)
        stage.send(IMU, imu(time.time_ns()))
        stage.heard()
        status = [s for m in stage.diagnostics for s in m.status if s.name == 'recorder: session']
        return [s for s in status if 'messages dropped: the disk cannot follow' in s.message]

    status = stage.until(dropped)[-1]
    assert status.level == DiagnosticStatus.WARN
    assert stage.call('stop')[0]
    bag = tmp_path / 'out' / 's1_one'
    found, topics = contents(bag), told(bag)['topics']
    assert found[IMU] == stage.sent[IMU]
    assert topics[CAMERA]['received'] == len(stage.sent[CAMERA])
    assert topics[CAMERA]['written'] == len(found[CAMERA])
    assert topics[CAMERA]['dropped'] == len(stage.sent[CAMERA]) - len(found[CAMERA]) > 0


def test_a_flood_waits_where_nothing_may_be_dropped(studio, tmp_path):
    stage = studio(sensors=['camera'], queue_size=1, compression='zstd')
    stage.offer(CAMERA, qos=QoSProfile(depth=60))
    floods = [image(time.time_ns() + index, (1080, 1920)) for index in range(3)]
    assert stage.call('start')[0]

    def waited():
        for flood in floods:
            stage.send(CAMERA, flood)
        stage.heard()
        status = [s for m in stage.diagnostics for s in m.status if s.name == 'recorder: session']
        return [s for s in status if 'times for the disk' in s.message]

    assert stage.until(waited)[-1].level == DiagnosticStatus.WARN
    assert stage.call('stop')[0]
    assert contents(tmp_path / 'out' / 's1_one') == stage.sent


def test_delayed_messages_are_kept_and_counted(studio, tmp_path):
    stage = studio(sensors=['imu'])
    stage.offer(IMU)
    assert stage.call('start')[0]
    first = time.time_ns()
    for late in (0, 10, 5, 20, 10, 30):
        stage.send(IMU, imu(first + late * 10**6))
        stage.heard()

    def counted(status):
        return {each.key: each.value for each in status.values}['out_of_order'] == '2'

    stage.status('imu', counted)
    assert stage.call('stop')[0]
    assert contents(tmp_path / 'out' / 's1_one') == stage.sent


def test_bytes_that_are_no_message_are_kept_and_counted(studio, tmp_path):
    stage = studio(sensors=['imu'])
    stage.offer(IMU)
    assert stage.call('start')[0]
    stage.send(IMU, imu(time.time_ns()))
    stage.send(IMU, b'\0\1\0\0\1')
    stage.send(IMU, imu(time.time_ns()))
    stage.heard()
    status = stage.status('imu', lambda status: 'malformed' in status.message)
    assert status.level == DiagnosticStatus.ERROR
    assert stage.call('stop')[0]
    assert contents(tmp_path / 'out' / 's1_one') == stage.sent


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


def test_what_would_change_a_running_session_is_refused(studio, tmp_path):
    stage = studio()
    stage.offer(IMU)
    assert stage.set(subject='a/b').startswith('subject is "a/b", expected letters')
    assert stage.set(overflow='maybe') == 'overflow is "maybe", expected wait or drop'
    assert stage.set(sensors=['radar']) == 'sensors is "radar", expected imu or camera or audio'
    refusal = stage.set(topics=['/extra', '/no good'])
    assert refusal.startswith('topics has "/no good", which is no topic: ')
    for name in ('a//b', '{nope}/x'):
        assert 'which is no topic' in stage.set(topics=[name])
        assert 'which is no topic' in stage.set(droppable=[name])
    assert stage.set(subject=7) == ''
    assert stage.call('start')[0]
    assert stage.set(session='x') == (
        'session cannot change while a session runs: call ~/stop first'
    )
    assert stage.set(use_sim_time=True) == (
        'use_sim_time cannot change while a session runs: call ~/stop first'
    )
    assert stage.set(notes='stumbled at 3 min') == ''
    play_imu(stage, 1)
    assert stage.call('stop')[0]
    assert told(tmp_path / 'out' / '7_one')['notes'] == 'stumbled at 3 min'


def test_the_sensors_change_between_sessions(studio, tmp_path):
    stage = studio(sensors=['imu'])
    stage.offer(IMU)
    assert stage.set(sensors=['camera']) == ''
    stage.offer(CAMERA)
    stage.until(lambda: stage.publishers[IMU].get_subscription_count() == 0)
    assert stage.call('start')[0]
    stage.send(CAMERA, image(time.time_ns()))
    stage.heard(CAMERA)
    assert stage.call('stop')[0]
    assert contents(tmp_path / 'out' / 's1_one') == {CAMERA: stage.sent[CAMERA]}


def test_deactivation_ends_the_session_and_the_bag(studio, tmp_path):
    stage = studio(start_on_activation=True)
    stage.offer(IMU)
    stage.status('session', lambda status: status.message.startswith('recording'))
    play_imu(stage, 10)
    stage.recorder.trigger_deactivate()
    assert contents(tmp_path / 'out' / 's1_one') == stage.sent
    assert stage.call('start') == (
        False, 'not active: ros2 lifecycle set /recorder activate'
    )
    stage.recorder.trigger_cleanup()
    assert stage.call('start') == (
        False, 'not configured: ros2 lifecycle set /recorder configure'
    )
    assert stage.status('session').level == DiagnosticStatus.WARN


def test_a_start_at_activation_that_fails_is_said_and_can_be_repeated(studio, tmp_path):
    (tmp_path / 'out' / 's1_one').mkdir(parents=True)
    stage = studio(start_on_activation=True)
    status = stage.status('session', lambda status: status.level == DiagnosticStatus.ERROR)
    assert status.message == f'{tmp_path}/out/s1_one exists already, not overwriting'
    assert stage.set(session='two') == ''
    assert stage.call('start')[0]


def test_a_node_that_cannot_be_configured_says_why(studio):
    stage = studio(autostart=False, overflow='drop', droppable=[''])
    stage.recorder.trigger_configure()
    assert stage.recorder.problem == 'overflow is "drop", but droppable names no topic'
    assert stage.recorder._state_machine.current_state[0] == State.PRIMARY_STATE_UNCONFIGURED


def test_after_a_session_its_report_is_in_the_bag(studio, tmp_path):
    stage = studio(report=True)
    stage.offer(IMU)
    assert stage.call('start')[0]
    play_imu(stage, 50)
    assert stage.call('stop')[0]
    stage.until((tmp_path / 'out' / 's1_one' / 'report.html').exists)


@pytest.mark.parametrize(
    ('parameter', 'value'), [('max_bagfile_size', 1), ('compression', 'zstd')]
)
def test_bags_are_stored_as_asked_for(studio, tmp_path, parameter, value):
    stage = studio(sensors=['camera'], **{parameter: value})
    stage.offer(CAMERA)
    assert stage.call('start')[0]
    for _ in range(20):
        stage.send(CAMERA, image(time.time_ns(), (240, 320)))
        stage.heard()
    assert stage.call('stop')[0]
    bag = tmp_path / 'out' / 's1_one'
    assert contents(bag) == stage.sent
    files = sorted(bag.glob('*.mcap'))
    if parameter == 'max_bagfile_size':
        assert len(files) >= 4
    else:
        assert b'zstd' in files[0].read_bytes()
