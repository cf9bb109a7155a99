# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""`annotate`: a CSV file corrects the labels; the recorded data do not change."""

import csv
import os
import resource
import stat

from dcat_ros.bags import annotation, messages
from dcat_ros.bags.labels import Interval, UNDO
from dcat_ros.bags.reader import BagError, BagReader
from dcat_ros.bags.writer import BagWriter, Clip, PAUSE, write_clips
from dcat_ros.commands.annotate import main
from hypothesis import given
from hypothesis import strategies as st
from plausible_imu import AT_REST
import pytest

START = 1_700_000_000_123_456_789
SECOND = 10**9
LENGTH = 60


@pytest.fixture
def bag(tmp_path):
    """Write a minute of subject 7: walk from 10 to 20 s, sit from 20 to 40 s."""
    path = tmp_path / 'bag'
    with BagWriter(path, {'subject': '7', 'label_topic': '/recorder/label'}) as writer:
        texts = {10: 'walk', 20: 'sit', 40: 'wave', 45: f'{UNDO}sit', 50: ''}
        for second in range(LENGTH + 1):
            stamp = START + second * SECOND
            writer.write('/imu/data', messages.imu(stamp, 'wrist', AT_REST), stamp)
            if second in texts:
                writer.write('/recorder/label', messages.text(texts[second]), stamp)
    return path


@pytest.fixture
def clips(tmp_path):
    """Two clips of two groups, each of a second."""
    path = tmp_path / 'clips'
    with BagWriter(path) as writer:
        write_clips(writer, [
            Clip(group, 'wave', group, SECOND, lambda start: [
                ('/imu/data', messages.imu(start, 'wrist', AT_REST), start)
            ]) for group in ('x', 'y')
        ], START)
    return path


def between(label, start, end, group='7'):
    return Interval(label, START + round(start * SECOND), START + round(end * SECOND), group)


RECORDED = [between('walk', 10, 20), between('sit', 20, 50)]


def labels(bag):
    with BagReader(bag) as reader:
        return reader.labels()


def contents(bag):
    return {path.name: (path.read_bytes(), path.stat().st_mtime_ns) for path in bag.iterdir()}


def annotated(bag, text, *options, name='edited.csv'):
    file = bag.parent / name
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return main([str(bag), str(file), *options])


def test_rows_replace_and_remove_labels_and_the_recorded_files_stay_the_same(bag, capsys):
    before = contents(bag)
    rows = 'start,end,label\n15,25.5,run\n30,31,\n55,60.000000001,lie down\n'
    assert annotated(bag, rows) == 0
    assert labels(bag) == [
        between('walk', 10, 15), between('run', 15, 25.5), between('sit', 25.5, 30),
        between('sit', 31, 50), Interval('lie down', START + 55 * SECOND, START + 60 * SECOND + 1,
                                         '7'),
    ]
    after = contents(bag)
    assert set(after) - set(before) == {'labels.csv'}
    assert before.items() <= after.items()
    table = [line.split() for line in capsys.readouterr().out.splitlines()]
    for row in (['run', '0', '0.0', '1', '10.5'], ['sit', '1', '30.0', '2', '23.5'],
                ['walk', '1', '10.0', '1', '5.0'], ['all', '2', '40.0', '5', '44.0']):
        assert any([word for word in line if word not in '│┃'] == row for line in table), row


def test_a_second_file_corrects_the_first(bag):
    assert annotated(bag, 'start,end,label\n10,20,run\n') == 0
    assert annotated(bag, 'start,end,label\n12,14,hop\n') == 0
    assert labels(bag) == [
        between('run', 10, 12), between('hop', 12, 14), between('run', 14, 20), RECORDED[1]
    ]


def test_the_printed_labels_are_valid_input(bag, capsys):
    assert main([str(bag)]) == 0
    printed = capsys.readouterr().out
    assert printed == 'start,end,label\n10,20,walk\n20,50,sit\n'
    assert not (bag / 'labels.csv').exists()
    assert annotated(bag, printed) == 0
    assert labels(bag) == RECORDED
    assert (bag / 'labels.csv').read_text() == printed


def test_unix_time_is_exact_to_the_nanosecond(bag, capsys):
    assert main([str(bag), '--absolute']) == 0
    printed = capsys.readouterr().out
    assert printed.splitlines()[1] == '1700000010.123456789,1700000020.123456789,walk'
    assert annotated(bag, printed, '--replace', '--absolute') == 0
    assert labels(bag) == RECORDED
    assert (bag / 'labels.csv').read_text() == 'start,end,label\n10,20,walk\n20,50,sit\n'


