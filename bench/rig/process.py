# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""A process of the bench: how it is started and ended, and what it used."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
import json
import os
from pathlib import Path
import signal
import subprocess
import sys
from typing import Any

ENDING = 60.0
TICKS = os.sysconf('SC_CLK_TCK')


def cpu_seconds(process: int) -> float:
    """Return the user and system time of all of a process's threads so far."""
    after_name = Path(f'/proc/{process}/stat').read_text(encoding='utf-8').rpartition(')')[2]
    user, system = after_name.split()[11:13]
    return (int(user) + int(system)) / TICKS


def peak_memory(process: int) -> int:
    """Return the most bytes that a process has had in memory at once."""
    return _memory(process, 'VmHWM:')


def mapped_memory(process: int) -> int:
    """Return how many bytes of files a process has in memory now."""
    return _memory(process, 'RssFile:')


def _memory(process: int, kind: str) -> int:
    lines = Path(f'/proc/{process}/status').read_text(encoding='utf-8').splitlines()
    return 1024 * int(next(line.split()[1] for line in lines if line.startswith(kind)))


class Failed(Exception):  # noqa: N818 - what a process did
    """A process of the bench did not do its work."""


class Process:
    """A Python module that runs with its output in files.

    :param module: its name.
    :param arguments: its arguments.
    :param folder: for its output.
    """

    def __init__(self, module: str, arguments: Sequence[str], folder: Path) -> None:
        self._name = module
        self._errors = folder / f'{module}.err'
        with self._errors.open('wb') as errors:
            self._child = subprocess.Popen(
                [sys.executable, '-m', module, *arguments],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors, text=True,
                start_new_session=True,
            )
        self.id = self._child.pid

    def lines(self) -> Iterator[str]:
        """Yield the lines that it prints, as it prints them.

        :raises Failed: at the end of its output, if there was an error.
        """
        assert self._child.stdout is not None
        yield from self._child.stdout
        self._check(self._child.wait(ENDING))

    def interrupt(self) -> str:
        """Send SIGINT; return what it printed once it has ended.

        :raises Failed: if it does not end, or not well.
        """
        self._child.send_signal(signal.SIGINT)
        return self.finish()

    def finish(self) -> str:
        """End its input; return what it printed once it has ended; raises as `interrupt`."""
        try:
            output, _ = self._child.communicate(timeout=ENDING)
        except subprocess.TimeoutExpired as error:
            raise Failed(f'{self._name} did not end within {ENDING:.0f} s') from error
        self._check(self._child.returncode)
        return output

    def kill(self) -> None:
        """End it by force, if it runs."""
        self._child.kill()
        self._child.communicate()

    def _check(self, status: int) -> None:
        if status:
            said = self._errors.read_text(encoding='utf-8', errors='replace').strip()
            raise Failed(f'{self._name} ended with status {status}: {said[-2000:]}')


@contextmanager
def running(module: str, arguments: Sequence[str], folder: Path) -> Iterator[Process]:
    """Run a module; it is ended at the latest on leaving."""
    process = Process(module, arguments, folder)
    try:
        yield process
    finally:
        process.kill()


def told(module: str, arguments: Sequence[str], folder: Path) -> dict[str, Any]:
    """Run a module, however long that takes, and return the JSON in its last line.

    :param folder: for what it says on stderr.
    :raises Failed: if it does not do its work.
    """
    last = ''
    with running(module, arguments, folder) as process:
        for line in process.lines():
            last = line
    return json.loads(last)
