# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Processes that report on finished bags."""

from pathlib import Path
import shutil
import subprocess
import sys

from rclpy.impl.rcutils_logger import RcutilsLogger


class ReportProcesses:
    """Starts `dcat bag report` for each bag, and logs its verdict.

    The processes outlive the recorder, so its end does not cut a report short.

    :param log: gets the verdicts.
    """

    def __init__(self, log: RcutilsLogger) -> None:
        self._log = log
        self._running: list[tuple[Path, subprocess.Popen[str]]] = []

    def start(self, bag: Path) -> None:
        """Start the report on a bag."""
        command = [sys.executable, '-m', 'dcat_ros.commands.bag', 'report', '--quiet', str(bag)]
        if nice := shutil.which('nice'):
            command = [nice, *command]
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            text=True, start_new_session=True,
        )
        self._running.append((bag, process))

    def log_finished(self) -> None:
        """Log the verdicts of finished processes."""
        for bag, process in list(self._running):
            if process.poll() is None:
                continue
            self._running.remove((bag, process))
            output = process.stdout.read().strip() if process.stdout else ''
            if process.returncode == 0:
                self._log.info(output)
            else:
                self._log.warning(output or f'the report on {bag} failed')
