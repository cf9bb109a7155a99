# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Outcomes of a study whose true gains are known, made without training.

A clip is answered rightly at a rate that its row, its share of labels and its class have, the same
in every process, so that a study's bookkeeping and numbers can be checked in seconds.
"""

from dataclasses import dataclass, field
from functools import partial
import os
from pathlib import Path
import signal
import time
from zlib import crc32

from dcat_ros.commands.signals import ending_at_signals
from dcat_ros.evaluation.inputs import StudyInputs, varied
from dcat_ros.evaluation.plan import planned
from dcat_ros.evaluation.protocol import Study
from dcat_ros.evaluation.run import Run
from dcat_ros.evaluation.trial import Outcome, Trial
from dcat_ros.evaluation.trial_store import TrialStore
from dcat_ros.training.config import Config
from dcat_ros.training.dataset import Clip
from dcat_ros.training.errors import TrainingError
import numpy as np
import yaml

RATES = {'unimodal': 0.5, 'dcat': 0.52, 'dcat_shuffled': 0.51, 'better': 0.75,
         'better_shuffled': 0.45, 'distillation': 0.62, 'distillation_shuffled': 0.61}
LABELS = {1.0: 0.15, 0.25: 0.0, 0.1: -0.1}


def outcome_of(trial, truth, classes, rate, missed=0):
    """Return an outcome with the rate of right answers, the same clips being hard for all rows."""
    random = np.random.default_rng([trial.seed, crc32(trial.row.encode()), round(100 * rate)])
    hard = np.random.default_rng(7).random(len(truth))
    right = 0.6 * hard + 0.4 * random.random(len(truth)) < 0.2 + 0.6 * rate
    answers = np.where(right, truth, (truth + 1 + random.integers(0, 2, len(truth))) % classes)
    confidence = np.clip(random.normal(0.55 + 0.25 * right, 0.12), 1.2 / classes, 0.99)
    scores = np.full((len(truth), classes), (1 - confidence[:, None]) / (classes - 1))
    scores[np.arange(len(truth)), answers] = confidence
    scores[:missed] = 0
    steps = np.arange(0, 500, 50)
    curve = [{'step': int(step), 'loss': float(3 * np.exp(-step / 150) + 0.1)} for step in steps]
    curve += [
        {'step': int(step), 'macro_f1': float(rate * (1 - np.exp(-step / 120)))} for step in steps
    ]
    labelled = round(trial.labelled * 1620)
    windows = {'labelled': labelled, 'unlabelled_paired': 1620 - labelled if trial.source else 0}
    chosen = {'weight': 1.0 + trial.seed % 2, 'macro_f1': float('nan')} if trial.source else {}
    overfit = 0.1 + 0.03 * (trial.seed % 3)
    score = float(np.mean(right))
    return Outcome(
        truth.tolist(), scores.tolist(), min(1.0, score + overfit), curve, windows,
        0.5 if trial.source else 0.25, chosen, score,
    )


@dataclass
class KnownTrialRunner:
    """Runs trials as the trial runner does, but draws their answers.

    :param inputs: whose splits are answered.
    :param log: gets a line for each trial.
    :param fails: how trials, by row and seed, fail.
    """

    inputs: StudyInputs
    log: Path
    fails: dict = field(default_factory=dict)

    def run(self, trial: Trial) -> Outcome:
        how = self.fails.get((trial.row, trial.seed))
        if how == 'sentence':
            raise TrainingError('the loss is nan at step 3: lower fit.lr')
        if how == 'bug':
            raise ZeroDivisionError('division by zero')
        if how == 'killed':
            os.kill(os.getpid(), signal.SIGKILL)
        while how == 'hangs':
            self.log.write_text(f'{os.getpid()} hangs')
            time.sleep(0.05)
        with self.log.open('a') as log:
            log.write(f'{trial.target} {trial.row} {trial.labelled} {trial.seed} {os.getpid()}\n')
        return known_outcome(self.inputs, trial)


def known_outcome(inputs, trial, missed=0):
    rate = RATES[trial.row] + LABELS[trial.labelled] + 0.15 * (trial.target == 'imu')
    classes = inputs.classes(trial.target)
    tested = inputs.sides(trial.target, trial.split, trial.seed).test
    truth = np.array([classes.index(inputs.clips[trial.target][i].label) for i in tested])
    return outcome_of(trial, truth, len(classes), rate, missed)


def run_hanging(folder):
    """Run a study, in a process of its own, whose first trial never ends."""
    inputs = study_inputs(folder, seeds=1)
    trials = planned(inputs.study, ['unimodal', 'source'])
    make = partial(KnownTrialRunner, inputs, folder / 'log', {('unimodal', 0): 'hangs'})
    with ending_at_signals():
        Run(trials, TrialStore(folder / 'out', inputs.key), make, None).to_the_end(1)


def no_bench():
    raise TrainingError('the bags hold one class only: record another activity')


RECIPE = {
    'modality': 'imu',
    'window': {'duration': 0.6, 'rate': 50.0, 'stride': 0.2, 'max_gap': 0.25},
    'fit': {'epochs': 1, 'batch': 12},
    'protocol': {'train': ['1'], 'test': ['2']},
    'card': dict.fromkeys(
        ('title', 'data', 'bags', 'licence', 'intended_use', 'limits'), 'For tests.'
    ),
}
ACTIVITIES = ('clap', 'jump', 'knock', 'sit', 'walk')
SUBJECTS = {'out_of_distribution': {'train': ['1', '3'], 'test': ['2', '4']}}


def study_inputs(folder, rows=(), trials=4, **changes):
    """Return recipes and clips, without bags, of four subjects who did each activity often."""
    recipes = {}
    for name in ('imu', 'depth'):
        path = folder / f'{name}.yaml'
        path.write_text(yaml.safe_dump({'name': name, **RECIPE}), encoding='utf-8')
        recipes[name] = Config.read(str(path))
    record = {
        'name': 'known', 'title': 'Are the known gains found?', 'rows': list(rows),
        'directions': [{'source': 'imu', 'target': 'depth'}], 'splits': SUBJECTS, **changes,
    }
    path = folder / 'known.yaml'
    path.write_text(yaml.safe_dump(record), encoding='utf-8')
    study = Study.read(str(path))
    study, recipes, variants = varied(study, recipes)
    clips = [
        Clip(activity, subject)
        for subject in '1234' for _ in range(trials) for activity in ACTIVITIES
    ]
    return StudyInputs(
        study, recipes, [], [], ({'1': 'a' * 64}, {}), dict.fromkeys(recipes, clips), variants
    )
