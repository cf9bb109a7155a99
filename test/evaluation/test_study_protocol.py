# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""What a study runs: protocols, splits, rows, order of work, and all that is refused."""

from dataclasses import replace
from functools import partial

from dcat_ros.commands.evaluate import main, parse
from dcat_ros.evaluation.plan import checked, planned, sources_of
from dcat_ros.evaluation.protocol import Direction, Drawn, Study, Subjects
from dcat_ros.training.errors import TrainingError
from known_outcomes import SUBJECTS
import pytest
from refusals import refused_by
from repository import ROOT
import yaml

refusal = partial(refused_by, main)
PROTOCOLS = sorted((ROOT / 'config' / 'evaluate').glob('*.yaml'))
RECORD = {
    'name': 'tiny', 'title': 'What?', 'directions': [{'source': 'a', 'target': 'b'}],
    'splits': SUBJECTS,
}
BAD_PROTOCOLS = {
    'unknown key': ({'colour': 1}, 'colour is unknown'),
    'no direction': ({'directions': []}, 'directions is empty'),
    'no list': ({'directions': 'a to b'}, "directions is 'a to b', expected a list"),
    'no target': ({'directions': [{'source': 'a'}]}, 'directions[0].target is missing'),
    'itself': ({'directions': [{'source': 'a', 'target': 'a'}]}, '"a" as source and as target'),
    'both ways in other bags': (
        {'pairing': 'label', 'directions': [{'source': 'a', 'target': 'b'},
                                            {'source': 'b', 'target': 'a'}]},
        'whose bags are not the same',
    ),
    'pairing': ({'pairing': 'space'}, 'pairing is "space", expected time or label'),
    'no split': ({'splits': {}}, 'splits names no split'),
    'both sides': (
        {'splits': {'out_of_distribution': {'train': [1, 2], 'test': [2]}}},
        'subject 2 is in both train and test',
    ),
    'one side': ({'splits': {'out_of_distribution': {'train': [1]}}}, 'each name a subject'),
    'share of a split': ({'splits': {'in_distribution': {'share': 1.0}}}, 'share is 1, expected'),
    'share above 1': ({'labelled': [1.5]}, 'labelled has 1.5'),
    'share of nothing': ({'labelled': [0]}, 'labelled has 0'),
    'share in words': ({'labelled': ['half']}, "labelled has 'half'"),
    'no share': ({'labelled': []}, 'labelled is empty'),
    'twice': ({'labelled': [1.0, 1.0]}, 'labelled names one twice'),
    'no seed': ({'seeds': 0}, 'seeds is 0'),
    'networks': ({'members': -1}, 'members is -1, expected 0 or more'),
    'budget': ({'budget': 9}, 'budget is 9, expected 0.05 to 4'),
    'same': ({'same': 'clap'}, "same is 'clap'"),
    'width': ({'targets': {'widths': [0]}}, 'targets.widths has 0, expected factors above 0'),
    'epochs': ({'targets': {'epochs': [99]}}, 'targets.epochs has 99, expected factors above 0'),
    'words': ({'targets': {'regularised': ['no way']}}, "targets.regularised has 'no way'"),
    'a variant twice': ({'targets': {'widths': [1, 1.0]}}, 'targets.widths is [1, 1.0], expected'),
    'no variant': ({'targets': {'epochs': []}}, 'targets.epochs is [], expected different'),
}


def written(folder, **changes):
    path = folder / 'protocol.yaml'
    path.write_text(yaml.safe_dump({**RECORD, **changes}), encoding='utf-8')
    return str(path)


@pytest.mark.parametrize('name', BAD_PROTOCOLS)
def test_bad_protocols_get_a_sentence(name, tmp_path, capsys):
    changes, expected = BAD_PROTOCOLS[name]
    path = written(tmp_path, **changes)
    output = refusal(capsys, path, '--bags', tmp_path, '--out', tmp_path / 'out')
    assert expected in output and path in output


def test_protocols_that_are_not_there_get_a_sentence(tmp_path, capsys):
    there = ('--bags', tmp_path, '--out', tmp_path / 'out')
    assert 'no shipped protocol is named "nothing"' in refusal(capsys, 'nothing', *there)
    assert 'cannot be read' in refusal(capsys, './nothing.yaml', *there)
    assert 'seeds is 0' in refusal(capsys, written(tmp_path), *there, '--seeds', '0')


def test_no_worker_is_refused(capsys):
    with pytest.raises(SystemExit):
        parse(['p', '--bags', 'b', '--out', 'o', '--workers', '0'])
    assert '--workers is 0' in capsys.readouterr().err


def test_a_protocol_is_read_as_it_is_written(tmp_path):
    study = Study.read(written(
        tmp_path, labelled=[1, 0.25], splits={**SUBJECTS, 'in_distribution': {'share': 0.5}}
    ))
    assert study.directions == [Direction('a', 'b')]
    assert study.labelled == [1, 0.25]
    assert study.splits.used == {
        'out_of_distribution': Subjects(['1', '3'], ['2', '4']), 'in_distribution': Drawn(0.5)
    }


@pytest.mark.parametrize('path', PROTOCOLS, ids=lambda path: path.stem)
def test_shipped_protocols_can_be_read(path):
    study = Study.read(str(path))
    assert study.name == path.stem and study.seeds >= 5
    recipes = {recipe.stem for recipe in (path.parents[1] / 'train').glob('*.yaml')}
    assert set(study.recipes) <= recipes


@pytest.mark.parametrize(('rows', 'expected'), [
    (['unimodal', 'source', 'magic'], 'row "magic" is unknown, expected some of unimodal, '),
    (['unimodal', 'dcat'], 'rows lacks "source"'),
    (['source', 'dcat'], 'rows lacks "unimodal"'),
    (['unimodal', 'source', 'dcat_shuffled'], 'rows has "dcat_shuffled" but not "dcat"'),
    (['unimodal', 'source', 'unimodal_shuffled'], '"unimodal_shuffled" is unknown'),
])
def test_bad_rows_get_a_sentence(rows, expected):
    with pytest.raises(TrainingError) as error:
        checked(rows, ['dcat', 'distillation'])
    assert expected in str(error.value)


def test_no_rows_stand_for_all_methods_and_their_controls():
    assert checked([], ['dcat', 'new']) == [
        'unimodal', 'source', 'dcat', 'dcat_shuffled', 'new', 'new_shuffled'
    ]


def test_one_model_serves_as_source_and_as_the_opposite_directions_unimodal_row():
    both = [Direction('a', 'b'), Direction('b', 'a')]
    study = Study('x', 'x', both, splits=Study.read('utd_mhad').splits, seeds=2)
    rows = ['unimodal', 'source', 'dcat', 'dcat_shuffled']
    trials = planned(study, rows)
    # two splits, two seeds; unimodal, dcat and its control for each of two targets
    assert len(trials) == len(set(trials)) == 2 * 2 * 2 * 3


def test_a_stopped_study_leaves_whole_seeds_of_the_first_split():
    study = replace(Study.read('utd_mhad'), seeds=2)
    trials = planned(study, ['unimodal', 'source', 'dcat', 'dcat_shuffled'])
    order = [(trial.split, trial.seed) for trial in trials]
    assert list(dict.fromkeys(order)) == [
        ('out_of_distribution', 0), ('out_of_distribution', 1),
        ('in_distribution', 0), ('in_distribution', 1),
    ]
    assert order == sorted(order, key=list(dict.fromkeys(order)).index)
    for place, trial in enumerate(trials):
        assert set(sources_of(trial)) <= set(trials[:place])
