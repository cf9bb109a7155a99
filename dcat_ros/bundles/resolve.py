# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""From what a user calls a bundle to its directory."""

import os
from pathlib import Path

from dcat_ros.bundles.manifest import BundleError, FILE_NAME
from dcat_ros.share import share_directory


def resolve(bundle: str) -> Path:
    """Return a bundle's directory: a path stands for itself, a name for a shipped bundle.

    :param bundle: a path with a separator, or the name of a directory under the installed
        package's ``models/``.
    :raises BundleError: if there is no such directory.
    """
    if os.sep in bundle or bundle in ('.', '..'):
        path = Path(bundle).expanduser()
        if not path.is_dir():
            raise BundleError(f'bundle "{bundle}" is no directory: check the path')
        return path
    models = share_directory() / 'models'
    path = models / bundle
    if not bundle or not path.is_dir():
        shipped = ', '.join(sorted(p.parent.name for p in models.glob(f'*/{FILE_NAME}')))
        raise BundleError(
            f'no shipped bundle is named "{bundle}"; there are {shipped}, and a path must contain '
            f'a "{os.sep}"'
        )
    return path
