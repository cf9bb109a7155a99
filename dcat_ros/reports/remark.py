# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""What a rule has to say."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Remark:
    """One sentence about a bag.

    :param what: the fact with its number.
    :param remedy: what to do about it, or what it means.
    :param serious: whether it makes the bag unfit for training.
    :param leaves: the lesser use that is left in spite of it, as in `as unlabelled pairs only`.
    """

    what: str
    remedy: str
    serious: bool = True
    leaves: str = ''

    def __str__(self) -> str:
        return f'{self.what}: {self.remedy}'
