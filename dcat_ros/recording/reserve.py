# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Disk space kept back so that a bag can be closed when the disk is full."""

import os
from pathlib import Path

from dcat_ros.bags.storage import RESERVE


class Reserve:
    """A hidden file that takes up space until it is needed.

    :param directory: where; on the file system of the bag.
    :param size: bytes.
    :raises OSError: when there is not that much space.
    """

    def __init__(self, directory: Path, size: int) -> None:
        self._path = directory / RESERVE
        file = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            os.posix_fallocate(file, 0, size)
        except OSError:
            self.release()
            raise
        finally:
            os.close(file)

    def release(self) -> None:
        """Give the space back."""
        self._path.unlink(missing_ok=True)
