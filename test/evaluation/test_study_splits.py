# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Which clips a study trains on and scores, and the bags that they come from."""

from dataclasses import replace

from dcat_ros.bags import messages
from dcat_ros.bags.writer import BagWriter
from dcat_ros.evaluation.inputs import StudyInputs
from dcat_ros.evaluation.protocol import Direction, Drawn, Subjects
from dcat_ros.evaluation.splits import labelled_of, sides_of
from dcat_ros.evaluation.trial import Trial
from dcat_ros.training.dataset import Clip
from dcat_ros.training.errors import TrainingError
from known_outcomes import ACTIVITIES, study_inputs
from plausible_imu import sample
import pytest
import yaml

SECOND = 10**9


def clips(trials=4, subjects='1234'):
    return [Clip(label, who) for who in subjects for _ in range(trials) for label in ACTIVITIES]


def test_subjects_are_on_one_side_each():
    found = clips()
    train, test = sides_of(Subjects(['1', '3'], ['2']), found, ACTIVITIES, 0)
    assert {found[number].subject for number in train} == {'1', '3'}
    assert {found[number].subject for number in test} == {'2'}
    assert (len(train), len(test)) == (40, 20)


def test_clips_of_labels_that_are_no_class_are_on_no_side():
    found = clips()
    train, test = sides_of(Drawn(0.5), found, ACTIVITIES[:3], 0)
    assert {found[number].label for number in [*train, *test]} == set(ACTIVITIES[:3])


def test_clips_are_drawn_anew_for_each_seed_and_of_each_class_alike():
    found = clips()
    first, again, other = (sides_of(Drawn(0.25), found, ACTIVITIES, seed) for seed in (0, 0, 1))
    assert first == again and first.train != other.train
    assert sorted([*first.train, *first.test]) == list(range(len(found)))
    labels = [found[number].label for number in first.train]
    assert {label: labels.count(label) for label in ACTIVITIES} == dict.fromkeys(ACTIVITIES, 4)


def test_clips_of_one_recording_are_never_split():
    found = [Clip(label, f'{label}{n // 3}') for label in ACTIVITIES for n in range(12)]
    for seed in range(10):
        train, test = sides_of(Drawn(0.75, grouped=True), found, ACTIVITIES, seed)
        groups = [{found[number].subject for number in side} for side in (train, test)]
        assert not groups[0] & groups[1]
        assert len(train) == 9 * len(ACTIVITIES)


def test_labels_are_kept_of_each_class_and_smaller_shares_are_in_larger_ones():
    found = clips()
    train = sides_of(Subjects(['1', '3'], ['2']), found, ACTIVITIES, 0).train
    quarter, half = (set(labelled_of(found, train, share, 0)) for share in (0.25, 0.5))
    assert quarter < half < set(train)
    assert sorted(found[number].label for number in quarter) == sorted(2 * ACTIVITIES)
    assert quarter != set(labelled_of(found, train, 0.25, 1))
    assert labelled_of(found, train, 1.0, 0) == train


@pytest.mark.parametrize(('split', 'expected'), [
    (Subjects(['1', '7'], ['2']), 'subject "7" has no clip in the bags; there are 1, 2, 10'),
    (Subjects(['1'], ['10']), 'class "hop" has no clip to test on'),
    (Drawn(0.5), 'class "hop" has no clip to train on'),
])
def test_splits_that_cannot_be_drawn_get_a_sentence(split, expected):
    found = [*clips(2, ['1', '2', '10']), Clip('hop', '1')]
    with pytest.raises(TrainingError) as error:
        sides_of(split, found, [*ACTIVITIES, 'hop'], 0)
    assert expected in str(error.value)


def test_a_share_that_leaves_a_class_without_label_gets_a_sentence():
    found = clips()
    with pytest.raises(TrainingError, match=r'leaves class "clap" .* has 8 .* 0\.062'):
        labelled_of(found, list(range(40)), 0.05, 0)


def test_outcomes_depend_on_recipes_bags_splits_and_settings_and_nothing_else(tmp_path):
    inputs = study_inputs(tmp_path)
    imu, depth = inputs.study.recipes
    alone = Trial(depth, '', 'unimodal', 'out_of_distribution', 1.0, 0)
    taught = Trial(depth, imu, 'dcat', 'out_of_distribution', 1.0, 0)
    key = inputs.key(taught)

    def changed(**changes):
        return replace(inputs, study=replace(inputs.study, **changes))

    other = replace(inputs.recipes[imu], dropout=0.5)
    of_source = replace(inputs, recipes={**inputs.recipes, imu: other})
    for found in (
        changed(budget=2.0), of_source, replace(inputs, sums=({'1': 'b' * 64}, {})),
        changed(splits=replace(inputs.study.splits, out_of_distribution=Subjects(['1'], ['2']))),
    ):
        assert found.key(taught) != key
    assert inputs.key(replace(taught, seed=1)) != key
    assert changed(seeds=9, labelled=[0.5], title='?', rows=['x']).key(taught) == key
    assert of_source.key(alone) == inputs.key(alone)


