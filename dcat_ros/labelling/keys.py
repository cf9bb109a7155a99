# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""The keys of the `label` program: which activity each has, and how they are read."""

import codecs
from collections.abc import Mapping, Sequence
from contextlib import suppress
import os
from pathlib import Path
import re
import select
from string import ascii_lowercase
import termios
import tty
from typing import Any

import yaml

NO_LABEL_KEYS = ' \r\n'
UNDO_KEYS = 'u\b\x7f'
QUIT_KEYS = 'q'
RESERVED = NO_LABEL_KEYS + UNDO_KEYS + QUIT_KEYS
DIGITS = '1234567890'
ESCAPE = '\x1b'
UNFINISHED_SEQUENCE = r'\x1b+(?:\[[0-?]*[ -/]*|O)?\Z'
SEQUENCE = r'\x1b+(?:\[[0-?]*[ -/]*[@-~]|O.|[^\x1b\[O])'
KEY = re.compile(f'(?P<unfinished>{UNFINISHED_SEQUENCE})|{SEQUENCE}|.', re.DOTALL)


def assign_keys(activities: Sequence[tuple[str, str]]) -> dict[str, str]:
    """Return the activity of each key, in the order of the activities.

    An activity without a key gets the first free letter of its name, else a digit, else any
    letter.

    :param activities: activity and its key, empty for any.
    :raises ValueError: if an activity is empty or given twice, a key cannot be used, or there are
        more activities than keys.
    """
    chosen: dict[str, str] = {}
    names = [activity for activity, _ in activities]
    for activity, key in activities:
        if not activity:
            raise ValueError('an activity has no name: give it one, as in walk=w')
        if names.count(activity) > 1:
            raise ValueError(f'activity {activity} is given twice: leave one out')
        if not key:
            continue
        if len(key) != 1 or not key.isprintable() or key in RESERVED:
            raise ValueError(
                f'key "{key}" for {activity}: choose one character, other than u (undo), q (quit) '
                'and the space (none)'
            )
        if key in chosen:
            raise ValueError(f'key {key} is given to {chosen[key]} and to {activity}: change one')
        chosen[key] = activity
    result: dict[str, str] = {}
    for activity, key in activities:
        result[key or _free_key(activity, {*RESERVED, *chosen, *result})] = activity
    return result


def _free_key(activity: str, used: set[str]) -> str:
    letters = [letter for letter in activity.lower() if letter.isalpha()]
    for key in (*letters, *DIGITS, *ascii_lowercase):
        if key not in used:
            return key
    raise ValueError(f'no key is left for {activity}: choose one for it, as in {activity}=+')


def keys_from_words(words: Sequence[str]) -> dict[str, str]:
    """Return the activity of each key from words such as `walk` or `walk=w`.

    :raises ValueError: as `assign_keys` does.
    """
    activities = []
    for word in words:
        activity, equals, key = word.rpartition('=')
        if equals and not key:
            raise ValueError(f'"{word}" names no key: write {activity}, or {activity}=KEY')
        activities.append((activity.strip(), key) if equals else (word.strip(), ''))
    return assign_keys(activities)


def keys_from_file(path: Path) -> dict[str, str]:
    """Return the activity of each key from a YAML file with lines such as `w: walk`.

    :raises OSError: if the file cannot be read.
    :raises ValueError: if it has another content, or as `assign_keys` does.
    """
    try:
        config = yaml.safe_load(path.read_text(encoding='utf-8'))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ValueError(f'{path} is no YAML file: {" ".join(str(error).split())}') from error
    if not isinstance(config, Mapping) or not config:
        raise ValueError(f'{path} must hold a line for each activity, such as `w: walk`')
    for key, activity in config.items():
        if not isinstance(activity, str) or not isinstance(key, (str, int)):
            raise ValueError(f'{path}: `{key}: {activity}` is no key and name: quote both')
    try:
        return assign_keys([(activity.strip(), str(key)) for key, activity in config.items()])
    except ValueError as error:
        raise ValueError(f'{path}: {error}') from error


class Keyboard:
    """Context manager that reads single keys from a terminal without echo.

    The terminal's modes are restored at the end. Ctrl-C still sends a signal. Ctrl-Z and Ctrl-S
    have no effect, since the label would continue while the program is stopped.

    :param descriptor: the terminal's file descriptor.
    """

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._decoder = codecs.getincrementaldecoder('utf-8')('replace')
        self._pending = ''

    def __enter__(self) -> 'Keyboard':
        self._saved: list[Any] = termios.tcgetattr(self._descriptor)
        tty.setcbreak(self._descriptor)
        modes = termios.tcgetattr(self._descriptor)
        modes[0] &= ~termios.IXON
        modes[6][termios.VSUSP] = b'\0'
        termios.tcsetattr(self._descriptor, termios.TCSAFLUSH, modes)
        return self

    def __exit__(self, *exception: object) -> None:
        with suppress(termios.error):  # the terminal may have been closed
            termios.tcsetattr(self._descriptor, termios.TCSAFLUSH, self._saved)

    def read(self, timeout: float) -> list[str]:
        """Return the keys pressed within a time.

        A key of several characters, such as an arrow, is returned as `ESCAPE`, so that its
        letters are not taken for other keys.

        :param timeout: longest time to wait for the first key, s.
        :raises EOFError: if the terminal has been closed.
        """
        if not select.select([self._descriptor], [], [], timeout)[0]:
            alone, self._pending = self._pending, ''
            return [ESCAPE] if alone else []
        with suppress(OSError):
            data = os.read(self._descriptor, 1024)
            if data:
                return self._split(self._pending + self._decoder.decode(data))
        raise EOFError

    def _split(self, text: str) -> list[str]:
        found = list(KEY.finditer(text))
        self._pending = found.pop()['unfinished'] if found and found[-1]['unfinished'] else ''
        return [match[0][0] for match in found]
