# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Types for argparse: numbers with a lower limit."""

import argparse


def positive(text: str) -> float:
    """Return a finite number above 0.

    :raises argparse.ArgumentTypeError: if the text is another number.
    """
    value = float(text)
    if not 0 < value < float('inf'):
        raise argparse.ArgumentTypeError(f'{text} is not above 0')
    return value


def not_negative(text: str) -> float:
    """Return a finite number of at least 0.

    :raises argparse.ArgumentTypeError: if the text is another number.
    """
    return positive(text) if float(text) else 0.0
