# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Training: from small bags of three subjects to a bundle, and everything that can go wrong."""

from dataclasses import replace
import os
from pathlib import Path

from dcat_ros.bags import messages
from dcat_ros.bags.processes import side_by_side
from dcat_ros.bags.reader import BagReader
from dcat_ros.bags.writer import BagWriter
from dcat_ros.bundles import Bundle
from dcat_ros.commands.train import main
from dcat_ros.training import provenance, recording
from dcat_ros.training.config import Config
from dcat_ros.training.dataset import load
from dcat_ros.training.errors import TrainingError
from dcat_ros.training.fit import CHECKPOINT, Course, CURVE, fit, WEIGHTS
from dcat_ros.training.machine import Machine
from dcat_ros.training.progress import Silent
from dcat_ros.training.score import answers_of, scores_of
from dcat_ros.training.units import units_of
from dcat_ros.training.windows import Windows
import numpy as np
import pytest
from rhythms import clip, CONFIG, START, three_subjects, write_bag, write_config
import torch


@pytest.fixture(scope='module')
def bags(tmp_path_factory):
    return three_subjects(tmp_path_factory.mktemp('bags'))


@pytest.fixture(scope='module')
def config(tmp_path_factory):
    return Config.read(write_config(tmp_path_factory.mktemp('config') / 'tiny.yaml'))


@pytest.fixture(scope='module')
def cache(tmp_path_factory):
    return tmp_path_factory.mktemp('cache')


@pytest.fixture(scope='module')
def data(bags, config, cache):
    return load(recording.find_bags([bags]), config, cache, Silent())


@pytest.fixture(scope='module')
def trained(tmp_path_factory, bags):
    """Run the whole program once."""
    folder = tmp_path_factory.mktemp('trained')
    settings = write_config(folder / 'tiny.yaml')
    assert main([settings, '--bags', str(bags), '--out', str(folder)]) == 0
    return folder


def refusal(capsys, *arguments):
    """Return what the program says when it gives up."""
    assert main([str(argument) for argument in arguments]) == 1
    said = capsys.readouterr().err.splitlines()[-1]
    assert said.startswith('error: ')
    return said


def test_bundle_recognises_what_it_was_trained_on(trained, tmp_path):
    bundle = Bundle(trained / 'tiny')
    stream = bundle.stream()
    bag = write_bag(tmp_path / 'dora', [clip('fast', 'dora', 7)])
    with BagReader(bag) as reader:
        windows = [
            window for _, message, _ in reader.messages(['/imu/data'])
            for window in stream.push(message)
        ]
    assert len(windows) == 8
    found = [bundle.manifest.classes[bundle.run(window.inputs).argmax()] for window in windows]
    assert found == ['fast'] * 8


def test_bundle_says_how_it_was_made(trained, bags):
    manifest = Bundle(trained / 'tiny').manifest
    assert manifest.classes == ['fast', 'slow', 'still']
    assert manifest.scores['macro_f1'] > 0.8
    assert len(manifest.scores['macro_f1_by_seed']) == 2
    assert manifest.training['subjects'] == ['ada', 'ben', 'cleo']
    assert manifest.training['bags'] == provenance.bags_of(recording.find_bags([bags]))
    card = (trained / 'tiny' / 'README.md').read_text(encoding='utf-8')
    assert f'{100 * manifest.scores["macro_f1"]:.1f} ±' in card
    assert f'{manifest.threshold:.3f}' in card
    written = card + (trained / 'tiny' / 'manifest.yaml').read_text(encoding='utf-8')
    assert str(trained) not in written and str(bags) not in written


def test_long_recordings_read_side_by_side_give_the_same(
    bags, config, data, tmp_path, monkeypatch
):
    asked = []
    monkeypatch.setattr('dcat_ros.bags.cache.READER', 1)
    monkeypatch.setattr(os, 'cpu_count', lambda: 2)

    def noted(workers):
        asked.append(workers)
        return side_by_side(workers)

    monkeypatch.setattr('dcat_ros.bags.cache.side_by_side', noted)
    same = load(recording.find_bags([bags]), config, tmp_path, Silent())
    assert asked == [2, 2]
    for one, other in ((data.dense, same.dense), (data.live, same.live)):
        assert np.array_equal(one.inputs(range(len(one))), other.inputs(range(len(other))))


