# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Steps of the set-up: each runs when its inputs have changed, and shows that it is alive."""

from collections.abc import Callable, Iterable, Sequence
import hashlib
from pathlib import Path
import signal
import subprocess
import sys
import time

from .paths import LOGS, ROOT, STATE


def digest(*texts: str, files: Iterable[Path] = (), names: Iterable[Path] = ()) -> str:
    """Return a key that changes with its inputs.

    :param texts: taken as they are
    :param files: taken with name and content
    :param names: taken with name only
    """
    total = hashlib.sha256(repr(texts).encode())
    for path in sorted(files):
        total.update(f'{path.relative_to(ROOT)}'.encode() + b'\0' + path.read_bytes() + b'\0')
    for path in sorted(names):
        total.update(f'{path.relative_to(ROOT)}'.encode() + b'\0')
    return total.hexdigest()


def files_under(*folders: Path) -> list[Path]:
    """Return the files below some folders, without what Python and builds leave there."""
    return [
        path for folder in folders for path in folder.rglob('*')
        if path.is_file() and path.suffix != '.pyc' and '.egg-info' not in str(path)]


def step(name: str, title: str, key: str, action: Callable[[], None]) -> None:
    """Do an action, unless it was finished before with the same key.

    :param name: file of the key in the state directory
    :param title: what the user reads while it runs
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
    """Have a step done, whatever was finished before."""
    (STATE / name).unlink(missing_ok=True)


def call(name: str, command: Sequence[str | Path], env: dict[str, str]) -> None:
    """Run a command with its output in a log file, and a sign of life every 15 s.

    A command that is cut off leaves a file behind, which `was_cut_off` asks for.

    :raises SystemExit: if it fails, with the end of the log
    """
    LOGS.mkdir(parents=True, exist_ok=True)
    path = LOGS / f'{name}.log'
    at_work = STATE / f'{name}.at_work'
    at_work.touch()
    start = time.monotonic()
    # Inherits the lock: a command that outlives its set-up keeps the next one waiting.
    with path.open('wb') as log, subprocess.Popen(
            command, cwd=ROOT, env=env, stdin=subprocess.DEVNULL, stdout=log,
            stderr=subprocess.STDOUT, close_fds=False) as process:
        try:
            while (status := _wait(process)) is None:
                print(f'  {time.monotonic() - start:.0f} s, still at it', flush=True)
        except KeyboardInterrupt:
            process.send_signal(signal.SIGINT)
            process.wait()
            raise
    if status >= 0:
        at_work.unlink()
    if status:
        print(*path.read_text(errors='replace').splitlines()[-20:], sep='\n', file=sys.stderr)
        sys.exit(
            f'Set-up stopped, the reason is above and in {path.relative_to(ROOT)}: once it is '
            'mended, run the same command again to go on from here (`make clean` starts afresh).')


def was_cut_off(*names: str) -> bool:
    """Tell whether one of these commands was cut off in an earlier set-up."""
    return any((STATE / f'{name}.at_work').exists() for name in names)


def _wait(process: subprocess.Popen) -> int | None:
    try:
        return process.wait(timeout=15)
    except subprocess.TimeoutExpired:
        return None
