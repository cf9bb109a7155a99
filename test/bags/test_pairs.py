# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Windows of several sensors at the same time: the nearest, whatever the sensors do."""

import weakref

from dcat_ros.bags.cache import cached
from dcat_ros.bags.pairs import half_stride, Matcher, paired_rows, pairs, PATIENCE
from dcat_ros.bags.windows import View, windows
from dcat_ros.windows import WindowSpec
from hypothesis import given, settings
from hypothesis import strategies as st
from paired_bag import (
    assert_same,
    CAMERA,
    camera_messages,
    IMU,
    imu_messages,
    label_messages,
    SECOND,
    without,
    write,
)
import pytest


def nearest(time, times):
    return min(times, key=lambda other: (abs(other - time), other), default=None)


def brute_force(streams, tolerance):
    """Match by the definition in words."""
    first, *others = streams
    found = []
    for time in first:
        partners = [nearest(time, other) for other in others]
        if all(
            partner is not None
            and abs(partner - time) <= tolerance
            and nearest(partner, first) == time
            for partner in partners
        ):
            found.append((time, *partners))
    return found


TIMES = st.sets(st.integers(0, 60), max_size=25).map(sorted)


@settings(max_examples=300, deadline=None)
@given(st.lists(TIMES, min_size=2, max_size=3), st.integers(0, 20), st.randoms())
def test_matches_are_the_mutually_nearest_whatever_comes_first(streams, tolerance, random):
    order = [number for number, times in enumerate(streams) for _ in times]
    random.shuffle(order)
    feeds = [iter(times) for times in streams]
    matcher = Matcher(len(streams), tolerance / SECOND)
    found = []
    for number in order:
        time = next(feeds[number])
        found += matcher.push(number, time, time)
    found += matcher.finish()
    assert found == brute_force(streams, tolerance)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.lists(TIMES, min_size=2, max_size=2), min_size=1, max_size=4))
def test_no_match_spans_a_jump_of_the_clock(epochs):
    matcher = Matcher(2, 5 / SECOND)
    found, expected = [], []
    for epoch in epochs:
        times = [sorted({0, *stream}) for stream in epoch]
        expected += brute_force(times, 5)
        for time, number in sorted((t, n) for n, stream in enumerate(times) for t in stream):
            found += matcher.push(number, time, time)
    found += matcher.finish()
    assert found == expected


class Item:
    """Something whose life can be watched."""


@pytest.mark.parametrize('silent', [0, 1])
def test_a_silent_sensor_does_not_make_the_others_wait_without_end(silent):
    matcher = Matcher(2, 0.05)
    alive = weakref.WeakSet()
    most = 0
    for index in range(1000):
        item = Item()
        alive.add(item)
        assert not list(matcher.push(1 - silent, index * SECOND // 10, item))
        most = max(most, len(alive))
    assert most <= 2 + (PATIENCE + SECOND // 10) * 10 // SECOND
    del item
    resumed = [
        match for index in range(1000, 1010) for number in (0, 1)
        for match in matcher.push(number, index * SECOND // 10, index)
    ]
    assert [first for first, _ in resumed] == list(range(1000, 1009))


SLOW = View(IMU.modality, WindowSpec(duration=1.0, rate=50.0, stride=0.4, max_gap=0.2))
SETUPS = {
    'two sensors': ([IMU, CAMERA], None),
    'the other way round': ([CAMERA, IMU], None),
    'three views': ([CAMERA, IMU, SLOW], 0.1),
    'one sensor, two strides': ([SLOW, IMU], None),
    'a wide tolerance': ([IMU, CAMERA], 0.2),
}


@pytest.fixture(scope='module')
def gappy_bag(tmp_path_factory):
    return write(
        tmp_path_factory.mktemp('gappy') / 'bag',
        without(imu_messages(30), 4, 19),
        without(camera_messages(30), 21, 24),
        label_messages((1, 'walk'), (20, 'sit')),
    )


@pytest.mark.parametrize('setup', SETUPS)
def test_pairs_of_a_bag_are_its_mutually_nearest_windows(setup, gappy_bag):
    views, tolerance = SETUPS[setup]
    limit = min(view.spec.stride for view in views) / 2 if tolerance is None else tolerance
    ends = [[window.end for window in windows(gappy_bag, view)] for view in views]
    expected = brute_force(ends, round(limit * SECOND))
    found = list(pairs(gappy_bag, views, tolerance))
    assert [tuple(window.end for window in pair.windows) for pair in found] == expected
    assert len(found) >= 20
    for pair in found:
        first, *others = pair.windows
        assert pair.offsets == tuple(other.end - first.end for other in others)
        assert max(map(abs, pair.offsets)) <= limit * SECOND
        labels = {window.label for window in pair.windows}
        assert labels == {pair.label} or pair.label == ''


def test_labels_of_pairs_are_those_that_all_windows_share(gappy_bag):
    found = list(pairs(gappy_bag, [IMU, CAMERA]))
    assert {pair.label for pair in found} == {'', 'walk', 'sit'}
    at_a_border = [pair for pair in found if len({x.label for x in pair.windows}) > 1]
    assert at_a_border and not any(pair.label for pair in at_a_border)


def test_rows_of_cached_windows_make_the_pairs_of_the_bag(gappy_bag, tmp_path):
    views = [IMU, CAMERA]
    found = [cached([gappy_bag], view, tmp_path)[0] for view in views]
    rows = paired_rows(found, half_stride(views))
    expected = list(pairs(gappy_bag, views))
    assert len(expected) > 20
    for row, pair in zip(rows, expected, strict=True):
        assert_same([x[i] for x, i in zip(found, row, strict=True)], pair.windows)


def test_a_tolerance_below_zero_is_refused(gappy_bag):
    with pytest.raises(ValueError, match='tolerance of pairs is -1 s'):
        next(pairs(gappy_bag, [IMU, IMU], -1))
