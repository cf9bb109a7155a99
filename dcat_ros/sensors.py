# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Sensors by name: several IMUs on a person, several cameras in a work cell."""

from __future__ import annotations

from dataclasses import dataclass
import posixpath
import re

from dcat_ros.modalities import MODALITIES

NAME = re.compile(r'[a-z][a-z0-9_]*')


@dataclass(frozen=True)
class Sensor:
    """A sensor of a robot or a person.

    The name of a modality is that modality's default sensor. The topics of another sensor lie in
    the namespace of its name, as in `left_wrist/imu/data`.

    :param name: as in parameters and bags, such as `left_wrist`.
    :param modality: a name in ``dcat_ros.modalities.MODALITIES``; empty for that of the name.
    :param topic: carries the samples; empty for the usual one.
    :param info_topic: only describes them, as AudioInfo does; empty for the usual one, which lies
        beside the topic.
    :raises ValueError: if the name cannot be one, or the modality is unknown or contradicts it.
    """

    name: str
    modality: str = ''
    topic: str = ''
    info_topic: str = ''

    def __post_init__(self) -> None:
        if not NAME.fullmatch(self.name):
            raise ValueError(
                f'a sensor is named "{self.name}", expected a-z, 0-9 and "_", a letter first'
            )
        if self.name in MODALITIES:
            if self.modality not in ('', self.name):
                raise ValueError(
                    f'{self.name}.modality is "{self.modality}", but a sensor named {self.name} '
                    f'is of modality {self.name}: give it another name'
                )
        elif self.modality not in MODALITIES:
            raise ValueError(
                f'{self.name}.modality is "{self.modality}", expected {", ".join(MODALITIES)}'
            )
        kind = MODALITIES[self.modality or self.name]
        prefix = '' if self.name == kind.name else f'{self.name}/'
        object.__setattr__(self, 'modality', kind.name)
        object.__setattr__(self, 'topic', self.topic or f'{prefix}{kind.topic}')
        info = next(iter(kind.info), '')
        beside = posixpath.join(posixpath.dirname(self.topic), posixpath.basename(info))
        object.__setattr__(self, 'info_topic', self.info_topic or (beside if info else ''))

    def own(self, sentence: str) -> str:
        """Return a sentence about parameters of the modality as one about those of this sensor."""
        return re.sub(rf'\b{self.modality}\.(?=[a-z])', f'{self.name}.', sentence)

    @property
    def infos(self) -> dict[str, str]:
        """Return the message type of each topic that only describes the samples."""
        types = MODALITIES[self.modality].info.values()
        return dict(zip([self.info_topic], types, strict=True)) if self.info_topic else {}
