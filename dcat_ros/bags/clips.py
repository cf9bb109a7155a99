# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Lay separately recorded clips one after another in a bag."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
import json
from typing import Any

from dcat_ros.bags import messages
from dcat_ros.bags.writer import BagWriter

PAUSE = 2 * 10**9


@dataclass(frozen=True)
class Clip:
    """One labelled recording.

    :param name: unique within the bag.
    :param label: the activity.
    :param group: what must not be split between training and test.
    :param duration: ns.
    :param messages: given the clip's first stamp (ns), topic, message and stamp of each message.
    """

    name: str
    label: str
    group: str
    duration: int
    messages: Callable[[int], Iterable[tuple[str, Any, int]]]


def write_clips(writer: BagWriter, clips: Iterable[Clip], start: int) -> int:
    """Write clips in the given order, `PAUSE` ns of nothing between them.

    Each begins with its label on /label and ends with the empty one. `custom_data` gets their
    names in `clips` and their groups in `clip_groups`, both JSON lists. Returns their number.

    :param start: first stamp of the first clip, ns.
    """
    names, groups = [], []
    for clip in clips:
        end = start + clip.duration
        writer.write('/label', messages.text(clip.label), start)
        for topic, message, stamp in sorted(clip.messages(start), key=lambda item: item[2]):
            writer.write(topic, message, stamp)
        writer.write('/label', messages.text(''), end)
        names.append(clip.name)
        groups.append(clip.group)
        start = end + PAUSE
    writer.custom['clips'] = json.dumps(names)
    writer.custom['clip_groups'] = json.dumps(groups)
    return len(names)
