# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""The recorder's parameters, and what they stand for."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
import re
from typing import Any

from dcat_ros.bags.storage import StorageOptions
from dcat_ros.modalities import MODALITIES
from dcat_ros.nodes.common.parameters import Parameter, require_topic
from dcat_ros.nodes.common.sensor_parameters import sensors_of, TOPIC_SETTINGS
from dcat_ros.sensors import Sensor

MEGABYTE = 10**6
POLICIES = ('wait', 'drop')
IN_FILE_NAMES = 'A-Z a-z 0-9 _ . -'
COMPRESSIONS = ('none', 'zstd')
DESCRIPTIVE = ('location', 'notes')
"""Parameters that may change while a session runs; they are kept as they are at its end."""

PARAMETERS = {
    'autostart': Parameter('Configure and activate at start.', read_only=True),
    'start_on_activation': Parameter('Start a session as soon as the node is active.'),
    'output': Parameter('Directory for bags; a relative one is where the node was started.'),
    'subject': Parameter(
        'Who is recorded; training splits by it.', constraint=IN_FILE_NAMES, any_type=True
    ),
    'session': Parameter(
        "The session's name; empty for the time at which it starts.",
        constraint=IN_FILE_NAMES,
        any_type=True,
    ),
    'location': Parameter('Where it is recorded.', any_type=True),
    'notes': Parameter('What else should be known of the session.', any_type=True),
    'sensors': Parameter(
        'Sensors to record, on the topics that inference takes too.',
        constraint=f'{", ".join(MODALITIES)}, or names with NAME.modality and NAME.topic',
    ),
    'topics': Parameter('Further topics to record; an empty name is none.'),
    'slop': Parameter('Largest difference in s of two stamps that count as a pair.', 0.001, 1.0),
    'silent_after': Parameter(
        'Seconds without a message after which a sensor counts as silent.', 0.2, 1.5
    ),
    'queue_size': Parameter('Megabytes that may wait for the disk.', 1, 65536),
    'overflow': Parameter(
        'What happens when the queue is full: reception waits, or the newest messages of '
        'droppable topics are dropped.',
        choices=POLICIES,
    ),
    'droppable': Parameter('Topics whose messages may be dropped.'),
    'compression': Parameter('How chunks are compressed.', choices=COMPRESSIONS),
    'max_bagfile_size': Parameter(
        'Megabytes after which the bag goes on in another file; 0 for never.', 0, 10**9
    ),
    'max_bagfile_duration': Parameter(
        'Seconds after which the bag goes on in another file; 0 for never.', 0, 10**6
    ),
    'least_free_space': Parameter(
        'Megabytes on the disk below which no session starts, and a running one ends.', 0, 10**9
    ),
    'report': Parameter('Write report.html and report.json into the bag after each session.'),
}

SENSOR_SETTINGS = TOPIC_SETTINGS


@dataclass(frozen=True)
class Settings:
    """The parameters' values, checked."""

    output: Path
    subject: str
    session: str
    location: str
    notes: str
    sensors: tuple[Sensor, ...]
    topics: tuple[str, ...]
    slop: float
    silent_after: float
    queue_limit: int
    droppable: tuple[str, ...]
    storage: StorageOptions
    least_free: int
    report: bool

    @classmethod
    def from_parameters(cls, values: Mapping[str, Any], resolve: Callable[[str], str]) -> Settings:
        """Return the settings of parameter values by name.

        :param resolve: returns the full name of a topic, or raises.
        :raises ValueError: if a value is invalid.
        """
        texts = {
            name: str(values[name]) for name in ('subject', 'session', 'location', 'notes')
        }
        for name in ('subject', 'session'):
            if not re.fullmatch(r'[\w.-]*', texts[name], re.ASCII):
                raise ValueError(
                    f'{name} is "{texts[name]}", expected letters, digits, "_", "." and "-", '
                    'since the bag is named after it'
                )
        _one_of('overflow', values['overflow'], POLICIES)
        _one_of('compression', values['compression'], COMPRESSIONS)
        sensors = sensors_of(values, resolve)
        topics = _names(values['topics'])
        for parameter in ('topics', 'droppable'):
            for name in _names(values[parameter]):
                require_topic(parameter, name, resolve)
        _require_distinct(sensors, resolve)
        if not sensors and not topics:
            raise ValueError('sensors and topics are both empty: name what to record')
        droppable = _names(values['droppable']) if values['overflow'] == 'drop' else ()
        if values['overflow'] == 'drop' and not droppable:
            raise ValueError('overflow is "drop", but droppable names no topic')
        return cls(
            output=Path(values['output']).expanduser().absolute(),
            **texts,
            sensors=sensors,
            topics=topics,
            slop=values['slop'],
            silent_after=values['silent_after'],
            queue_limit=values['queue_size'] * MEGABYTE,
            droppable=droppable,
            storage=StorageOptions(
                '' if values['compression'] == 'none' else values['compression'],
                values['max_bagfile_size'] * MEGABYTE,
                values['max_bagfile_duration'] * 10**9,
            ),
            least_free=values['least_free_space'] * MEGABYTE,
            report=values['report'],
        )

    @property
    def subscription_settings(self) -> tuple:
        """Return the settings that subscriptions and the stamp monitor depend on."""
        return self.sensors, self.topics, self.droppable, self.slop

    def bag_directory(self, start: datetime) -> Path:
        """Return the directory of a session that starts at a time.

        Its name is subject and session, or the time for a session without a name.
        """
        session = self.session or start.strftime('%Y_%m_%d-%H_%M_%S')
        return self.output / '_'.join(part for part in (self.subject, session) if part)


def _one_of(name: str, value: str, known: Any) -> None:
    if value not in known:
        raise ValueError(f'{name} is "{value}", expected {" or ".join(known)}')


def _require_distinct(sensors: Sequence[Sensor], resolve: Callable[[str], str]) -> None:
    names: dict[str, str] = {}
    for sensor in sensors:
        topic = resolve(sensor.topic)
        if topic in names:
            raise ValueError(
                f'{names[topic]} and {sensor.name} are both on {topic}: set {sensor.name}.topic'
            )
        names[topic] = sensor.name


def _names(values: Any) -> tuple[str, ...]:
    names = tuple(value for value in values if value)
    if len(set(names)) < len(names):
        raise ValueError(f'{", ".join(names)}: a name stands twice')
    return names
