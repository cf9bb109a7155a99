# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Windows cut by header stamp, for every kind of fault in the stamps."""

from itertools import pairwise

from dcat_ros.bags import messages
from dcat_ros.modalities import create, Samples
from dcat_ros.modalities.base import NoCheck
from dcat_ros.windows import Stream, WindowSpec
from hypothesis import example, given, settings
from hypothesis import strategies as st
import numpy as np
from plausible_imu import sample
import pytest

START = 1_700_000_000_123_456_789
MS = 1_000_000
SECOND = 1000 * MS
SPEC = WindowSpec(duration=0.1, rate=100.0, stride=0.05, max_gap=0.03)
MAX_GAP = 30 * MS
TOLERANCE = SECOND // 400


class Recording:
    """A modality whose messages are samples; it records the stamps of each window."""

    name = topic = 'recording'
    message_types = ()
    info: dict[str, str] = {}  # noqa: RUF012
    latest_only = False
    sample_shape = ()

    def __init__(self):
        self.seen = []

    def decoder(self, given=None):
        return self

    def check(self):
        return NoCheck()

    def decode(self, message):
        return message

    def resample(self, samples, end, rate, size):
        self.seen.append(samples.stamps.copy())
        times = np.arange(1 - size, 1) * (1e9 / rate)
        return np.interp(times, samples.stamps - end, samples.values).astype(np.float32)

    def features(self, window):
        return window


def samples_of(*pairs):
    stamps, values = zip(*pairs, strict=True)
    return Samples(np.array(stamps, np.int64), np.array(values, np.float32))


def run(batches, spec=SPEC):
    modality = Recording()
    stream = Stream(modality, spec)
    windows = [window for batch in batches for window in stream.push(samples_of(*batch))]
    return windows, stream, modality.seen


def regular(count, period, start=START):
    return [(start + index * period, float(index)) for index in range(count)]


def singly(pairs):
    return [[pair] for pair in pairs]


STEPS = st.one_of(
    st.just(10 * MS),
    st.just(10 * MS),
    st.integers(1, 15 * MS),
    st.integers(28 * MS, 32 * MS),
    st.just(0),
    st.integers(-SECOND, -1),
    st.integers(-SECOND - 2, -SECOND + 2),
    st.integers(-3600 * SECOND, -SECOND),
    st.integers(MAX_GAP, 3600 * SECOND),
)
RUNS = st.tuples(STEPS, st.integers(0, 25), st.integers(8 * MS, 12 * MS))


@st.composite
def streams(draw):
    """Draw runs of regular samples between steps of every kind; some samples are not finite."""
    pairs, newest = [], START
    for step, length, period in draw(st.lists(RUNS, min_size=1, max_size=8)):
        stamp = newest + step
        for index in range(length + 1):
            pairs.append((stamp + index * period, float(len(pairs))))
        newest = pairs[-1][0]
    for index in draw(st.sets(st.integers(0, len(pairs) - 1), max_size=4)):
        pairs[index] = pairs[index][0], float('nan')
    return pairs


def expected_segments(pairs):
    """Return the stamps of accepted samples by segment, and the expected counts."""
    segments, last = [[]], None
    counts = dict.fromkeys(('not finite', 'late', 'repeated', 'gap', 'clock jump'), 0)
    for stamp, value in pairs:
        if value != value:
            counts['not finite'] += 1
            continue
        if last is not None and stamp < last - SECOND:
            counts['clock jump'] += 1
            segments.append([])
        elif last is not None and stamp <= last:
            counts['repeated' if stamp == last else 'late'] += 1
            continue
        elif segments[-1] and stamp - last > MAX_GAP:
            counts['gap'] += 1
            segments.append([])
        segments[-1].append(stamp)
        last = stamp
    return segments, {cause: count for cause, count in counts.items() if count}


def regular_ends(segment):
    """Return the window ends of one segment, by the definition in words."""
    ends, due = [], segment[0] + 90 * MS - TOLERANCE if segment else 0
    for stamp in segment:
        if stamp >= due:
            ends.append(stamp)
            while due <= stamp:
                due += 50 * MS
    return ends


@settings(max_examples=200, deadline=None)
@given(streams())
def test_windows_are_as_defined_for_any_stamps(pairs):
    windows, stream, seen = run(singly(pairs))
    segments, counts = expected_segments(pairs)
    assert {cause: count for cause, count in stream.counts.items() if count} == counts
    left_out = sum(counts.get(cause, 0) for cause in ('not finite', 'late', 'repeated'))
    assert sum(map(len, segments)) + left_out == len(pairs)
    ends = [regular_ends(segment) for segment in segments]
    assert [window.end for window in windows] == [end for segment in ends for end in segment]
    assert [window.first for window in windows] == [
        index == 0 for segment in ends for index, _ in enumerate(segment)
    ]
    backwards = sum(after.end <= before.end for before, after in pairwise(windows))
    assert backwards <= counts.get('clock jump', 0)
    for window, stamps in zip(windows, seen, strict=True):
        assert window.inputs.shape == (SPEC.size,)
        assert np.isfinite(window.inputs).all()
        assert window.start == window.end - 90 * MS
        assert stamps[-1] == window.end
        assert stamps[0] <= window.start + TOLERANCE
        assert np.diff(stamps).min() > 0
        assert np.diff(stamps).max() <= MAX_GAP


