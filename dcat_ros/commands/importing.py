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
    :cvar prefix: of the bags' names, before the name of the subject or fold.
    :cvar custom: custom data of every bag.
    :ivar keys: what identifies each clip, in the order of the bag, by the subject or fold.
    :ivar missing: sentences about missing files.
    :ivar unreadable: sentences about unreadable files.
    """

    option: ClassVar[str]
    unit: ClassVar[str]
    prefix: ClassVar[str]
    custom: ClassVar[dict[str, str]]

    def __init__(self, source: Path) -> None:
        self.source = source
        self.keys: dict[str, list[Any]] = {}
        self.missing: list[str] = []
        self.unreadable: list[str] = []

    @classmethod  # noqa: B027 - data sets may have no further arguments
    def add_arguments(cls, parser: argparse.ArgumentParser) -> None:
        """Add arguments of this data set alone; the constructor gets them by name."""

    def start(self, part: str) -> int:
        """Return the first stamp (ns) of a bag, used if its clips have no start of their own."""
        return 0

    def about(self, part: str) -> dict[str, str]:
        """Return further custom data of a bag."""
        return {}

    @abstractmethod
    def clip(self, key: Any) -> Clip | None:
        """Return a clip with what can be read of it, None if nothing can."""

    def write(self, out: Path, parts: Sequence[str], console: Console) -> None:
        """Write the bags of these subjects or folds, all if there are none.

        :raises OSError: if a bag cannot be written, or exists already.
        :raises ValueError: if the data set lacks a subject or fold.
        """
        known = sorted(self.keys, key=lambda part: (len(part), part))
        if absent := sorted(set(parts) - set(known)):
            raise ValueError(
                f'{self.source} has no {self.unit} {absent[0]}; it has {", ".join(known)}'
            )
        if 'license' in self.custom:
            print(f'{self.custom["source"]} licence: {self.custom["license"]}')
        writers = {
            part: BagWriter(out / f'{self.prefix}{part}', {
                self.unit: part, 'session': f'{self.prefix}{part}', **self.custom,
                **self.about(part),
            }) for part in parts or known
        }
        for part, writer in writers.items():
            keys = track(self.keys[part], f'{self.unit} {part}', console=console)
            with writer:
                clips = filter(None, map(self.clip, keys))
                count = write_clips(writer, clips, self.start(part))
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
    add(kind.option, dest='parts', nargs='+', default=[],
        metavar=kind.unit[0].upper(), help='only these')
    kind.add_arguments(parser)
    args = vars(parser.parse_args(argv))
    source, out, parts = (args.pop(name) for name in ('source', 'out', 'parts'))
    console = Console(stderr=True, soft_wrap=True, markup=False, highlight=False)
    try:
        data_set = kind(source, **args)
        data_set.write(out, parts, console)
    except (OSError, ValueError) as error:
        console.print(str(error))
        return 1
    for sentence in data_set.missing + data_set.unreadable:
        console.print(sentence)
    return 1 if data_set.unreadable else 0
