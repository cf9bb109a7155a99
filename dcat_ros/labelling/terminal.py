# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""A terminal that gives each key at once and shows none of them."""

import codecs
from contextlib import suppress
import os
import re
import select
import termios
from types import TracebackType
from typing import Any

ESCAPE = '\x1b'
UNFINISHED = r'\x1b+(?:\[[0-?]*[ -/]*|O)?\Z'
FINISHED = r'\x1b+(?:\[[0-?]*[ -/]*[@-~]|O.|[^\x1b\[O])'
KEY = re.compile(f'(?P<unfinished>{UNFINISHED})|{FINISHED}|.', re.DOTALL)


class Terminal:
    """Context manager that reads keys; the terminal's modes are put back when it ends.

    Ctrl-C stays a signal. Ctrl-Z and Ctrl-S do nothing: they would stop the program while a label
    runs on.

    :param descriptor: of the terminal.
    """

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._decoder = codecs.getincrementaldecoder('utf-8')('replace')
        self._pending = ''

    def __enter__(self) -> 'Terminal':
        self._saved: list[Any] = termios.tcgetattr(self._descriptor)
        modes = termios.tcgetattr(self._descriptor)
        modes[0] &= ~termios.IXON
        modes[3] &= ~(termios.ECHO | termios.ICANON)
        characters = list(modes[6])
        characters[termios.VMIN], characters[termios.VTIME] = 1, 0
        characters[termios.VSUSP] = b'\0'
        modes[6] = characters
        termios.tcsetattr(self._descriptor, termios.TCSAFLUSH, modes)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        with suppress(termios.error):  # the terminal may have been closed
            termios.tcsetattr(self._descriptor, termios.TCSAFLUSH, self._saved)

    def keys(self, timeout: float) -> list[str]:
        """Return the keys pressed within a time.

        What is several characters long, such as an arrow, is given as `ESCAPE`: its letters are
        nobody's keys.

        :param timeout: longest time to wait for the first one, s.
        :raises EOFError: when the terminal has been closed.
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
