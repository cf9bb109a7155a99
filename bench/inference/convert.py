# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Convert a bundle's ONNX graph to a checkpoint of the same network in torch."""

from __future__ import annotations

import argparse
from collections.abc import Iterable
import json
from pathlib import Path

from bench.inference.checkpoint import build, Checkpoint
from dcat_ros.bundles import Bundle, find_bundle
from dcat_ros.bundles.manifest import GRAPH
from dcat_ros.method import Classifier, Ensemble
import numpy as np
import onnx
from onnx import numpy_helper
import torch
from torch import Tensor
from torch.nn.modules.batchnorm import _BatchNorm

PREFIX = '_network.'
FOLDED = '.weight_bias'
"""Suffix that the exporter gives the bias of a layer into which it folded a normalisation."""
TOLERANCE = 1e-4
WINDOWS = 20


class MismatchError(Exception):
    """The network in torch is not the one in the bundle."""


def input_shape(bundle: Bundle) -> tuple[int, ...]:
    """Return the shape of one model input."""
    window = bundle.manifest.window.size, *bundle.modality.sample_shape
    return bundle.modality.features(np.zeros(window, np.float32)).shape


def read_weights(path: Path) -> dict[str, Tensor]:
    """Return the weights in a graph by their names in the network.

    The exporter transposes the matrices of attention and drops their names; the bias that is added
    to the product identifies them.
    """
    graph = onnx.load(path).graph
    tensors = {
        weight.name: torch.from_numpy(numpy_helper.to_array(weight).copy())
        for weight in graph.initializer
    }
    made_by = {name: node for node in graph.node for name in node.output}
    for node in graph.node:
        product = made_by.get(node.input[0]) if node.op_type == 'Add' else None
        if product is None or product.op_type != 'MatMul':
            continue
        layer, _, kind = node.input[1].rpartition('.')
        if kind == 'bias':
            tensors[f'{layer}.weight'] = tensors[product.input[1]].T
    return {
        name.removeprefix(PREFIX): tensor
        for name, tensor in tensors.items() if name.startswith(PREFIX)
    }


def members_of(weights: Iterable[str]) -> int:
    """Return the number of networks in an ensemble, 1 for a network alone."""
    numbers = {name.split('.')[1] for name in weights if name.startswith('members.')}
    return max(1, len(numbers))


def network_of(bundle: Bundle, directory: Path) -> Classifier:
    """Return the network of a bundle.

    :raises MismatchError: if its graph lacks a weight, or one has another shape.
    """
    weights = read_weights(directory / GRAPH)
    norm = next(weight for name, weight in weights.items() if name.endswith('norm.weight'))
    dim, classes = norm.numel(), len(bundle.manifest.classes)
    network = build(input_shape(bundle), dim, classes, members_of(weights))
    try:
        network.load_state_dict({
            name: value for name, value in (_neutral(network, weights) | weights).items()
            if not name.endswith(FOLDED)
        })
    except RuntimeError as error:
        raise MismatchError(
            f'{directory / GRAPH} was exported from another network than dcat_ros.method has now, '
            f'train the bundle again: {error}'
        ) from error
    return network


def _neutral(network: Classifier, weights: dict[str, Tensor]) -> dict[str, Tensor]:
    """Return an identity state for each normalisation that the exporter folded into a layer.

    It only adds the bias of that layer.
    """
    state: dict[str, Tensor] = {}
    bias = None
    for name, module in network.named_modules():
        bias = weights.get(f'{name}{FOLDED}', bias)
        if not isinstance(module, _BatchNorm):
            continue
        state[f'{name}.num_batches_tracked'] = torch.tensor(0)
        if f'{name}.running_mean' not in weights:
            size = module.num_features
            state[f'{name}.running_mean'] = torch.zeros(size)
            state[f'{name}.running_var'] = torch.full((size,), 1.0 - module.eps)
            state[f'{name}.weight'] = torch.ones(size)
            state[f'{name}.bias'] = torch.zeros(size) if bias is None else bias
            bias = None
    return state


def largest_difference(network: Classifier, bundle: Bundle) -> float:
    """Return the largest difference of a logit between network and bundle on random windows.

    :raises MismatchError: if it is more than `TOLERANCE`.
    """
    random = np.random.default_rng(0)
    windows = random.normal(size=(WINDOWS, *input_shape(bundle))).astype(np.float32)
    with torch.inference_mode():
        logits = network(torch.from_numpy(windows)).logits.numpy()
    found = float(np.abs(logits - np.stack([bundle.run(window) for window in windows])).max())
    if not found < TOLERANCE:
        raise MismatchError(
            f'{bundle.manifest.name}: the network in torch differs from the bundle by '
            f'{found:.2g}, expected less than {TOLERANCE}'
        )
    return found


def convert(name: str, rate: int, path: Path) -> dict[str, float]:
    """Write the checkpoint of a bundle for a sensor rate.

    :param name: of a shipped bundle.
    :param rate: messages per second, a multiple of the model's rate.
    :returns: messages from one answer to the next at the bundle's stride, the window's duration
        in s, and the largest difference of a logit between network and bundle.
    :raises BundleError, MismatchError: if there is no bundle, or its network differs.
    """
    bundle, directory = Bundle.load(name), find_bundle(name)
    network = network_of(bundle, directory)
    found = largest_difference(network, bundle)
    window = bundle.manifest.window
    every = round(window.stride * rate)
    Checkpoint(
        sensor=bundle.manifest.modality,
        settings=vars(bundle.modality),
        shape=list(input_shape(bundle)),
        thinning=round(rate / window.rate),
        every=every,
        classes=bundle.manifest.classes,
        temperature=bundle.manifest.temperature,
        dim=network.dim,
        members=len(network.members) if isinstance(network, Ensemble) else 1,
        state=network.state_dict(),
    ).save(path)
    return {'every': every, 'window': window.duration, 'difference': found}


def main() -> int:
    """Print what `convert` returns as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('bundle')
    parser.add_argument('rate', type=int)
    parser.add_argument('path', type=Path)
    args = parser.parse_args()
    print(json.dumps(convert(args.bundle, args.rate, args.path)))
    return 0


if __name__ == '__main__':
    raise SystemExit(main())
