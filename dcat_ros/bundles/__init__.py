# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""The deployable: a directory of manifest, ONNX graph and model card."""

from dcat_ros.bundles.bundle import Bundle
from dcat_ros.bundles.manifest import BundleError, Manifest
from dcat_ros.bundles.resolve import resolve

__all__ = ['Bundle', 'BundleError', 'Manifest', 'resolve']
