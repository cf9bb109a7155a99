# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""What a study says of outcomes whose true answers are known."""

from dataclasses import replace
import json
import re
import xml.etree.ElementTree as ET

from browser import needs_chromium, wide_elements, WIDTHS
from dcat_ros.evaluation.plan import checked, planned, trial_of
from dcat_ros.evaluation.report.json import document
from dcat_ros.evaluation.report.text import finding, Verdict, verdict
from dcat_ros.evaluation.report.write import markdown, page, write
from dcat_ros.evaluation.results import Cell, Comparison, comparison, results_of
from dcat_ros.evaluation.statistics import Estimate, holm, PairedDifference
from dcat_ros.training.errors import TrainingError
from known_outcomes import known_outcome, study_inputs
import numpy as np
import pytest

METHODS = ['dcat', 'better', 'distillation']
SHARES = [1.0, 0.25]


@pytest.fixture(scope='module')
def inputs(tmp_path_factory):
    return study_inputs(tmp_path_factory.mktemp('known'), trials=12, labelled=SHARES)


@pytest.fixture(scope='module')
def outcomes(inputs):
    trials = planned(inputs.study, checked([], METHODS))
    return {trial: known_outcome(inputs, trial, missed=2) for trial in trials}


@pytest.fixture(scope='module')
def results(inputs, outcomes):
    return results_of(inputs, checked([], METHODS), outcomes, {})


def test_known_gains_are_found_and_others_are_not(results):
    """The rows are made so: better +25 points over unimodal and more over its control."""
    (table,) = results.tables
    found = {
        (cell.row, cell.labelled): verdict(cell) for cell in table.cells if cell.row in METHODS
    }
    assert found == {
        ('dcat', 1.0): Verdict.NOTHING, ('dcat', 0.25): Verdict.NOTHING,
        ('better', 1.0): Verdict.TRANSFER, ('better', 0.25): Verdict.TRANSFER,
        ('distillation', 1.0): Verdict.UNEXPLAINED, ('distillation', 0.25): Verdict.UNEXPLAINED,
    }


def test_rows_stand_beside_the_right_ones(results, outcomes, inputs):
    (table,) = results.tables
    direction = inputs.study.directions[0]

    def scores(row, share):
        found = [
            outcomes[trial_of(direction, row, 'out_of_distribution', share, seed)]
            for seed in range(5)
        ]
        cell = table.cell(row, share)
        assert cell.series.outcomes == found
        return cell.series.macro_f1

    cell = table.cell('better', 0.25)
    alone, control = scores('unimodal', 0.25), scores('better_shuffled', 0.25)
    assert cell.unimodal.difference.mean == pytest.approx((scores('better', 0.25) - alone).mean())
    assert cell.control.difference.mean == pytest.approx((scores('better', 0.25) - control).mean())
    assert table.cell('better_shuffled', 0.25).control is None
    assert table.cell('unimodal', 0.25).unimodal is None
    source = table.cell('source', 0.25)
    assert source.series.outcomes[0] is outcomes[
        trial_of(direction, 'unimodal', 'out_of_distribution', 1.0, 0)
    ] or source.labelled == 1.0
    assert len(table.points) == len(METHODS) * len(SHARES) * 5


def test_all_comparisons_of_a_table_are_corrected_together(results):
    (table,) = results.tables
    found = [
        compared for cell in table.cells for compared in (cell.unimodal, cell.control) if compared
    ]
    # two shares; three methods against unimodal and control, three controls against unimodal
    assert len(found) == 2 * (3 * 2 + 3)
    assert [each.p for each in found] == pytest.approx(holm([e.difference.p for e in found]))


def compared(mean, p, clips):
    return Comparison([0, 1], PairedDifference(mean, mean - 0.01, mean + 0.01, p), p, clips)


