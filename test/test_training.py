"""Training: from small bags of three subjects to a bundle, and everything that can go wrong."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
import yaml
from rich.progress import Progress

from dcat_ros.bags import messages
from dcat_ros.bags.clips import Clip, write_clips
from dcat_ros.bags.reader import BagReader
from dcat_ros.bags.writer import BagWriter
from dcat_ros.bundles import Bundle
from dcat_ros.commands.train import main
from dcat_ros.training import provenance, recording
from dcat_ros.training.config import Config
from dcat_ros.training.dataset import load
from dcat_ros.training.errors import TrainingError
from dcat_ros.training.evaluate import answers, evaluate, load_score, score_of
from dcat_ros.training.fit import fit

SECOND = 10**9
PERIOD = SECOND // 50
START = 1_600_000_000 * SECOND
RHYTHMS = {'still': 0.0, 'slow': 1.5, 'fast': 5.0}
CONFIG = {
    'name': 'tiny',
    'modality': 'imu',
    'window': {'duration': 0.6, 'rate': 50.0, 'stride': 0.2, 'max_gap': 0.25},
    'augment': {'tempo': 0.1, 'roll': 0.3, 'scale': 0.05, 'acceleration_noise': 0.02},
    'sampling': {'context': 1.0},
    'fit': {'epochs': 30, 'batch': 12},
    'protocol': {'train': ['ada', 'ben'], 'test': ['cleo'], 'seeds': 2, 'folds': 3},
    'card': {
        'title': 'three rhythms', 'data': 'Made up.', 'bags': 'pytest', 'licence': 'none',
        'intended_use': 'Tests.', 'limits': 'All.',
    },
}


def clip(label, subject, number, seconds=2.0, damage=1.0):
    random = np.random.default_rng([len(subject), len(label), number])
    count = round(seconds * 50)
    phase = 2 * np.pi * (RHYTHMS.get(label, 9.0) * np.arange(count) / 50 + random.random())
    samples = random.normal(scale=0.1, size=(count, 6))
    samples[:, 2] += 9.8
    samples[:, 0] += 8 * np.sin(phase) * (label != 'still')
    samples[:, 4] += 3 * np.cos(phase) * (label != 'still')

    def stamped(start):
        for index, sample in enumerate(damage * samples):
            stamp = start + index * PERIOD
            yield '/imu/data', messages.imu(stamp, 'wrist', sample), stamp

    return Clip(f'{label}{number}', label, subject, count * PERIOD, stamped)


def write_bag(path, clips, subject='ada'):
    with BagWriter(path, {'subject': subject}) as writer:
        write_clips(writer, clips, START)
    return path


def three_subjects(folder):
    for subject in ('ada', 'ben', 'cleo'):
        clips = [clip(label, subject, number) for label in RHYTHMS for number in range(2)]
        write_bag(folder / subject, clips, subject)
    return folder


def write_config(path, **changes):
    record = {**CONFIG, **changes}
    path.write_text(yaml.safe_dump(record), encoding='utf-8')
    return str(path)


@pytest.fixture(scope='module')
def bags(tmp_path_factory):
    return three_subjects(tmp_path_factory.mktemp('bags'))


@pytest.fixture(scope='module')
def config(tmp_path_factory):
    return Config.read(write_config(tmp_path_factory.mktemp('config') / 'tiny.yaml'))


@pytest.fixture(scope='module')
def data(bags, config):
    return load(recording.find_bags([bags]), config)


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
        np.testing.assert_array_equal(data.live.inputs[i], inputs)


def test_finished_parts_are_not_repeated(trained, bags):
    settings = str(trained / 'tiny.yaml')
    work = trained / 'tiny.work'
    before = {path.name: path.stat().st_mtime_ns for path in work.iterdir()}
    assert {'seed0.json', 'seed1.json', 'fold1.npz', 'fold2.npz', 'fold3.npz'} == set(before)
    assert main([settings, '--bags', str(bags), '--out', str(trained), '--only', 'evaluate']) == 0
    assert {path.name: path.stat().st_mtime_ns for path in work.iterdir()} == before


def test_a_bundle_replaced_on_demand_is_the_same_again(trained, bags):
    graph = (trained / 'tiny' / 'model.onnx').read_bytes()
    again = [str(trained / 'tiny.yaml'), '--bags', str(bags), '--out', str(trained)]
    assert main([*again, '--only', 'export', '--force']) == 0
    assert (trained / 'tiny' / 'model.onnx').read_bytes() == graph
    left = {path.name for path in trained.iterdir()}
    assert left == {'tiny', 'tiny.work', 'tiny.yaml'}


def test_scores_of_other_settings_are_not_used(trained, config):
    path = trained / 'tiny.work' / 'seed0.json'
    key = json.loads(path.read_text())['key']
    assert load_score(path, key) is not None
    other = replace(config, fit=replace(config.fit, lr=0.001))
    assert load_score(path, provenance.key(other, {})) is None


def test_a_bundle_is_not_overwritten_unasked(trained, bags, capsys):
    said = refusal(capsys, trained / 'tiny.yaml', '--bags', bags, '--out', trained)
    assert 'tiny exists already' in said and '--force' in said


def test_export_alone_needs_finished_scores(tmp_path, bags, capsys):
    settings = write_config(tmp_path / 'tiny.yaml')
    said = refusal(capsys, settings, '--bags', bags, '--out', tmp_path, '--only', 'export')
    assert 'seed 0' in said and '--only evaluate' in said


def weights(network):
    return torch.cat([value.flatten().double() for value in network.state_dict().values()])


def test_one_seed_gives_one_network(data, config):
    few = replace(config, fit=replace(config.fit, epochs=3))
    clips = data.clips_of(['ada', 'ben'])
    with Progress(disable=True) as progress:
        one, same, other = (fit(data, clips, few, seed, progress, '') for seed in (0, 0, 1))
    assert torch.equal(weights(one), weights(same))
    assert not torch.equal(weights(one), weights(other))


@pytest.mark.parametrize(('epochs', 'warm_up'), [(0.1, 0.0), (2, 0.25), (10, 0.1), (1, 0.9)])
def test_short_trainings_work(data, config, epochs, warm_up):
    short = replace(config, fit=replace(config.fit, epochs=epochs, warm_up=warm_up))
    with Progress(disable=True) as progress:
        network = fit(data, data.clips_of(['ada', 'ben']), short, 0, progress, '')
    assert weights(network).isfinite().all()


def test_a_loss_that_is_not_finite_stops_the_training(data, config):
    wild = replace(config, fit=replace(config.fit, lr=1e30, clip=1e30))
    with Progress(disable=True) as progress, pytest.raises(TrainingError, match='the loss is'):
        fit(data, data.clips_of(['ada', 'ben']), wild, 0, progress, '')


def test_a_clip_without_window_counts_as_missed(data, config):
    few = replace(config, fit=replace(config.fit, epochs=1))
    clips = data.clips_of(['cleo'])
    with Progress(disable=True) as progress:
        network = fit(data, data.clips_of(['ada', 'ben']), few, 0, progress, '')
    whole = score_of(network, data, clips, '', 0)
    lost = replace(data, live=data.live.of(clips[1:]))
    score = score_of(network, lost, clips, '', 0)
    assert score.answers == [-1, *whole.answers[1:]]
    assert score.accuracy <= whole.accuracy


def test_a_clip_is_what_its_windows_say_together():
    logits = np.log(np.array([[0.6, 0.4], [0.55, 0.45], [0.1, 0.9], [0.4, 0.6]]))
    assert answers(logits, [4, 4, 4, 9]) == {4: 1, 9: 1}


def test_training_windows_stay_in_their_clip_and_are_as_long_as_it_allows(tmp_path, config):
    bag = write_bag(tmp_path / 'ada', [
        clip('still', 'ada', 0, 0.8), clip('slow', 'ada', 0, 4.0), clip('fast', 'ada', 0, 0.4)
    ])
    found = load([bag], config)
    assert {len(window) for window in found.dense.of([0]).inputs} == {40}
    assert {len(window) for window in found.dense.of([1]).inputs} == {80}
    assert len(found.dense.of([1]).inputs) == 25
    assert found.dense.of([2]).inputs == [] and found.live.of([2]).inputs == []
    assert np.abs(found.dense.of([0]).inputs[0][:, 0]).max() < 0.1


def no_labels(folder):
    with BagWriter(folder / 'ada', {'subject': 'ada'}) as writer:
        writer.write('/imu/data', messages.imu(START, 'wrist', np.ones(6)), START)


def no_subject(folder):
    with BagWriter(folder / 'ada') as writer:
        writer.write('/label', messages.text('slow'), START)
        writer.write('/imu/data', messages.imu(START, 'wrist', np.ones(6)), START)


def no_imu(folder):
    with BagWriter(folder / 'ada', {'subject': 'ada'}) as writer:
        writer.write('/label', messages.text('slow'), START)
        writer.write('/microphone', messages.audio(START, 'ear', np.ones(9, np.int16)), START)


def two_imus(folder):
    with BagWriter(folder / 'ada', {'subject': 'ada'}) as writer:
        writer.write('/label', messages.text('slow'), START)
        for topic in ('/left', '/right'):
            writer.write(topic, messages.imu(START, 'wrist', np.ones(6)), START)


def not_stamped(folder):
    with BagWriter(folder / 'ada', {'subject': 'ada'}) as writer:
        writer.write('/label', messages.text('slow'), START)
        writer.write('/imu/data', messages.imu(0, 'wrist', np.ones(6)), START)


def of(*clips):
    return lambda folder: write_bag(folder / 'ada', clips)


BAD_BAGS = {
    'nothing': (lambda folder: folder.mkdir(), 'holds none'),
    'no labels': (no_labels, 'has no labels'),
    'no subject': (no_subject, '"subject"'),
    'another sensor': (no_imu, 'has no imu topic'),
    'two topics': (two_imus, '/left, /right'),
    'no stamps': (not_stamped, 'header.stamp is 0'),
    'one class': (of(clip('slow', 'ada', 0)), 'one class only'),
    'one subject': (of(clip('slow', 'ada', 0), clip('fast', 'ada', 0)), 'subject "ben"'),
    'a class of one side': (
        lambda folder: write_bag(three_subjects(folder) / 'dan', [clip('hop', 'dan', 0)]),
        'class "hop" has no clip of subject ada, ben',
    ),
    'short clips': (of(clip('slow', 'ada', 0, 0.4), clip('fast', 'ada', 0, 0.4)), '0.6 s'),
    'not a number': (
        of(clip('slow', 'ada', 0, damage=np.nan), clip('fast', 'ada', 0, damage=np.nan)),
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
    'missing': ({'protocol': {'train': [1]}}, 'protocol.test is missing'),
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
    lengths = torch.tensor([inputs.shape[1]] * 2)
    varied = augmentation(inputs, lengths, inputs.shape[1], torch.Generator().manual_seed(0))
    network = build(config, tuple(inputs.shape[1:]), 27)
    assert network(varied).logits.shape == (2, 27)
    largest = 150_000 if config.modality == 'imu' else 450_000
    assert sum(parameter.numel() for parameter in network.parameters()) <= largest


def test_scoring_another_time_with_more_seeds_keeps_the_first(trained, data, config, bags):
    key = provenance.key(config, provenance.bags_of(recording.find_bags([bags])))
    one = replace(config, protocol=replace(config.protocol, seeds=1))
    assert provenance.key(one, provenance.bags_of(recording.find_bags([bags]))) == key
    with Progress(disable=True) as progress:
        (score,) = evaluate(data, one, trained / 'tiny.work', key, progress)
    assert score == load_score(trained / 'tiny.work' / 'seed0.json', key)
