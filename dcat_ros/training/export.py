# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Export a network as a bundle."""

from __future__ import annotations

import logging
from pathlib import Path
from tempfile import TemporaryDirectory
import warnings

from dcat_ros.bundles import Bundle, Manifest
from dcat_ros.bundles.manifest import CARD, GRAPH
from dcat_ros.method import Classifier
from dcat_ros.training.dataset import Dataset
from dcat_ros.training.errors import TrainingError
from dcat_ros.training.score import logits_of
from dcat_ros.training.windows import Windows
import numpy as np
from numpy.typing import NDArray
import onnx
import torch
from torch import nn, Tensor

LARGEST = 2_000_000
"""Most bytes of a bundle."""
TOLERANCE = 1e-4
CHECKED = 200
"""Windows on which graph and network are compared."""


class Logits(nn.Module):
    """A network that returns its logits only."""

    def __init__(self, network: Classifier) -> None:
        super().__init__()
        self._network = network

    def forward(self, window: Tensor) -> Tensor:
        """Return the logits (batch, classes)."""
        return self._network(window).logits


def refuse_existing(bundle: Path, force: bool) -> None:
    """Check that a bundle may be written.

    :raises TrainingError: if it exists and may not be replaced.
    """
    if bundle.exists() and not force:
        raise TrainingError(f'{bundle} exists already, not overwriting: give --force, or another '
                            '--out')


def export(
    network: Classifier, data: Dataset, manifest: Manifest, text: str, bundle: Path
) -> None:
    """Write a bundle; its directory appears when it is complete and checked.

    :param text: of the model card.
    :param bundle: the directory; an existing one is replaced.
    :raises TrainingError: if the bundle is too large, or graph and network differ.
    """
    bundle.parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(prefix=f'.{bundle.name}.', dir=bundle.parent) as scratch:
        draft = Path(scratch) / bundle.name
        draft.mkdir()
        write_graph(network, data.live.inputs([0])[0], draft / GRAPH)
        (draft / CARD).write_text(text, encoding='utf-8')
        manifest.write(draft)
        check(draft, network, data.live)
        if bundle.exists():
            bundle.rename(Path(scratch) / 'old')
        draft.rename(bundle)


def write_graph(network: Classifier, example: NDArray[np.float32], path: Path) -> None:
    """Write a network as ONNX, `window` (batch, ...) to `logits` (batch, classes).

    :param example: one model input.
    """
    logger = logging.getLogger('torch.onnx')
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter('ignore')
            torch.onnx.export(
                Logits(network).eval(),
                (torch.from_numpy(np.stack([example] * 2)),),
                path,
                input_names=['window'],
                output_names=['logits'],
                dynamic_shapes=({0: torch.export.Dim('batch')},),
                dynamo=True,
                external_data=False,
                verbose=False,
            )
    finally:
        logger.setLevel(level)
    graph = onnx.load(path)
    _remove_notes(graph)
    onnx.checker.check_model(graph)
    onnx.save(graph, path)


def check(bundle: Path, network: Classifier, windows: Windows) -> None:
    """Load a bundle and compare it with its network on recorded windows.

    :raises TrainingError: if it is too large, or a logit differs by more than `TOLERANCE`.
    """
    size = sum(path.stat().st_size for path in bundle.iterdir())
    if size > LARGEST:
        raise TrainingError(
            f'the bundle has {size:,} bytes, expected at most {LARGEST:,}: make encoder or dim '
            'smaller'
        )
    rows = np.arange(0, len(windows), max(1, len(windows) // CHECKED))
    loaded = Bundle(bundle)
    found = np.stack([loaded.run(inputs) for inputs in windows.inputs(rows)])
    difference = float(np.abs(found - logits_of(network, windows, rows)).max())
    if not difference < TOLERANCE:
        raise TrainingError(
            f'the ONNX graph differs from the network by {difference:.2g}, expected less than '
            f'{TOLERANCE}: try another version of torch or onnxscript'
        )


def _remove_notes(graph: onnx.ModelProto) -> None:
    """Remove the exporter's notes, which name files of this computer."""
    graph.doc_string = ''
    del graph.metadata_props[:]
    del graph.graph.metadata_props[:]
    for part in (*graph.graph.node, *graph.graph.value_info, *graph.graph.input,
                 *graph.graph.output, *graph.graph.initializer):
        part.doc_string = ''
        del part.metadata_props[:]