BETTER, WORSE = compared(0.1, 0.01, (0.05, 0.15)), compared(-0.1, 0.01, (-0.15, -0.05))
BY_SEEDS_ALONE, BY_CLIPS_ALONE = compared(0.1, 0.01, (-0.01, 0.2)), compared(0.1, 0.2, (0.1, 0.2))
NOT, LONE = compared(0.01, 0.8, (-0.1, 0.1)), compared(0.1, None, (0.05, 0.15))


@pytest.mark.parametrize(('unimodal', 'control', 'expected'), [
    (BETTER, BETTER, Verdict.TRANSFER),
    (BETTER, NOT, Verdict.UNEXPLAINED),
    (BETTER, WORSE, Verdict.UNEXPLAINED),
    (BETTER, None, Verdict.UNEXPLAINED),
    (BETTER, BY_SEEDS_ALONE, Verdict.UNEXPLAINED),
    (BY_SEEDS_ALONE, BETTER, Verdict.NOTHING),
    (BY_CLIPS_ALONE, BETTER, Verdict.NOTHING),
    (NOT, BETTER, Verdict.NOTHING),
    (WORSE, BETTER, Verdict.HARM),
    (LONE, LONE, Verdict.UNTESTED),
    (None, None, Verdict.UNTESTED),
])
def test_rules_of_the_verdict(unimodal, control, expected):
    cell = Cell('dcat', 1.0, None, Estimate(0.5, 0.4, 0.6), unimodal, control)
    assert verdict(cell) is expected


def test_the_sentence_says_what_was_found_and_what_was_not(results):
    (table,) = results.tables
    cells = [
        replace(cell, macro_f1=Estimate(0.5, 0.4, 0.6), unimodal=unimodal, control=control)
        for row, share, unimodal, control in (
            ('dcat', 1.0, NOT, NOT), ('dcat', 0.25, WORSE, NOT),
            ('better', 1.0, BETTER, NOT), ('better', 0.25, BETTER, BETTER),
        )
        for cell in [table.cell(row, share)]
    ]
    alone = replace(table.cell('unimodal', 1.0), macro_f1=Estimate(0.45, 0.4, 0.5))
    sentence = finding(replace(table, cells=[alone, *cells]))
    where, output = sentence.split(': ', 1)
    assert where == 'imu → depth, subjects left out'
    assert output == (
        'dcat showed no gain over unimodal with all labels (+1.0 points, p = 0.8, +1.0 points '
        'over control), and did harm with 25 % labels (−10.0 points, p = 0.01, +1.0 points over '
        'control); better gained, but not shown to gain over its control, with all labels (+10.0 '
        'points, p = 0.01, +1.0 points over control), and transferred knowledge with 25 % labels '
        '(+10.0 points, p = 0.01, +10.0 points over control, above unimodal with all labels).'
    )


def test_a_part_of_the_trials_is_reported_as_a_part(inputs, outcomes):
    rows = checked([], METHODS)
    some = {
        trial: outcome for trial, outcome in outcomes.items()
        if trial.seed == 0 or (trial.seed == 1 and trial.row != 'better')
    }
    failed = next(trial for trial in outcomes if trial.row == 'better' and trial.seed == 1)
    found = results_of(inputs, rows, some, {failed: 'the loss is nan'})
    (table,) = found.tables
    assert table.cell('better', 1.0).unimodal.seeds == [0]
    assert table.cell('dcat', 1.0).unimodal.seeds == [0, 1]
    assert verdict(table.cell('better', 1.0)) is Verdict.UNTESTED
    text = markdown(found)
    assert f'{len(some)} of {len(outcomes)} trials are finished, 1 trial failed' in text
    assert 'the loss is nan' in text
    assert 'better was run with a single seed, too few for a test, with all labels' in text
    ET.fromstring(page(found).removeprefix('<!DOCTYPE html>\n'))


def test_nothing_finished_is_nothing_to_report(inputs):
    with pytest.raises(TrainingError, match='no trial of these bags and this protocol'):
        results_of(inputs, checked([], METHODS), {}, {})


