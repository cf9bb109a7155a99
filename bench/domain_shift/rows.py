# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""The rows of the tables, and which people each place has."""

from __future__ import annotations

from dataclasses import dataclass

from dcat_ros.evaluation.plan import control_of, is_control, method_of
from dcat_ros.method import METHODS

UTD, WATCH, PHONE = 'utd', 'watch', 'phone'
NEW_PEOPLE = tuple(f's{number:02}' for number in range(1, 9))
"""Their labels train networks of watch and phone; without labels they are the new place."""
TRAIN = {UTD: ('1', '3', '5'), WATCH: NEW_PEOPLE, PHONE: NEW_PEOPLE}
TEST = {UTD: ('2', '4', '6')} | dict.fromkeys((WATCH, PHONE), ('s09', 's10', 's11', 's12'))

STATISTICS, STATISTICS_BY_PERSON, PSEUDO = 'statistics', 'statistics_by_person', 'pseudo_labels'
SOURCES = (UTD, PHONE)
"""Labels that the phone model was trained with when it is the source."""


@dataclass(frozen=True)
class Row:
    """A network, and where it is tested.

    :param trained: the place whose labels it was trained with.
    :param tested: a place.
    :param method: of adaptation: of this module, or of ``dcat_ros.method.METHODS``, or a control.
    :param source: labels of the phone model that was the source, empty without one.
    """

    trained: str
    tested: str
    method: str = ''
    source: str = ''

    @property
    def has_source(self) -> bool:
        """Tell whether a source is involved."""
        return method_of(self.method) in METHODS

    @property
    def is_control(self) -> bool:
        """Tell whether the row is the control of another."""
        return is_control(self.method)

    @property
    def control(self) -> Row:
        """Return the row's control."""
        return Row(self.trained, self.tested, control_of(self.method), self.source)


NOT_ADAPTED, UPPER = Row(UTD, WATCH), Row(WATCH, WATCH)
WITHIN = [Row(UTD, UTD), Row(WATCH, WATCH), Row(PHONE, PHONE)]
ELSEWHERE = [
    Row(UTD, PHONE), Row(UTD, WATCH), Row(PHONE, UTD), Row(WATCH, UTD), Row(PHONE, WATCH),
    Row(WATCH, PHONE),
]
SOURCE_ADAPTED = [Row(UTD, PHONE, STATISTICS), Row(UTD, PHONE, STATISTICS_BY_PERSON)]
TRANSFERRED = [Row(UTD, WATCH, method, source) for source in SOURCES for method in METHODS]
CONTROLLED = [Row(UTD, WATCH, PSEUDO), *TRANSFERRED]
"""Those that have a control."""
ADAPTED = [
    Row(UTD, WATCH, STATISTICS), Row(UTD, WATCH, STATISTICS_BY_PERSON), *CONTROLLED,
]
ROWS = [*WITHIN, *ELSEWHERE, *SOURCE_ADAPTED, *ADAPTED, *(row.control for row in CONTROLLED)]
