# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""The SP/SW-HAR importer, on a small data set in the official layout and on the real one."""

from collections import Counter
from itertools import groupby, pairwise
import json

from dcat_ros.bags.reader import BagReader
from dcat_ros.bags.windows import InputSpec, Recorded, windows
from dcat_ros.commands import import_sp_sw_har
from dcat_ros.modalities import create
from dcat_ros.windows import WindowSpec
import numpy as np
import pytest
from repository import SHARED

REAL = SHARED / 'data' / 'sp_sw_har'
FIRST = 1_657_533_977_810  # ms
MS = 10**6
SECOND = 10**9
COLUMNS = 'x_acc,y_acc,z_acc,x_gyro,y_gyro,z_gyro,timestamp,label'
RUNS = (
    ('SEATED', 150), ('STANDING_UP', 120), ('WALKING', 300), ('TURNING', 150), ('WALKING', 300),
    ('TURNING', 120), ('SITTING_DOWN', 160), ('SEATED', 60),
)
ACTIVITIES = [
    'seated', 'sit_to_stand', 'walk', 'turn', 'walk', 'turn', 'stand_to_sit', 'seated'
]
SPEC = InputSpec(create('imu', {}), WindowSpec(1.0, 50.0, 0.25, 0.25))


def table(stamps, labels):
    rows = (
        f'{index / 100},-3.5,9.1,{index / 1000},-0.07,0.09,{stamp},{label}'
        for index, (stamp, label) in enumerate(zip(stamps, labels, strict=True))
    )
    return '\n'.join([COLUMNS, *rows, ''])


def execution(source, name, sensor, start=FIRST, runs=RUNS):
    labels = [label for label, count in runs for _ in range(count)]
    path = source / name.partition('_')[0] / f'{name}_{sensor}.csv'
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(table([start + 10 * index for index in range(len(labels))], labels))
    return path


@pytest.fixture
def source(tmp_path):
    data = tmp_path / 'source' / 'DATA'
    execution(data, 's01_01', 'sw')
    execution(data, 's01_01', 'sp')
    execution(data, 's01_02', 'sw', FIRST + 60_000, RUNS[1:4])
    execution(data, 's02_01', 'sw', FIRST + 500_000)
    (data / 'executions_info.csv').write_text(
        'execution_id,orientation,first_turn,second_turn\ns01_01,back_inv,l,r\ns02_01,front,r,r\n'
    )
    return data


def run(source, out, *options):
    return import_sp_sw_har.main([str(source), str(out), *options])


def read(bag):
    with BagReader(bag) as reader:
        return [(message, stamp) for _, message, stamp in reader.messages(['/imu/data'])]


def stamp_of(message):
    return message.header.stamp.sec * SECOND + message.header.stamp.nanosec


def test_each_subject_gets_a_bag_with_one_interval_for_each_run_of_a_label(
    source, tmp_path, capsys
):
    out = tmp_path / 'out'
    assert run(source.parent, out, '--sensor', 'watch') == 0
    assert 'CC BY 4.0' in capsys.readouterr().out
    assert sorted(path.name for path in out.iterdir()) == ['s01', 's02']
    with BagReader(out / 's01') as reader:
        labels, custom = reader.labels(), reader.custom
        assert reader.topics == {
            '/imu/data': 'sensor_msgs/msg/Imu', '/label': 'std_msgs/msg/String'
        }
    assert [interval.label for interval in labels] == [*ACTIVITIES, *ACTIVITIES[1:4]]
    assert {interval.group for interval in labels} == {'s01'}
    assert [interval.end - interval.start for interval in labels] == [
        10 * MS * count for _, count in (*RUNS, *RUNS[1:4])
    ]
    assert labels[0].start == FIRST * MS
    assert all(before.end == after.start for before, after in pairwise(labels[:8]))
    assert labels[8].start == (FIRST + 60_000) * MS
    assert json.loads(custom['clips']) == ['s01_01', 's01_02']
    assert json.loads(custom['executions']) == {
        's01_01': {'orientation': 'back_inv', 'first_turn': 'l', 'second_turn': 'r'}
    }
    assert (custom['subject'], custom['session']) == ('s01', 's01')
    assert 'CC BY 4.0' in custom['license']
    assert '10.5281/zenodo.8398688' in custom['citation']
    assert custom['source'] == 'SP/SW-HAR'


@pytest.mark.parametrize(('sensor', 'frame'), [('watch', 'wrist'), ('phone', 'trousers_pocket')])
def test_samples_keep_values_and_stamps(source, tmp_path, sensor, frame):
    assert run(source, tmp_path, '--sensor', sensor, '--subjects', 's01') == 0
    samples = read(tmp_path / 's01')
    assert len(samples) == (1360 + 570 if sensor == 'watch' else 1360)
    for index, (message, stamp) in enumerate(samples[:1360]):
        assert stamp == stamp_of(message) == (FIRST + 10 * index) * MS
        assert message.header.frame_id == frame
        assert message.orientation_covariance[0] == -1
        force, rotation = message.linear_acceleration, message.angular_velocity
        assert (force.x, force.y, force.z) == (index / 100, -3.5, 9.1)
        assert (rotation.x, rotation.y, rotation.z) == (index / 1000, -0.07, 0.09)


