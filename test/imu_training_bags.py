# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Small bags of an IMU that is still, slow or fast, and a recipe that learns the three."""

from dcat_ros.bags import messages
from dcat_ros.bags.writer import BagWriter, Clip, write_clips
import numpy as np
import yaml

SECOND = 10**9
PERIOD = SECOND // 50
START = 1_600_000_000 * SECOND
RHYTHMS = {'still': 0.0, 'slow': 1.5, 'fast': 5.0}
CONFIG = {
    'name': 'tiny',
    'modality': 'imu',
    'window': {'duration': 0.6, 'rate': 50.0, 'stride': 0.2, 'max_gap': 0.25},
    'augment': {'tempo': 0.1, 'scale': 0.05, 'acceleration_noise': 0.02},
    'fit': {'epochs': 30, 'batch': 12},
    'protocol': {'train': ['ada', 'ben'], 'test': ['cleo'], 'seeds': 2, 'folds': 2},
    'card': {
        'title': 'three rhythms', 'data': 'Made up.', 'bags': 'pytest', 'licence': 'none',
        'intended_use': 'Tests.', 'limits': 'All.',
    },
}


def clip(label, subject, number, seconds=2.0, damage=1.0):
    random = np.random.default_rng([len(subject), len(label), number])
    count = round(seconds * 50)
    phase = 2 * np.pi * (RHYTHMS.get(label, 9.0) * np.arange(count) / 50 + random.random())
    samples = random.normal(scale=0.1, size=(count, 6))
    samples[:, 2] += 9.8
    samples[:, 0] += 8 * np.sin(phase) * (label != 'still')
    samples[:, 4] += 3 * np.cos(phase) * (label != 'still')

    def stamped(start):
        for index, sample in enumerate(damage * samples):
            stamp = start + index * PERIOD
            yield '/imu/data', messages.imu(stamp, 'wrist', sample), stamp

    return Clip(f'{label}{number}', label, subject, count * PERIOD, stamped)


def write_bag(path, clips, subject='ada'):
    with BagWriter(path, {'subject': subject}) as writer:
        write_clips(writer, clips, START)
    return path


def three_subjects(folder):
    for subject in ('ada', 'ben', 'cleo'):
        clips = [clip(label, subject, number) for label in RHYTHMS for number in range(2)]
        write_bag(folder / subject, clips, subject)
    return folder


def write_config(path, **changes):
    record = {**CONFIG, **changes}
    path.write_text(yaml.safe_dump(record), encoding='utf-8')
    return str(path)
