# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""`dcat bag report`: its numbers, its verdict by each rule, its files and exit status."""

import json
import re
import xml.etree.ElementTree as ET

from browser import needs_chromium, wide_elements, WIDTHS
from dcat_ros.bags import messages
from dcat_ros.bags.types import typestore
from dcat_ros.commands import bag as command
from dcat_ros.commands import simulate_bags
from dcat_ros.reports.build import build_report
from dcat_ros.reports.page import page
from dcat_ros.reports.verdict import judge
import numpy as np
from plausible_imu import AT_REST
import pytest
import report_bags as bags
from report_bags import FRAME, PERIODS, SECOND, session, START, without, write
from rosbags.rosbag2 import StoragePlugin, Writer

IMU, CAMERA, AUDIO = PERIODS


def topics_of(path):
    return {topic.name: topic for topic in build_report(path).topics}


def verdict_of(path):
    return judge(build_report(path))


def moved(rows, topic, seconds, share=1):
    """Return the rows with every so manieth stamp of a topic moved against its arrival."""
    chosen = None if share == 1 else set(range(0, 10**6, share))
    return bags.changed(
        rows, topic,
        lambda data, arrival: bags.restamped(data, arrival + round(seconds * SECOND)), chosen,
    )


def test_numbers_of_a_sound_session(tmp_path):
    custom = {'location': 'lab', 'ended': 'stopped'}
    report = build_report(write(tmp_path / 'bag', session(), custom))
    assert (report.name, report.start, report.duration) == ('bag', START, 10.0)
    assert report.messages == 1000 + 100 + 250 + 1 + 3
    assert [topic.name for topic in report.topics] == [
        IMU, CAMERA, AUDIO, '/audio/audio_info', '/label'
    ]
    imu, camera, audio, info, label = report.topics
    assert (imu.sensor, imu.stamped_by, imu.written, imu.bytes) == ('imu', 'header', 1000, 324000)
    assert (imu.first, imu.last) == (START, START + 10 * SECOND - SECOND // 100)
    assert (imu.rate, imu.jitter, imu.missing, len(imu.gaps)) == (100.0, 0.0, 0, 0)
    assert (camera.rate, audio.rate, info.rate, label.rate) == (10.0, 25.0, None, None)
    assert imu.rates == pytest.approx([100.0] * 10)
    assert (imu.received, imu.dropped, imu.claimed) == (None, None, None)
    assert (imu.age_median, imu.age_worst, info.age_median) == (0.0, 0.0, None)
    assert [(each.label, each.count, each.total) for each in report.activities] == [
        ('sit', 1, 5.0), ('walk', 1, 5.0)
    ]
    assert [(frame.label, frame.stamp - START) for frame in report.strips[0].shown] == [
        ('walk', 0), ('sit', 5 * SECOND)
    ]


def test_a_hole_is_measured_to_the_message(tmp_path):
    path = write(tmp_path / 'bag', without(session(), IMU, 2.0, 2.5))
    imu = topics_of(path)[IMU]
    assert imu.gaps.tolist() == [[2 * SECOND - SECOND // 100, 2 * SECOND + SECOND // 2]]
    assert imu.gap_seconds == pytest.approx(0.51)
    assert imu.gap_share == pytest.approx(0.051)
    assert (imu.missing, imu.written) == (50, 950)
    assert imu.rates[2] == pytest.approx(50.0)


def test_a_late_start_and_an_early_end_are_gaps(tmp_path):
    rows = without(without(session(), CAMERA, 0.0, 1.0), CAMERA, 9.0)
    camera = topics_of(write(tmp_path / 'bag', rows))[CAMERA]
    assert camera.gaps.tolist() == [
        [0, SECOND], [9 * SECOND - SECOND // 10, 10 * SECOND + 1]
    ]


def test_gaps_lie_by_stamps_where_arrival_is_delayed(tmp_path):
    delayed = [
        (topic, kind, data, max(arrival, START + 6 * SECOND) if topic == IMU and
         START + 5 * SECOND <= arrival < START + 6 * SECOND else arrival)
        for topic, kind, data, arrival in session()
    ]
    imu = topics_of(write(tmp_path / 'bag', delayed))[IMU]
    assert len(imu.gaps) == 0
    assert imu.age_worst == 1.0
    assert imu.rates[5] == 0.0


def test_ages_are_from_stamp_to_arrival(tmp_path):
    imu = topics_of(write(tmp_path / 'bag', moved(session(), IMU, -0.25)))[IMU]
    assert (imu.age_median, imu.age_worst, imu.aged) == (0.25, 0.25, 0.0)
    ahead = topics_of(write(tmp_path / 'ahead', moved(session(), IMU, 3.0)))[IMU]
    assert (ahead.age_median, ahead.aged) == (-3.0, 1.0)


def test_gaps_between_clips_are_none_of_the_sensors(tmp_path):
    rows = session(labels=((0.0, 'walk'), (4.0, ''), (6.0, 'sit'), (10.0, '')))
    rows = [row for row in rows if row[0] == '/label' or not 4 <= (row[3] - START) / SECOND < 6]
    clips = {'clips': '["a", "b"]', 'clip_groups': '["1", "2"]', 'subject': ''}
    report = build_report(write(tmp_path / 'clips', rows, clips))
    assert all(len(topic.gaps) == 0 and not topic.missing for topic in report.topics)
    assert judge(report).fit
    assert len(topics_of(write(tmp_path / 'session', rows))[IMU].gaps) == 1


def test_what_the_recorder_counted_stands_beside_what_is_there(tmp_path):
    output = bags.recorder_says(
        imu={'received': 1005, 'written': 1000, 'dropped': 5},
        joints={'received': 0, 'written': 0},
    )
    topics = topics_of(write(tmp_path / 'bag', session(), output))
    assert (topics[IMU].received, topics[IMU].claimed, topics[IMU].dropped) == (1005, 1000, 5)
    assert (topics['/joints'].received, topics['/joints'].written) == (0, 0)
    assert topics[CAMERA].received is None


def bytes_cut(data, arrival):
    return data[:20]


def wrong_encoding(data, arrival):
    return data.replace(b'bgr8\0', b'xyz8\0')


def with_two_cameras():
    rows = session()
    return rows + [('/door', kind, data, arrival) for topic, kind, data, arrival in rows
                   if topic == CAMERA]


def with_only_the_other_cameras():
    rows = [row for row in with_two_cameras() if row[0] != CAMERA]
    return rows + [('/roof', kind, data, at) for topic, kind, data, at in rows if topic == '/door']


def with_unstamped_sound():
    data = messages.STORE['audio_common_msgs/msg/AudioData'](data=np.zeros(9, np.uint8))
    return [
        ('/audio/audio', data.__msgtype__, bags.raw(data), arrival) if topic == AUDIO
        else (topic, kind, held, arrival) for topic, kind, held, arrival in session()
    ]


def without_gyroscope(data, arrival):
    message = typestore().deserialize_cdr(data, 'sensor_msgs/msg/Imu')
    message.angular_velocity_covariance = messages.NOT_REPORTED
    return bags.raw(message)


def silence(data, arrival):
    return data[:-1280] + bytes(1280)


def dark(data, arrival):
    return bags.raw(messages.image(arrival, 'camera', 'bgr8', np.zeros((120, 160, 3), np.uint8)))


FINDINGS = {
    'no sensor': (lambda: session(sensors=()), {}, 'no sensor was recorded'),
    'no subject': (session, {'subject': ''}, 'no subject'),
    'counts': (session, {'topics': '{'}, '"topics" in custom_data cannot be read'),
    'dropped': (session, bags.recorder_says(imu={'received': 1002, 'written': 1000, 'dropped': 2}),
                r'/imu/data lost 2 messages \(0.2 %\)'),
    'lost since': (session, bags.recorder_says(imu={'received': 1001, 'written': 1001}),
                   '/imu/data has 1,000 messages, but 1,001 were recorded'),
    'never came': (lambda: without(session(), CAMERA),
                   bags.recorder_says(camera={'received': 0, 'written': 0}),
                   '/camera/image_raw has no message'),
    'gaps': (lambda: without(session(), IMU, 2.0, 2.4), {},
             '/imu/data has 1 gap, 410.0 ms in all, which cover 4.1 % of the labelled time'),
    'silent': (lambda: without(session(), CAMERA, 7.0), {},
               '/camera/image_raw is silent for the last 3.1 s'),
    'malformed': (lambda: bags.changed(session(), IMU, bytes_cut, {3, 4}), {},
                  '/imu/data has 2 malformed messages'),
    'malformed label': (
        lambda: bags.changed(session(), '/label', lambda *_: b'\0\1', {1}), {},
        '/label has 1 malformed message'),
    'unstamped': (lambda: bags.changed(session(), IMU, lambda data, _: bags.restamped(data, 0)),
                  {}, '/imu/data has 1,000 messages with a stamp of 0'),
    'one unstamped': (
        lambda: bags.changed(session(), IMU, lambda data, _: bags.restamped(data, 0), {500}), {},
        '/imu/data has 1 message with a stamp of 0'),
    'no stamps': (with_unstamped_sound, bags.recorder_says(audio={}) | {
        'topics': json.dumps({'/audio/audio': {'sensor': 'audio'}})},
        '/audio/audio has no stamps of its own'),
    'old': (lambda: moved(session(), CAMERA, -1.2), {},
            r'/camera/image_raw has stamps up to 1.2 s before its arrival'),
    'ahead': (lambda: moved(session(), CAMERA, 1.2), {},
              r'/camera/image_raw has stamps up to 1.2 s after its arrival'),
    'jump back': (lambda: [row if row[0] != IMU or row[3] < START + 5 * SECOND else
                           (*row[:2], bags.restamped(row[2], row[3] - 5 * SECOND), row[3])
                           for row in session()], {},
                  '/imu/data has stamps that jump back once'),
    'out of order': (lambda: moved(session(), IMU, -0.05, 50), {},
                     r'/imu/data has 19 stamps out of order \(1.9 %\)'),
    'repeated': (lambda: moved(session(), IMU, -0.01, 50), {},
                 '/imu/data has 19 stamps that repeat one before'),
    'no AudioInfo': (lambda: session(info=False), {},
                     'training cannot read /audio/audio_stamped'),
    'no gyroscope': (lambda: bags.changed(session(), IMU, without_gyroscope), {},
                     'training cannot read /imu/data'),
    'encoding': (lambda: bags.changed(session(), CAMERA, wrong_encoding), {},
                 '2 of 2 images tried on /camera/image_raw cannot be decoded'),
    'muted': (lambda: bags.changed(session(), AUDIO, silence), {},
              '/audio/audio_stamped: all samples are 0'),
    'dark': (lambda: bags.changed(session(), CAMERA, dark), {},
             '/camera/image_raw: the picture is dark, 0 % grey'),
    'which camera': (with_only_the_other_cameras, {}, 'training cannot read /door'),
}


@pytest.mark.parametrize('rule', FINDINGS)
def test_what_makes_a_bag_unfit(tmp_path, rule):
    rows, custom, reason = FINDINGS[rule]
    verdict = verdict_of(write(tmp_path / 'bag', rows(), custom))
    assert not verdict.fit
    assert verdict.grade == 'unfit'
    assert re.fullmatch(f'not fit for training: (.*; )?{reason}.*', verdict.line)


NOTES = {
    'sound': (session, {'ended': 'stopped'}, None),
    'ended': (session, {'ended': 'recovered (bag_0.mcap: the file ends at byte 5)'},
              r'the recording ended by itself \(recovered \(bag_0'),
    'counted': (session, bags.recorder_says(imu={'received': 1000, 'written': 1000}), None),
    'small gap': (lambda: without(session(), IMU, 2.0, 2.25), {}, 'cover 2.6 % of the labelled'),
    'gap elsewhere': (
        lambda: without(session(labels=((0.0, 'walk'), (3.0, 'sit'), (6.0, ''))), IMU, 7.0, 8.0),
        {}, 'which cover 0.0 % of the labelled time'),
    'once late': (lambda: bags.changed(
        session(), IMU, lambda data, at: bags.restamped(data, at - round(1.0001 * SECOND)), {500}
    ), {}, 'less than 0.1 %|0.1 % by more than'),
    'almost old': (lambda: moved(session(), CAMERA, -0.9), {}, None),
    'few out of order': (lambda: moved(session(), IMU, -0.05, 200), {}, '4 stamps out of order'),
    'dark for a moment': (lambda: bags.changed(session(), CAMERA, dark, set(range(40, 60))), {},
                          None),
    'dropped of another': (session, bags.recorder_says(
        label={'received': 4, 'written': 3, 'dropped': 1}), '/label lost 1 message'),
    'silent for a moment': (lambda: without(session(duration=60.0, labels=(
        (0.0, 'walk'), (30.0, 'sit'), (60.0, ''))), CAMERA, 58.5), {}, 'cover 2.7 %'),
    'few labels': (lambda: session(labels=((0.0, 'walk'), (2.0, 'sit'), (4.0, ''))), {},
                   r'4.0 s of 10.0 s have a label \(40 %\)'),
    'brief label': (lambda: session(labels=((0.0, 'walk'), (1.5, 'sit'), (10.0, ''))), {},
                    r'no stretch of walk lasts 2.0 s \(longest 1.5 s\)'),
    'two cameras': (with_two_cameras, {}, None),
    'grouped clips': (session, {'subject': '', 'clip_groups': '["1", "2"]'}, None),
}


@pytest.mark.parametrize('rule', NOTES)
def test_what_a_bag_may_have_and_be_fit(tmp_path, rule):
    rows, custom, note = NOTES[rule]
    verdict = verdict_of(write(tmp_path / 'bag', rows(), custom))
    assert verdict.line.startswith('fit for training: imu, camera and audio, ')
    assert verdict.fit
    notes = [str(each) for each in verdict.notes]
    assert any(re.search(note, each) for each in notes) if note else notes == []


def test_without_labels_a_bag_is_good_for_pairs_only(tmp_path):
    report = build_report(write(tmp_path / 'bag', session(labels=())))
    verdict = judge(report)
    assert verdict.line == 'fit as unlabelled pairs only: no labels'
    assert (verdict.grade, verdict.fit) == ('partly', False)
    assert len(report.strips[0].shown) == 6
    alone = verdict_of(write(tmp_path / 'alone', session(sensors=[IMU], labels=())))
    assert alone.line == 'not fit for training: no labels'
    holed = verdict_of(write(tmp_path / 'holed', without(session(labels=()), IMU, 2.0, 4.0)))
    assert holed.line.startswith('not fit for training: no labels; /imu/data has 1 gap')


def test_one_activity_needs_others_beside_it(tmp_path):
    verdict = verdict_of(write(tmp_path / 'bag', session(labels=((0.0, 'walk'),))))
    assert verdict.line == (
        'fit only beside bags with other activities: the only activity is walk'
    )


def test_labels_annotated_afterwards_count(tmp_path):
    path = write(tmp_path / 'bag', session(labels=()))
    (path / 'labels.csv').write_text('start,end,label\n0,4,walk\n4,9.9,<b>jump & run</b>\n')
    report = build_report(path)
    assert judge(report).fit
    assert '<b>jump' not in page(report, judge(report))
    (path / 'labels.csv').write_text('start,end,label\n0,4\n')
    assert verdict_of(path).line.startswith('not fit for training: the labels cannot be read')


def run(capsys, *arguments):
    code = command.main(['report', *map(str, arguments)])
    out, err = capsys.readouterr()
    return code, out, err


def test_a_sound_bag_exits_with_0_and_its_page_is_complete(tmp_path, capsys):
    assert simulate_bags.main([str(tmp_path), '--duration', '20', '--subjects', '1']) == 0
    path = tmp_path / 'sim1000'
    capsys.readouterr()
    code, out, _ = run(capsys, path)
    assert code == 0
    lines = out.splitlines()
    assert lines[-2].startswith('sim1000: fit for training: imu, camera and audio, 20.0 s ')
    assert lines[-1] == str(path / 'report.html')
    assert max(map(len, lines[:-2])) <= 80
    assert re.search(r'/imu/data +100 +— +2,001 +— +0 +0 +0 s', out)
    text = (path / 'report.html').read_text()
    assert text.count('<svg') == 3
    assert text.count('<img') == len(json.loads((path / 'report.json').read_text())[
        'labels']['intervals'])


def test_a_bad_bag_exits_with_2_and_says_so_in_one_line(tmp_path, capsys):
    path = write(tmp_path / 'bag', session(), {'subject': ''})
    code, out, _ = run(capsys, '--quiet', path)
    assert (code, out) == (2, 'bag: not fit for training: no subject\n')
    assert {file.name for file in path.iterdir()} == {
        'metadata.yaml', 'bag_0.mcap', 'report.html', 'report.json'
    }


def test_several_bags_exit_with_the_worst(tmp_path, capsys):
    good = write(tmp_path / 'good', session())
    bad = write(tmp_path / 'bad', session(labels=()))
    assert run(capsys, '--quiet', good, good)[0] == 0
    code, out, _ = run(capsys, '--quiet', bad, good)
    assert (code, len(out.splitlines())) == (2, 2)
    code, out, err = run(capsys, '--quiet', tmp_path / 'none', bad, good)
    assert (code, len(out.splitlines())) == (1, 2)
    assert err == f'error: there is no bag at {tmp_path / "none"}\n'
    with pytest.raises(SystemExit):
        command.main(['report', str(good), str(bad), '--out', str(tmp_path / 'out')])


def test_a_damaged_bag_is_an_error_that_leaves_no_report(tmp_path, capsys):
    path = write(tmp_path / 'bag', session())
    file = path / 'bag_0.mcap'
    file.write_bytes(file.read_bytes()[:-100])
    code, out, err = run(capsys, path)
    assert (code, out) == (1, '')
    assert err.startswith(f'error: {path}')
    assert not (path / 'report.json').exists()


def test_a_report_can_go_elsewhere(tmp_path, capsys):
    path = write(tmp_path / 'bag', session())
    before = sorted(path.iterdir())
    assert run(capsys, path, '--out', tmp_path / 'a' / 'b')[0] == 0
    assert sorted(path.iterdir()) == before
    assert sorted(file.name for file in (tmp_path / 'a' / 'b').iterdir()) == [
        'report.html', 'report.json'
    ]


def test_where_no_report_can_be_written_the_verdict_still_comes(tmp_path, capsys):
    path = write(tmp_path / 'bag', session())
    (tmp_path / 'file').touch()
    code, out, err = run(capsys, path, '--quiet', '--out', tmp_path / 'file')
    assert code == 1
    assert out.startswith('bag: fit for training')
    assert err.startswith(f'error: the report cannot be written to {tmp_path / "file"} (')
    assert err.endswith('): give --out DIR\n')


def test_json_holds_the_same_numbers(tmp_path, capsys):
    output = bags.recorder_says(imu={'received': 950, 'written': 950}) | {'pairing': json.dumps([{
        'topics': [IMU, CAMERA], 'slop': 0.02, 'matches': 99, 'unmatched': {IMU: 900, CAMERA: 1},
        'offset_median': 0.001, 'offset_worst': -0.004, 'restarts': 0,
    }, {
        'topics': [IMU, AUDIO], 'slop': 0.02, 'matches': 0, 'unmatched': {IMU: 9, AUDIO: 0},
        'offset_median': None, 'offset_worst': None, 'restarts': 2,
    }])}
    path = write(tmp_path / 'bag', without(session(), IMU, 2.0, 2.5), output)
    run(capsys, path)
    read = json.loads((path / 'report.json').read_text())
    assert (read['start'], read['duration'], read['messages']) == (START, 10.0, 1304)
    assert read['recorded']['subject'] == '7'
    assert (read['verdict']['fit'], read['verdict']['grade']) == (False, 'unfit')
    assert len(read['verdict']['findings']) == 1
    imu = read['topics'][IMU]
    assert imu['gaps'] == {'count': 1, 'total': 0.51, 'longest': [
        {'start': START + 2 * SECOND - SECOND // 100, 'length': 0.51}
    ]}
    assert (imu['written'], imu['received'], imu['missing'], imu['rate']) == (950, 950, 50, 100.0)
    assert len(imu['rates']) * read['rate_bin'] == read['duration']
    assert read['offsets'][0]['slower'] == CAMERA
    assert sum(read['offsets'][0]['counts']) + read['offsets'][0]['beyond'] == 100
    assert read['pairing'][0]['matches'] == 99
    assert read['labels']['activities']['walk']['total'] == 5.0
    assert read['labels']['intervals'][0] == {
        'label': 'walk', 'start': START, 'end': START + 5 * SECOND, 'group': '7'
    }
    assert read['thumbnails'][CAMERA]['shown'] == 2
    assert 'Pairs matched during the recording' in (path / 'report.html').read_text()


def test_the_page_needs_nothing_else_and_escapes_all_text(tmp_path):
    nasty = '<script>alert("&")</script>'
    custom = dict.fromkeys(('subject', 'session', 'location', 'notes', 'ended'), nasty)
    rows = session(labels=((0.0, nasty), (5.0, '$x^2$ "quoted\'"')))
    path = write(tmp_path / 'a & b <i>', rows, custom)
    report = build_report(path)
    text = page(report, judge(report))
    root = ET.fromstring(text)
    assert not re.search(r'https?:|<script|<link|@import|url\((?!#)', text)
    assert all(image.get('src').startswith('data:image/jpeg;base64,')
               for image in root.iter('img'))
    references = {each.get('href') for each in root.iter() if each.get('href')}
    ids = [each.get('id') for each in root.iter() if each.get('id')]
    assert references | {f'#{name}' for name in re.findall(r'url\(#(\w+)\)', text)} == {
        f'#{name}' for name in ids}
    assert len(ids) == len(set(ids))
    words = ''.join(root.itertext())
    assert root.find('head/title').text == 'a & b <i>'
    assert words.count(nasty) >= 6
    assert '$x^2$ "quoted\'"' in words


@needs_chromium
@pytest.mark.parametrize('width', WIDTHS)
def test_nothing_on_the_page_is_wider_than_the_window(tmp_path, width):
    simulate_bags.main([str(tmp_path), '--duration', '20', '--subjects', '1'])
    report = build_report(tmp_path / 'sim1000')
    assert wide_elements(page(report, judge(report)), width, tmp_path) == []


def test_labels_of_any_script_are_drawn_without_a_word(tmp_path, recwarn):
    path = write(tmp_path / 'bag', session(labels=((0.0, '歩く'), (5.0, 'сидеть'))))
    text = page(build_report(path), verdict_of(path))
    assert text.count('歩く<') == 2
    assert [str(warning.message) for warning in recwarn] == []


def test_progress_is_told_in_seconds_of_the_bag(tmp_path):
    reported = []
    build_report(write(tmp_path / 'bag', session()), reported.append)
    assert sum(reported) == pytest.approx(10.0, abs=0.1)
    assert len(reported) == 10


def test_a_long_bag_has_a_small_page(tmp_path):
    rows = [(IMU, 'sensor_msgs/msg/Imu', bags.restamped(bags.raw(
        messages.imu(START, '', AT_REST)), at), at)
        for at in range(START, START + 7200 * SECOND, SECOND // 2) if at // SECOND % 20 > 1]
    report = build_report(write(tmp_path / 'bag', rows))
    imu, = report.topics
    assert (len(imu.rates), len(imu.gaps)) == (600, 359)
    assert report.rate_bin == pytest.approx(12.0, rel=1e-3)
    assert len(page(report, judge(report))) < 300_000


@pytest.mark.parametrize('plugin', [StoragePlugin.SQLITE3, StoragePlugin.MCAP])
def test_foreign_bags_of_one_message_or_none(tmp_path, capsys, plugin):
    for count in (0, 1):
        path = tmp_path / f'{plugin.name}{count}'
        with Writer(path, version=8, storage_plugin=plugin) as writer:
            connection = writer.add_connection(IMU, 'sensor_msgs/msg/Imu', typestore=typestore())
            for _ in range(count):
                writer.write(connection, START, bags.raw(messages.imu(START, '', AT_REST)))
        code, out, _ = run(capsys, path)
        assert code == 2
        assert 'not fit for training: ' in out
        ET.parse(path / 'report.html')


def test_a_foreign_sqlite_bag_is_read_like_any_other(tmp_path):
    path = tmp_path / 'bag'
    with Writer(path, version=8, storage_plugin=StoragePlugin.SQLITE3) as writer:
        connections = {}
        for topic, kind, data, arrival in session():
            if topic not in connections:
                connections[topic] = writer.add_connection(topic, kind, typestore=typestore())
            writer.write(connections[topic], arrival, data)
    report = build_report(path)
    assert judge(report).line == 'not fit for training: no subject'
    assert [topic.written for topic in report.topics] == [1000, 100, 250, 1, 3]


def test_thumbnails_are_few_and_broken_frames_are_counted(tmp_path):
    labels = [(number / 5, 'ab'[number % 2]) for number in range(30)]
    rows = bags.changed(session(duration=6.0, labels=labels), CAMERA, bytes_cut, {0, 10})
    strip, = build_report(write(tmp_path / 'bag', rows)).strips
    assert (len(strip.shown), strip.undecodable, strip.left_out) == (22, 2, 6)
    assert strip.shown[0].label == 'b'
    assert FRAME.shape == (6, 8, 3)
