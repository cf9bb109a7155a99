# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""What the importers of data sets share: their arguments, and writing clips to bags."""

from abc import ABC, abstractmethod
import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Any, ClassVar

from dcat_ros.bags.writer import BagWriter, Clip, write_clips
from rich.console import Console
from rich.progress import track


class DataSet(ABC):
    """A data set of clips; each bag gets those of one subject or fold.

    :cvar option: the argument that selects bags, such as ``--subjects``.
    :cvar unit: what a bag holds, ``subject`` or ``fold``.
    :cvar prefix: of the bags' names, before the number of the subject or fold.
    :cvar epoch: first stamp (ns) of the first bag; the bags start ``interval`` ns apart.
    :cvar custom: custom data of every bag.
    :ivar keys: what identifies each clip, in the order of the bag, by the number of the bag.
    :ivar missing: sentences about missing files.
    :ivar unreadable: sentences about unreadable files.
    """

    option: ClassVar[str]
    unit: ClassVar[str]
    prefix: ClassVar[str]
    epoch: ClassVar[int]
    interval: ClassVar[int]
    custom: ClassVar[dict[str, str]]

    def __init__(self, source: Path) -> None:
        self.source = source
        self.keys: dict[int, list[Any]] = {}
        self.missing: list[str] = []
        self.unreadable: list[str] = []

    @abstractmethod
    def clip(self, key: Any) -> Clip | None:
        """Return a clip with what can be read of it, None if nothing can."""

    def write(self, out: Path, numbers: Sequence[int], console: Console) -> None:
        """Write the bags with these numbers, all if there are none.

        :raises OSError: if a bag cannot be written, or exists already.
        :raises ValueError: if the data set lacks a number.
        """
        if absent := set(numbers) - set(self.keys):
            known = ', '.join(map(str, sorted(self.keys)))
            raise ValueError(f'{self.source} has no {self.unit} {min(absent)}; it has {known}')
        if 'license' in self.custom:
            print(f'{self.custom["source"]} licence: {self.custom["license"]}')
        writers = {
            number: BagWriter(out / f'{self.prefix}{number}', {
                self.unit: str(number), 'session': f'{self.prefix}{number}', **self.custom,
            }) for number in numbers or sorted(self.keys)
        }
        for number, writer in writers.items():
            keys = track(self.keys[number], f'{self.unit} {number}', console=console)
            start = self.epoch + (number - 1) * self.interval
            with writer:
                count = write_clips(writer, filter(None, map(self.clip, keys)), start)
            print(f'{writer.path}: {count or "no readable"} clips')


def run(kind: type[DataSet], program: str, description: str, argv: list[str] | None) -> int:
    """Import a data set; 1 when something could not be read or written, else 0."""
    parser = argparse.ArgumentParser(
        prog=program, description=description, epilog=kind.custom['citation'],
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add('source', type=Path, metavar='SOURCE', help='the data set')
    add('out', type=Path, metavar='OUT', help='directory for the bags')
    add(kind.option, dest='numbers', type=int, nargs='+', default=[],
        metavar=kind.unit[0].upper(), help='only these')
    args = parser.parse_args(argv)
    console = Console(stderr=True, soft_wrap=True, markup=False, highlight=False)
    try:
        data_set = kind(args.source)
        data_set.write(args.out, args.numbers, console)
    except (OSError, ValueError) as error:
        console.print(str(error))
        return 1
    for sentence in data_set.missing + data_set.unreadable:
        console.print(sentence)
    return 1 if data_set.unreadable else 0
