# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""bench/domain_shift trains on no test person, reads no label of the new place, and adapts."""

from dataclasses import dataclass, field
from io import StringIO
from pathlib import Path

from bench.common.page import write_page
from bench.domain_shift import adaptation, trials
from bench.domain_shift.adaptation import with_statistics_of
from bench.domain_shift.measure import RECIPE
from bench.domain_shift.page import values
from bench.domain_shift.recordings import Recordings
from bench.domain_shift.results import chance, Results, Trial
from bench.domain_shift.rows import (
    NEW_PEOPLE,
    NOT_ADAPTED,
    PHONE,
    PSEUDO,
    Row,
    ROWS,
    TEST,
    TRAIN,
    TRANSFERRED,
    UTD,
    WATCH,
)
from bench.domain_shift.trials import Trials, UTD_WATCH
from dcat_ros.bags.labels import Interval
from dcat_ros.method.pairing import UNPAIRED
from dcat_ros.modalities.base import NANOSECONDS
from dcat_ros.training.config import Config
from dcat_ros.training.network import build
from dcat_ros.training.windows import OUTSIDE
import numpy as np
import pytest
from rich.console import Console
import torch
from torch import nn

CONFIG = Config.read(str(RECIPE))
PERIOD = NANOSECONDS // 10
PER_CLIP = 20
"""Windows of each clip; one in two reaches into the next one and has no label."""


@dataclass
class Entry:
    """Windows of a bag, in the form of `CachedWindows`."""

    bag: Path
    starts: np.ndarray
    labels: np.ndarray
    groups: np.ndarray
    inputs: np.ndarray
    key: str = 'key'
    refused: int = 0
    ends: np.ndarray = field(init=False)

    def __post_init__(self):
        self.ends = self.starts + NANOSECONDS

    def __len__(self):
        return len(self.starts)


def recordings(subjects, labels, first, seed, offset=0.0):
    """Return a bag for each subject, with one clip for each label, one after another."""
    random = np.random.default_rng(seed)
    entries, intervals = [], []
    for number, subject in enumerate(subjects):
        begin = (first + 1000 * number) * NANOSECONDS
        starts = begin + np.arange(PER_CLIP * len(labels)) * PERIOD
        inside = np.arange(len(starts)) % PER_CLIP < PER_CLIP // 2
        names = np.where(inside, np.repeat(labels, PER_CLIP), '')
        level = np.repeat(np.arange(len(labels)), PER_CLIP)[:, None, None]
        inputs = offset + level + random.normal(0, 0.1, (len(starts), CONFIG.window.size, 6))
        groups = np.full(len(starts), subject)
        entries.append(Entry(Path(f's{subject}'), starts, names, groups, np.float32(inputs)))
        intervals.append([
            Interval(label, *(begin + PER_CLIP * PERIOD * i for i in (n, n + 1)), subject)
            for n, label in enumerate(labels)
        ])
    return Recordings(entries, intervals)


def make_trials(work, labels=('seated', *CONFIG.classes, 'turn')):
    people = [*NEW_PEOPLE, *TEST[WATCH]]
    return Trials(
        recordings([*TRAIN[UTD], *TEST[UTD]], CONFIG.classes, 0, 0),
        recordings(people, labels, 10**6, 1, 0.5), recordings(people, labels, 10**6, 2),
        CONFIG, work,
    )


@pytest.fixture
def shift(tmp_path, monkeypatch):
    monkeypatch.setattr(trials, 'STEPS', 4)
    return make_trials(tmp_path)


def test_statistics_of_shifted_windows_undo_the_shift():

    class Normalised(nn.Module):

        def __init__(self):
            super().__init__()
            self.norm = nn.BatchNorm1d(6)

        def forward(self, windows):
            return self.norm(windows.transpose(1, 2))

    random = np.random.default_rng(0)
    inputs = random.normal(size=(256, 50, 6)).astype(np.float32)
    gain, offset = np.float32([2, 3, 0.5, 1, 4, 0.1]), np.float32([5, -1, 0, 2, 0, 7])

    class Held:

        def __init__(self, held):
            self.held = held

        def inputs(self, rows):
            return self.held[rows]

    rows, network = np.arange(256), Normalised().eval()
    plain, shifted = (
        with_statistics_of(network, Held(held), rows, 0)(torch.from_numpy(held))
        for held in (inputs, inputs * gain + offset)
    )
    torch.testing.assert_close(plain, shifted, rtol=1e-2, atol=1e-2)
    before = network(torch.from_numpy(inputs * gain + offset))
    assert (before - shifted).abs().max() > 1


def test_only_statistics_change(shift):
    network = build(CONFIG, (CONFIG.window.size, 6), 3).eval()
    data = shift.data(WATCH)
    adapted = with_statistics_of(network, data.dense, np.arange(len(data.dense)), 0)
    changed = {
        name for name, value in adapted.state_dict().items()
        if not torch.equal(value, network.state_dict()[name])
    }
    assert changed
    assert {name.rpartition('.')[2] for name in changed} <= {
        'running_mean', 'running_var', 'num_batches_tracked',
    }
    assert not any(module.training for module in adapted.modules())


@pytest.mark.parametrize('row', ROWS, ids=str)
def test_no_test_person_is_trained_on_and_the_new_place_has_no_labels(shift, row):
    plan = shift.plan(row, 0)
    assert shift.runner.steps(plan) == 4
    labelled_by = {plan.recipe: TRAIN[row.trained]} | {
        source.plan.recipe: TRAIN[row.source] for source in plan.sources
    }
    for each in (plan, *(source.plan for source in plan.sources)):
        units, people = shift.units(each), shift.runner.data(each.recipe).dense.subjects
        assert set(people[units.labelled.all_rows]) == set(labelled_by[each.recipe])
        if len(units.unlabelled):
            assert set(people[units.unlabelled.all_rows]) == set(NEW_PEOPLE)
    assert not set(TRAIN[row.tested]) & set(TEST[row.tested])


