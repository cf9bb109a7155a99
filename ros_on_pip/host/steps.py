# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Steps of the set-up: each runs if its inputs have changed, and shows that it is running."""

from collections.abc import Callable, Iterable, Sequence
import hashlib
from pathlib import Path
import signal
import subprocess
import sys
import time

from .paths import LOGS, ROOT, STATE


def digest(*texts: str, files: Iterable[Path] = (), names: Iterable[Path] = ()) -> str:
    """Return a hash of the inputs.

    :param files: included with name and content
    :param names: included with name only
    """
    total = hashlib.sha256(repr(texts).encode())
    for path in sorted(files):
        total.update(f'{path.relative_to(ROOT)}'.encode() + b'\0' + path.read_bytes() + b'\0')
    for path in sorted(names):
        total.update(f'{path.relative_to(ROOT)}'.encode() + b'\0')
    return total.hexdigest()


def files_under(*folders: Path) -> list[Path]:
    """Return the files in some folders, without files that Python and builds leave there."""
    return [
        path for folder in folders for path in folder.rglob('*')
        if path.is_file() and path.suffix != '.pyc' and '.egg-info' not in str(path)]


def step(name: str, title: str, key: str, action: Callable[[], None]) -> None:
    """Run an action, unless it was finished before with the same key.

    :param name: file of the key in the state directory
    :param title: printed while it runs
    """
    stamp = STATE / name
    if stamp.exists() and stamp.read_text() == key:
        return
    print(f'{title} ...', flush=True)
    start = time.monotonic()
    invalidate(name)
    action()
    stamp.write_text(key)
    print(f'{title}: {time.monotonic() - start:.0f} s', flush=True)


def invalidate(name: str) -> None:
    """Make a step run again."""
    (STATE / name).unlink(missing_ok=True)


def call(name: str, command: Sequence[str | Path], env: dict[str, str]) -> None:
    """Run a command with its output in a log file; print the elapsed time every 15 s.

    An interrupted command leaves a file, which `was_interrupted` checks.

    :raises SystemExit: if it fails; the end of the log is printed
    """
    LOGS.mkdir(parents=True, exist_ok=True)
    path = LOGS / f'{name}.log'
    running = STATE / f'{name}.running'
    running.touch()
    start = time.monotonic()
    # The command inherits the lock: if it outlives the set-up, the next set-up waits.
    with path.open('wb') as log, subprocess.Popen(
            command, cwd=ROOT, env=env, stdin=subprocess.DEVNULL, stdout=log,
            stderr=subprocess.STDOUT, close_fds=False) as process:
        try:
            while (status := _wait(process)) is None:
                print(f'  {time.monotonic() - start:.0f} s, still running', flush=True)
        except KeyboardInterrupt:
            process.send_signal(signal.SIGINT)
            process.wait()
            raise
    if status >= 0:
        running.unlink()
    if status:
        print(*path.read_text(errors='replace').splitlines()[-20:], sep='\n', file=sys.stderr)
        sys.exit(
            f'Set-up failed, the reason is above and in {path.relative_to(ROOT)}: correct it and '
            'run the same command again to resume (`make clean` starts again from nothing).')


def was_interrupted(*names: str) -> bool:
    """Return whether one of these commands was interrupted in an earlier set-up."""
    return any((STATE / f'{name}.running').exists() for name in names)


def _wait(process: subprocess.Popen) -> int | None:
    try:
        return process.wait(timeout=15)
    except subprocess.TimeoutExpired:
        return None
