# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""The page of a bench: a Jinja2 template in Markdown, whose tables are printed too."""

from __future__ import annotations

from importlib.metadata import version
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

from bench.common.machine import machine
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from rich.console import Console
from rich.markdown import Markdown


class Target(NamedTuple):
    """What is required, what was measured, and whether the target is met."""

    requirement: str
    measured: str
    met: bool

    @classmethod
    def at_most(cls, name: str, ratio: float, most: float) -> Target:
        """Return the target of a ratio with an upper bound."""
        return cls(f'{name}: at most {most:.2f}', f'{ratio:.2f}', ratio <= most)

    @property
    def outcome(self) -> str:
        """Return ``met`` or ``MISSED``."""
        return 'met' if self.met else 'MISSED'


def write_page(page: Path, template: str, console: Console, **values: Any) -> None:
    """Write the page of a bench, and print it from its first table on.

    :param template: path below ``bench/``.
    :param values: for the template.
    """
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parents[1]),
        undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.globals |= {'machine': machine, 'median': median, 'version': version, 'zip': zip}
    text = environment.get_template(template).render(values)
    page.parent.mkdir(parents=True, exist_ok=True)
    page.write_text(text, encoding='utf-8')
    console.print(machine(), Markdown(text[text.index('\n|'):]))
