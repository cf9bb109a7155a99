# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Recognises a recorded person, whom no shipped model has seen, by skeletons and by the IMU."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any

from dcat_ros.bags.reader import BagReader
from dcat_ros.bags.windows import SampleReader
from dcat_ros.demo.context import DemoContext, StepResult
from dcat_ros.demo.observer import Activity
from dcat_ros.inference import UNKNOWN
from dcat_ros.modalities import create
from dcat_ros.modalities.base import NANOSECONDS
from dcat_ros.share import share_directory
import numpy as np

TITLE = 'recognise a real person, recorded by others: by skeletons, then by the IMU'
SENSORS = ('skeleton', 'imu')
RATE = 2.5
MOMENTS = (0.3, 0.5, 0.7)
"""Parts of a clip at which the page shows the skeleton."""
MOST_SECONDS = 60.0


def run(context: DemoContext) -> StepResult:
    """Replay the recording for each sensor; return what was done and what was answered."""
    bag = share_directory() / 'examples' / 'recordings' / 'utd_mhad_s7'
    with BagReader(bag) as reader:
        clips = reader.labels()
        stamps, bodies = _bodies(reader)
        citation = reader.custom['citation']
    answers = {sensor: _replay(context, bag, sensor, clips[-1].end) for sensor in SENSORS}
    result = []
    for clip in clips:
        inside = {
            sensor: [each for each in found if clip.start <= each.stamp <= clip.end + NANOSECONDS]
            for sensor, found in answers.items()
        }
        named = {sensor: _named(found) for sensor, found in inside.items()}
        moments = [clip.start + part * (clip.end - clip.start) for part in MOMENTS]
        shown = [bodies[np.abs(stamps - moment).argmin()] for moment in moments]
        result.append({'activity': clip.label, 'named': named, 'bodies': np.array(shown).tolist()})
        texts = ', '.join(f'{sensor}: {label}' for sensor, label in named.items())
        context.console.print(f'  {clip.label:14} {texts}')
    return {'clips': result, 'citation': citation, 'bag': str(bag)}


def _bodies(reader: BagReader) -> tuple[Any, Any]:
    """Return the stamps (n,) and the joints (n, 13, 3) of all skeletons of a bag."""
    samples = [each for each, _ in SampleReader(reader, create('skeleton', {}))]
    stamps = np.concatenate([each.stamps for each in samples])
    return stamps, np.concatenate([each.values for each in samples])[:, :, :3]


def _replay(context: DemoContext, bag: object, sensor: str, end: int) -> list[Activity]:
    """Return the answers to a recording from one sensor."""
    observer = context.observer
    observer.statuses.clear()
    context.programs.start('inference', {'modality': sensor, 'use_sim_time': True})
    context.until(
        lambda: observer.status_of('inference', 'activity'), 'the inference node is silent'
    )
    before = len(observer.answers)
    context.programs.start('replay', {}, arguments=[
        str(bag), '--clock', '--rate', str(RATE), '--loop', '--delay', '3',
        '--topics', '/imu/data', '/skeleton',
    ])

    def share() -> float:
        new = observer.answers[before:]
        if not new:
            return 0.0
        return 1.0 if new[-1].stamp >= end - NANOSECONDS else 0.5

    context.wait_with_progress(f'recognising by {sensor}', MOST_SECONDS, share)
    context.programs.stop('replay', 'inference')
    return observer.answers[before:]


def _named(answers: Iterable[Activity]) -> str:
    """Return the activity that is named most often, `unknown` if none is."""
    names = Counter(answer.label for answer in answers if answer.label != UNKNOWN)
    return names.most_common(1)[0][0] if names else UNKNOWN
