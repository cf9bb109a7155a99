# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""The joints of a body: their names, and positions that do not depend on its size."""

import numpy as np
from numpy.typing import NDArray

JOINTS = (
    'head', 'left_shoulder', 'right_shoulder', 'left_elbow', 'right_elbow', 'left_wrist',
    'right_wrist', 'left_hip', 'right_hip', 'left_knee', 'right_knee', 'left_ankle', 'right_ankle',
)
BONES = [
    (JOINTS.index(a), JOINTS.index(b)) for a, b in (
        ('left_shoulder', 'right_shoulder'), ('left_hip', 'right_hip'),
        *((f'{side}_{a}', f'{side}_{b}') for side in ('left', 'right') for a, b in (
            ('shoulder', 'elbow'), ('elbow', 'wrist'), ('shoulder', 'hip'), ('hip', 'knee'),
            ('knee', 'ankle'),
        )),
    )
]
"""Pairs of joints that a drawn skeleton connects."""
SHOULDERS, HIPS = [1, 2], [7, 8]
TRUNKS = 1.45
"""Widths of the shoulders in the length of a trunk, for a body whose hips are not visible."""
LIMBS = (
    ('head', None, 0.8),
    *((f'{side}_{joint}', f'{side}_{parent}', length) for side in ('left', 'right') for
      joint, parent, length in (('elbow', 'shoulder', 0.69), ('wrist', 'elbow', 0.62),
                                ('knee', 'hip', 1.2), ('ankle', 'knee', 0.97))),
)
"""Joint, the joint that it hangs from (the middle of the shoulders if None), and the length
between them in trunks, of the body that all bodies are turned into."""
HALF_SHOULDERS, HALF_HIPS = 0.43, 0.2
"""Half of their widths, in trunks."""
VELOCITY = 5.0
"""Factor on the movement from one sample to the next, which has about the size of a position."""


def scaled(window: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return positions (size, 13, 3) from between the shoulders, in trunks, and visibility."""
    seen = window[..., 3:] * window[:, SHOULDERS, 3].min(axis=1)[:, None, None]
    middle = window[:, SHOULDERS, :3].mean(axis=1, keepdims=True)
    return (window[..., :3] - middle) / trunk_length(window) * seen, seen


def retargeted(window: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return positions and visibility as :func:`scaled`, for a body of the same proportions.

    All bones keep their directions, and get the lengths of `LIMBS`. So neither the proportions of
    a person matter, nor where exactly an estimator places a joint. A limb is visible if both of
    its ends are.
    """
    points, seen = window[..., :3], window[..., 3:].copy()
    seen *= seen[:, SHOULDERS].min(axis=1, keepdims=True)
    found = np.zeros_like(points)
    middle, hips = (points[:, pair].mean(axis=1) for pair in (SHOULDERS, HIPS))
    for (left, right), centre, half in (
        (SHOULDERS, np.zeros_like(middle), HALF_SHOULDERS), (HIPS, _unit(hips - middle), HALF_HIPS)
    ):
        across = half * _unit(points[:, left] - points[:, right])
        found[:, left], found[:, right] = centre + across, centre - across
    seen[:, HIPS] = seen[:, HIPS].min(axis=1, keepdims=True)
    for name, parent, length in LIMBS:
        joint = JOINTS.index(name)
        if parent is None:
            found[:, joint] = length * _unit(points[:, joint] - middle)
            continue
        upper = JOINTS.index(parent)
        found[:, joint] = found[:, upper] + length * _unit(points[:, joint] - points[:, upper])
        seen[:, joint] *= seen[:, upper]
    return found * seen, seen


def _unit(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    return vectors / np.maximum(np.linalg.norm(vectors, axis=-1, keepdims=True), 1e-6)


def trunk_length(window: NDArray[np.float32]) -> float:
    """Return the median length of the trunk in a window (size, 13, 4), in the window's unit.

    It is estimated from the shoulders where the hips are not visible, and 1 without shoulders.
    """
    shoulders, hips = window[:, SHOULDERS, :3], window[:, HIPS, :3]
    upper, lower = window[:, SHOULDERS, 3].all(axis=1), window[:, HIPS, 3].all(axis=1)
    whole = upper & lower
    lengths = np.linalg.norm(shoulders.mean(axis=1) - hips.mean(axis=1), axis=1)[whole]
    if 2 * len(lengths) < upper.sum() or not len(lengths):
        lengths = TRUNKS * np.linalg.norm(shoulders[:, 0] - shoulders[:, 1], axis=1)[upper]
    return max(float(np.median(lengths)), 1e-3) if len(lengths) else 1.0
