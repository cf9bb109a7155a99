# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""`dcat evaluate` on small bags: real trainings, a report, and what it refuses."""

from dataclasses import replace
import json
from pathlib import Path
import xml.etree.ElementTree as ET

from dcat_ros.commands.evaluate import main
from dcat_ros.evaluation.inputs import StudyInputs
from dcat_ros.evaluation.plan import planned
from dcat_ros.evaluation.protocol import Study
from dcat_ros.evaluation.results import results_of
from dcat_ros.evaluation.trial_store import FOLDER, TrialStore
from dcat_ros.evaluation.trials import silent_runner
from imu_training_bags import clip, RHYTHMS, three_subjects, write_bag, write_config
import pytest
import yaml

FILES = {'results.json', 'report.md', 'report.html'}


@pytest.fixture(scope='module')
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp('study')
    three_subjects(folder / 'bags')
    fit = {'epochs': 2, 'batch': 12}
    for name in ('fast', 'slow'):
        window = {'duration': 0.6, 'rate': {'fast': 50.0, 'slow': 25.0}[name],
                  'stride': 0.2, 'max_gap': 0.25}
        settings = {'fit': fit, 'window': window, 'sampling': {'dense_stride': 0.1}}
        write_config(folder / f'{name}.yaml', name=name, **settings)
    return folder


def protocol(folder, **changes):
    record = {
        'name': 'tiny', 'title': 'Do fast samples teach slow ones?',
        'directions': [
            {'source': str(folder / 'fast.yaml'), 'target': str(folder / 'slow.yaml')}
        ],
        'rows': ['unimodal', 'source', 'dcat', 'dcat_shuffled'],
        'splits': {'out_of_distribution': {'train': ['ada', 'ben'], 'test': ['cleo']}},
        'labelled': [0.5], 'seeds': 2,
        **changes,
    }
    path = folder / 'protocol.yaml'
    path.write_text(yaml.safe_dump(record), encoding='utf-8')
    return [str(path), '--bags', str(folder / 'bags'), '--out', str(folder / 'out')]


@pytest.fixture(scope='module')
def finished(folder):
    """Run the whole program once."""
    assert main([*protocol(folder), '--workers', '2']) == 0
    return folder / 'out'


def test_a_study_of_real_trainings_is_reported(finished):
    assert {path.name for path in finished.iterdir()} >= FILES
    record = json.loads((finished / 'results.json').read_text(encoding='utf-8'))
    assert (record['planned'], record['finished'], record['failures']) == (8, 8, [])
    (table,) = record['tables']
    assert table['classes'] == ['fast', 'slow', 'still']
    cells = {cell['row']: cell for cell in table['cells']}
    assert set(cells) == {'unimodal', 'source', 'dcat', 'dcat_shuffled'}
    for cell in cells.values():
        assert cell['seeds'] == [0, 1]
        assert sum(map(sum, cell['confusion'])) == 2 * 6
    labelled = cells['unimodal']['windows'][0]['labelled']
    assert cells['source']['windows'][0]['labelled'] > labelled
    assert sum(cells['dcat']['windows'][0].values()) > labelled
    assert cells['dcat']['unimodal']['seeds'] == [0, 1]
    page = (finished / 'report.html').read_text(encoding='utf-8')
    ET.fromstring(page.removeprefix('<!DOCTYPE html>\n'))


def test_finished_trials_are_reported_without_being_run_again(finished, folder, capsys):
    before = {path: path.stat().st_mtime_ns for path in (finished / FOLDER).iterdir()}
    assert len(before) == 8
    text = (finished / 'report.md').read_text(encoding='utf-8')
    assert main([*protocol(folder), '--only', 'report']) == 0
    assert main(protocol(folder)) == 0
    output = capsys.readouterr()
    assert '8 trials of 8 finished before' in output.err
    assert str(finished / 'report.html') in output.out.splitlines()
    assert {path: path.stat().st_mtime_ns for path in (finished / FOLDER).iterdir()} == before
    assert (finished / 'report.md').read_text(encoding='utf-8') == text


def outcomes_of(arguments, work, source_bags=()):
    """Run a study's trials in this process; return what they are made of and what came of them."""
    study = Study.read(arguments[0])
    inputs = StudyInputs.gather(study, [Path(arguments[2])], source_bags)
    inputs.check()
    trial_runner = silent_runner(inputs, work)
    trials = planned(inputs.study, inputs.study.rows)
    return inputs, {trial: trial_runner.run(trial) for trial in trials}


def test_equal_seeds_give_equal_scores_in_any_process(finished, folder):
    inputs, outcomes = outcomes_of(protocol(folder, seeds=1), folder / 'again')
    kept = TrialStore(finished, inputs.key).finished(list(outcomes))
    assert len(kept) == len(outcomes) == 4
    for trial, outcome in outcomes.items():
        assert outcome.scores == kept[trial].scores and outcome.truth == kept[trial].truth


def test_other_bags_teach_by_label(folder):
    """They have other subjects, and another name for one of the labels."""
    elsewhere = folder / 'elsewhere'
    for who in ('x', 'y', 'z'):
        clips = [clip(name, who, number) for name in RHYTHMS for number in range(2)]
        clips = [replace(each, label='quick') if each.label == 'fast' else each for each in clips]
        write_bag(elsewhere / who, clips, who)
    arguments = protocol(
        folder, pairing='label', same={'quick': 'fast'}, seeds=1,
        rows=['unimodal', 'source', 'distillation'],
        source_split={'share': 0.67, 'grouped': False},
    )
    inputs, outcomes = outcomes_of(arguments, folder / 'unpaired', [elsewhere])
    (table,) = results_of(inputs, inputs.study.rows, outcomes, {}).tables
    source, taught = table.cell('source', 0.5), table.cell('distillation', 0.5)
    assert source.series.confusion.sum() == taught.series.confusion.sum() == 6
    assert source.series.clips != taught.series.clips
    windows = taught.series.outcomes[0].windows
    assert windows['labelled_paired_with_fast'] == windows['labelled'] > 0


REFUSED = {
    'unknown row': ({'rows': ['unimodal', 'source', 'magic']}, 'row "magic" is unknown'),
    'unknown recipe': (
        {'directions': [{'source': 'lidar', 'target': 'imu_utd_mhad'}]}, 'named "lidar"'
    ),
    'unknown subject': (
        {'splits': {'out_of_distribution': {'train': ['ada'], 'test': ['dora']}}},
        'subject "dora" has no clip in the bags; there are ada, ben, cleo',
    ),
    'too few labels': ({'labelled': [0.1]}, 'a share of 0.1 leaves class "fast" without'),
    'no source bags': ({'pairing': 'label'}, 'name them by --source-bags'),
}


@pytest.mark.parametrize('name', REFUSED)
def test_bad_input_gets_a_sentence_before_anything_is_trained(name, folder, capsys):
    changes, expected = REFUSED[name]
    arguments = protocol(folder, **changes)
    arguments[-1] = str(folder / 'refused')
    assert main(arguments) == 1
    output = capsys.readouterr().err.splitlines()[-1]
    assert output.startswith('error: ') and expected in output
    assert not (folder / 'refused').exists()


def test_nothing_to_report_gets_a_sentence(folder, capsys):
    arguments = [*protocol(folder)[:-1], str(folder / 'nothing'), '--only', 'report']
    assert main(arguments) == 1
    assert 'no trial of these bags and this protocol is finished' in capsys.readouterr().err
