# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Training: from small bags of three subjects to a bundle."""

from functools import partial
import os

from dcat_ros.bags.process_pool import process_pool
from dcat_ros.bags.reader import BagReader
from dcat_ros.bundles import Bundle
from dcat_ros.commands.train import main
from dcat_ros.training import provenance
from dcat_ros.training.config import Config
from dcat_ros.training.dataset import find_bags, load
from dcat_ros.training.progress import SilentReporter
from imu_training_bags import clip, three_subjects, write_bag, write_config
import numpy as np
import pytest
from refusals import refused_by
from repository import ROOT
import torch

refusal = partial(refused_by, main)


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
    return load(find_bags([bags]), config, cache, SilentReporter())


@pytest.fixture(scope='module')
def trained(tmp_path_factory, bags):
    """Run the whole program once."""
    folder = tmp_path_factory.mktemp('trained')
    settings = write_config(folder / 'tiny.yaml')
    assert main([settings, '--bags', str(bags), '--out', str(folder)]) == 0
    return folder


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
    assert manifest.training['bags'] == provenance.bags_of(find_bags([bags]))
    card = (trained / 'tiny' / 'README.md').read_text(encoding='utf-8')
    assert f'{100 * manifest.scores["macro_f1"]:.1f} ±' in card
    assert f'{manifest.threshold:.3f}' in card
    written = card + (trained / 'tiny' / 'manifest.yaml').read_text(encoding='utf-8')
    assert str(trained) not in written and str(bags) not in written


def test_long_recordings_read_side_by_side_give_the_same(
    bags, config, data, tmp_path, monkeypatch
):
    asked = []
    monkeypatch.setattr('dcat_ros.bags.window_cache.SECONDS_PER_PROCESS', 1)
    monkeypatch.setattr(os, 'cpu_count', lambda: 2)

    def noted(workers):
        asked.append(workers)
        return process_pool(workers)

    monkeypatch.setattr('dcat_ros.bags.window_cache.process_pool', noted)
    same = load(find_bags([bags]), config, tmp_path, SilentReporter())
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
    assert len(list(work.glob('fits/*/network.pt'))) == 6  # seeds, folds, all people
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
    output = refusal(
        capsys, settings, '--bags', bags, '--out', trained, '--only', 'export', '--force'
    )
    assert 'seed 0' in output


def test_a_bundle_is_not_overwritten_unasked(trained, bags, capsys):
    output = refusal(capsys, trained / 'tiny.yaml', '--bags', bags, '--out', trained)
    assert 'tiny exists already' in output and '--force' in output


def test_export_alone_needs_finished_scores(tmp_path, bags, capsys):
    settings = write_config(tmp_path / 'tiny.yaml')
    output = refusal(capsys, settings, '--bags', bags, '--out', tmp_path, '--only', 'export')
    assert 'seed 0' in output and '--only evaluate' in output


def test_training_windows_stay_in_their_clip(tmp_path, config):
    bag = write_bag(tmp_path / 'ada', [
        clip('still', 'ada', 0, 0.8), clip('slow', 'ada', 0, 4.0), clip('fast', 'ada', 0, 0.4)
    ])
    found = load([bag], config, tmp_path / 'cache', SilentReporter())
    counts = [len(found.dense.of([number])) for number in range(3)]
    assert counts == [3, 35, 0]
    assert not len(found.live.of([2]))
    assert np.abs(found.dense.inputs(found.dense.of([0]))[:, :, 0]).max() < 0.1


@pytest.mark.parametrize('path', sorted(
    (ROOT / 'config' / 'train').glob('*.yaml')
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
    augmentation = augment.create(config.features_of, config.augment)
    varied = augmentation(inputs, torch.Generator().manual_seed(0))
    network = build(config, tuple(inputs.shape[1:]), 27)
    assert network(varied).logits.shape == (2, 27)
    largest = 150_000 if config.modality == 'imu' else 450_000
    assert sum(parameter.numel() for parameter in network.parameters()) <= largest
