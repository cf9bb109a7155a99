# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""What the commands of all benches have in common."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
import signal
import sys

from bench.rig.process import Failed
from dcat_ros.bags.reader import BagError
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

PAGES = Path(__file__).parents[1] / 'results'


def make_parser(bench: str, description: str | None) -> argparse.ArgumentParser:
    """Return the parser of a bench's command line, still without options."""
    return argparse.ArgumentParser(
        prog=f'python3 -m bench.{bench}', description=description,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )


def add_page(parser: argparse.ArgumentParser, bench: str, option: str = '--out') -> None:
    """Add the option that names the file of the results."""
    parser.add_argument(option, type=Path, default=PAGES / f'{bench}.md', metavar='FILE',
                        help=f'where to keep the page (default: bench/results/{bench}.md)')


def require_least(parser: argparse.ArgumentParser, option: str, value: int, least: int) -> None:
    """End with an error if an option's value is too small."""
    if value < least:
        parser.error(f'{option} is {value}, expected {least} or more')


@contextmanager
def progress_on(console: Console) -> Iterator[Progress]:
    """Show on a console how far the work is."""
    columns = TextColumn('{task.description}'), BarColumn(), TimeElapsedColumn()
    with Progress(*columns, console=console, transient=True) as progress:
        progress.add_task('in all', total=None)
        yield progress


def exit_status(
    main: Callable[[argparse.Namespace, Console], int], args: argparse.Namespace
) -> int:
    """Run a bench, and return its exit status: 1 if it fails or is ended early."""
    console = Console()
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        return main(args, console)
    except (Failed, BagError, OSError) as error:
        print(f'error: {error}', file=sys.stderr)
    except KeyboardInterrupt:
        console.print('ended early')
    return 1