def test_both_sensors_of_an_execution_lie_in_one_bag_by_name(source, tmp_path):
    execution(source, 's01_01', 'sp', FIRST + 400, RUNS[1:])
    assert run(source, tmp_path / 'both') == 0
    run(source, tmp_path / 'watch', '--sensor', 'watch')
    with BagReader(tmp_path / 'both' / 's01') as reader:
        assert reader.sensors == {'watch': '/watch/imu/data', 'phone': '/phone/imu/data'}
        counts = Counter(topic for topic, _, _ in reader.raw())
        assert (counts['/watch/imu/data'], counts['/phone/imu/data']) == (1360 + 570, 1210)
        labels = reader.labels()
        assert json.loads(reader.custom['clips']) == ['s01_01', 's01_02']
    with BagReader(tmp_path / 'watch' / 's01') as reader:
        assert [each.label for each in labels] == [each.label for each in reader.labels()]
        assert labels[:8] == reader.labels()[:8]
    for name, path in (('watch', 'watch/s01'), ('phone', 'phone/s01')):
        if name == 'phone':
            run(source, tmp_path / 'phone', '--sensor', 'phone')
        alone = list(windows(tmp_path / path, SPEC))
        named = list(windows(tmp_path / 'both' / 's01', SPEC._replace(recorded=Recorded(name))))
        assert len(alone) == len(named) > 40
        assert all(
            (one.inputs == other.inputs).all() and one.end == other.end
            for one, other in zip(alone, named, strict=True)
        )


def test_samples_that_were_delivered_late_are_moved_back(tmp_path):
    stamps = [FIRST + 10 * index for index in range(40)]
    late = stamps[:10] + [max(stamp, FIRST + 205) for stamp in stamps[10:]]
    path = execution(tmp_path, 's01_01', 'sp')
    path.write_text(table(late, ['WALKING'] * 40))
    assert run(tmp_path, tmp_path / 'out', '--sensor', 'phone') == 0
    found = np.array([stamp for _, stamp in read(tmp_path / 'out' / 's01')])
    assert len(found) == 40
    assert (np.diff(found) >= 9 * MS).all()
    assert np.abs(found - np.array(stamps) * MS).max() < 10 * MS
    assert (found[21:] == np.array(stamps[21:]) * MS).all()


def test_a_gap_stays_a_gap(tmp_path):
    stamps = [FIRST + 10 * index + (1000 if index >= 20 else 0) for index in range(40)]
    execution(tmp_path, 's01_01', 'sp').write_text(table(stamps, ['WALKING'] * 40))
    assert run(tmp_path, tmp_path / 'out', '--sensor', 'phone') == 0
    assert [stamp for _, stamp in read(tmp_path / 'out' / 's01')] == [ms * MS for ms in stamps]


def test_windows_span_activities_and_have_no_label_there(source, tmp_path):
    run(source, tmp_path, '--sensor', 'watch', '--subjects', 's02')
    found = list(windows(tmp_path / 's02', SPEC))
    assert len(found) == (1360 - 100) // 25 + 1
    labels = [window.label for window in found]
    assert [label for label, _ in groupby(labels) if label] == ACTIVITIES[:-1]
    assert '' in labels


def test_units_of_a_converted_copy(source, tmp_path):
    run(source, tmp_path, '--sensor', 'phone', '--acceleration-unit', 'mg',
        '--angular-velocity-unit', 'deg/s')
    message, _ = read(tmp_path / 's01')[100]
    assert message.linear_acceleration.z == pytest.approx(9.1 * 0.00980665)
    assert message.angular_velocity.x == pytest.approx(np.radians(0.1))


MALFORMED = {
    'empty': ('', 'no column x_acc'),
    'column': (table([FIRST], ['SEATED']).replace('z_gyro', 'gyro'), 'no column z_gyro'),
    'single': (table([FIRST], ['SEATED']), '1 samples without two different timestamps'),
    'standing': (table([FIRST] * 3, ['SEATED'] * 3), '3 samples without two different timestamps'),
    'label': (table([FIRST, FIRST + 10], ['SEATED', 'RUNNING']),
              'line 3: label RUNNING is none of SEATED, STANDING_UP'),
    'number': (table([FIRST, 'soon'], ['SEATED'] * 2), 'line 3: could not convert string'),
    'finite': (table([FIRST, FIRST + 10], ['SEATED'] * 2).replace('9.1', 'nan'),
               'line 2: a value is not finite'),
    'backward': (table([FIRST, FIRST + 10, FIRST + 9], ['SEATED'] * 3),
                 'line 4: the timestamp is before the one above'),
    'torn': (table([FIRST, FIRST + 10], ['SEATED'] * 2)[:-30], 'line 3: '),
    'early': (table([FIRST + 10, FIRST + 20], ['SEATED'] * 2),
              'it begins before the execution before it ends'),
}


