# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Labels: from messages to intervals, with undo, groups and windows."""

from itertools import pairwise

from dcat_ros.bags import messages
from dcat_ros.bags.labels import (
    Interval,
    interval_at,
    intervals_of,
    LabelTrack,
    overlay,
    UNDO,
)
from dcat_ros.bags.reader import BagError, BagReader
from dcat_ros.bags.writer import BagWriter
from hypothesis import given
from hypothesis import strategies as st
import numpy as np
import pytest

START = 1_700_000_000 * 10**9
END = 41


def write_labels(path, texts, custom=None, topic='/label'):
    with BagWriter(path, custom) as writer:
        for offset, text in texts:
            writer.write(topic, messages.text(text), START + offset)
        writer.write('/imu/data', messages.imu(START + 9, 'wrist', np.zeros(6)), START + 9)


def labels(path):
    with BagReader(path) as reader:
        return reader.labels()


def test_without_clip_groups_the_subject_is_the_group(tmp_path):
    write_labels(tmp_path / 'bag', [(0, 'walk')], {'subject': '5'})
    interval, = labels(tmp_path / 'bag')
    assert interval == Interval('walk', START, START + 10, '5')
    assert interval_at([interval], START, START + 9) == interval


def test_groups_that_do_not_fit_are_refused(tmp_path):
    write_labels(tmp_path / 'bag', [(0, 'walk')], {'clip_groups': '["a", "b"]'})
    with pytest.raises(BagError, match='2 clip_groups for 1'):
        labels(tmp_path / 'bag')


def test_a_bag_without_labels_has_no_intervals(tmp_path):
    write_labels(tmp_path / 'bag', [])
    assert labels(tmp_path / 'bag') == []


def test_the_bag_names_the_topic_of_its_labels(tmp_path):
    texts = [(1, ' walk\n'), (3, 'sit'), (5, f'{UNDO}walk'), (7, '')]
    topic = '/lab/recorder/label'
    write_labels(tmp_path / 'bag', texts, {'label_topic': topic}, topic)
    assert labels(tmp_path / 'bag') == [Interval('walk', START + 1, START + 7)]


def test_a_topic_of_another_type_carries_no_labels(tmp_path):
    write_labels(tmp_path / 'bag', [], {'label_topic': '/imu/data'})
    with pytest.raises(BagError, match=r'/imu/data .* carries sensor_msgs/msg/Imu, not std_msgs'):
        labels(tmp_path / 'bag')


TEXTS = st.dictionaries(st.integers(0, 40), st.sampled_from(['', 'sit', 'walk'])).map(
    lambda texts: sorted(texts.items())
)


def label_in_force(texts, stamp):
    return next((text for time, text in reversed(texts) if time <= stamp), '')


@given(TEXTS, st.integers(0, 45), st.integers(0, 10))
def test_a_window_has_a_label_exactly_when_one_activity_fills_it(texts, start, length):
    intervals = intervals_of(texts, END)
    end = start + length
    inside = {label_in_force(texts, stamp) if stamp < END else ''
              for stamp in range(start, end + 1)}
    expected = inside.pop() if len(inside) == 1 else ''
    found = interval_at(intervals, start, end)
    assert (found.label if found else '') == expected


def assert_ordered(intervals):
    assert all(interval.label and interval.start < interval.end for interval in intervals)
    for before, after in pairwise(intervals):
        assert before.end <= after.start


@given(TEXTS)
def test_intervals_are_ordered_disjoint_and_never_empty(texts):
    intervals = intervals_of(texts, END)
    assert_ordered(intervals)
    for before, after in pairwise(intervals):
        assert before.end < after.start or before.label != after.label
    for interval in intervals:
        assert interval_at(intervals, interval.start, interval.end - 1) is interval


def test_an_end_between_two_equal_labels_keeps_them_apart():
    intervals = intervals_of([(0, 'sit'), (5, ''), (5, 'sit'), (7, 'sit')], 9)
    assert intervals == [Interval('sit', 0, 5), Interval('sit', 5, 9)]
    assert interval_at(intervals, 4, 5) is None


def test_blanks_around_a_text_count_for_nothing():
    texts = [(0, ' sit '), (3, 'sit\n'), (5, ' \t'), (7, f' {UNDO} sit \n')]
    assert intervals_of(texts, 9) == [Interval('sit', 0, 9)]