def test_offline_windows_are_those_of_a_live_stream(trained, bags, data):
    stream = Bundle(trained / 'tiny').stream()
    with BagReader(bags / 'ada') as reader:
        live = [
            window.inputs for _, message, _ in reader.messages(['/imu/data'])
            for window in stream.push(message)
        ]
    first = [i for i, number in enumerate(data.live.clips) if data.clips[number].subject == 'ada']
    assert len(first) == len(live)
    for i, inputs in zip(first, live, strict=True):
        np.testing.assert_array_equal(data.live.inputs([i])[0], inputs)


def times(folder):
    return {path: path.stat().st_mtime_ns for path in folder.rglob('*') if path.is_file()}


def test_finished_parts_are_not_repeated(trained, bags):
    settings = str(trained / 'tiny.yaml')
    work = trained / 'tiny.work'
    before = times(work)
    assert len(list(work.glob('fits/*/network.pt'))) == 5  # two seeds, of which a fold is one
    assert main([settings, '--bags', str(bags), '--out', str(trained), '--only', 'evaluate']) == 0
    assert times(work) == before


def test_a_bundle_replaced_on_demand_is_the_same_again(trained, bags):
    graph = (trained / 'tiny' / 'model.onnx').read_bytes()
    again = [str(trained / 'tiny.yaml'), '--bags', str(bags), '--out', str(trained)]
    assert main([*again, '--only', 'export', '--force']) == 0
    assert (trained / 'tiny' / 'model.onnx').read_bytes() == graph
    left = {path.name for path in trained.iterdir()}
    assert left == {'tiny', 'tiny.work', 'tiny.yaml'}


def test_scores_of_other_settings_are_not_used(trained, bags, capsys):
    settings = write_config(trained / 'tiny.work' / 'other.yaml', dropout=0.2)
    said = refusal(capsys, settings, '--bags', bags, '--out', trained, '--only', 'export',
                   '--force')
    assert 'seed 0' in said


def test_a_bundle_is_not_overwritten_unasked(trained, bags, capsys):
    said = refusal(capsys, trained / 'tiny.yaml', '--bags', bags, '--out', trained)
    assert 'tiny exists already' in said and '--force' in said


def test_export_alone_needs_finished_scores(tmp_path, bags, capsys):
    settings = write_config(tmp_path / 'tiny.yaml')
    said = refusal(capsys, settings, '--bags', bags, '--out', tmp_path, '--only', 'export')
    assert 'seed 0' in said and '--only evaluate' in said


def weights(network):
    return torch.cat([value.flatten().double() for value in network.state_dict().values()])


def fitted(data, config, place, seed=0, steps=8, **changes):
    units = units_of(data, data.clips_of(['ada', 'ben']))
    course = Course(units, steps, seed, **changes)
    return fit(data, config, course, place, Machine('cpu'), Silent(), '')


def test_one_seed_gives_one_network(data, config, tmp_path):
    one, same, other = (
        fitted(data, config, tmp_path / name, seed).network
        for name, seed in (('one', 0), ('same', 0), ('other', 1))
    )
    assert torch.equal(weights(one), weights(same))
    assert not torch.equal(weights(one), weights(other))


@pytest.mark.parametrize(('steps', 'warm_up'), [(4, 0.0), (4, 0.9), (30, 0.1)])
def test_short_trainings_work(data, config, steps, warm_up, tmp_path):
    short = replace(config, fit=replace(config.fit, warm_up=warm_up))
    assert weights(fitted(data, short, tmp_path, steps=steps).network).isfinite().all()


def test_a_training_that_was_cut_short_goes_on_as_if_it_had_not_been(data, config, tmp_path):
    class Impatient(Silent):
        done = 0

        def count(self, number, count, is_planned):
            self.done += count
            if self.done == 60:
                raise InterruptedError

    whole = fitted(data, config, tmp_path / 'whole', steps=80)
    course = Course(units_of(data, data.clips_of(['ada', 'ben'])), 80, 0)
    place = tmp_path / 'cut'
    with pytest.raises(InterruptedError):
        fit(data, config, course, place, Machine('cpu'), Impatient(), '')
    assert (place / CHECKPOINT).exists() and not (place / WEIGHTS).exists()
    resumed = fit(data, config, course, place, Machine('cpu'), Silent(), '')
    assert torch.equal(weights(whole.network), weights(resumed.network))
    assert resumed.curve == whole.curve and len(whole.curve) == 8
    left = {path.name for path in place.iterdir()}
    assert left == {WEIGHTS, CURVE, 'log'}


