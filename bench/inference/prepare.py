# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Gives the hand-written node the weights of a shipped bundle, once it is shown that they are."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from bench.inference.checkpoint import Checkpoint
from bench.inference.weights import difference, input_shape, network_of
from dcat_ros.bundles import Bundle, find_bundle


def prepare(name: str, rate: int, path: Path) -> dict[str, float]:
    """Write the checkpoint of a bundle for a sensor of some rate.

    :param name: of a shipped bundle.
    :param rate: messages per second, a multiple of what the model sees.
    :returns: messages from one answer to the next at the bundle's stride, the window's duration
        in s, and by how much a logit of network and bundle differs at most.
    :raises BundleError, Mismatch: if there is no bundle, or the network is another one.
    """
    bundle, directory = Bundle.load(name), find_bundle(name)
    network = network_of(bundle, directory)
    found = difference(network, bundle)
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
        state=network.state_dict(),
    ).save(path)
    return {'every': every, 'window': window.duration, 'difference': found}


def main() -> int:
    """Print what `prepare` returns as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('bundle')
    parser.add_argument('rate', type=int)
    parser.add_argument('path', type=Path)
    args = parser.parse_args()
    print(json.dumps(prepare(args.bundle, args.rate, args.path)))
    return 0


if __name__ == '__main__':
    raise SystemExit(main())
