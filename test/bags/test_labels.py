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


def label_at(texts, stamp):
    return next((text for time, text in reversed(texts) if time <= stamp), '')


@given(TEXTS, st.integers(0, 45), st.integers(0, 10))
def test_a_window_has_a_label_exactly_when_one_activity_fills_it(texts, start, length):
    intervals = intervals_of(texts, END)
    end = start + length
    inside = {label_at(texts, stamp) if stamp < END else ''
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


def test_blanks_around_a_text_are_ignored():
    texts = [(0, ' sit '), (3, 'sit\n'), (5, ' \t'), (7, f' {UNDO} sit \n')]
    assert intervals_of(texts, 9) == [Interval('sit', 0, 9)]


def test_the_track_has_the_current_label_and_the_text_that_undoes_it():
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


def sent_and_valid(acts):
    """Return the messages that an operator's keys send, and the changes that are not undone.

    Changes are lists [stamp, label, valid]; undo invalidates the last valid one.
    """
    stamp, sent, changes = 0, [(0, '')], [[0, '', True]]
    for pause, act in acts:
        stamp += pause
        valid = [change for change in changes if change[2]]
        if act != 'undo' and act != valid[-1][1]:
            changes.append([stamp, act, True])
            sent.append((stamp, act))
        elif act == 'undo' and len(valid) > 1:
            valid[-1][2] = False
            sent.append((stamp, UNDO + valid[-2][1]))
    return sent, [(stamp, label) for stamp, label, is_valid in changes if is_valid]


@given(ACTS)
def test_undone_changes_have_no_effect(acts):
    sent, valid = sent_and_valid(acts)
    covered = {
        stamp: interval.label for interval in intervals_of(sent, 70)
        for stamp in range(interval.start, interval.end)
    }
    assert covered == {
        stamp: label for stamp in range(70) if (label := label_at(valid, stamp))
    }


@given(ACTS, st.integers(0, 60))
def test_late_subscribers_agree_from_the_latched_text_on(acts, joined):
    sent, valid = sent_and_valid(acts)
    before = [text for stamp, text in sent if stamp < joined]
    received = [(joined, before[-1])] if before else []
    received += [(stamp, text) for stamp, text in sent if stamp >= joined]
    intervals = intervals_of(received, 70)
    for stamp in range(joined, 70):
        found = interval_at(intervals, stamp, stamp)
        assert (found.label if found else '') == label_at(valid, stamp)


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
    """Return label and group of each labelled stamp; the last interval that covers it counts."""
    cells = {}
    for x in intervals:
        cells |= dict.fromkeys(range(x.start, x.end), (x.label, x.group))
    return {stamp: cell for stamp, cell in cells.items() if cell[0]}


@given(disjoint(NAMES), disjoint(st.sampled_from(['', 'sit', 'walk'])))
def test_rows_overwrite_only_what_they_overlap(below, rows):
    result = overlay(below, rows)
    assert grid(result) == grid([*below, *rows])
    assert_ordered(result)
    untouched = [
        interval for interval in below
        if all(row.end < interval.start or interval.end < row.start for row in rows)
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
