# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Numbers on a command line: types for argparse that refuse what makes no sense."""

import argparse


def positive(text: str) -> float:
    """Return a number above 0.

    :raises argparse.ArgumentTypeError: if it is none.
    """
    value = float(text)
    if not 0 < value < float('inf'):
        raise argparse.ArgumentTypeError(f'{text} is not above 0')
    return value


def not_negative(text: str) -> float:
    """Return a number of at least 0.

    :raises argparse.ArgumentTypeError: if it is none.
    """
    return positive(text) if float(text) else 0.0
