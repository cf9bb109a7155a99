# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Write the tables of bundles and of studies in a README, between its markers.

A line of STUDIES or BUNDLES makes the rows; the numbers come from bench/results/*.json and
models/*/manifest.yaml.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Iterator, Sequence
import json
from pathlib import Path
import re
from textwrap import fill
from typing import Any, NamedTuple

import yaml

ROOT = Path(__file__).resolve().parents[1]


class Study(NamedTuple):
    """Rows of one study: those of a direction, one for each share of labels.

    :param results: stem of the file in bench/results.
    """

    results: str
    source: str
    target: str
    shares: Sequence[float]


STUDIES = (
    Study('utd_mhad_imu_to_depth', 'imu_utd_mhad', 'depth_utd_mhad', (1.0,)),
    Study('utd_mhad_imu_to_depth_10', 'imu_utd_mhad', 'depth_utd_mhad', (0.1,)),
    Study('utd_mhad_depth_to_imu', 'depth_utd_mhad', 'imu_utd_mhad', (1.0, 0.1)),
    Study('utd_mhad_pose', 'pose_utd_mhad', 'imu_utd_mhad', (1.0, 0.1)),
    Study('utd_mhad_pose', 'imu_utd_mhad', 'pose_utd_mhad', (0.1,)),
    Study('sp_sw_har', 'watch_sp_sw_har', 'phone_sp_sw_har', (1.0, 0.05)),
    Study('sp_sw_har', 'phone_sp_sw_har', 'watch_sp_sw_har', (0.05,)),
)
BUNDLES = {
    ('imu_utd_mhad',): '{classes} actions, IMU on the right wrist or thigh',
    ('pose_utd_mhad',): 'the same actions, any colour camera, or skeletons in 3D',
    ('pose_2d_utd_mhad',): 'the same actions, skeletons in an image (ROS4HRI)',
    ('depth_utd_mhad',): 'the same actions, depth camera that stands still',
    ('imu_sim', 'camera_sim', 'audio_sim'):
        '{classes} activities of a simulated person, for demonstrations only',
}
DATA_SETS = {'utd_mhad': 'UTD-MHAD', 'sp_sw_har': 'SP/SW-HAR'}  # by the end of a recipe's name
SENSORS = {'imu': 'IMU'}  # others are named as in the recipe
SEEDS = 5  # a row with another number names it
ROWS = ('unimodal', 'dcat', 'dcat_soft', 'distillation')
CONTROLS = ('dcat_shuffled', 'dcat_soft_shuffled')
HEADS = (
    'labelled share of the target', 'alone', '`dcat`', '`dcat_soft`',
    '`distillation`', 'controls of `dcat`, `dcat_soft`',
)
READING = (
    'Macro-F1 by clip in %, new people of {people}, {seeds} seeds if not stated. **Bold**: '
    '[shown](docs/train.md#read-the-report) to transfer knowledge.'
)


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a Markdown table."""
    return '\n'.join(f'| {" | ".join(line)} |' for line in (heads, ['---'] * len(heads), *rows))


def sensor(recipe: str) -> tuple[str, str]:
    """Return a recipe's sensor and data set, such as 'IMU' and 'UTD-MHAD'."""
    end = next((end for end in DATA_SETS if recipe.endswith(f'_{end}')), '')
    name = recipe.removesuffix(f'_{end}')
    return SENSORS.get(name, name), DATA_SETS.get(end, '')


def scores(study: Study, folder: Path) -> Iterator[tuple[float, dict[str, Any]]]:
    """Yield each share of a study with its cells by row, on unseen people."""
    path = folder / f'{study.results}.json'
    wanted = study.source, study.target, 'out_of_distribution'
    for found in json.loads(path.read_text(encoding='utf-8'))['tables']:
        if (found['source'], found['target'], found['split']) == wanted:
            for share in study.shares:
                cells = {c['row']: c for c in found['cells'] if c['labelled'] == share}
                if 'unimodal' not in cells:
                    raise SystemExit(f'{path} has no scores at the share {share:g} of labels.')
                yield share, cells
            return
    raise SystemExit(f'{path} has no table {study.source} → {study.target}, {wanted[-1]}.')