def test_an_outcome_of_other_clips_is_refused(inputs, outcomes):
    trial = next(iter(outcomes))
    other = replace(outcomes[trial], truth=outcomes[trial].truth[::-1])
    with pytest.raises(TrainingError, match='not of the test clips of its split'):
        results_of(inputs, checked([], METHODS), {**outcomes, trial: other}, {})


def test_rows_without_a_common_seed_are_not_compared(results):
    (table,) = results.tables
    first, second = table.cells[0].series, table.cells[2].series
    assert comparison(first.at([0, 1]), second.at([2, 3])) is None
    assert comparison(first.at([0, 1]), second.at([1, 2])).seeds == [1]


def test_the_json_holds_every_number(results, outcomes, tmp_path):
    write(results, tmp_path)
    record = json.loads((tmp_path / 'results.json').read_text(encoding='utf-8'))
    assert record == json.loads(json.dumps(document(results)))
    (table,) = record['tables']
    assert {cell['row'] for cell in table['cells']} == set(checked([], METHODS))
    cell = next(c for c in table['cells'] if (c['row'], c['labelled']) == ('better', 0.25))
    assert cell['macro_f1']['mean'] == pytest.approx(np.mean(cell['macro_f1_by_seed']))
    assert np.array(cell['f1_by_seed']).shape == (5, 5)
    assert np.sum(cell['confusion']) == 5 * len(next(iter(outcomes.values())).truth)
    assert np.array(cell['confusion'])[:, -1].sum() == 5 * 2
    assert cell['chosen'][1] == {'weight': 2.0, 'macro_f1': None}
    assert cell['verdict'] == 'transfer' and cell['unimodal']['shown'] is True
    assert record['protocol']['rows'] == checked([], METHODS)
    assert (record['planned'], record['finished']) == (len(outcomes), len(outcomes))


@needs_chromium
@pytest.mark.parametrize('width', WIDTHS)
def test_nothing_on_the_page_is_wider_than_the_window(results, tmp_path, width):
    assert wide_elements(page(results), width, tmp_path) == []


def test_the_page_stands_alone_and_shows_what_was_found(results):
    text = page(results)
    tree = ET.fromstring(text.removeprefix('<!DOCTYPE html>\n'))
    assert not re.search(r'<script|<link|src="(?!data:)|url\((?!#)|https?://', text)
    headings = [''.join(each.itertext()) for each in tree.iter() if each.tag in ('h1', 'h2')]
    assert headings[:3] == ['Are the known gains found?', 'Scores', 'Found']
    assert headings[-2:] == ['Details', 'Origin']
    assert len(list(tree.iter('svg'))) == 6
    output = ''.join(tree.itertext())
    assert finding(results.tables[0]).split(': ', 1)[1] in output
    identifiers = re.findall(r' id="([^"]+)"', text)
    assert len(identifiers) == len(set(identifiers))


def test_the_markdown_has_the_tables(results):
    text = markdown(results)
    cell = results.tables[0].cell('better', 0.25)
    mean = f'{100 * cell.macro_f1.mean:.1f}'
    assert re.search(rf'\| 25 % labels \| better \| {mean} \[', text)
    assert finding(results.tables[0]) in text
    for line in text.splitlines():
        if line.startswith('|'):
            assert line.endswith(' |')
    assert 'labelled' in text and 'unlabelled paired' in text and 'weight 1 to 2' in text


def test_a_study_of_methods_that_do_not_run_is_of_the_unimodal_model(inputs, outcomes):
    some = {trial: outcome for trial, outcome in outcomes.items() if not trial.source}
    found = results_of(inputs, ['unimodal', 'source'], some, {})
    assert finding(found.tables[0]).endswith(': no method was run beside the unimodal model.')
    ET.fromstring(page(found).removeprefix('<!DOCTYPE html>\n'))
