# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Restore bags whose recording was interrupted by a crash or a power failure.

Each file is checked and ended after its last complete chunk, and metadata.yaml is written again.
The bytes after that chunk go to FILE.mcap.torn; no other data change. The recorder writes a chunk
at least every half second.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from dcat_ros.bags.reader import BagError
from dcat_ros.bags.recovery import mcap_files, recover
from rich.console import Console
from rich.progress import Progress


def restore(bag: Path, console: Console) -> bool:
    """Restore one bag, print the result of each file, and return whether it can be read now."""
    try:
        total = sum(path.stat().st_size for path in mcap_files(bag))
        with Progress(console=console, transient=True) as progress:
            task = progress.add_task(f'reading {bag.name}', total=total)
            outcomes = recover(bag, lambda size: progress.advance(task, size))
    except (BagError, OSError) as error:
        console.print(f'error: {error}')
        return False
    for outcome in outcomes:
        if outcome.fault:
            console.print(
                f'{outcome.name}: {outcome.fault}; {outcome.messages} messages kept, '
                f'{outcome.torn_bytes} bytes moved to {outcome.name}.torn'
            )
        else:
            console.print(f'{outcome.name}: whole, {outcome.messages} messages')
    print(bag)
    return True


def main(argv: list[str] | None = None) -> int:
    """Restore; 1 if a bag cannot be restored, else 0."""
    parser = argparse.ArgumentParser(
        prog='recover', description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument('bags', type=Path, nargs='+', metavar='BAG', help='directory of a bag')
    args = parser.parse_args(argv)
    console = Console(stderr=True, soft_wrap=True, markup=False, highlight=False)
    restored = [restore(bag, console) for bag in args.bags]
    return 0 if all(restored) else 1
