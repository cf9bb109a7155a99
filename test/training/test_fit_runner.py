# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Sources and those whom they teach: which windows, labels and source outputs each sees."""

from dataclasses import replace

from dcat_ros.bags import messages
from dcat_ros.bags.writer import BagWriter
from dcat_ros.commands.train import main
from dcat_ros.evaluation.selection import Choice, choose, selected
from dcat_ros.method.pairing import UNPAIRED
from dcat_ros.training import augment, provenance
from dcat_ros.training.batches import TrainingBatches
from dcat_ros.training.config import Config, Negatives
from dcat_ros.training.dataset import find_bags, load
from dcat_ros.training.errors import TrainingError
from dcat_ros.training.fit_runner import FitRunner, RecipeData
from dcat_ros.training.hardware import Hardware
from dcat_ros.training.negatives import NegativeWindows
from dcat_ros.training.plan import Plan, SourcePlan
from dcat_ros.training.progress import SilentReporter
from dcat_ros.training.sampling import sampling_units, UNLABELLED
from dcat_ros.training.source_outputs import PairedSource
from imu_training_bags import clip, three_subjects, write_bag, write_config
import numpy as np
import onnx
from plausible_imu import AT_REST
import pytest
import torch

SLOWER = {'window': {'duration': 1.0, 'rate': 25.0, 'stride': 0.2, 'max_gap': 0.25}}


@pytest.fixture(scope='module')
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp('fits')
    three_subjects(folder / 'bags')
    with BagWriter(folder / 'bags' / 'dora', {'subject': 'dora'}) as writer:
        random, start = np.random.default_rng(4), 1_650_000_000 * 10**9
        for index in range(500):  # ten seconds without a label
            stamp = start + index * 20_000_000
            sample = AT_REST + random.normal(size=6)
            writer.write('/imu/data', messages.imu(stamp, 'wrist', sample), stamp)
    return folder


@pytest.fixture(scope='module')
def recipe_data(folder):
    found = {}
    bags = find_bags([folder / 'bags'])
    for name, changes in (('target', {}), ('source', SLOWER)):
        path = write_config(folder / f'{name}.yaml', name=name, **changes)
        config = Config.read(path)
        data = load(bags, config, folder / 'cache', SilentReporter())
        found[name] = RecipeData(config, data, provenance.bags_of(bags))
    return found


def fit_runner_of(recipe_data, work, pairing='time'):
    return FitRunner(recipe_data, pairing, work, Hardware('cpu'), SilentReporter())


@pytest.fixture(scope='module')
def fit_runner(recipe_data, folder):
    return fit_runner_of(recipe_data, folder / 'work')


@pytest.fixture(scope='module')
def plan(recipe_data):
    """Return the plan of a target with half of the labels and windows of another subject."""
    clips = recipe_data['target'].data.clips_of(['ada', 'ben'])
    source = Plan('source', tuple(clips), budget=0.3)
    return Plan(
        'target', tuple(clips[::2]), tuple(clips[1::2]), ('dora',), budget=0.3, method='dcat',
        sources=(SourcePlan(source),),
    )


def test_every_window_of_a_kind_is_counted(fit_runner, plan, recipe_data):
    data = recipe_data['target'].data
    counts = fit_runner.windows(plan)
    assert counts['labelled'] == len(data.dense.of(plan.clips))
    outside = (data.dense.clips == -1) & (data.dense.subjects == 'dora')
    assert outside.sum() == 95
    assert counts['unlabelled'] == len(data.dense.of(plan.hidden)) + 95
    for kind in ('labelled', 'unlabelled'):  # the source's windows are longer by 0.4 s
        assert 0.7 < counts[f'{kind}_paired_with_source'] / counts[kind] <= 1
    assert fit_runner.windows(plan.unimodal()) == {'labelled': counts['labelled']}


def test_a_stretch_without_labels_counts_by_its_length(recipe_data):
    units = sampling_units(recipe_data['target'].data, [], subjects=['dora'])
    assert (units.targets == UNLABELLED).all() and sum(map(len, units.rows)) == 95
    assert len(units) in (8, 9)  # ten seconds, two windows of 0.6 s each


def test_partners_are_of_the_same_time(fit_runner, plan, recipe_data):
    pairing = fit_runner.pairing_of(plan, plan.sources[0])
    target, source = recipe_data['target'].data.dense, recipe_data['source'].data.dense
    paired = np.flatnonzero(pairing.partner != UNPAIRED)
    partner = pairing.partner[paired]
    assert (target.bags[paired] == source.bags[partner]).all()
    assert np.abs(target.centres[paired] - source.centres[partner]).max() <= 100_000_000