def test_replace_starts_from_nothing_and_may_leave_nothing(bag):
    assert annotated(bag, 'start,end,label\n1,2,jump\n', '--replace') == 0
    assert labels(bag) == [between('jump', 1, 2)]
    assert annotated(bag, 'start,end,label\n', '--replace') == 0
    assert labels(bag) == []


def test_revert_goes_back_to_what_was_recorded(bag, capsys):
    before = contents(bag)
    assert annotated(bag, 'start,end,label\n0,60,\n') == 0
    assert labels(bag) == []
    assert main([str(bag), '--revert']) == 0
    assert labels(bag) == RECORDED
    assert contents(bag) == before
    assert main([str(bag), '--revert']) == 1
    assert 'has no labels.csv: nothing to revert' in capsys.readouterr().err


@pytest.mark.parametrize('remedy', ['--revert', '--replace'])
def test_a_faulty_annotation_is_an_error_that_can_be_mended(bag, capsys, remedy):
    (bag / 'labels.csv').write_text('start,end,label\n1,x,walk\n')
    fault = r'labels\.csv, line 2: "x" is not a number of seconds'
    with pytest.raises(BagError, match=fault):
        labels(bag)
    assert annotated(bag, 'start,end,label\n1,2,walk\n') == 1
    assert 'labels.csv, line 2' in capsys.readouterr().err
    options = [str(bag), '--revert']
    assert (annotated(bag, 'start,end,label\n', remedy) if remedy == '--replace'
            else main(options)) == 0
    assert labels(bag) == ([] if remedy == '--replace' else RECORDED)


@pytest.mark.parametrize('text', [
    b'\xef\xbb\xbfstart,end,label\r\n1,2,walk\r\n',
    b'label, end ,start\n"walk", 2 ,1\n\n,,\n',
    b'start,end,label,group\n1.0,2.,walk,\n',
    b'start,end,label\n1.0000000000004,+1.9999999999996,  walk\n',
], ids=['BOM and CRLF', 'order, blanks and empty rows', 'empty group', 'rounded to a nanosecond'])
def test_what_spreadsheet_programs_write_is_read(bag, text):
    assert annotated(bag, text, '--replace') == 0
    assert labels(bag) == [between('walk', 1, 2)]


HEADER = 'start,end,label\n'


@pytest.mark.parametrize(('text', 'fault'), [
    ('', 'line 1: there is no header: write start,end,label'),
    (HEADER, 'has no rows, so nothing changes'),
    ('1,2,walk\n', 'line 1: the header has no column "start"'),
    ('start,end,name\n', 'line 1: the header has no column "label"'),
    ('start,end,label,who\n', 'line 1: the header has an unknown column "who"'),
    ('start,end,label,end\n', 'line 1: the header has two columns "end"'),
    ('start;end;label\n1;2;walk\n', 'line 1: semicolons separate the columns'),
    ('start\tend\tlabel\n', 'line 1: tabs separate the columns'),
    (HEADER + '1,2,walk\n3,four,walk\n', 'line 3: "four" is not a number of seconds: write it'),
    (HEADER + '1,"2,5",walk\n', 'line 2: "2,5" is not a number of seconds'),
    (HEADER + '1,2,5,walk\n', 'line 2: 4 values for 3 columns'),
    (HEADER + 'nan,2,walk\n', '"nan" is not a number'),
    (HEADER + '1,inf,walk\n', '"inf" is not a number'),
    (HEADER + '1,1.7E+01,walk\n', '"1.7E+01" is not a number'),
    (HEADER + '1_0,20,walk\n', '"1_0" is not a number'),
    (HEADER + ',2,walk\n', '"" is not a number'),
    (HEADER + '5,4,walk\n', 'line 2: end 4 is not after start 5'),
    (HEADER + '5,5.0000000001,walk\n', 'line 2: end 5.0000000001 is not after start 5'),
    (HEADER + '8,9,sit\n1,4,walk\n3,5,run\n', 'line 4: 3 to 5 s overlaps line 3, 1 to 4 s'),
    (HEADER + '59,61,walk\n', 'line 2: 59 to 61 s is outside the bag, which lasts from 0 to 60.0'),
    (HEADER + '-1,1,walk\n', 'line 2: -1 to 1 s is outside the bag'),
    (HEADER + '1700000001,1700000002,walk\n', 'outside the bag'),
    (HEADER + '1,2,"walk\n', 'line 2: unexpected end of data'),
    (b'start,end,label\n1,2,\xe9\n', 'is not UTF-8 text'),
    ('start,end,label\n1,2,walk\n'.encode('utf-16'), 'is not UTF-8 text'),
])
def test_faults_name_file_line_value_and_remedy(bag, capsys, text, fault):
    before = contents(bag)
    assert annotated(bag, text) == 1
    errors = capsys.readouterr().err
    assert errors.startswith('error: ')
    assert str(bag.parent / 'edited.csv') in errors
    assert fault in errors
    assert errors.count('\n') == 1
    assert contents(bag) == before


