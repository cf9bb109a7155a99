# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""The README's tables: as the files of results say."""

import importlib.util
import json
import re
import subprocess
import sys

import pytest
from repository import ROOT

README = ROOT / 'README.md'
SCRIPT = ROOT / 'scripts' / 'results.py'
LINES = 120

spec = importlib.util.spec_from_file_location('results_script', SCRIPT)
results = importlib.util.module_from_spec(spec)
spec.loader.exec_module(results)

PHONE, WATCH = 'phone_sp_sw_har', 'watch_sp_sw_har'


def cell(row, mean, verdict=None, labelled=1.0, seeds=5):
    return {'row': row, 'labelled': labelled, 'verdict': verdict, 'macro_f1': {'mean': mean},
            'seeds': list(range(seeds))}


def write_study(folder, name, source, target, cells):
    table = {'source': source, 'target': target, 'split': 'out_of_distribution', 'cells': cells}
    known_people = {**table, 'split': 'in_distribution', 'cells': []}
    text = json.dumps({'tables': [known_people, table]})
    (folder / f'{name}.json').write_text(text, encoding='utf-8')


def rows_of(studies, folder):
    reading, _, table = results.studies(studies, folder).partition('\n\n')
    return reading.replace('\n', ' '), table.splitlines()[2:]


def write_tables(readme):
    return subprocess.run(
        [sys.executable, SCRIPT, readme], capture_output=True, text=True, check=False
    )


def test_the_tables_are_what_the_script_writes(tmp_path):
    text, copy = README.read_text(encoding='utf-8'), tmp_path / 'README.md'
    emptied, number = re.subn(
        r'(<!-- (\w+): begin.*? -->\n).*?(\n<!-- \2: end -->)', r'\1\3', text, flags=re.S
    )
    assert number == 2
    copy.write_text(emptied, encoding='utf-8')
    assert write_tables(copy).returncode == 0
    assert copy.read_text(encoding='utf-8') == text, 'run `python3 scripts/results.py`'


def test_the_readme_stays_short():
    assert len(README.read_text(encoding='utf-8').splitlines()) <= LINES


def test_every_shipped_bundle_is_listed():
    shipped = {path.parent.name for path in ROOT.glob('models/*/manifest.yaml')}
    assert {name for names in results.BUNDLES for name in names} == shipped


def test_a_page_without_markers_is_refused_and_kept(tmp_path):
    page = tmp_path / 'README.md'
    page.write_text('# Page\n', encoding='utf-8')
    made = write_tables(page)
    assert made.returncode == 1
    assert '<!-- bundles: end --> once' in made.stderr
    assert page.read_text(encoding='utf-8') == '# Page\n'


def test_rows_name_direction_share_and_page_once(tmp_path):
    shares = (1.0, 0.05)
    write_study(tmp_path, 'har', PHONE, WATCH, [
        cell('unimodal', 0.5, labelled=share) for share in shares
    ])
    reading, rows = rows_of([results.Study('har', PHONE, WATCH, shares)], tmp_path)
    assert 'new people of SP/SW-HAR (watch), 5 seeds' in reading
    assert [row.split(' | ')[0] for row in rows] == [
        '| [phone → watch](bench/results/har.md), all', '| 5 %',
    ]


def test_fewer_seeds_are_named_and_all_data_sets(tmp_path):
    write_study(tmp_path, 'har', WATCH, PHONE, [cell('unimodal', 0.5, seeds=3)])
    write_study(tmp_path, 'utd', 'depth_utd_mhad', 'imu_utd_mhad', [cell('unimodal', 0.5)])
    reading, rows = rows_of([
        results.Study('utd', 'depth_utd_mhad', 'imu_utd_mhad', (1.0,)),
        results.Study('har', WATCH, PHONE, (1.0,)),
    ], tmp_path)
    assert 'UTD-MHAD (IMU) and SP/SW-HAR (phone)' in reading
    assert '[depth → IMU](bench/results/utd.md), all' in rows[0]
    assert '[watch → phone](bench/results/har.md) (3 seeds), all' in rows[1]


def test_only_transferred_knowledge_is_bold(tmp_path):
    write_study(tmp_path, 'har', PHONE, WATCH, [
        cell('unimodal', 0.5), cell('dcat', 0.61, 'unexplained'), cell('dcat_shuffled', 0.6),
        cell('dcat_soft', 0.71, 'transfer'), cell('dcat_soft_shuffled', 0.4),
    ])
    _, (row,) = rows_of([results.Study('har', PHONE, WATCH, (1.0,))], tmp_path)
    assert row.endswith('| 50.0 | 61.0 | **71.0** | — | 60.0, 40.0 |')


@pytest.mark.parametrize('wanted', [(WATCH, PHONE, 1.0), (PHONE, WATCH, 0.1)])
def test_a_study_without_the_row_is_refused(tmp_path, wanted):
    write_study(tmp_path, 'har', PHONE, WATCH, [cell('unimodal', 0.5)])
    source, target, share = wanted
    with pytest.raises(SystemExit, match=r'har\.json has no '):
        results.studies([results.Study('har', source, target, (share,))], tmp_path)
