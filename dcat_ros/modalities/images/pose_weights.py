# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Where the weights of BlazePose lie, which are neither in this package nor in a bundle."""

import hashlib
import os
from pathlib import Path

DETECTION = 'detection'
WEIGHTS = {
    DETECTION: (
        'pose_detection.tflite',
        '9ba9dd3d42efaaba86b4ff0122b06f29c4122e756b329d89dca1e297fd8f866c',
    ),
    'lite': (
        'pose_landmark_lite.tflite',
        'f17bfbecadb61c3be1baa8b8d851cc6619c870a87167b32848ad20db306b9d61',
    ),
    'full': (
        'pose_landmark_full.tflite',
        'e9a5c5cb17f736fafd4c2ec1da3b3d331d6edbe8a0d32395855aeb2cdfd64b9f',
    ),
    'heavy': (
        'pose_landmark_heavy.tflite',
        '59e42d71bcd44cbdbabc419f0ff76686595fd265419566bd4009ef703ea8e1fe',
    ),
}
"""File and SHA-256 of the detector and of each network that finds the points."""
MODELS = ('lite', 'full', 'heavy')


class WeightsError(ValueError):
    """Weights, or LiteRT to run them, are missing or altered; the message names the remedy."""


def cache_directory() -> Path:
    """Return the folder of the user's cache in which the weights lie."""
    cache = os.environ.get('XDG_CACHE_HOME') or '~/.cache'
    return Path(cache).expanduser() / 'dcat_ros' / 'pose'


def find_weights(name: str) -> Path:
    """Return the file of the detector or of a model.

    :raises WeightsError: if it is not there, or is another one.
    """
    file, digest = WEIGHTS[name]
    path = cache_directory() / file
    if not path.is_file():
        raise WeightsError(
            f'{path} is missing: run `dcat fetch_pose`, or on a robot without network `dcat '
            'fetch_pose --source FILE` with a copy'
        )
    if hashlib.sha256(path.read_bytes()).hexdigest() != digest:
        raise WeightsError(f'{path} is not the file of BlazePose: run `dcat fetch_pose` again')
    return path
