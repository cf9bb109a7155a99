# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""The programs of the demonstration, each in a process of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
import subprocess
import sys
from types import TracebackType

NAMESPACE = '/demo'


class Programs:
    """Context manager that ends the programs that it started."""

    def __init__(self) -> None:
        self._running: dict[str, subprocess.Popen] = {}

    def __enter__(self) -> Programs:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop(*self._running)

    def is_running(self, name: str) -> bool:
        """Return whether a program was started and not stopped."""
        return name in self._running

    def start(
        self,
        name: str,
        parameters: Mapping[str, object],
        remappings: Mapping[str, str] | None = None,
        script: Path | None = None,
        arguments: Sequence[str] = (),
    ) -> None:
        """Start a node of this package in the namespace of the demonstration.

        :param parameters: values by name, as YAML reads them.
        :param script: of a node outside this package.
        :param arguments: of the program itself.
        """
        rules = {'__ns': NAMESPACE, **(remappings or {})}
        program = [str(script)] if script else ['-m', 'dcat_ros.commands.dcat', name]
        self._running[name] = subprocess.Popen([
            sys.executable, *program, *arguments, '--ros-args', '--log-level', 'error',
            *(word for rule in rules.items() for word in ('-r', ':='.join(rule))),
            *(word for key, value in parameters.items() for word in ('-p', f'{key}:={value}')),
        ], start_new_session=True)

    def stop(self, *names: str) -> None:
        """Terminate programs, the newest first."""
        children = [self._running.pop(name) for name in reversed(names)]
        for child in children:
            child.terminate()
        for child in children:
            child.wait()

    def check(self) -> None:
        """Check that all programs run.

        :raises RuntimeError: if one has ended by itself.
        """
        for name, child in self._running.items():
            if child.poll() is not None:
                raise RuntimeError(
                    f'{name} ended with status {child.returncode}: see its output above'
                )