def test_the_track_tells_the_running_label_and_how_to_undo():
    track = LabelTrack()
    assert (track.label, track.since, track.undo) == ('', None, None)
    track.add(1, '')
    assert (track.label, track.since, track.undo) == ('', 1, None)
    track.add(2, 'walk')
    track.add(3, 'walk')
    assert (track.label, track.since, track.undo) == ('walk', 2, UNDO)
    track.add(4, 'sit')
    assert (track.label, track.since, track.undo) == ('sit', 4, f'{UNDO}walk')
    track.add(9, track.undo)
    assert (track.label, track.since, track.undo) == ('walk', 2, UNDO)
    track.add(9, track.undo)
    assert (track.label, track.since, track.undo) == ('', 1, None)


ACTS = st.lists(
    st.tuples(st.integers(0, 3), st.sampled_from(['', 'sit', 'walk', 'wave', 'undo'])), max_size=20
)


def operated(acts):
    """Messages that an operator's keys send, and who did what, undone or not.

    The changes are plain records [stamp, label, stands]; undo strikes out the last that stands.
    """
    stamp, sent, changes = 0, [(0, '')], [[0, '', True]]
    for pause, act in acts:
        stamp += pause
        standing = [change for change in changes if change[2]]
        if act != 'undo' and act != standing[-1][1]:
            changes.append([stamp, act, True])
            sent.append((stamp, act))
        elif act == 'undo' and len(standing) > 1:
            standing[-1][2] = False
            sent.append((stamp, UNDO + standing[-2][1]))
    return sent, [(stamp, label) for stamp, label, stands in changes if stands]


@given(ACTS)
def test_what_is_undone_never_happened(acts):
    sent, standing = operated(acts)
    covered = {
        stamp: interval.label for interval in intervals_of(sent, 70)
        for stamp in range(interval.start, interval.end)
    }
    assert covered == {
        stamp: label for stamp in range(70) if (label := label_in_force(standing, stamp))
    }


@given(ACTS, st.integers(0, 60))
def test_who_listens_late_and_gets_the_latched_text_agrees_from_then_on(acts, joined):
    sent, standing = operated(acts)
    before = [text for stamp, text in sent if stamp < joined]
    heard = [(joined, before[-1])] if before else []
    heard += [(stamp, text) for stamp, text in sent if stamp >= joined]
    intervals = intervals_of(heard, 70)
    for stamp in range(joined, 70):
        found = interval_at(intervals, stamp, stamp)
        assert (found.label if found else '') == label_in_force(standing, stamp)


@st.composite
def disjoint(draw, names):
    bounds = sorted(draw(st.sets(st.integers(0, 30), max_size=12)))
    pieces = [
        Interval(draw(names), start, end, draw(st.sampled_from('ab')))
        for start, end in pairwise(bounds)
    ]
    return [piece for piece in pieces if draw(st.booleans())]


NAMES = st.sampled_from(['sit', 'walk'])


def grid(intervals):
    """Label and group of each stamp: of the last interval that covers it, none where it erases."""
    cells = {}
    for each in intervals:
        cells |= dict.fromkeys(range(each.start, each.end), (each.label, each.group))
    return {stamp: cell for stamp, cell in cells.items() if cell[0]}


@given(disjoint(NAMES), disjoint(st.sampled_from(['', 'sit', 'walk'])))
def test_rows_overwrite_what_they_overlap_and_nothing_else(below, rows):
    result = overlay(below, rows)
    assert grid(result) == grid([*below, *rows])
    assert_ordered(result)
    untouched = [
        each for each in below
        if all(row.end < each.start or each.end < row.start for row in rows)
    ]
    assert set(untouched) <= set(result)


@given(disjoint(NAMES))
def test_labels_laid_over_themselves_stay_as_they_are(below):
    assert overlay(below, below) == below
    assert overlay(below, []) == below
    assert overlay([], below) == below


def test_a_row_joins_what_is_left_of_its_label_and_group():
    below = [Interval('walk', 0, 10, 'a'), Interval('walk', 12, 15, 'b')]
    longer = overlay(below, [Interval('walk', 5, 12, 'a')])
    assert longer == [Interval('walk', 0, 12, 'a'), Interval('walk', 12, 15, 'b')]
    rows = [Interval('walk', 10, 11, 'a'), Interval('walk', 11, 12, 'a')]
    assert overlay(below, rows) == [
        Interval('walk', 0, 11, 'a'), Interval('walk', 11, 12, 'a'), below[1]
    ]