def test_labels_of_the_new_place_change_nothing_that_its_adaptation_uses(tmp_path):
    labels = ['seated', *CONFIG.classes, 'turn']
    one, other = make_trials(tmp_path, labels), make_trials(tmp_path, labels[::-1])
    for row in TRANSFERRED:
        first, second = one.plan(row, 0), other.plan(row, 0)
        if row.source == UTD:
            assert first == second
        np.testing.assert_array_equal(one.units(first).all_rows, other.units(second).all_rows)
        np.testing.assert_array_equal(one.units(first).targets, other.units(second).targets)


def test_only_windows_of_the_new_place_are_paired_with_those_of_the_same_time(shift):
    for row in (Row(UTD, WATCH, 'dcat', source) for source in (UTD, PHONE)):
        plan = shift.plan(row, 0)
        source, target = plan.sources[0], shift.runner.data(UTD_WATCH).dense
        theirs = shift.runner.data(source.plan.recipe).dense
        partner = shift.runner.pairing_of(plan, source).partner
        is_new = np.isin(target.subjects, NEW_PEOPLE)
        assert (partner[~is_new] == UNPAIRED).all()
        assert (target.clips[is_new] == OUTSIDE).all()
        np.testing.assert_array_equal(theirs.centres[partner[is_new]], target.centres[is_new])
        np.testing.assert_array_equal(theirs.subjects[partner[is_new]], target.subjects[is_new])


def test_pseudo_labels_are_of_the_new_people_and_their_report_is_right(shift, monkeypatch):
    monkeypatch.setattr(adaptation, 'CONFIDENCE', 0.0)
    scores, facts = shift.scores(Row(UTD, WATCH, PSEUDO), 0)
    labelled, pseudo = shift.pseudo_units(0)
    people = shift.runner.data(UTD_WATCH).dense.subjects
    assert set(people[pseudo.all_rows]) == set(NEW_PEOPLE)
    assert set(people[labelled.all_rows]) == set(TRAIN[UTD])
    assert facts['given'] == 1.0
    assert 0.3 < facts['of_no_class'] < 0.5  # two of five activities
    assert len(scores.clips) == 4 * 3
    beside = adaptation.beside(labelled, pseudo)
    assert len(labelled) <= len(beside) - len(pseudo) >= len(pseudo)
    control = adaptation.shuffled(pseudo, 0)
    assert sorted(control.targets) == sorted(pseudo.targets)


def test_sensors_are_turned_to_point_down_stretch_by_stretch(monkeypatch):
    monkeypatch.setattr('bench.domain_shift.recordings.copy', lambda entry: Entry(
        entry.bag, entry.starts, entry.labels, entry.groups, entry.inputs
    ))
    (entry,) = recordings(['s01'], ['walk', 'turn'], 0, 0).entries
    entry.starts[PER_CLIP:] += 60 * NANOSECONDS
    entry.inputs[:PER_CLIP, :, 0], entry.inputs[PER_CLIP:, :, 0] = -1, 1
    before = entry.inputs.copy()
    (found,) = Recordings([entry], [[]]).upright().entries
    assert (found.inputs[:, :, 0] == -1).all()
    np.testing.assert_array_equal(found.inputs[:PER_CLIP], before[:PER_CLIP])
    np.testing.assert_array_equal(found.inputs[PER_CLIP:, :, 1], -before[PER_CLIP:, :, 1])
    np.testing.assert_array_equal(found.inputs[:, :, 2], before[:, :, 2])
    np.testing.assert_array_equal(entry.inputs, before)


def test_chance_is_that_of_a_constant_and_of_a_random_answer():
    assert chance(np.array([0, 0, 1, 2]), 3) == pytest.approx((2 / 9, 0.3238095))


def test_the_page_has_the_numbers_of_the_json_file(tmp_path, shift):
    path, random = tmp_path / 'page.json', np.random.default_rng(0)
    about = {
        'machine': 'some machine',
        'counts': {place: shift.counts(place) for place in TEST},
        'chance': {place: [0.2, 0.3] for place in TEST},
    }
    settings = {'steps': 4, 'versions': {'torch': '0'}}
    results = Results(path, settings, about)
    facts = {'given': 0.5, 'right': 0.25, 'of_no_class': 0.125}
    for seed in range(3):
        for row in ROWS:
            score = 0.5 if row == NOT_ADAPTED else random.uniform(0.6, 0.9)
            results.add(Trial(row, seed, score, score / 2, [score] * 3, facts))
    results.add(Trial(ROWS[0], 3, 0.0, 0.0, [0.0] * 3))  # of a seed that lacks the other rows
    assert Results(path, {**settings, 'steps': 5}, about).trials == []
    again = Results(path, settings, about)
    assert again.trials == results.trials
    assert again.has(NOT_ADAPTED, 2)
    assert not again.has(NOT_ADAPTED, 3)
    assert again.seeds == [0, 1, 2]
    page = tmp_path / 'page.md'
    write_page(page, 'domain_shift/page.md.j2', Console(file=StringIO()), **values(path))
    text = page.read_text(encoding='utf-8')
    assert '| UTD-MHAD | watch | 50.0 (50.0 to 50.0) | 25.0 (25.0 to 25.0) | 50.0 |' in text
    assert '50 % of the windows got one;\n25 % of those were right' in text
    for row in TRANSFERRED:
        mean = 100 * np.mean(results.values(row, 'clips'))
        assert f'{mean - 50:+.1f} (p ' in text
        assert f'| {mean:.1f} (' in text
    assert len(results.comparisons()) == 16
