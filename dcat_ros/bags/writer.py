# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Write rosbag2 bags (MCAP, zstd chunks) that appear only when they are complete."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
import json
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from dcat_ros.bags import messages
from dcat_ros.bags.qos import default_profile
from dcat_ros.bags.storage import BagStorage, StorageOptions
from dcat_ros.bags.types import defined_in, typestore
from rosbags.interfaces import Qos

PAUSE = 2 * 10**9  # ns between clips


@dataclass(frozen=True)
class Clip:
    """One labelled recording, to be written one after another into a bag.

    :param name: unique within the bag.
    :param label: the activity, or the first one.
    :param group: what must not be split between training and test.
    :param duration: ns.
    :param messages: returns topic, message and stamp of each message, given the clip's first
        stamp (ns).
    :param start: its first stamp (ns), if the recording has stamps of its own.
    :param changes: the activities after the first, each with the ns from the clip's start to its
        own, in order of time; empty where there is none.
    """

    name: str
    label: str
    group: str
    duration: int
    messages: Callable[[int], Iterable[tuple[str, Any, int]]]
    start: int | None = None
    changes: Sequence[tuple[int, str]] = ()


class BagWriter:
    """Context manager that writes one bag.

    The bag is written to a hidden directory beside `path`, which is renamed at the end. After an
    error, or without any topic, it is removed.

    :param path: directory of the new bag; its parents are created.
    :param custom: `custom_data` of metadata.yaml; may be extended until the bag is closed.
    :raises FileExistsError: if something exists at `path`.
    """

    def __init__(self, path: Path | str, custom: dict[str, str] | None = None) -> None:
        self.path = Path(path)
        self.custom = dict(custom or {})
        self._types: dict[str, str] = {}
        self._refuse_existing()

    def __enter__(self) -> BagWriter:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self._scratch = TemporaryDirectory(prefix=f'.{self.path.name}.', dir=self.path.parent)
        self._bag = BagStorage(
            Path(self._scratch.name, self.path.name), self.path.name, {}, StorageOptions('zstd')
        )
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        with self._scratch:
            if kind is not None or not self._types:
                self._bag.abandon()
                return
            self._bag.close(self.custom)
            self._refuse_existing()
            self._bag.directory.rename(self.path)

    def add_topic(self, topic: str, msgtype: str, qos: Qos | None = None) -> None:
        """Add a topic; `write` does so itself for new topics.

        :param msgtype: as in `sensor_msgs/msg/Imu`.
        :param qos: the publisher's profile, for replay; by default that of `default_profile`.
        :raises ValueError: if the type is unknown, or the topic has another type already.
        """
        known = self._types.get(topic)
        if known is not None:
            if known != msgtype:
                raise ValueError(
                    f'{topic} carries {known} in {self.path}, not {msgtype}: '
                    'give each type a topic of its own'
                )
            return
        if msgtype not in typestore().types:
            raise ValueError(f'{topic}: unknown message type {msgtype}; add it to bags/types.py')
        self._types[topic] = msgtype
        definition = defined_in(typestore(), msgtype)
        self._bag.add_topic(topic, definition, [qos or default_profile(topic)])

    def write(self, topic: str, message: Any, stamp: int) -> None:
        """Write a message made of the types in `typestore()`.

        :param stamp: bag time, ns.
        """
        msgtype = message.__msgtype__
        self.write_raw(topic, msgtype, typestore().serialize_cdr(message, msgtype), stamp)

    def write_raw(self, topic: str, msgtype: str, data: bytes | memoryview, stamp: int) -> None:
        """Write a serialised (CDR) message; `stamp` is the bag time in ns."""
        self.add_topic(topic, msgtype)
        self._bag.write(topic, data, stamp)

    def _refuse_existing(self) -> None:
        if self.path.exists():
            raise FileExistsError(f'{self.path} exists already, not overwriting')


def write_clips(writer: BagWriter, clips: Iterable[Clip], start: int) -> int:
    """Write clips in the given order with pauses between them; return their number.

    Each clip begins with its label on /label and ends with an empty one. `custom_data` gets the
    names in `clips` and the group of each label in `clip_groups`, both JSON lists.

    :param start: first stamp of the first clip, ns, if it has no start of its own.
    """
    names, groups = [], []
    for clip in clips:
        start = start if clip.start is None else clip.start
        end = start + clip.duration
        labels = [(0, clip.label), *clip.changes]
        texts = [('/label', messages.text(label), start + offset) for offset, label in labels]
        content = sorted([*texts, *clip.messages(start)], key=lambda item: item[2])
        for topic, message, stamp in content:
            writer.write(topic, message, stamp)
        writer.write('/label', messages.text(''), end)
        names.append(clip.name)
        groups += [clip.group for _, label in labels if label]
        start = end + PAUSE
    writer.custom['clips'] = json.dumps(names)
    writer.custom['clip_groups'] = json.dumps(groups)
    return len(names)
