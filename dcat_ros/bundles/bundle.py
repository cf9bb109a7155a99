# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""A verified bundle, loaded and ready to run."""

from pathlib import Path

from dcat_ros.bundles.manifest import BundleError, GRAPH, Manifest
from dcat_ros.bundles.resolve import resolve
from dcat_ros.bundles.runtime import session
from dcat_ros.modalities import create, Decoder
from dcat_ros.windows import Stream
import numpy as np
from numpy.typing import NDArray


class Bundle:
    """A model with its manifest; nothing in it is ever unpickled.

    :param directory: the bundle's directory.
    :raises BundleError: if the bundle is incomplete, altered, or its graph does not fit its
        manifest.
    """

    def __init__(self, directory: Path) -> None:
        self.manifest = Manifest.read(directory)
        try:
            self.modality = create(self.manifest.modality, self.manifest.features)
        except (TypeError, ValueError) as error:
            raise BundleError(f'{directory}: {error}') from error
        try:
            self._session = session(directory / GRAPH)
        except Exception as error:
            raise BundleError(f'{directory / GRAPH} is no usable graph: {error}') from error
        self._input = self._session.get_inputs()[0].name
        self._warm_up(directory)

    @classmethod
    def load(cls, bundle: str) -> 'Bundle':
        """Load a bundle by shipped name or by path.

        :raises BundleError: if there is none or it cannot be used.
        """
        return cls(resolve(bundle))

    def stream(self, decoder: Decoder | None = None) -> Stream:
        """Return a new stream that cuts a sensor's messages into this bundle's windows."""
        return Stream(self.modality, self.manifest.window, decoder)

    def run(self, inputs: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return the logits (classes,) of one model input."""
        return self._session.run(None, {self._input: inputs[None]})[0][0]

    def _warm_up(self, directory: Path) -> None:
        blank = np.zeros((self.manifest.window.size, *self.modality.sample_shape), np.float32)
        try:
            logits = self.run(self.modality.features(blank))
        except Exception as error:
            raise BundleError(
                f'{directory / GRAPH} does not take the windows of its manifest: {error}'
            ) from error
        if logits.shape != (len(self.manifest.classes),):
            raise BundleError(
                f'{directory / GRAPH} gives {logits.shape} scores for '
                f'{len(self.manifest.classes)} classes: export the bundle again'
            )
