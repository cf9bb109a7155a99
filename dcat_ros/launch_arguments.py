# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""The arguments of the launch files that have no default of their own."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, List  # noqa: UP035

from dcat_ros.commands.train import PAIRINGS
from dcat_ros.modalities import MODALITIES

BOOLEANS = ['true', 'false', 'True', 'False']
STRINGS = List[str]  # noqa: UP006 - launch does not know list[str]


@dataclass(frozen=True)
class Override:
    """An argument without a default of its own: passed on where given, else not mentioned.

    :param description: shown by ``ros2 launch --show-args``.
    :param parameter: the node's parameter that it sets, if any.
    :param kind: the parameter's type.
    :param topic: the relative topic that it remaps, if any.
    :param choices: what it may be, if not anything.
    """

    description: str
    parameter: str = ''
    kind: Any = str
    topic: str = ''
    choices: Sequence[str] = ()


MODALITY = {
    'modality': Override(
        'The sensor to recognise from; auto takes the best one that is alive.',
        'modality',
        choices=('auto', *MODALITIES),
    ),
}
COMMON = {
    'use_sim_time': Override(
        'Whether to take the time from /clock.', 'use_sim_time', bool, choices=BOOLEANS
    ),
    'autostart': Override(
        'Whether to configure and activate the node at start.', 'autostart', bool, choices=BOOLEANS
    ),
}
SESSION = {
    'output': Override('Directory for bags.', 'output'),
    'subject': Override('Who is recorded; training splits by it.', 'subject'),
    'session': Override("The session's name.", 'session'),
    'location': Override('Where it is recorded.', 'location'),
    'notes': Override('What else should be known of the session.', 'notes'),
    'sensors': Override('Sensors to record, as in "[imu, camera]".', 'sensors', STRINGS),
    'topics': Override('Further topics to record, as in "[/tf, /robot]".', 'topics', STRINGS),
    'start_on_activation': Override(
        'Whether to start a session as soon as the node is active.', 'start_on_activation', bool,
        choices=BOOLEANS,
    ),
    'label_topic': Override('Topic to take for ~/label.', topic='~/label'),
}
TRAINING = {
    'use_sim_time': COMMON['use_sim_time'],
    'autostart': Override(
        'Whether to train at once where bags and target are given, without waiting for ~/train.',
        'autostart', bool, choices=BOOLEANS,
    ),
    'bags': Override(
        'Directory of bags to train on, or several, as in "[monday, tuesday]".', 'bags', STRINGS
    ),
    'target': Override(
        'Recipe of the sensor that the bundle is for: imu, camera, audio, another shipped one, or '
        'the path of a YAML file.',
        'target',
    ),
    'source': Override(
        'Recipes of the sensors that teach it, with weights if wanted, as in "[imu, audio=0.5]".',
        'source', STRINGS,
    ),
    'source_bags': Override(
        'Bags that the sources are trained on, where they are other ones.', 'source_bags',
        STRINGS,
    ),
    'method': Override('How the sources teach.', 'method'),
    'pairing': Override(
        'Whether windows of the same time teach each other, or of the same label.', 'pairing',
        choices=PAIRINGS,
    ),
    'budget': Override("Factor on the recipe's epochs.", 'budget', float),
    'seeds': Override('Trainings to score before the final one.', 'seeds', int),
    'output': Override('Directory for results and bundle.', 'output'),
    'force': Override(
        'Whether to replace a bundle that is there.', 'force', bool, choices=BOOLEANS
    ),
    'deploy_to': Override(
        'Running inference node that is given the bundle, as in /inference.', 'deploy_to'
    ),
}
