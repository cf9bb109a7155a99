# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Numbers as people read them."""

import re

UNKNOWN = '—'


def seconds(value: float) -> str:
    """Return a duration in s, such as '3.5 ms', '12.4 s', '3 min 5 s' or '1 h 2 min'."""
    size = abs(value)
    if not size:
        return '0 s'
    if size < 0.00005:
        return '< 0.1 ms'
    if size < 0.9995:
        return f'{1000 * value:.1f} ms'
    if size < 59.95:
        return f'{value:.1f} s'
    sign, whole = '-' if value < 0 else '', round(size)
    if whole < 3600:
        return f'{sign}{whole // 60} min {whole % 60} s'
    return f'{sign}{whole // 3600} h {whole % 3600 // 60} min'


def counted(count: int, noun: str) -> str:
    """Return the number with its noun: '1 message', '2,000 messages', '3 activities'."""
    if count != 1:
        noun = re.sub('([^aeou])y$', r'\1ie', noun) + 's'
    return f'{count:,} {noun}'


def percent(share: float) -> str:
    """Return a share as a percentage that is never rounded to nothing."""
    value = 100 * share
    if 0 < value < 0.1:
        return 'less than 0.1 %'
    return f'{value:.1f} %' if value < 10 else f'{value:.0f} %'


def size(count: int) -> str:
    """Return a number of bytes, such as '1.2 GB'."""
    value = float(count)
    for unit in ('B', 'kB', 'MB'):
        if value < 999.5:
            return f'{value:.0f} {unit}' if unit == 'B' else f'{value:.3g} {unit}'
        value /= 1000
    return f'{value:,.1f} GB'


def listed(items: list[str]) -> str:
    """Return items as 'a', 'a and b' or 'a, b and c'."""
    return ' and '.join([', '.join(items[:-1]), items[-1]] if len(items) > 1 else items)