def test_a_file_or_bag_that_is_not_there_is_an_error(bag, capsys):
    assert main([str(bag), str(bag / 'nowhere.csv')]) == 1
    assert 'nowhere.csv' in capsys.readouterr().err
    assert main([str(bag.parent / 'none')]) == 1
    assert 'there is no bag at' in capsys.readouterr().err


@pytest.mark.parametrize('options', [['--replace'], ['--revert', '--absolute'],
                                     ['file.csv', '--revert']])
def test_options_that_make_no_sense_together_are_refused(bag, options):
    with pytest.raises(SystemExit) as refused:
        main([str(bag), *options])
    assert refused.value.code == 2


def test_clips_keep_their_groups_and_new_rows_need_one(clips, capsys):
    second = (SECOND + PAUSE) / SECOND
    assert annotated(clips, HEADER + '0.25,0.75,\n') == 0
    assert labels(clips) == [
        between('wave', 0, 0.25, 'x'), between('wave', 0.75, 1, 'x'),
        between('wave', second, second + 1, 'y'),
    ]
    before = contents(clips)
    assert annotated(clips, HEADER + '0,1,clap\n') == 1
    assert 'line 2: "clap" has no group' in capsys.readouterr().err
    assert contents(clips) == before
    assert annotated(clips, 'start,end,label,group\n0,1,clap,x\n') == 0
    assert labels(clips) == [
        between('clap', 0, 1, 'x'), between('wave', second, second + 1, 'y')
    ]
    capsys.readouterr()
    assert main([str(clips)]) == 0
    assert capsys.readouterr().out == 'start,end,label,group\n0,1,clap,x\n3,4,wave,y\n'


def test_a_row_may_have_a_group_of_its_own_in_any_bag(bag):
    assert annotated(bag, 'start,end,label,group\n1,2,walk,8\n3,4,walk,\n', '--replace') == 0
    assert labels(bag) == [between('walk', 1, 2, '8'), between('walk', 3, 4, '7')]


def test_labels_csv_is_readable_by_whom_the_mask_allows(bag):
    mask = os.umask(0o022)
    try:
        assert annotated(bag, HEADER + '1,2,walk\n') == 0
    finally:
        os.umask(mask)
    assert stat.S_IMODE((bag / 'labels.csv').stat().st_mode) == 0o644


def test_an_annotation_that_cannot_be_written_leaves_the_old_one(bag, capsys):
    assert annotated(bag, HEADER + '1,2,walk\n') == 0
    before = contents(bag)
    edited = bag.parent / 'edited.csv'
    edited.write_text(HEADER + '3,4,walk\n')
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (len(HEADER), limits[1]))
    try:
        assert main([str(bag), str(edited)]) == 1
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert 'File too large' in capsys.readouterr().err
    assert contents(bag) == before


SPAN = annotation.Span(START, START + LENGTH * SECOND, START, '7')
STAMPS = st.integers(SPAN.start, SPAN.end)
TEXT = st.text(st.characters(exclude_categories=['Cs', 'Cc']), min_size=1).map(str.strip).filter(
    bool
)


@given(st.lists(STAMPS, unique=True, max_size=10), st.data())
def test_what_is_written_is_read_back_exactly(tmp_path_factory, stamps, data):
    stamps.sort()
    intervals = [
        Interval(data.draw(TEXT), start, end, data.draw(st.sampled_from(['7', 'someone else'])))
        for start, end in zip(stamps[::2], stamps[1::2], strict=False)
    ]
    folder = tmp_path_factory.mktemp('bag')
    annotation.write(folder, intervals, SPAN)
    assert [path.name for path in folder.iterdir()] == ['labels.csv']
    assert annotation.read(folder / 'labels.csv', SPAN) == intervals
    with (folder / 'labels.csv').open(newline='') as file:
        columns = next(csv.reader(file))
    assert ('group' in columns) == any(interval.group != '7' for interval in intervals)


@given(st.integers(-10**18, 2 * 10**18), st.sampled_from([0, START]))
def test_seconds_are_exact(stamp, origin):
    span = annotation.Span(START, START + 1, origin, '')
    assert span.stamp(span.text(stamp)) == stamp
