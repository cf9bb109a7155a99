# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Parts of a page that needs nothing else: no script, no other file, no network."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from dcat_ros.reports.style import CSS


def document(title: str, sections: Iterable[str]) -> str:
    """Return a page of sections, the empty ones left out; it is well-formed XML if they are."""
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8"/>\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1"/>\n'
        f'<title>{escape(title)}</title>\n<style>{CSS}</style>\n</head>\n<body>\n'
        + '\n'.join(filter(None, sections))
        + '\n</body>\n</html>\n'
    )


def picture(title: str, svg: str, hint: str) -> str:
    """Return a figure under its heading, a hint below it."""
    return f'<h2>{title}</h2>\n<div class="scroll">{svg}</div>\n<p class="hint">{hint}</p>\n'


def table(head: Iterable[str], rows: Iterable[Iterable[tuple[str, bool]]]) -> str:
    """Return a table of cells, each HTML and whether it is a reason for concern."""
    top = ''.join(f'<th scope="col">{cell}</th>' for cell in head)
    body = ''.join(
        '<tr>' + ''.join(
            f'<td class="alarm">{cell}</td>' if alarm else f'<td>{cell}</td>'
            for cell, alarm in row
        ) + '</tr>\n'
        for row in rows
    )
    return (
        f'<div class="scroll"><table><thead><tr>{top}</tr></thead>\n'
        f'<tbody>{body}</tbody></table></div>\n'
    )
