# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Find, verify, load and run a bundle with ONNX Runtime, in one thread."""

import os
from pathlib import Path

from dcat_ros.bundles.manifest import BundleError, GRAPH, MANIFEST, Manifest
from dcat_ros.modalities import create, Decoder
from dcat_ros.share import share_directory
from dcat_ros.windows import Stream
import numpy as np
from numpy.typing import NDArray

if 'ORT_DISABLE_TELEMETRY' not in os.environ:
    # From 1.29 on, ONNX Runtime reports its use over the network unless this is set first.
    os.environ['ORT_DISABLE_TELEMETRY'] = '1'

import onnxruntime


class Bundle:
    """A model with its manifest. Nothing in it is ever unpickled.

    :param directory: the bundle's directory.
    :raises BundleError: if the bundle is incomplete or altered, or its graph does not match its
        manifest.
    """

    def __init__(self, directory: Path) -> None:
        graph = directory / GRAPH
        self.manifest = Manifest.read(directory)
        try:
            self.modality = create(self.manifest.modality, self.manifest.features)
        except (TypeError, ValueError) as error:
            raise BundleError(f'{directory}: {error}') from error
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 3
        try:
            self._session = onnxruntime.InferenceSession(
                str(graph), options, providers=['CPUExecutionProvider']
            )
        except Exception as error:
            raise BundleError(f'{graph} is no usable graph: {error}') from error
        self._input = self._session.get_inputs()[0].name
        self._warm_up(graph)

    @classmethod
    def load(cls, bundle: str) -> 'Bundle':
        """Load a bundle by the name of a shipped one or by path.

        :raises BundleError: if there is no such bundle or it cannot be used.
        """
        return cls(find_bundle(bundle))

    def stream(self, decoder: Decoder | None = None) -> Stream:
        """Return a new stream that cuts a sensor's messages into this bundle's windows."""
        return Stream(self.modality, self.manifest.window, decoder)

    def serve(self, sensor: str) -> None:
        """Take the windows of another sensor that has the same features.

        That is a camera for a bundle that is made for skeletons: the camera's images become
        skeletons.

        :raises BundleError: if the sensor has other features.
        """
        if sensor == self.manifest.modality:
            return
        if (sensor, self.manifest.modality) != ('camera', 'skeleton'):
            raise BundleError(f'the bundle is for {self.manifest.modality}, not for {sensor}')
        self.modality = create(sensor, {'kind': 'pose'})

    def run(self, inputs: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return the logits (classes,) of one model input."""
        return self._session.run(None, {self._input: inputs[None]})[0][0]

    def _warm_up(self, graph: Path) -> None:
        """Run the graph once, and check that its input and output match the manifest."""
        blank = np.zeros((self.manifest.window.size, *self.modality.sample_shape), np.float32)
        try:
            logits = self.run(self.modality.features(blank))
        except Exception as error:
            raise BundleError(
                f'{graph} does not take the windows of its manifest: {error}'
            ) from error
        if logits.shape != (len(self.manifest.classes),):
            raise BundleError(
                f'{graph} gives {logits.shape} scores for {len(self.manifest.classes)} classes: '
                'export the bundle again'
            )


def find_bundle(bundle: str) -> Path:
    """Return a bundle's directory.

    :param bundle: a path with a separator, or the name of a shipped bundle, which is a directory
        under the installed package's ``models/``.
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
        shipped = ', '.join(sorted(p.parent.name for p in models.glob(f'*/{MANIFEST}')))
        raise BundleError(
            f'no shipped bundle is named "{bundle}"; there are {shipped}, and a path must contain '
            f'a "{os.sep}"'
        )
    return path
