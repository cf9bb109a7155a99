# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""What the monitor makes of what it hears, at times that the test gives."""

import io

from dcat_ros.nodes.monitor.history import ActivityResult, History, SecondSummary
from dcat_ros.nodes.monitor.state import ACTIVITY, DIAGNOSTICS, LABEL_INFO, Model, MonitorState
from dcat_ros.nodes.monitor.statuses import ReceivedStatus, STALE, StatusTable
from dcat_ros.nodes.monitor.view import View
import pytest
from rich.console import Console

NOW = 1_700_000_000_000_000_000
TOPICS = {
    ACTIVITY: '/inference/activity',
    LABEL_INFO: '/inference/label_info',
    DIAGNOSTICS: '/diagnostics',
}


def result_at(arrival, label='walk', score=0.9, latency=0.02, **changes):
    values = {'now': NOW, 'stamp': NOW - round(latency * 1e9), 'frame_id': 'wrist', 'others': 1}
    return ActivityResult(arrival=arrival, label=label, score=score, **{**values, **changes})


def history_of(*answers):
    history = History()
    for answer in answers:
        history.add(answer)
    return history


def test_a_cell_is_the_commonest_class_of_its_second_with_its_mean_score():
    history = history_of(
        result_at(100.0, 'sit', 0.5), result_at(100.3, 'walk', 0.8), result_at(100.9, 'walk', 0.6),
        result_at(102.0, 'sit', 0.7), result_at(102.5, 'run', 0.4),
    )
    cells = history.cells(103.2)
    assert len(cells) == History.SECONDS
    assert cells[-4:] == [
        SecondSummary('walk', pytest.approx(0.7)), None, SecondSummary('run', 0.4), None
    ]
    assert cells[:-4] == [None] * 56


def test_a_cell_moves_left_each_second_and_is_gone_after_a_minute():
    history = history_of(result_at(100.9))
    assert history.cells(100.9)[-1] == history.cells(159.99)[0] == SecondSummary('walk', 0.9)
    assert history.cells(160.0) == [None] * 60
    history.add(result_at(160.0, 'sit'))
    assert history.cells(160.5) == [None] * 59 + [SecondSummary('sit', 0.9)]


def test_the_rate_is_that_of_the_last_seconds_and_ends_with_the_answers():
    history = history_of(*(result_at(100.0 + index / 4) for index in range(40)))
    assert history.rate(109.8) == pytest.approx(4.0)
    assert history.rate(114.0) == pytest.approx(4.0)
    assert history.rate(115.0) == 0.0
    assert history_of(result_at(1.0)).rate(1.0) == history_of().rate(1.0) == 0.0


def test_a_latency_needs_a_window_and_a_clock():
    assert result_at(0.0).latency == pytest.approx(0.02)
    assert result_at(0.0, 'unknown').latency == pytest.approx(0.02)
    assert result_at(0.0, 'unknown', others=0).latency is None
    assert result_at(0.0, now=0).latency is None
    history = history_of(result_at(1.0), result_at(50.0, latency=0.05), result_at(51.0, now=0))
    assert history.latencies(62.0) == [pytest.approx(0.05)]


def status_of(name, level=0, message='fine', **values):
    return ReceivedStatus(name, level, message, values)


def test_only_changes_of_level_are_told_and_since_when_they_hold():
    board = StatusTable()
    assert board.add([status_of('a: x'), status_of('a: y', 1, 'late')], 10.0) == [
        'a: x: OK: fine', 'a: y: WARN: late'
    ]
    assert board.add([status_of('a: x', 0, 'finer'), status_of('a: y', 2, 'dead')], 11.0) == [
        'a: y: WARN -> ERROR: dead'
    ]
    x, y = board.others
    assert (x.since, x.received, x.status.message) == (10.0, 11.0, 'finer')
    assert (y.since, y.level) == (11.0, 2)


def test_what_a_node_leaves_out_is_given_up_and_other_nodes_stay():
    board = StatusTable()
    board.add([status_of('a: x'), status_of('a: y')], 0.0)
    board.add([status_of('b: x')], 0.0)
    assert board.add([status_of('a: y')], 1.0) == ['a: x: gone']
    assert [entry.status.name for entry in board.others] == ['a: y', 'b: x']


def test_a_node_that_says_no_more_is_stale_until_it_speaks():
    board = StatusTable()
    board.add([status_of('a: x', 1)], 0.0)
    board.add([status_of('b: x')], 3.0)
    assert board.update(5.0) == []
    assert board.update(5.1) == ['a: x: WARN -> STALE: nothing for 5 s']
    assert board.update(6.0) == []
    assert [entry.level for entry in board.others] == [STALE, 0]
    assert board.add([status_of('a: x', 1, 'again')], 7.0) == ['a: x: STALE -> WARN: again']


def test_silence_of_a_sensor_is_counted_from_its_first_rate_of_nothing():
    board = StatusTable()
    for now, rate in enumerate(['50.0', '0.0', '0.0', '50.0', '0.0']):
        board.add([status_of('a: imu', rate_hz=rate)], float(now))
        (entry,) = board.sensors
        assert entry.silent_since == [None, 1.0, 1.0, None, 4.0][now]
    assert board.others == []


@pytest.fixture
def state():
    events = []
    state = MonitorState('/inference', TOPICS, events.append)
    state.reported = lambda *kinds: [event.text for event in events if event.kind in kinds]
    return state