@settings(max_examples=200, deadline=None)
@given(streams(), st.lists(st.booleans(), max_size=60))
@example([(START, 0.0), (START - 1500 * MS, 1.0), (START, 2.0)], [False, True])
def test_windows_do_not_depend_on_how_samples_are_batched(pairs, joins):
    batches = []
    for index, pair in enumerate(pairs):
        rising = bool(batches) and pair[0] > batches[-1][-1][0]
        if rising and (joins or [True])[index % len(joins or [True])]:
            batches[-1].append(pair)
        else:
            batches.append([pair])
    expected, expected_stream, expected_seen = run(singly(pairs))
    windows, stream, seen = run(batches)
    assert +stream.counts == +expected_stream.counts
    assert [x._replace(inputs=x.inputs.tobytes()) for x in windows] == [
        x._replace(inputs=x.inputs.tobytes()) for x in expected
    ]
    assert [x.tolist() for x in seen] == [x.tolist() for x in expected_seen]


def test_ends_and_strides_are_exact_on_regular_stamps():
    windows, _, _ = run(singly(regular(100, 10 * MS)))
    assert [x.end for x in windows] == [START + at * MS for at in range(90, 1000, 50)]
    assert [x.first for x in windows] == [True] + [False] * 18
    assert all(x.rate == 100.0 for x in windows)
    assert windows[1].inputs.tolist() == [float(index) for index in range(5, 15)]


@pytest.mark.parametrize('hertz', [15, 30, 60, 59.94])
def test_a_period_that_is_no_whole_number_of_nanoseconds_loses_no_window(hertz):
    stamps = [START + round(index * 1e9 / hertz) for index in range(round(10 * hertz))]
    spec = WindowSpec(duration=1.0, rate=10.0, stride=0.2, max_gap=0.5)
    windows, _, _ = run(singly([(stamp, 0.0) for stamp in stamps]), spec)
    assert len(windows) == 46
    delays = [(window.end - START) / 1e9 for window in windows] - (0.9 + 0.2 * np.arange(46))
    assert delays.min() > -0.25 / spec.rate - 1e-8
    assert delays.max() < 1 / hertz


def test_a_new_stride_holds_from_the_last_window_on():
    stream = Stream(Recording(), SPEC)
    pairs = regular(100, 10 * MS)
    ends = []
    for index, pair in enumerate(pairs):
        if index == 31:
            stream.stride = 0.02
        if index == 61:
            stream.stride = 0.3
        ends += [window.end - START for window in stream.push(samples_of(pair))]
    assert stream.stride == 0.3
    expected = [90, 140, 190, 240, 290, 310, 330, 350, 370, 390, 410, 430, 450, 470, 490, 510,
                530, 550, 570, 590, 890]
    assert ends == [at * MS for at in expected]


def test_a_new_stride_keeps_pace_with_a_period_that_is_no_whole_number_of_nanoseconds():
    spec = WindowSpec(duration=1.0, rate=30.0, stride=0.5, max_gap=0.5)
    stream = Stream(Recording(), spec)
    ends = []
    for index in range(120):
        if index == 60:
            stream.stride = 0.1
        pair = START + index * 33_333_333, 0.0
        ends += [index for _ in stream.push(samples_of(pair))]
    assert ends == [29, 44, 59, *range(62, 120, 3)]


def test_a_stride_shorter_than_a_period_gives_one_window_a_sample():
    spec = WindowSpec(duration=0.1, rate=100.0, stride=0.001, max_gap=0.03)
    windows, _, _ = run(singly(regular(30, 10 * MS)), spec)
    assert [x.end for x in windows] == [START + at * MS for at in range(90, 300, 10)]


def test_a_looping_recording_gives_the_same_windows_each_time():
    pairs = regular(200, 10 * MS)
    windows, stream, _ = run(singly(pairs * 3))
    assert stream.counts == {'clock jump': 2}
    once, _, _ = run(singly(pairs))
    expected = [x._replace(inputs=x.inputs.tobytes()) for x in once] * 3
    assert [x._replace(inputs=x.inputs.tobytes()) for x in windows] == expected


def test_one_stamp_from_the_future_costs_no_more_than_two_segments():
    pairs = regular(100, 10 * MS)
    pairs[50] = START + 86_400 * SECOND, 0.0
    windows, stream, _ = run(singly(pairs))
    assert stream.counts == {'gap': 1, 'clock jump': 1}
    assert windows[-1].end >= pairs[-1][0] - 50 * MS


def test_a_message_that_cannot_be_decoded_leaves_the_stream_usable():
    imu = create('imu', {})
    spec = WindowSpec(duration=0.1, rate=100.0, stride=0.1, max_gap=0.03)
    stream, windows = Stream(imu, spec), []
    for index in range(20):
        windows += stream.push(messages.imu(START + index * 10 * MS, 'wrist', sample()))
        with pytest.raises(ValueError, match='stamp is 0'):
            stream.push(messages.imu(0, 'wrist', sample()))
    assert [x.end - START for x in windows] == [90 * MS, 190 * MS]
    assert not stream.counts


def test_after_a_reset_the_sensor_is_new():
    stream = Stream(Recording(), SPEC)
    stream.push(samples_of(*regular(50, 10 * MS)))
    assert stream.rate == 100.0
    stream.reset()
    assert stream.rate == 0.0
    windows = stream.push(samples_of(*regular(10, 10 * MS, START - 200 * MS)))
    assert [(x.end, x.first) for x in windows] == [(START - 110 * MS, True)]
    assert not stream.counts
