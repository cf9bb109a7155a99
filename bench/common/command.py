# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Command line, checks before a bench starts, progress bar, and exit status of all benches."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from importlib.util import find_spec
import os
from pathlib import Path
import shutil
import signal
import sys

from bench.common.process import BenchError
from dcat_ros.bags.reader import BagError
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

PAGES = Path(__file__).parents[1] / 'results'
RESERVE = 2 * 10**9
"""Bytes that must stay free on the disk."""


def make_parser(
    bench: str, description: str | None, page_option: str = '--out'
) -> argparse.ArgumentParser:
    """Return the parser of a bench's command line, with the option that names its page."""
    parser = argparse.ArgumentParser(
        prog=f'python3 -m bench.{bench}', description=description,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(page_option, type=Path, default=PAGES / f'{bench}.md', metavar='FILE',
                        help=f'where to write the page (default: bench/results/{bench}.md)')
    return parser


def require_at_least(parser: argparse.ArgumentParser, option: str, value: float,
                     least: float) -> None:
    """Exit with an error if an option's value is too small."""
    if value < least:
        parser.error(f'{option} is {value:g}, expected {least:g} or more')


def require_modules(user: str, *modules: str) -> None:
    """Check that modules of the extra ``train`` are installed.

    :param user: what needs them.
    :raises BenchError: if one is missing.
    """
    for module in modules:
        if find_spec(module) is None:
            raise BenchError(
                f'{user} needs {module}, which is not installed: install the extra dcat_ros[train]'
            )


def require_writable(page: Path) -> None:
    """Create the page's folder, and check that the page can be written.

    :raises OSError: if it cannot.
    """
    with suppress(OSError):
        page.parent.mkdir(parents=True, exist_ok=True)
    if page.is_dir() or not os.access(page if page.exists() else page.parent, os.W_OK):
        raise OSError(f'{page} cannot be written: give another file')


def require_space(folder: Path, size: float, alternative: str) -> None:
    """Check that the disk has room for so many bytes and `RESERVE` more.

    :param alternative: what to choose when there is no room.
    :raises OSError: when there is no room.
    """
    needed, free = RESERVE + size, shutil.disk_usage(folder).free
    if free < needed:
        raise OSError(
            f'{free / 1e9:.1f} GB free for {folder}, {needed / 1e9:.1f} GB needed: make room, or '
            f'choose {alternative}'
        )


@contextmanager
def progress_on(console: Console) -> Iterator[Progress]:
    """Show the progress of the work on a console."""
    columns = TextColumn('{task.description}'), BarColumn(), TimeElapsedColumn()
    with Progress(*columns, console=console, transient=True) as progress:
        progress.add_task('in all', total=None)
        yield progress


def run_bench(
    main: Callable[[argparse.Namespace, Console], bool], args: argparse.Namespace
) -> int:
    """Run a bench; return its exit status, 1 if it fails, misses a target or is interrupted.

    :param main: measures and writes the page; returns whether all targets are met.
    """
    console = Console(width=None if sys.stdout.isatty() else 160)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        return 0 if main(args, console) else 1
    except (BenchError, BagError, OSError) as error:
        print(f'error: {error}', file=sys.stderr)
    except KeyboardInterrupt:
        console.print('interrupted')
    return 1