def present(activity, diagnostics=1):
    """Return publishers by topic: those of the node by name, and a number on /diagnostics."""
    return {
        ACTIVITY: frozenset(activity),
        LABEL_INFO: frozenset(activity),
        DIAGNOSTICS: frozenset(range(diagnostics)),
    }


def test_who_comes_and_goes(state):
    for number, gids in enumerate(['', 'a', 'a', '', 'a', 'b', 'bc', 'c', '', 'd']):
        state.update(present(gids), float(number))
    assert state.reported('node') == [
        '/inference is there', '/inference is gone', '/inference is back', '/inference restarted',
        '2 publishers on /inference/activity: two nodes of one name, or one that died',
        '1 publisher on /inference/activity again', '/inference is gone', '/inference restarted',
    ]
    assert [event.when for event in state.recent_events] == [4.0, 5.0, 6.0, 7.0, 8.0, 9.0]


def test_what_it_waits_for_is_said_once_and_with_the_publishers(state):
    for now in (0.0, 1.0):
        state.update(present('', 0), now)
    state.update(present('a', 2), 2.0)
    state.add_result(result_at(3.0))
    state.set_model(Model('wrist', ('walk',), 0.5), 3.0)
    state.add_statuses([status_of('other: activity')], 3.0)
    state.update(present('a', 2), 3.5)
    state.add_statuses([status_of('inference: activity')], 4.0)
    state.update(present('a', 2), 4.5)
    assert state.notices['waiting'] == ''
    assert state.reported('waiting') == [
        'waiting for /inference on /inference/activity (0 publishers), /inference/label_info '
        '(0 publishers), /diagnostics (0 publishers): start it, or name another node by --node',
        'waiting for /inference on /inference/activity (1 publisher), /inference/label_info '
        '(1 publisher), /diagnostics (2 publishers)',
        'waiting for /inference on /diagnostics (2 publishers)',
    ]


def test_a_restart_is_no_swap(state):
    state.update(present('a'), 0.0)
    state.set_model(Model('wrist', ('walk', 'sit'), 0.5), 1.0)
    state.set_model(Model('wrist', ('walk', 'sit'), 0.5), 2.0)
    state.update(present('b'), 3.0)
    state.set_model(Model('camera', ('run', 'sit'), 0.7), 4.0)
    assert state.reported('swap') == []
    state.set_model(Model('wrist', ('run', 'sit', 'jog'), 0.7), 5.0)
    assert state.reported('swap') == [
        'frame camera -> wrist, 2 classes -> 3 classes (run, sit, jog)'
    ]


def speaks(sensor, bundle, swaps):
    return [status_of('inference: activity', sensor=sensor, bundle=bundle, swaps=swaps)]


def test_a_swap_of_bundles_is_told_and_a_silence_between_is_none(state):
    for now, (sensor, bundle, swaps) in enumerate([
        ('imu', 'one', '0'), ('', '', '0'), ('imu', 'one', '0'), ('camera', 'two', '1'),
        ('camera', 'two', '2'),
    ]):
        state.add_statuses(speaks(sensor, bundle, swaps), float(now))
    assert state.reported('model') == ['one on imu']
    assert state.reported('swap') == ['one on imu -> two on camera', 'two on camera, loaded again']
    assert [event.when for event in state.recent_events] == [3.0, 4.0]


@pytest.mark.parametrize(('changes', 'words'), [
    ({'now': 0}, 'nobody sends /clock'),
    ({'latency': 3600.0}, 'more than 10 s behind this clock'),
    ({'latency': -60.0}, 'more than 10 s ahead of this clock'),
])
def test_clocks_that_do_not_agree_are_told_once(state, changes, words):
    for arrival in (1.0, 2.0):
        state.add_result(result_at(arrival, **changes))
    (text,) = state.reported('clock')
    assert words in text
    state.add_result(result_at(3.0))
    assert state.notices['clock'] == ''


@pytest.mark.parametrize('width', [80, 200])
def test_the_picture_fits_and_shows_names_as_they_are(state, width):
    view = View(plain=True)
    view.console = Console(width=width, record=True, file=io.StringIO())
    console = view.console
    console.print(view.render(state, 0.0))
    assert 'dcat_ros monitor: /inference' in console.export_text()
    state.update(present('a'), 0.0)
    for arrival in range(70):
        state.add_result(result_at(float(arrival), ['[b]', 'walk'][arrival // 40]))
    state.set_model(Model('wrist', ('[b]', 'walk'), 0.5), 70.0)
    state.add_statuses([*speaks('imu', '[red]', '0'), status_of(
        'inference: imu', 1, '[waiting]', rate_hz='0.0', stamp_age_ms='3.0'
    )], 64.0)
    state.add_statuses([
        status_of('recorder: imu', rate_hz='9.0', topic='/imu/data'),
        status_of('recorder: /info', rate_hz='0.0', topic='/info'),
    ], 72.0)
    state.update(present('a'), 72.0)
    state.report_problem('no [match]', 72.0)
    console.print(view.render(state, 72.0))
    text = console.export_text()
    assert {len(line) for line in text.splitlines()} == {min(width, 110)}
    for words in (
        'no result for 3 s', '·' * 2, '█ [b]', '█ walk', '[red] on imu', 'threshold 0.50',
        'silent for 8 s', 'STALE for 0 s', 'nothing for 8 s; last: [waiting]',
        'recorder: imu /imu/data  ', 'recorder: /info  ', '0.0 Hz',
        'no [match]', '/inference is there', 'median 20.0',
    ):
        assert words in text, words