def test_a_hidden_label_is_never_seen(fit_runner, plan, recipe_data):
    """Two data sets that differ in hidden labels alone make the same target."""
    data = recipe_data['target'].data
    false = [
        each._replace(label='still') if number in plan.hidden else each
        for number, each in enumerate(data.clips)
    ]
    changed = recipe_data['target']._replace(data=replace(data, clips=false))
    other = {**recipe_data, 'target': changed}
    one = fit_runner.fit(plan, '')
    two = fit_runner_of(other, fit_runner._work.with_name('other')).fit(plan, '')
    assert weights(one) == weights(two)


def weights(fitted):
    return [value.tolist() for value in fitted.network.state_dict().values()]


def test_a_source_stays_as_it_was(fit_runner, plan):
    before = weights(fit_runner.fit(plan.sources[0].plan, ''))
    fit_runner.fit(replace(plan, weight=3.0), '')
    assert weights(fit_runner.fit(plan.sources[0].plan, '')) == before


def test_source_outputs_make_a_difference_and_so_does_shuffling_them(fit_runner, plan):
    transferred, control, alone, without_unlabelled = (
        weights(fit_runner.fit(each, ''))
        for each in (plan, replace(plan, shuffled=True), plan.unimodal(), replace(plan, weight=0))
    )
    assert len({str(each) for each in (transferred, control, alone, without_unlabelled)}) == 4


def test_every_row_of_a_comparison_is_trained_equally_long(fit_runner, plan):
    everything = replace(plan.unimodal(), clips=plan.clips + plan.hidden, hidden=())
    steps = fit_runner.steps(plan)
    assert steps == fit_runner.steps(plan.unimodal()) == fit_runner.steps(everything)


def test_several_sources_count_by_their_weights(fit_runner, plan):
    source = plan.sources[0].plan
    second = SourcePlan(replace(source, seed=1), 0.5)
    both = replace(plan, sources=(plan.sources[0], second))
    silent = replace(plan, sources=(plan.sources[0], replace(second, weight=1e-9)))
    assert weights(fit_runner.fit(both, '')) != weights(fit_runner.fit(plan, ''))
    for name, value in fit_runner.fit(silent, '').network.state_dict().items():
        torch.testing.assert_close(
            value, fit_runner.fit(plan, '').network.state_dict()[name], rtol=0.02, atol=0.02
        )


def test_sources_of_other_recordings_are_paired_by_label(recipe_data, plan, tmp_path):
    bag = write_bag(tmp_path / 'bags' / 'eve', [
        clip('still', 'eve', 0), clip('fast', 'eve', 0), clip('hop', 'eve', 0)
    ], 'eve')
    config = recipe_data['source'].recipe
    elsewhere = load([bag], config, tmp_path / 'cache', SilentReporter())
    source = RecipeData(config, elsewhere, provenance.bags_of([bag]))
    fit_runner = fit_runner_of({**recipe_data, 'source': source}, tmp_path / 'work', 'label')
    unpaired = replace(plan, sources=(SourcePlan(Plan('source', (0, 1, 2))),))
    counts = fit_runner.windows(unpaired)
    data = recipe_data['target'].data
    shared = [c for c in plan.clips if data.clips[c].label in ('still', 'fast')]
    assert counts['labelled_paired_with_source'] == len(data.dense.of(shared)) > 0
    assert counts['unlabelled_paired_with_source'] == 0
    assert fit_runner.fit(unpaired, '').network is not None


def test_a_source_without_a_shared_label_is_refused(recipe_data, plan, tmp_path):
    bag = write_bag(tmp_path / 'bags' / 'eve', [
        clip('hop', 'eve', 0), clip('roll', 'eve', 0)
    ], 'eve')
    config = recipe_data['source'].recipe
    elsewhere = load([bag], config, tmp_path / 'cache', SilentReporter())
    source = RecipeData(config, elsewhere, provenance.bags_of([bag]))
    fit_runner = fit_runner_of({**recipe_data, 'source': source}, tmp_path / 'work', 'label')
    with pytest.raises(TrainingError, match=r'hop, roll .* share no label'):
        fit_runner.fit(replace(plan, sources=(SourcePlan(Plan('source', (0, 1))),)), '')


def test_another_width_is_refused(recipe_data, plan, tmp_path):
    wide = recipe_data['source']._replace(recipe=replace(recipe_data['source'].recipe, dim=32))
    fit_runner = fit_runner_of({**recipe_data, 'source': wide}, tmp_path)
    with pytest.raises(TrainingError, match='source has dim 32 and the target 64'):
        fit_runner.fit(plan, '')


def test_a_weight_is_chosen_on_validation_clips_alone(fit_runner, plan, recipe_data):
    cleo = tuple(recipe_data['target'].data.clips_of(['cleo']))
    choice = choose(fit_runner, replace(plan, validation=cleo), (1.0, 0.3), '')
    assert choice.weight in (1.0, 0.3) and 0 < choice.stop <= 1 and 0 <= choice.macro_f1 <= 1


