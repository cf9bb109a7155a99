# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""The training program as a child process, so that the node stays responsive."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
import json
import math
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
    """`dcat train` at low priority, in a process group that ends with it.

    ``returncode`` is None while it runs, then its exit status, or the negative number of the
    signal that ended it. ``tail`` holds the last lines of its output that are no events, such as
    a traceback.

    :param arguments: of the program, without ``--progress``.
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
        self._partial_line = b''
        self._deadline = math.inf
        self.returncode: int | None = None
        self.tail: deque[str] = deque(maxlen=self.TAIL)

    @property
    def pid(self) -> int:
        """Return the ID of the process and of its group."""
        return self._process.pid

    @property
    def is_terminated(self) -> bool:
        """Return whether :meth:`terminate` was called."""
        return self._deadline < math.inf

    @property
    def resident_memory(self) -> int:
        """Return its resident memory in bytes, 0 once it has ended."""
        try:
            pages = Path(f'/proc/{self.pid}/statm').read_text(encoding='ascii').split()[1]
        except (OSError, IndexError):
            return 0
        return int(pages) * PAGE

    def poll(self) -> list[dict[str, Any]]:
        """Return the events since the last call, without blocking."""
        has_ended = self._has_ended()
        *lines, self._partial_line = (self._partial_line + (self._out.read() or b'')).split(b'\n')
        if has_ended:
            lines.append(self._partial_line)
            self._finish()
        elif time.monotonic() > self._deadline:
            os.killpg(self.pid, signal.SIGKILL)
        return [event for line in lines if (event := self._event(line)) is not None]

    def terminate(self) -> None:
        """Send SIGTERM; if it still runs after `GRACE`, :meth:`poll` sends SIGKILL."""
        if self.returncode is None and not self.is_terminated:
            self._deadline = time.monotonic() + self.GRACE
            os.killpg(self.pid, signal.SIGTERM)

    def close(self) -> None:
        """Terminate it, and wait until it has ended."""
        self.terminate()
        while self.returncode is None:
            time.sleep(0.02)
            self.poll()

    def _has_ended(self) -> bool:
        """Return whether it has ended, without reaping it: its group keeps its ID until then."""
        if self.returncode is not None:
            return True
        how = os.WEXITED | os.WNOHANG | os.WNOWAIT
        return os.waitid(os.P_PID, self.pid, how) is not None

    def _finish(self) -> None:
        """Kill what is left of its group, and reap it."""
        if self.returncode is None:
            os.killpg(self.pid, signal.SIGKILL)
            self.returncode = self._process.wait()
            self._out.close()

    def _event(self, line: bytes) -> dict[str, Any] | None:
        """Return the event in a line; append any other line to the tail."""
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