def bag(path, labels, subject):
    with BagWriter(path, {'subject': subject}) as writer:
        for number, label in enumerate([*labels, '']):
            stamp = (1_600_000_000 + number) * SECOND
            writer.write('/label', messages.text(label), stamp)
            writer.write('/imu/data', messages.imu(stamp, 'wrist', sample()), stamp)
    return path


@pytest.fixture
def study(tmp_path):
    bag(tmp_path / 'bags' / 'ada', ['clap', 'walk', 'clap', 'walk'], '1')
    bag(tmp_path / 'bags' / 'ben', ['walk', 'clap', 'hop'], '2')
    bag(tmp_path / 'sounds' / 'one', ['clapping', 'steps', 'clapping', 'steps'], 'x')
    sides = {'out_of_distribution': {'train': ['1'], 'test': ['2']}}
    found = study_inputs(
        tmp_path, splits=sides, pairing='label', same={'clapping': 'clap', 'steps': 'walk'},
        source_split={'share': 0.5},
    )
    for name in ('imu', 'depth'):
        path = tmp_path / f'{name}.yaml'
        record = {**yaml.safe_load(path.read_text()), 'classes': ['clap', 'walk']}
        path.write_text(yaml.safe_dump(record), encoding='utf-8')
    return replace(found.study, directions=[Direction(*given(tmp_path))])


def given(folder):
    return str(folder / 'imu.yaml'), str(folder / 'depth.yaml')


def test_source_bags_have_their_own_split_and_names_for_labels(tmp_path, study):
    inputs = StudyInputs.gather(study, [tmp_path / 'bags'], [tmp_path / 'sounds'])
    inputs.check()
    source, target = 'imu', 'depth'
    assert [clip.label for clip in inputs.clips[source]] == ['clap', 'walk', 'clap', 'walk']
    assert inputs.sides(target, 'out_of_distribution', 0) == ([0, 1, 2, 3], [4, 5])
    train, test = inputs.sides(source, 'out_of_distribution', 0)
    assert (len(train), len(test)) == (2, 2)


def test_bags_that_do_not_fit_the_pairing_get_a_sentence(tmp_path, study):
    bags, sounds = [tmp_path / 'bags'], [tmp_path / 'sounds']
    with pytest.raises(TrainingError, match='name them by --source-bags'):
        StudyInputs.gather(study, bags, [])
    with pytest.raises(TrainingError, match='leave --source-bags out'):
        StudyInputs.gather(replace(study, pairing='time'), bags, sounds)
    with pytest.raises(TrainingError, match='holds none: check --bags'):
        StudyInputs.gather(study, [tmp_path / 'nothing'], sounds)
    with pytest.raises(TrainingError, match='no shipped recipe is named "lidar"'):
        StudyInputs.gather(
            replace(study, directions=[Direction('lidar', given(tmp_path)[1])]), bags, sounds
        )


def test_recipes_go_by_their_names_which_must_differ(tmp_path, study):
    bags, sounds = [tmp_path / 'bags'], [tmp_path / 'sounds']
    inputs = StudyInputs.gather(study, bags, sounds)
    assert inputs.study.directions == [Direction('imu', 'depth')]
    source, target = given(tmp_path)
    weighted = replace(study, directions=[Direction(f'{source}=2', target)])
    assert StudyInputs.gather(weighted, bags, sounds).study.directions == [
        Direction('imu=2', 'depth')
    ]
    other = tmp_path / 'other.yaml'
    other.write_text((tmp_path / 'imu.yaml').read_text(), encoding='utf-8')
    same = replace(study, directions=[Direction(str(other), given(tmp_path)[0])])
    with pytest.raises(TrainingError, match='the recipes are imu, imu: give each a name'):
        StudyInputs.gather(same, bags, sounds)


def test_sensors_without_a_common_label_get_a_sentence(tmp_path, study):
    inputs = StudyInputs.gather(study, [tmp_path / 'bags'], [tmp_path / 'sounds'])
    recipe = replace(inputs.recipes['imu'], classes=['clapping'])
    apart = replace(inputs, recipes={**inputs.recipes, 'imu': recipe})
    with pytest.raises(TrainingError, match='share no label: name the equal ones under same'):
        apart.check()
