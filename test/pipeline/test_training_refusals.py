# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Training on bad bags, or by bad settings, ends with one sentence."""

from functools import partial

from dcat_ros.bags import messages
from dcat_ros.bags.writer import BagWriter
from dcat_ros.commands.train import main
from imu_training_bags import clip, CONFIG, START, three_subjects, write_bag, write_config
import numpy as np
import pytest
from refusals import refused_by

refusal = partial(refused_by, main)


@pytest.fixture(scope='module')
def bags(tmp_path_factory):
    return three_subjects(tmp_path_factory.mktemp('bags'))


def no_labels(folder):
    with BagWriter(folder / 'ada', {'subject': 'ada'}) as writer:
        writer.write('/imu/data', messages.imu(START, 'wrist', np.ones(6)), START)


def no_subject(folder):
    with BagWriter(folder / 'ada') as writer:
        writer.write('/label', messages.text('slow'), START)
        writer.write('/imu/data', messages.imu(START, 'wrist', np.ones(6)), START)


def no_imu(folder):
    with BagWriter(three_subjects(folder) / 'dan', {'subject': 'dan'}) as writer:
        writer.write('/label', messages.text('slow'), START)
        writer.write('/microphone', messages.audio(START, 'ear', np.ones(9, np.int16)), START)


def two_imus(folder):
    with BagWriter(three_subjects(folder) / 'dan', {'subject': 'dan'}) as writer:
        writer.write('/label', messages.text('slow'), START)
        for topic in ('/left', '/right'):
            writer.write(topic, messages.imu(START, 'wrist', np.ones(6)), START)


def not_stamped(folder):
    with BagWriter(three_subjects(folder) / 'dan', {'subject': 'dan'}) as writer:
        writer.write('/label', messages.text('slow'), START)
        writer.write('/imu/data', messages.imu(0, 'wrist', np.ones(6)), START)


def each(*clips):
    def write(folder):
        for subject in ('ada', 'ben', 'cleo'):
            write_bag(folder / subject, [clip(*one, **more) for *one, more in (
                (label, subject, 0, changes) for label, changes in clips
            )], subject)

    return write


BAD_BAGS = {
    'nothing': (lambda folder: folder.mkdir(), 'holds none'),
    'no labels': (no_labels, 'none of the bags has labels'),
    'no subject': (no_subject, '"subject"'),
    'another sensor': (no_imu, 'has no imu topic'),
    'two topics': (two_imus, '/left, /right'),
    'no stamps': (not_stamped, 'header.stamp is 0'),
    'one class': (each(('slow', {})), 'one class only'),
    'one subject': (
        lambda folder: write_bag(folder / 'ada', [clip('slow', 'ada', 0), clip('fast', 'ada', 0)]),
        'subject "ben"',
    ),
    'a class of one side': (
        lambda folder: write_bag(three_subjects(folder) / 'dan', [clip('hop', 'dan', 0)]),
        'class "hop" has no clip to train on',
    ),
    'short clips': (each(('slow', {'seconds': 0.4}), ('fast', {'seconds': 0.4})), '0.6 s'),
    'not a number': (
        each(('slow', {'damage': np.nan}), ('fast', {'damage': np.nan})),
        'no labelled clip',
    ),
}


@pytest.mark.parametrize('name', BAD_BAGS)
def test_bad_bags_get_a_sentence(name, tmp_path, capsys):
    make, expected = BAD_BAGS[name]
    make(tmp_path / 'bags')
    settings = write_config(tmp_path / 'tiny.yaml')
    output = refusal(capsys, settings, '--bags', tmp_path / 'bags', '--out', tmp_path / 'out')
    assert expected in output


BAD_SETTINGS = {
    'unknown key': ({'colour': 1}, 'colour is unknown'),
    'unknown modality': ({'modality': 'lidar'}, '"lidar"'),
    'a word for a number': ({'fit': {'epochs': 'many'}}, "fit.epochs is 'many'"),
    'one side': ({'protocol': {'train': [1]}}, 'must each name a subject'),
    'missing': ({'fit': {}}, 'fit.epochs is missing'),
    'both sides': ({'protocol': {'train': [1, 2], 'test': [2]}}, 'subject 2'),
    'window': ({'window': {**CONFIG['window'], 'rate': -1}}, 'window rate is -1'),
    'out of range': ({'fit': {'epochs': 0}}, 'fit.epochs is 0'),
    'strength': ({'augment': {'rotation': 1}}, 'augment.rotation is unknown'),
    'encoder': ({'encoder': {'layers': 9}}, 'layers'),
    'features': ({'features': {'mels': 9}}, '"mels"'),
    'class': ({'classes': ['still', 'sleep']}, 'class "sleep"'),
}


@pytest.mark.parametrize('name', BAD_SETTINGS)
def test_bad_settings_get_a_sentence(name, tmp_path, bags, capsys):
    changes, expected = BAD_SETTINGS[name]
    settings = write_config(tmp_path / 'tiny.yaml', **changes)
    assert expected in refusal(capsys, settings, '--bags', bags, '--out', tmp_path / 'out')
