# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Write rosbag2 bags (MCAP, zstd chunks) that appear under their name only when whole."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from types import TracebackType
from typing import Any

from dcat_ros.bags.files import BagFiles, Layout
from dcat_ros.bags.qos import default_profile
from dcat_ros.bags.types import defined_in, typestore
from rosbags.interfaces import Qos


class BagWriter:
    """Context manager that writes one bag.

    Everything goes to a hidden directory beside `path`, renamed when the bag is complete; after
    an error, or without a single topic, nothing is left.

    :param path: directory of the bag, not there yet; its parents are made.
    :param custom: `custom_data` of metadata.yaml; may grow until the bag is closed.
    :raises FileExistsError: when there is something at `path`.
    """

    def __init__(self, path: Path | str, custom: dict[str, str] | None = None) -> None:
        self.path = Path(path)
        self.custom = dict(custom or {})
        self._types: dict[str, str] = {}
        self._refuse_existing()

    def __enter__(self) -> BagWriter:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self._scratch = TemporaryDirectory(prefix=f'.{self.path.name}.', dir=self.path.parent)
        self._bag = BagFiles(
            Path(self._scratch.name, self.path.name), self.path.name, {}, Layout('zstd')
        )
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        with self._scratch:
            if kind is not None or not self._types:
                self._bag.abandon()
                return
            self._bag.close(self.custom)
            self._refuse_existing()
            self._bag.directory.rename(self.path)

    def add_topic(self, topic: str, msgtype: str, qos: Qos | None = None) -> None:
        """Announce a topic; `write` does so itself for a topic it meets first.

        :param msgtype: as in `sensor_msgs/msg/Imu`.
        :param qos: the publisher's profile, kept for replay; `default_profile` when left out.
        :raises ValueError: when the type is unknown, or the topic has another type already.
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
