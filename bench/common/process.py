# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Start and stop the processes of a bench, and read their CPU time and memory."""

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

STOP_TIMEOUT = 60.0
TICKS = os.sysconf('SC_CLK_TCK')


def cpu_seconds(process: int) -> float:
    """Return the user and system time of all of a process's threads so far."""
    after_name = Path(f'/proc/{process}/stat').read_text(encoding='utf-8').rpartition(')')[2]
    user, system = after_name.split()[11:13]
    return (int(user) + int(system)) / TICKS


def peak_memory(process: int) -> int:
    """Return the peak resident bytes of a process."""
    return _memory(process, 'VmHWM:')


def mapped_memory(process: int) -> int:
    """Return the bytes of mapped files that a process has in memory now."""
    return _memory(process, 'RssFile:')


def _memory(process: int, kind: str) -> int:
    lines = Path(f'/proc/{process}/status').read_text(encoding='utf-8').splitlines()
    return 1024 * int(next(line.split()[1] for line in lines if line.startswith(kind)))


class BenchError(Exception):
    """A process of the bench failed, or a bench cannot run."""


class Process:
    """A Python module that runs in a process.

    :param folder: for the file with what it writes to stderr.
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
        """Yield each line when the process prints it.

        :raises BenchError: at the end of the output, if the exit status is not 0.
        """
        assert self._child.stdout is not None
        yield from self._child.stdout
        self._check(self._child.wait(STOP_TIMEOUT))

    def interrupt(self) -> str:
        """Send SIGINT, wait for the end, and return what the process printed.

        :raises BenchError: if it does not end, or with an error.
        """
        self._child.send_signal(signal.SIGINT)
        return self.finish()

    def finish(self) -> str:
        """Close its stdin, wait for the end, and return the output; raises as `interrupt`."""
        try:
            output, _ = self._child.communicate(timeout=STOP_TIMEOUT)
        except subprocess.TimeoutExpired as error:
            raise BenchError(f'{self._name} did not end within {STOP_TIMEOUT:.0f} s') from error
        self._check(self._child.returncode)
        return output

    def kill(self) -> None:
        """Kill the process if it still runs."""
        self._child.kill()
        self._child.communicate()

    def _check(self, status: int) -> None:
        if status:
            stderr = self._errors.read_text(encoding='utf-8', errors='replace').strip()
            raise BenchError(f'{self._name} ended with status {status}: {stderr[-2000:]}')


@contextmanager
def running(module: str, arguments: Sequence[str], folder: Path) -> Iterator[Process]:
    """Run a module; kill its process at the latest on leaving the context."""
    process = Process(module, arguments, folder)
    try:
        yield process
    finally:
        process.kill()


def run_json(module: str, arguments: Sequence[str], folder: Path) -> dict[str, Any]:
    """Run a module to its end, and return the JSON of its last line.

    :param folder: for the file with what it writes to stderr.
    :raises BenchError: if it fails.
    """
    last = ''
    with running(module, arguments, folder) as process:
        for line in process.lines():
            last = line
    return json.loads(last)