@pytest.mark.parametrize(('text', 'reason'), MALFORMED.values(), ids=MALFORMED)
def test_malformed_files_are_reported_and_all_others_imported(
    source, tmp_path, capsys, text, reason
):
    path = source / 's01' / 's01_02_sw.csv'
    path.write_text(text)
    assert run(source, tmp_path / 'out', '--sensor', 'watch') == 1
    report = capsys.readouterr().err
    assert f'{path} cannot be read ({reason}' in report
    assert '): left out' in report
    with BagReader(tmp_path / 'out' / 's01') as reader:
        assert json.loads(reader.custom['clips']) == ['s01_01']
    assert (tmp_path / 'out' / 's02').is_dir()


def test_unreadable_bytes_are_reported(source, tmp_path, capsys):
    (source / 's02' / 's02_01_sw.csv').write_bytes(b'x_acc\xff')
    assert run(source, tmp_path / 'out', '--sensor', 'watch', '--subjects', 's02') == 1
    assert 's02_01_sw.csv cannot be read' in capsys.readouterr().err
    assert not (tmp_path / 'out' / 's02').exists()


def test_executions_are_described_only_if_that_file_can_be_read(source, tmp_path, capsys):
    facts = source / 'executions_info.csv'
    facts.write_text('id\ns01_01\n')
    assert run(source, tmp_path / 'one', '--sensor', 'phone') == 1
    assert f'{facts} cannot be read' in capsys.readouterr().err
    facts.unlink()
    assert run(source, tmp_path / 'two', '--sensor', 'phone') == 0
    assert f'{facts} is missing' in capsys.readouterr().err
    for name in ('one', 'two'):
        with BagReader(tmp_path / name / 's01') as reader:
            assert 'executions' not in reader.custom


def test_a_repeated_import_is_the_same_byte_for_byte(source, tmp_path):
    for name in ('one', 'two'):
        run(source, tmp_path / name, '--sensor', 'watch', '--subjects', 's01')
    first, second = (
        (tmp_path / name / 's01' / 's01_0.mcap').read_bytes() for name in ('one', 'two')
    )
    assert first == second


def test_invalid_arguments_are_refused(source, tmp_path, capsys):
    assert run(tmp_path / 'nowhere', tmp_path / 'out', '--sensor', 'watch') == 1
    assert 'nowhere holds no files named as in SP/SW-HAR' in capsys.readouterr().err
    assert run(source, tmp_path / 'out', '--sensor', 'watch', '--subjects', 's01', 's7') == 1
    assert 'has no subject s7; it has s01, s02' in capsys.readouterr().err
    with pytest.raises(SystemExit):
        run(source, tmp_path / 'out', '--sensor', 'ring')
    assert '--sensor' in capsys.readouterr().err
    assert not (tmp_path / 'out').exists()


@pytest.mark.skipif(not REAL.is_dir(), reason=f'no recordings at {REAL} (set DCAT_SHARED)')
@pytest.mark.parametrize(('sensor', 'rate', 'usual'), [('watch', 104.3, 0.002),
                                                       ('phone', 102.5, 0.02)])
def test_real_subjects_are_imported_completely(tmp_path, sensor, rate, usual):
    assert run(REAL, tmp_path, '--sensor', sensor, '--subjects', 's01', 's11') == 0
    with BagReader(tmp_path / 's11') as reader:
        labels, clips = reader.labels(), json.loads(reader.custom['clips'])
        assert len(json.loads(reader.custom['executions'])) == 10
    assert clips == [f's11_{number:02}' for number in range(1, 11)]
    assert {interval.label for interval in labels} == set(ACTIVITIES)
    assert 70 <= len(labels) <= 90
    samples = read(tmp_path / 's11')
    stamps = np.array([stamp for _, stamp in samples])
    forces = np.array([
        [message.linear_acceleration.x, message.linear_acceleration.y,
         message.linear_acceleration.z] for message, _ in samples
    ])
    steps = np.diff(stamps)
    within = steps[steps < SECOND]
    assert len(within) == len(stamps) - 10
    assert SECOND / within.mean() == pytest.approx(rate, rel=0.01)
    assert within.min() > 8 * MS
    assert np.mean(within > 20 * MS) < usual
    seated = np.zeros(len(stamps), bool)
    for interval in labels:
        if interval.label == 'seated':
            seated |= (stamps >= interval.start) & (stamps < interval.end)
    assert np.median(np.linalg.norm(forces[seated], axis=1)) == pytest.approx(9.8, rel=0.1)
    found = list(windows(tmp_path / 's11', SPEC))
    assert {'walk', 'turn', 'sit_to_stand', 'stand_to_sit', ''} <= {
        window.label for window in found
    }
    assert sum(1 for window in found if not window.label) > 0.2 * len(found)
    with BagReader(tmp_path / 's01') as reader:
        assert len(json.loads(reader.custom['clips'])) == 6
