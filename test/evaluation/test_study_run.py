# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Running a study: processes side by side, what is kept, what fails, and how it ends."""

from functools import partial
import io
import json
import multiprocessing
import os
from pathlib import Path
import signal
import time

from dcat_ros.evaluation.plan import checked, planned
from dcat_ros.evaluation.progress import Forecast, ProgressDisplay
from dcat_ros.evaluation.run import Run
from dcat_ros.evaluation.trial import Trial
from dcat_ros.evaluation.trial_store import TrialStore
from dcat_ros.training.errors import TrainingError
from known_outcomes import known_outcome, KnownTrialRunner, no_bench, run_hanging, study_inputs
import pytest
from rich.console import Console

ROWS = checked([], ['dcat'])


class Notes:
    """A listener that records what it is told."""

    def __init__(self):
        self.done, self.errors = [], []

    def finished(self, trial, outcome):
        self.done.append(trial)

    def failed(self, trial, why):
        self.errors.append(why)


@pytest.fixture
def inputs(tmp_path):
    return study_inputs(tmp_path, seeds=2)


class Scene:
    """A study of few trials and what it leaves."""

    def __init__(self, folder, inputs):
        self.inputs = inputs
        self.trials = planned(inputs.study, ROWS)
        self.store = TrialStore(folder / 'out', inputs.key)
        self.log = folder / 'log'
        self.notes = Notes()

    def run(self, workers=1, make=None, **fails):
        known = {tuple(name.rsplit('_', 1)): how for name, how in fails.items()}
        fails = {(row, int(seed)): how for (row, seed), how in known.items()}
        make = make or partial(KnownTrialRunner, self.inputs, self.log, fails)
        return Run(self.trials, self.store, make, self.notes).to_the_end(workers)

    @property
    def lines(self):
        return [line.split() for line in self.log.read_text().splitlines()]


@pytest.fixture
def scene(tmp_path, inputs):
    return Scene(tmp_path, inputs)


def test_trials_run_side_by_side_each_once_and_after_their_source(scene):
    assert scene.run(workers=2) == {}
    assert sorted(scene.notes.done, key=repr) == sorted(scene.trials, key=repr)
    assert len(scene.lines) == len(scene.trials)
    order = [(line[0] == 'imu', line[1], line[3]) for line in scene.lines]
    for seed in '01':
        assert order.index((True, 'unimodal', seed)) < order.index((False, 'dcat', seed))
    outcomes = scene.store.finished(scene.trials)
    assert set(outcomes) == set(scene.trials)
    for trial, outcome in outcomes.items():
        assert repr(outcome) == repr(known_outcome(scene.inputs, trial))


def test_finished_trials_are_not_run_again(scene):
    scene.run()
    before = {path: path.read_bytes() for path in (scene.store.path_of(t) for t in scene.trials)}
    again = Scene(scene.log.parent, scene.inputs)
    assert again.run(make=no_bench) == {} and again.notes.done == []
    scene.store.path_of(scene.trials[-1]).unlink()
    third = Scene(scene.log.parent, scene.inputs)
    assert third.run() == {} and third.notes.done == [scene.trials[-1]]
    assert {path: path.read_bytes() for path in before} == before


def test_a_failing_trial_is_told_and_the_others_go_on(scene):
    failures = scene.run(dcat_0='sentence', dcat_1='bug')
    assert {(trial.row, trial.seed): why for trial, why in failures.items()} == {
        ('dcat', 0): 'the loss is nan at step 3: lower fit.lr',
        ('dcat', 1): 'ZeroDivisionError: division by zero',
    }
    assert len(scene.notes.done) == len(scene.trials) - 2
    assert len(scene.store.finished(scene.trials)) == len(scene.trials) - 2
    assert Scene(scene.log.parent, scene.inputs).run() == {}


def test_who_is_taught_by_a_failed_source_fails_with_it(scene):
    failures = scene.run(unimodal_0='sentence')
    assert {(trial.row, trial.seed) for trial in failures} == {
        ('unimodal', 0), ('dcat', 0), ('dcat_shuffled', 0)
    }
    blamed = [why for why in failures.values() if why.startswith('its source failed: the loss')]
    assert len(blamed) == 2


