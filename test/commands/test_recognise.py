# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""`dcat recognise`: the activities in a bag or a video, with their times."""

from contextlib import closing
import csv
import io

from dcat_ros.bags import messages
from dcat_ros.bags.writer import BagWriter, Clip, write_clips
from dcat_ros.commands import fetch_pose, import_utd_mhad, recognise
from dcat_ros.modalities.images.video import VideoReader
import numpy as np
from plausible_imu import AT_REST
import pytest
from repository import SHARED

PERSON, GESTURES = SHARED / 'data' / 'demo_person', SHARED / 'data' / 'rgb_gestures'
DONE = ['swipe_left', 'wave', 'clap', 'boxing', 'knock', 'jog', 'walk', 'sit_to_stand',
        'stand_to_sit', 'squat']
START, PERIOD = 1_700_000_000_000_000_000, 20_000_000


def rows(capsys):
    printed = capsys.readouterr()
    return list(csv.DictReader(io.StringIO(printed.out))), printed.err


def write(path, samples):
    def stamped(start):
        for index, sample in enumerate(samples):
            stamp = start + index * PERIOD
            yield '/imu/data', messages.imu(stamp, 'wrist', sample), stamp

    with BagWriter(path, {'subject': '1'}) as bag:
        write_clips(bag, [Clip('one', 'rest', '1', len(samples) * PERIOD, stamped)], START)
    return path


def test_rest_is_unknown(tmp_path, capsys):
    assert recognise.main([str(write(tmp_path / 'bag', [AT_REST] * 200)), '--csv']) == 0
    (row,), _ = rows(capsys)
    assert row['activity'] == 'unknown'
    assert float(row['from']) == pytest.approx(2.0, abs=0.05)
    assert float(row['to']) == pytest.approx(4.0, abs=0.3)


def test_a_wrong_unit_is_told_and_nothing_is_named(tmp_path, capsys):
    bag = write(tmp_path / 'bag', [AT_REST / 9.80665] * 200)
    assert recognise.main([str(bag), '--csv']) == 0
    (row,), said = rows(capsys)
    assert row['activity'] == 'unknown' and 'set imu.acceleration_unit to g' in said


@pytest.mark.parametrize(('make', 'arguments', 'text'), [
    (lambda path: path / 'no', [], 'there is no bag at'),
    (lambda path: write(path / 'bag', [AT_REST] * 20), [], 'there is no whole window'),
    (lambda path: write(path / 'bag', [AT_REST] * 20), ['--sensor', 'skeleton'], 'skeleton'),
    (lambda path: write(path / 'bag', [AT_REST] * 20), ['--bundle', 'depth_utd_mhad'],
     'the bundle is for camera, not for imu'),
    (lambda path: __file__, [], 'is no bag, and OpenCV cannot open'),
    (lambda path: write(path / 'bag', [AT_REST] * 20), ['--sensor', 'imu', '--video', 'a.mp4'],
     '--video needs the pictures of a colour camera'),
])
def test_what_cannot_be_recognised_gets_a_sentence(tmp_path, capsys, make, arguments, text):
    assert recognise.main([str(make(tmp_path)), *arguments]) == 1
    assert text in rows(capsys)[1]


@pytest.mark.skipif(not PERSON.is_dir(), reason='needs recordings in ../shared/data')
@pytest.mark.parametrize('sensor', ['skeleton', 'imu'])
def test_a_person_whom_no_model_has_seen_is_recognised_or_unknown(tmp_path, capsys, sensor):
    import_utd_mhad.main([str(PERSON), str(tmp_path)])
    capsys.readouterr()
    assert recognise.main([str(tmp_path / 's7'), '--csv', '--sensor', sensor]) == 0
    found, _ = rows(capsys)
    named = [row['activity'] for row in found if row['activity'] != 'unknown']
    assert len(set(named) & set(DONE)) >= 7
    places = [DONE.index(activity) for activity in named if activity in DONE]
    but_one = [places[:index] + places[index + 1:] for index in range(len(places))]
    assert any(some == sorted(some) for some in but_one), 'as they were done, but one at most'
    assert np.all(np.diff([float(row['from']) for row in found]) > 0)


@pytest.mark.skipif(not GESTURES.is_dir(), reason='needs clips in ../shared/data')
def test_a_wave_in_a_video_is_recognised_and_shown(tmp_path, capsys):
    pytest.importorskip('ai_edge_litert', reason='needs LiteRT')
    if fetch_pose.main([]):
        pytest.skip('the weights cannot be fetched')
    capsys.readouterr()
    film = tmp_path / 'annotated.mp4'
    source = str(GESTURES / 'PS7A2P1T3.avi')
    assert recognise.main([source, '--csv', '--video', str(film)]) == 0
    found, _ = rows(capsys)
    assert [row['activity'] for row in found] == ['wave']
    with closing(VideoReader(source)) as before, closing(VideoReader(str(film))) as after:
        frames = len(list(before)), len(list(after))
    assert frames[1] == pytest.approx(frames[0] / 2, abs=2), '15 of 30 a second'


def test_a_table_is_printed(tmp_path, capsys):
    assert recognise.main([str(write(tmp_path / 'bag', [AT_REST] * 200))]) == 0
    head, row = capsys.readouterr().out.splitlines()
    assert head.split() == ['from', 'to', 'activity', 'score']
    assert row.split()[2] == 'unknown'