def curve(*scores):
    return [{'step': 10 * (i + 1), 'macro_f1': score} for i, score in enumerate(scores)]


def test_a_training_is_stopped_early_where_it_falls_by_more_than_noise():
    assert selected(0.5, curve(0.6, 0.7, 0.68), 100) == Choice(0.5, 1.0, 0.68)
    assert selected(0.5, curve(0.6, 0.7, 0.55, 0.5), 100) == Choice(0.5, 0.5, 0.7)
    assert selected(0.5, curve(0.6, 0.7, 0.55, 0.5), 10) == Choice(0.5, 1.0, 0.5)


def batches_of(data, config, units, world=1, rank=0, sources=(), **changes):
    settings, augmentation = replace(config.fit, **changes), augment.create('imu', {})
    negatives = NegativeWindows('imu', config.negatives, settings.batch, augmentation, None)
    return TrainingBatches(
        data, units, sources, augmentation, negatives, settings, 0, range(40), rank, world
    )


def test_every_clip_comes_once_in_a_pass(recipe_data):
    config, data, _, _ = recipe_data['target']
    clips = data.clips_of(['ada', 'ben'])
    batches = batches_of(data, config, sampling_units(data, clips), batch=4)
    seen = np.concatenate([batches[step].target.argmax(dim=1) for step in range(3)])
    assert sorted(seen) == sorted(data.targets[clips])


def test_half_of_a_batch_is_labelled_where_labels_are_rare(recipe_data):
    config, data, _, _ = recipe_data['target']
    clips = data.clips_of(['ada', 'ben'])
    batch = batches_of(data, config, sampling_units(data, clips[:1], clips[1:]), batch=10)[0]
    assert batch.labelled.sum() == 5
    batch = batches_of(data, config, sampling_units(data, clips[:9], clips[9:]), batch=8)[0]
    assert batch.labelled.sum() == 6


def test_processes_share_each_batch(recipe_data):
    config, data, _, _ = recipe_data['target']
    units = sampling_units(data, data.clips_of(['ada', 'ben']))
    whole = batches_of(data, config, units, batch=12)[3]
    parts = [batches_of(data, config, units, 2, rank, batch=12)[3] for rank in range(2)]
    together = torch.stack([part.inputs for part in parts], dim=1).flatten(0, 1)
    torch.testing.assert_close(together, whole.inputs)


def test_negatives_follow_the_labelled_windows_of_a_batch(recipe_data):
    config, data, _, _ = recipe_data['target']
    config = replace(config, negatives=Negatives(rest=0.2, smooth=0.1))
    units = sampling_units(data, data.clips_of(['ada', 'ben']))
    paired_source = PairedSource(NoOutputs(), OwnNumber(), 1.0)
    batch = batches_of(data, config, units, batch=10, sources=[paired_source])[0]
    assert batch.negative.tolist() == [False] * 10 + [True] * 3
    assert batch.labelled.tolist() == [True] * 10 + [False] * 3
    assert (batch.target[10:] == 1 / 3).all() and (batch.target[:10].amax(dim=1) == 1).all()
    assert not batch.inputs[10:12, :, 3:].any(), 'a resting sensor does not turn'
    assert batch.source_outputs[0] == [1] * 10 + [UNPAIRED] * 3


class OwnNumber:

    def partners(self, rows, targets, random):
        return np.ones(len(rows), int)


class NoOutputs:
    dim = 0

    def of(self, numbers):
        return numbers.tolist()


def test_the_targets_bundle_holds_nothing_of_the_source(folder, tmp_path):
    recipes = [str(folder / f'{name}.yaml') for name in ('target', 'source')]
    arguments = ['--bags', str(folder / 'bags'), '--seeds', '1', '--budget', '0.05']
    common = [recipes[0], *arguments]
    assert main([*common, '--out', str(tmp_path / 'a'), '--source', recipes[1]]) == 0
    assert main([*common, '--out', str(tmp_path / 'b')]) == 0
    transferred, alone = (onnx.load(tmp_path / out / 'target' / 'model.onnx') for out in 'ab')
    assert [node.op_type for node in transferred.graph.node] == [
        node.op_type for node in alone.graph.node
    ]
    shapes = [
        sorted((part.name, tuple(part.dims)) for part in model.graph.initializer)
        for model in (transferred, alone)
    ]
    assert shapes[0] == shapes[1]
    source = next((tmp_path / 'a' / 'target.work' / 'fits').glob('source.*/network.pt'))
    kept = {
        onnx.numpy_helper.to_array(part).tobytes() for part in transferred.graph.initializer
    }
    for name, value in torch.load(source, weights_only=True).items():
        if value.numel() > 1:
            assert value.numpy().tobytes() not in kept, name
            turned = value.mT if value.ndim > 1 else value
            assert turned.contiguous().numpy().tobytes() not in kept, name