def test_no_bench_ends_the_study_with_its_reason(scene):
    with pytest.raises(TrainingError, match='one class only: record another activity'):
        scene.run(make=no_bench)
    assert multiprocessing.active_children() == []


def test_a_killed_process_ends_the_study_and_what_is_finished_stays(scene):
    with pytest.raises(TrainingError, match='a worker process was killed'):
        scene.run(dcat_shuffled_1='killed')
    done = scene.store.finished(scene.trials)
    assert done and set(done) == set(scene.notes.done)
    assert Scene(scene.log.parent, scene.inputs).run() == {}
    assert len(scene.store.finished(scene.trials)) == len(scene.trials)


@pytest.mark.parametrize('number', [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
def test_no_worker_outlives_the_study(tmp_path, number):
    process = multiprocessing.get_context('spawn').Process(target=run_hanging, args=(tmp_path,))
    process.start()
    log = tmp_path / 'log'
    until(lambda: log.exists() and log.read_text().endswith('hangs'))
    worker = int(log.read_text().split()[0])
    os.kill(process.pid, number)
    process.join(60)
    assert process.exitcode == (-number if number == signal.SIGKILL else 128 + number)
    until(lambda: not is_alive(worker))


def until(condition, limit=60):
    end = time.monotonic() + limit
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.02)


def is_alive(pid):
    try:
        state = Path(f'/proc/{pid}/stat').read_text().rsplit(')', 1)[1].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state != 'Z'


def test_a_damaged_file_is_named(scene):
    scene.run()
    path = scene.store.path_of(scene.trials[0])
    path.write_text('{"key": ', encoding='utf-8')
    with pytest.raises(TrainingError, match=f'{path} is damaged'):
        scene.store.finished(scene.trials)


def test_an_outcome_of_another_key_is_not_used(scene, inputs):
    outcome = known_outcome(inputs, scene.trials[0])
    scene.store.save(scene.trials[0], outcome)
    path = scene.store.path_of(scene.trials[0])
    assert scene.store.load(scene.trials[0]) == outcome
    record = json.loads(path.read_text())
    path.write_text(json.dumps({**record, 'key': record['key'][:16] + '0' * 48}))
    assert scene.store.load(scene.trials[0]) is None


def test_time_left_is_what_alike_trials_took():
    trials = [
        Trial('a', source, row, 'in_distribution', 1.0, seed)
        for row, source in (('unimodal', ''), ('dcat', 'b')) for seed in range(3)
    ]
    forecast = Forecast(trials, {}, 2)
    assert forecast.remaining is None
    forecast.finished(trials[0], 10.0)
    assert forecast.remaining == pytest.approx(5 * 10.0 / 2)
    forecast.finished(trials[3], 40.0)
    assert forecast.remaining == pytest.approx((2 * 10.0 + 2 * 40.0) / 2)
    for trial in trials[:3]:
        forecast.remove(trial)
    forecast.remove(trials[4])
    assert forecast.remaining == pytest.approx(40.0)
    forecast.remove(trials[5])
    assert forecast.remaining == 0


def test_each_trial_is_told_with_the_mean_of_its_row(scene, inputs):
    screen = io.StringIO()
    console = Console(file=screen, width=200)
    first, other = (trial for trial in scene.trials if trial.row == 'dcat')
    done = {first: known_outcome(inputs, first)}
    with ProgressDisplay(scene.trials, done, 1, console) as progress:
        progress.finished(other, known_outcome(inputs, other))
        progress.failed(scene.trials[0], 'the loss is nan')
    output = screen.getvalue()
    assert f'1 trial of {len(scene.trials)} finished before' in output
    assert f'{other.row_text}, seed 1: macro-F1 ' in output and 'mean of 2 seeds' in output
    assert f'error: {scene.trials[0].row_text}, seed 0: the loss is nan' in output
