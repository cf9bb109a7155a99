# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Which key of the `label` program stands for which activity."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from string import ascii_lowercase

import yaml

NONE_KEYS = ' \r\n'
UNDO_KEYS = 'u\b\x7f'
QUIT_KEYS = 'q'
RESERVED = NONE_KEYS + UNDO_KEYS + QUIT_KEYS
DIGITS = '1234567890'


def assign(wishes: Sequence[tuple[str, str]]) -> dict[str, str]:
    """Return the activity of each key, in the order of the activities.

    An activity without a key gets the first free letter of its name, else a digit, else any
    letter.

    :param wishes: activity and its key, empty for any.
    :raises ValueError: when an activity is empty or given twice, a key is unusable, or there are
        more activities than keys.
    """
    chosen: dict[str, str] = {}
    for activity, key in wishes:
        if not activity:
            raise ValueError('an activity has no name: give it one, as in walk=w')
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
    for activity, key in wishes:
        if activity in result.values():
            raise ValueError(f'activity {activity} is given twice: leave one out')
        result[key or _free_key(activity, {*RESERVED, *chosen, *result})] = activity
    return result


def _free_key(activity: str, taken: set[str]) -> str:
    letters = [letter for letter in activity.lower() if letter.isalpha()]
    for key in (*letters, *DIGITS, *ascii_lowercase):
        if key not in taken:
            return key
    raise ValueError(f'no key is left for {activity}: choose one for it, as in {activity}=+')


def from_words(words: Sequence[str]) -> dict[str, str]:
    """Return the activity of each key from words such as `walk` or `walk=w`.

    :raises ValueError: as `assign` does.
    """
    wishes = []
    for word in words:
        activity, equals, key = word.rpartition('=')
        wishes.append((activity.strip(), key) if equals else (word.strip(), ''))
        if equals and not key:
            raise ValueError(f'"{word}" names no key: write {activity}, or {activity}=KEY')
    return assign(wishes)


def from_file(path: Path) -> dict[str, str]:
    """Return the activity of each key from a YAML file with lines such as `w: walk`.

    :raises OSError: when the file cannot be read.
    :raises ValueError: when it holds something else, or as `assign` does.
    """
    try:
        config = yaml.safe_load(path.read_text(encoding='utf-8'))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ValueError(f'{path} is no YAML file: {" ".join(str(error).split())}') from error
    if not isinstance(config, Mapping) or not config:
        raise ValueError(f'{path} must hold a line for each activity, such as `w: walk`')
    wishes = []
    for key, activity in config.items():
        if not isinstance(activity, str) or not isinstance(key, (str, int)):
            raise ValueError(f'{path}: `{key}: {activity}` is no key and name: quote both')
        wishes.append((activity.strip(), str(key)))
    try:
        return assign(wishes)
    except ValueError as error:
        raise ValueError(f'{path}: {error}') from error