def score(cell: dict[str, Any] | None) -> str:
    """Return a macro-F1 in per cent, bold if knowledge was transferred."""
    if cell is None:
        return '—'
    text = f'{100 * cell["macro_f1"]["mean"]:.1f}'
    return f'**{text}**' if cell['verdict'] == 'transfer' else text


def title(direction: str, seeds: str, share: float, link: str) -> str:
    """Return what a row begins with; a link goes to the direction, or else to the share."""
    amount = 'all' if share == 1 else f'{100 * share:.4g} %'
    parts = [direction, amount] if direction else [amount]
    if link:
        parts[0] = f'[{parts[0]}]({link})'
    parts[0] += seeds
    return ', '.join(parts)


def studies(chosen: Sequence[Study] = STUDIES, folder: Path = ROOT / 'bench/results') -> str:
    """Return how to read the table of studies, and the table.

    The first row of each file links to its page. A row names direction and seeds if they are
    others than in the row above.
    """
    rows, linked, above = [], set(), None
    people: dict[str, dict[str, None]] = {}
    for study in chosen:
        target, data_set = sensor(study.target)
        people.setdefault(data_set, {})[target] = None
        direction = f'{sensor(study.source)[0]} → {target}'
        for share, cells in scores(study, folder):
            seeds = min(len(cell['seeds']) for cell in cells.values())
            named = direction, f' ({seeds} seeds)' * (seeds != SEEDS)
            link = '' if study.results in linked else f'bench/results/{study.results}.md'
            rows.append((
                title(*(named if named != above else ('', '')), share, link),
                *(score(cells.get(row)) for row in ROWS),
                ', '.join(score(cells.get(row)) for row in CONTROLS),
            ))
            linked.add(study.results)
            above = named
    whom = ' and '.join(f'{name} ({", ".join(targets)})' for name, targets in people.items())
    reading = fill(READING.format(people=whom, seeds=SEEDS), 99, break_on_hyphens=False)
    return f'{reading}\n\n{table(HEADS, rows)}'


def bundles() -> str:
    """Return the table of the shipped bundles."""
    rows = []
    for names, text in BUNDLES.items():
        found = [
            yaml.safe_load((ROOT / 'models' / name / 'manifest.yaml').read_text(encoding='utf-8'))
            for name in names
        ]
        rows.append((
            ', '.join(f'[{name}](models/{name})' for name in names),
            text.format(classes=len(found[0]['classes'])),
            ', '.join(dict.fromkeys(of_bundle(each['scores']) for each in found)),
        ))
    return table(('shipped bundle', 'what it recognises', 'macro-F1 by clip'), rows)


def of_bundle(found: dict[str, Any]) -> str:
    """Return the score of a bundle."""
    if found['simulated']:
        return 'not measured on people'
    return f'{100 * found["macro_f1"]:.1f} ± {100 * found["macro_f1_sd"]:.1f} %'


def put(text: str, name: str, block: str) -> str:
    """Return a page with a block between its markers."""
    begin, end = f'<!-- {name}: begin, by scripts/results.py -->\n', f'\n<!-- {name}: end -->'
    made, number = re.subn(
        f'{re.escape(begin)}.*?{re.escape(end)}', lambda _: f'{begin}{block}{end}', text,
        flags=re.S,
    )
    if number != 1:
        raise SystemExit(f'The page must have {begin.strip()} and {end.strip()} once; '
                         f'it has them {number} times.')
    return made


def main() -> None:
    """Write the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('readme', nargs='?', type=Path, default=ROOT / 'README.md')
    readme = parser.parse_args().readme
    text = readme.read_text(encoding='utf-8')
    for name, block in (('bundles', bundles()), ('results', studies())):
        text = put(text, name, block)
    readme.write_text(text, encoding='utf-8')


if __name__ == '__main__':
    main()
