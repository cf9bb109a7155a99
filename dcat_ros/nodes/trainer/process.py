# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""A training in a process of its own, so that the node answers whatever the training does."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
import json
import os
from pathlib import Path
import shutil
import signal
import subprocess
import sys
import time
from typing import Any, BinaryIO, cast

PAGE = os.sysconf('SC_PAGE_SIZE')


class TrainingProcess:
    """`dcat train`, nice to others, with whatever it starts in a group that ends with it.

    ``status`` is None while it runs, then its exit status, or the negative number of the signal
    that ended it. ``tail`` holds the last lines that it wrote besides events, such as a traceback.

    :param arguments: of the program, but the form of its progress.
    :raises OSError: if it cannot be started.
    """

    GRACE = 10.0
    """Seconds from SIGTERM to SIGKILL."""
    TAIL = 30

    def __init__(self, arguments: Sequence[str]) -> None:
        command = [
            sys.executable, '-m', 'dcat_ros.commands.train', *arguments, '--progress', 'json'
        ]
        if nice := shutil.which('nice'):
            command = [nice, *command]
        self._process = subprocess.Popen(
            command, bufsize=0, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, start_new_session=True,
        )
        self._out = cast(BinaryIO, self._process.stdout)
        os.set_blocking(self._out.fileno(), False)
        self._unfinished = b''
        self._told_to_end: float | None = None
        self.status: int | None = None
        self.tail: deque[str] = deque(maxlen=self.TAIL)

    @property
    def pid(self) -> int:
        """Return the number of the process, and of its group."""
        return self._process.pid

    @property
    def is_told_to_end(self) -> bool:
        """Whether it was told to end."""
        return self._told_to_end is not None

    @property
    def resident_memory(self) -> int:
        """Bytes of its memory that are in RAM, 0 once it has ended."""
        try:
            pages = Path(f'/proc/{self.pid}/statm').read_text(encoding='ascii').split()[1]
        except (OSError, IndexError):
            return 0
        return int(pages) * PAGE

    def look(self) -> list[dict[str, Any]]:
        """Return the events since the last look, without waiting for any."""
        has_ended = self._has_ended()
        *lines, self._unfinished = (self._unfinished + (self._out.read() or b'')).split(b'\n')
        if has_ended:
            lines.append(self._unfinished)
            self._finish()
        elif self._told_to_end is not None and self._told_to_end + self.GRACE < time.monotonic():
            os.killpg(self.pid, signal.SIGKILL)
        return [event for line in lines if (event := self._event(line)) is not None]

    def end(self) -> None:
        """Tell it to end; if it has not within `GRACE`, a later look kills it."""
        if self.status is None and self._told_to_end is None:
            self._told_to_end = time.monotonic()
            os.killpg(self.pid, signal.SIGTERM)

    def close(self) -> None:
        """End it, and wait until it has ended."""
        self.end()
        while self.status is None:
            time.sleep(0.02)
            self.look()

    def _has_ended(self) -> bool:
        """Tell whether it has ended; its number stays taken, since its group is named by it."""
        if self.status is not None:
            return True
        how = os.WEXITED | os.WNOHANG | os.WNOWAIT
        return os.waitid(os.P_PID, self.pid, how) is not None

    def _finish(self) -> None:
        """End what it has started and left behind, and note how it has ended."""
        if self.status is None:
            os.killpg(self.pid, signal.SIGKILL)
            self.status = self._process.wait()
            self._out.close()

    def _event(self, line: bytes) -> dict[str, Any] | None:
        """Return the event in a line; what else it says is kept in the tail."""
        text = line.decode(errors='replace').rstrip()
        try:
            record = json.loads(text)
        except ValueError:
            record = None
        if isinstance(record, dict) and 'event' in record:
            return record
        if text:
            self.tail.append(text)
        return None
