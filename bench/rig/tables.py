# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Rows, the head first, as a table: in Markdown, and in a terminal."""

from __future__ import annotations

from collections.abc import Iterator

from rich.table import Table

Rows = list[list[str]]


def markdown(rows: Rows, dashes: str = '---') -> Iterator[str]:
    """Yield the lines of a table in Markdown.

    :param dashes: below the heads of all columns but the first.
    """
    for cells in [rows[0], ['---', *[dashes] * (len(rows[0]) - 1)], *rows[1:]]:
        yield f'| {" | ".join(cells)} |'


def table(rows: Rows, title: str) -> Table:
    """Return the table for a terminal."""
    made = Table(*rows[0], title=title)
    for row in rows[1:]:
        made.add_row(*row)
    return made
