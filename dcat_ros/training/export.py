"""Train on all subjects and write the bundle."""

from __future__ import annotations

import logging
import shutil
import warnings
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from rich.progress import Progress
from torch import Tensor, nn

from dcat_ros.bundles import Bundle, Manifest
from dcat_ros.bundles.manifest import CARD, GRAPH
from dcat_ros.method import Network
from dcat_ros.training import provenance
from dcat_ros.training.calibrate import Calibration
from dcat_ros.training.card import card, protocol_text
from dcat_ros.training.config import Config
from dcat_ros.training.dataset import Dataset, Windows
from dcat_ros.training.errors import TrainingError
from dcat_ros.training.evaluate import Score, logits_of
from dcat_ros.training.fit import fit

LARGEST = 2_000_000
"""Bytes that a bundle may have."""
TOLERANCE = 1e-4
CHECKED = 200
"""Windows that graph and network are compared on."""


class Logits(nn.Module):
    """A network without what only training needs."""

    def __init__(self, network: Network) -> None:
        super().__init__()
        self._network = network

    def forward(self, window: Tensor) -> Tensor:
        """Return the logits (batch, classes)."""
        return self._network(window).logits


def refuse_existing(bundle: Path, force: bool) -> None:
    """Check that a bundle may be written.

    :raises TrainingError: if there is something and it may not be replaced.
    """
    if bundle.exists() and not force:
        raise TrainingError(f'{bundle} exists already, not overwriting: give --force, or another '
                            '--out')


def export(
    data: Dataset,
    config: Config,
    bags: dict[str, str],
    scores: Sequence[Score],
    calibration: Calibration,
    bundle: Path,
    progress: Progress,
) -> None:
    """Fit to every clip, with seed 0, and write a bundle that appears when whole and checked.

    :param bags: SHA-256 of each bag by name.
    :param bundle: the directory; one that is there is replaced.
    :raises TrainingError: if the graph is too large or does not do what the network does.
    """
    clips = data.clips_of(data.subjects)
    network = fit(data, clips, config, 0, progress, 'final model')
    parameters = sum(parameter.numel() for parameter in network.parameters())
    text = card(config, data.classes, data.subjects, parameters, scores, calibration)
    manifest = Manifest(
        name=config.name,
        modality=config.modality,
        features=dict(config.features),
        window=config.window,
        classes=list(data.classes),
        temperature=calibration.temperature,
        threshold=calibration.threshold,
        scores=_scores(config, scores, calibration),
        training={
            'subjects': data.subjects,
            'clips': len(data.clips),
            'seed': 0,
            'parameters': parameters,
            'settings': provenance.settings(config),
            'bags': bags,
            'versions': provenance.versions(),
        },
    )
    bundle.parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(prefix=f'.{bundle.name}.', dir=bundle.parent) as scratch:
        draft = Path(scratch) / bundle.name
        draft.mkdir()
        write_graph(network, data.live.inputs[0], draft / GRAPH)
        (draft / CARD).write_text(text, encoding='utf-8')
        manifest.write(draft)
        check(draft, network, data.live)
        if bundle.exists():
            shutil.rmtree(bundle)
        draft.rename(bundle)


def write_graph(network: Network, example: NDArray[np.float32], path: Path) -> None:
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
    _forget_source(graph)
    onnx.checker.check_model(graph)
    onnx.save(graph, path)


def check(bundle: Path, network: Network, windows: Windows) -> None:
    """Load a bundle and compare it with its network on real windows.

    :raises TrainingError: if it is too large, or a logit differs by more than `TOLERANCE`.
    """
    size = sum(path.stat().st_size for path in bundle.iterdir())
    if size > LARGEST:
        raise TrainingError(
            f'the bundle has {size:,} bytes, expected at most {LARGEST:,}: make encoder or dim '
            'smaller'
        )
    step = max(1, len(windows.inputs) // CHECKED)
    some = Windows(windows.inputs[::step], windows.clips[::step])
    loaded = Bundle(bundle)
    found = np.stack([loaded.run(inputs) for inputs in some.inputs])
    difference = float(np.abs(found - logits_of(network, some)).max())
    if not difference < TOLERANCE:
        raise TrainingError(
            f'the ONNX graph differs from the network by {difference:.2g}, expected less than '
            f'{TOLERANCE}: try another version of torch or onnxscript'
        )


def _scores(
    config: Config, scores: Sequence[Score], calibration: Calibration
) -> dict[str, Any]:
    clips = [score.macro_f1 for score in scores]
    return {
        'protocol': protocol_text(config),
        'simulated': config.protocol.simulated,
        'macro_f1': float(np.mean(clips)),
        'macro_f1_sd': float(np.std(clips, ddof=1)) if len(clips) > 1 else 0.0,
        'macro_f1_by_seed': clips,
        'accuracy': float(np.mean([score.accuracy for score in scores])),
        'window_macro_f1': float(np.mean([score.window_macro_f1 for score in scores])),
        'calibration': asdict(calibration),
    }


def _forget_source(graph: onnx.ModelProto) -> None:
    """Remove the exporter's notes, which name files of the machine."""
    graph.doc_string = ''
    del graph.metadata_props[:]
    del graph.graph.metadata_props[:]
    for part in (*graph.graph.node, *graph.graph.value_info, *graph.graph.input,
                 *graph.graph.output, *graph.graph.initializer):
        part.doc_string = ''
        del part.metadata_props[:]
