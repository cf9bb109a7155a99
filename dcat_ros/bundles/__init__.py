# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""A deployable model: a directory with a manifest, an ONNX graph and a model card."""

from dcat_ros.bundles.bundle import Bundle, find_bundle
from dcat_ros.bundles.manifest import BundleError, Manifest

__all__ = ['Bundle', 'BundleError', 'Manifest', 'find_bundle']
