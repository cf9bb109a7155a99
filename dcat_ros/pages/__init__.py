# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Jinja2 templates and the one stylesheet of all HTML pages and Markdown texts."""

from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined


@cache
def _environment() -> Environment:
    return Environment(
        loader=PackageLoader(__name__),
        autoescape=lambda name: name is not None and name.endswith('.html.j2'),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )


def render(template: str, **values: Any) -> str:
    """Return the text of a template; HTML templates escape all values that are not Markup.

    :param template: file name in ``dcat_ros/pages/templates``.
    :raises jinja2.UndefinedError: if the template uses a value that is not given.
    """
    return _environment().get_template(template).render(**values)
