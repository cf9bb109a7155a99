# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""What the `label` program makes of keys."""

from collections.abc import Callable, Mapping

from dcat_ros.bags.labels import LabelTrack
from dcat_ros.labelling.keys import NONE_KEYS, QUIT_KEYS, UNDO_KEYS


class LabelSession:
    """Turns keys into label messages, and keeps what the operator wants to see.

    :param activities: the activity of each key.
    :param publish: sends a label message.
    :param now: steady time, ns.
    """

    def __init__(
        self, activities: Mapping[str, str], publish: Callable[[str], None], now: int
    ) -> None:
        self.activities = activities
        self.track = LabelTrack()
        self.hint = ''
        self.over = False
        self.listeners = 0
        self.listeners_since = self.started = now
        self._publish = publish
        self._send('', now)

    def press(self, key: str, now: int) -> None:
        """Do what a key stands for; Caps Lock makes no difference to keys without capitals."""
        if self.over:
            return
        if key not in self.activities:
            key = key.lower()
        if key in QUIT_KEYS:
            self.end(now)
        elif key in UNDO_KEYS:
            self._undo(now)
        elif key in NONE_KEYS:
            self._change('', now)
        elif key in self.activities:
            self._change(self.activities[key], now)
        else:
            shown = f'key {key}' if key.isprintable() else 'that key'
            self.hint = f'{shown} has no activity: nothing has changed'

    def end(self, now: int) -> None:
        """Let no label run on."""
        if not self.over:
            self.over = True
            self._send('', now)

    def count(self, listeners: int, now: int) -> None:
        """Note how many listen."""
        if bool(listeners) != bool(self.listeners):
            self.listeners_since = now
        self.listeners = listeners

    def _change(self, label: str, now: int) -> None:
        self.hint = ''
        if label == self.track.label:
            self.hint = f'{label or "no label"} is running already'
        else:
            self._send(label, now)

    def _undo(self, now: int) -> None:
        text, mistaken = self.track.undo, self.track.label
        if text is None:
            self.hint = 'there is nothing to undo'
            return
        self._send(text, now)
        self.hint = (
            f'{mistaken or "no label"} is taken back: {self.track.label or "no label"} has been '
            'running instead'
        )

    def _send(self, text: str, now: int) -> None:
        self._publish(text)
        self.track.take(now, text)