def test_a_loss_that_is_not_finite_stops_the_training_and_keeps_what_was_good(
    data, config, tmp_path
):
    damaged = replace(data, dense=Damaged(data.dense))
    place = tmp_path / 'fit'
    with pytest.raises(TrainingError, match='the loss is nan at step'):
        fitted(damaged, config, place, steps=80)
    kept = torch.load(place / CHECKPOINT, weights_only=False)
    assert kept['global_step'] in (25, 50)
    assert all(value.isfinite().all() for value in kept['state_dict'].values())


class Damaged:
    """Windows of which some, late enough, are not numbers."""

    def __init__(self, windows):
        self._windows, self._asked = windows, 0

    def __getattr__(self, name):
        return getattr(self._windows, name)

    def inputs(self, rows):
        self._asked += 1
        return self._windows.inputs(rows) * (np.nan if self._asked > 60 else 1)


def test_validation_is_scored_on_the_way_and_teaches_nothing(data, config, tmp_path):
    watched = fitted(data, config, tmp_path / 'a', steps=60,
                     validation=tuple(data.clips_of(['cleo'])))
    alone = fitted(data, config, tmp_path / 'b', steps=60)
    assert torch.equal(weights(watched.network), weights(alone.network))
    scored = [point for point in watched.curve if 'macro_f1' in point]
    assert [point['step'] for point in scored] == [25, 50, 60]
    assert all(0 <= point['macro_f1'] <= 1 for point in scored)


def test_a_clip_without_window_counts_as_missed(data, config, tmp_path):
    network = fitted(data, config, tmp_path).network
    clips = data.clips_of(['cleo'])
    whole = answers_of(scores_of(network, data, clips).clips)
    gone = np.where(data.live.clips == clips[0], -1, data.live.clips)
    lost = replace(data, live=Without(data.live, gone))
    assert answers_of(scores_of(network, lost, clips).clips).tolist() == [-1, *whole[1:]]


class Without(Windows):
    """Windows of which some belong to no clip."""

    def __init__(self, windows, clips):
        self._windows, self.clips = windows, clips

    def inputs(self, rows):
        return self._windows.inputs(rows)


def test_training_windows_stay_in_their_clip(tmp_path, config):
    bag = write_bag(tmp_path / 'ada', [
        clip('still', 'ada', 0, 0.8), clip('slow', 'ada', 0, 4.0), clip('fast', 'ada', 0, 0.4)
    ])
    found = load([bag], config, tmp_path / 'cache', Silent())
    counts = [len(found.dense.of([number])) for number in range(3)]
    assert counts == [3, 35, 0]
    assert not len(found.live.of([2]))
    assert np.abs(found.dense.inputs(found.dense.of([0]))[:, :, 0]).max() < 0.1


def no_labels(folder):
    with BagWriter(folder / 'ada', {'subject': 'ada'}) as writer:
        writer.write('/imu/data', messages.imu(START, 'wrist', np.ones(6)), START)


def no_subject(folder):
    with BagWriter(folder / 'ada') as writer:
        writer.write('/label', messages.text('slow'), START)
        writer.write('/imu/data', messages.imu(START, 'wrist', np.ones(6)), START)


def no_imu(folder):
    with BagWriter(three_subjects(folder) / 'dan', {'subject': 'dan'}) as writer:
        writer.write('/label', messages.text('slow'), START)
        writer.write('/microphone', messages.audio(START, 'ear', np.ones(9, np.int16)), START)


def two_imus(folder):
    with BagWriter(three_subjects(folder) / 'dan', {'subject': 'dan'}) as writer:
        writer.write('/label', messages.text('slow'), START)
        for topic in ('/left', '/right'):
            writer.write(topic, messages.imu(START, 'wrist', np.ones(6)), START)


def not_stamped(folder):
    with BagWriter(three_subjects(folder) / 'dan', {'subject': 'dan'}) as writer:
        writer.write('/label', messages.text('slow'), START)
        writer.write('/imu/data', messages.imu(0, 'wrist', np.ones(6)), START)


