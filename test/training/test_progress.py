# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""What a training says: on a terminal, and as lines of JSON."""

import io
import json

from dcat_ros.commands.train import reporter_of
from dcat_ros.training.progress import JsonReporter, SilentReporter, TerminalReporter
import pytest


class JsonRecorder(JsonReporter):
    """Lines of JSON that are read at once."""

    def __init__(self):
        self.stream = io.StringIO()
        super().__init__(self.stream)

    def lines(self, event=''):
        records = [json.loads(line) for line in self.stream.getvalue().splitlines()]
        return [record for record in records if event in ('', record['event'])]


def test_every_event_is_one_line_of_json(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    reporter = JsonRecorder()
    reporter.say('two\nlines, naïve')
    with reporter.stage('seed 1 of 2', 3) as stage:
        stage.advance(3)
    reporter.bundle(tmp_path.relative_to(tmp_path) / 'tiny')
    reporter.error('no bag: record one')
    assert reporter.lines() == [
        {'event': 'say', 'text': 'two\nlines, naïve'},
        {'event': 'stage', 'title': 'seed 1 of 2', 'total': 3},
        *[{'event': 'progress', 'stage': 'seed 1 of 2', 'done': 3, 'total': 3, 'fraction': None,
           'remaining': None}] * 2,
        {'event': 'bundle', 'path': str(tmp_path / 'tiny')},
        {'event': 'error', 'text': 'no bag: record one'},
    ]


def test_the_fraction_is_of_the_planned_steps():
    reporter = JsonRecorder()
    with reporter.stage('reading bags', 6) as stage:
        stage.advance(6)
    assert reporter.fraction is None
    reporter.plan(10)
    assert reporter.fraction == 0.0
    with reporter.stage('one', 4) as stage:
        stage.advance()
        stage.advance(3)
    assert reporter.fraction == pytest.approx(0.4)
    with reporter.stage('other work', 900, in_steps=False) as stage:
        stage.advance(800)
    assert reporter.fraction == pytest.approx(0.4)
    with reporter.stage('two', 6) as stage:
        stage.advance(6)
    assert [line['fraction'] for line in reporter.lines('progress')][-1] == 1.0
    assert reporter.remaining == 0.0


def test_a_stage_that_ends_early_takes_the_steps_it_spared_from_the_plan():
    reporter = JsonRecorder()
    reporter.plan(200)
    with reporter.stage('one', 100) as stage:
        stage.advance(50)
    assert reporter.fraction == pytest.approx(50 / 150)
    with reporter.stage('two', 100) as stage:
        stage.advance(100)
    assert reporter.fraction == 1.0


def test_a_run_with_nothing_left_is_done():
    reporter = JsonRecorder()
    reporter.plan(0)
    assert reporter.fraction == 1.0


def test_the_remaining_time_follows_the_speed(monkeypatch):
    reporter = JsonRecorder()
    now = [100.0]
    monkeypatch.setattr(reporter._progress, 'get_time', lambda: now[0])
    reporter.plan(100)
    with reporter.stage('one', 100) as stage:
        for _ in range(20):
            stage.advance()
            now[0] += 0.5
        assert reporter.remaining == pytest.approx(40, abs=1)
        now[0] += 600.0  # the machine slept; what was before says nothing of the speed now
        for _ in range(20):
            stage.advance()
            now[0] += 2.0
        assert reporter.remaining == pytest.approx(120, abs=10)


def test_progress_is_written_a_few_times_a_second_at_most(monkeypatch):
    reporter = JsonRecorder()
    now = [0.0]
    monkeypatch.setattr('dcat_ros.training.progress.time.monotonic', lambda: now[0])
    with reporter.stage('one', 1000) as stage:
        for _ in range(1000):
            now[0] += 0.01
            stage.advance()
    done = [line['done'] for line in reporter.lines('progress')]
    assert 30 < len(done) <= 10 / JsonReporter.PERIOD + 1
    assert done[-1] == 1000


def test_a_stage_that_fails_leaves_nothing_behind():
    reporter = JsonRecorder()
    with pytest.raises(OSError), reporter.stage('one', 10):
        raise OSError
    with reporter.stage('two', 10) as stage:
        stage.advance(10)
    assert {line['stage'] for line in reporter.lines('progress')} == {'two'}


def test_a_terminal_gets_sentences_on_stderr_and_the_path_on_stdout(capsys, tmp_path):
    with TerminalReporter() as terminal:
        terminal.say('[seed] 1: macro-F1 81.0')
        terminal.plan(2)
        with terminal.stage('seed 1 of 1', 2) as stage:
            stage.advance()
            assert terminal.fraction == 0.5
        terminal.bundle(tmp_path)
    terminal.error('no bag')
    out, err = capsys.readouterr()
    assert out == f'{tmp_path}\n'
    assert '[seed] 1: macro-F1 81.0\n' in err and err.endswith('error: no bag\n')


def test_of_several_processes_only_the_first_speaks(monkeypatch, capsys, tmp_path):
    for rank, kind in (('0', JsonReporter), ('1', SilentReporter)):
        monkeypatch.setenv('LOCAL_RANK', rank)
        assert isinstance(reporter_of('json'), kind)
    with reporter_of('json') as reporter:
        reporter.say('macro-F1 81.0')
        reporter.plan(2)
        with reporter.stage('seed 1 of 1', 2) as stage:
            stage.advance(2)
        reporter.bundle(tmp_path)
        reporter.error('no disk')
    assert capsys.readouterr() == ('', 'error: no disk\n')