def each(*clips):
    def write(folder):
        for subject in ('ada', 'ben', 'cleo'):
            write_bag(folder / subject, [clip(*one, **more) for *one, more in (
                (label, subject, 0, changes) for label, changes in clips
            )], subject)

    return write


BAD_BAGS = {
    'nothing': (lambda folder: folder.mkdir(), 'holds none'),
    'no labels': (no_labels, 'none of the bags has labels'),
    'no subject': (no_subject, '"subject"'),
    'another sensor': (no_imu, 'has no imu topic'),
    'two topics': (two_imus, '/left, /right'),
    'no stamps': (not_stamped, 'header.stamp is 0'),
    'one class': (each(('slow', {})), 'one class only'),
    'one subject': (
        lambda folder: write_bag(folder / 'ada', [clip('slow', 'ada', 0), clip('fast', 'ada', 0)]),
        'subject "ben"',
    ),
    'a class of one side': (
        lambda folder: write_bag(three_subjects(folder) / 'dan', [clip('hop', 'dan', 0)]),
        'class "hop" has no clip to train on',
    ),
    'short clips': (each(('slow', {'seconds': 0.4}), ('fast', {'seconds': 0.4})), '0.6 s'),
    'not a number': (
        each(('slow', {'damage': np.nan}), ('fast', {'damage': np.nan})),
        'no labelled clip',
    ),
}


@pytest.mark.parametrize('name', BAD_BAGS)
def test_bad_bags_get_a_sentence(name, tmp_path, capsys):
    make, expected = BAD_BAGS[name]
    make(tmp_path / 'bags')
    settings = write_config(tmp_path / 'tiny.yaml')
    said = refusal(capsys, settings, '--bags', tmp_path / 'bags', '--out', tmp_path / 'out')
    assert expected in said


BAD_SETTINGS = {
    'unknown key': ({'colour': 1}, 'colour is unknown'),
    'unknown modality': ({'modality': 'lidar'}, '"lidar"'),
    'a word for a number': ({'fit': {'epochs': 'many'}}, "fit.epochs is 'many'"),
    'one side': ({'protocol': {'train': [1]}}, 'must each name a subject'),
    'missing': ({'fit': {}}, 'fit.epochs is missing'),
    'both sides': ({'protocol': {'train': [1, 2], 'test': [2]}}, 'subject 2'),
    'window': ({'window': {**CONFIG['window'], 'rate': -1}}, 'window rate is -1'),
    'out of range': ({'fit': {'epochs': 0}}, 'fit.epochs is 0'),
    'strength': ({'augment': {'rotation': 1}}, 'augment.rotation is unknown'),
    'encoder': ({'encoder': {'layers': 9}}, 'layers'),
    'features': ({'features': {'mels': 9}}, '"mels"'),
    'class': ({'classes': ['still', 'sleep']}, 'class "sleep"'),
}


@pytest.mark.parametrize('name', BAD_SETTINGS)
def test_bad_settings_get_a_sentence(name, tmp_path, bags, capsys):
    changes, expected = BAD_SETTINGS[name]
    settings = write_config(tmp_path / 'tiny.yaml', **changes)
    assert expected in refusal(capsys, settings, '--bags', bags, '--out', tmp_path / 'out')


@pytest.mark.parametrize('path', sorted(
    (Path(__file__).resolve().parents[1] / 'config' / 'train').glob('*.yaml')
), ids=lambda path: path.stem)
def test_shipped_settings_can_be_used(path):
    from dcat_ros.modalities import create
    from dcat_ros.training import augment
    from dcat_ros.training.network import build

    config = Config.read(str(path))
    assert config.name == path.stem
    modality = create(config.modality, config.features)
    window = np.zeros((config.window.size, *modality.sample_shape), np.float32)
    inputs = torch.from_numpy(np.stack([modality.features(window)] * 2))
    augmentation = augment.create(config.modality, config.augment)
    varied = augmentation(inputs, torch.Generator().manual_seed(0))
    network = build(config, tuple(inputs.shape[1:]), 27)
    assert network(varied).logits.shape == (2, 27)
    largest = 150_000 if config.modality == 'imu' else 450_000
    assert sum(parameter.numel() for parameter in network.parameters()) <= largest
