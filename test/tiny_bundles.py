# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Writes small bundles that classify by the mean magnitude of their input: low or high."""

from pathlib import Path

from dcat_ros.bundles import Manifest
from dcat_ros.bundles.manifest import CARD, GRAPH
from dcat_ros.modalities import create
from dcat_ros.windows import WindowSpec
import numpy as np
import onnx
from onnx import helper, numpy_helper, TensorProto

WINDOWS = {
    'imu': WindowSpec(duration=0.5, rate=50.0, stride=0.1, max_gap=0.2),
    'camera': WindowSpec(duration=0.5, rate=10.0, stride=0.1, max_gap=0.5),
    'audio': WindowSpec(duration=0.5, rate=16000.0, stride=0.1, max_gap=0.2),
}
EDGE = {'imu': 0.5, 'camera': 0.2, 'audio': 0.2}


def write_bundle(
    directory: Path, modality: str, classes: tuple[str, ...] = ('low', 'high'), **changes
) -> Path:
    """Write a bundle that gives its first class below EDGE and its second class above."""
    directory.mkdir(parents=True)
    settings = changes.get('features', {})
    window = changes.get('window', WINDOWS[modality])
    kind = create(modality, settings)
    blank = np.zeros((window.size, *kind.sample_shape), np.float32)
    shape = kind.features(blank).shape
    weights = np.zeros((1, len(classes)), np.float32)
    weights[0, 1] = 20.0
    bias = np.full(len(classes), -5.0, np.float32)
    bias[:2] = 0.0, -20.0 * EDGE[modality]
    axes = np.arange(1, len(shape) + 1, dtype=np.int64)
    graph = helper.make_graph(
        [
            helper.make_node('Abs', ['window'], ['magnitude']),
            helper.make_node('ReduceMean', ['magnitude', 'axes'], ['mean'], keepdims=0),
            helper.make_node('Unsqueeze', ['mean', 'last'], ['column']),
            helper.make_node('Gemm', ['column', 'weights', 'bias'], ['logits']),
        ],
        'tiny',
        [helper.make_tensor_value_info('window', TensorProto.FLOAT, ['batch', *shape])],
        [helper.make_tensor_value_info('logits', TensorProto.FLOAT, ['batch', len(classes)])],
        [
            numpy_helper.from_array(axes, 'axes'),
            numpy_helper.from_array(np.array([1], np.int64), 'last'),
            numpy_helper.from_array(weights, 'weights'),
            numpy_helper.from_array(bias, 'bias'),
        ],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid('', 18)])
    model.ir_version = 8
    onnx.save(model, directory / GRAPH)
    (directory / CARD).write_text('# tiny\n')
    record = {
        'name': directory.name,
        'modality': modality,
        'features': settings,
        'window': window,
        'classes': list(classes),
        'temperature': 1.0,
        'threshold': 0.6,
        'scores': {'macro_f1': 0.5, 'protocol': 'none'},
        'training': {'data': 'none'},
        **changes,
    }
    Manifest(**record).write(directory)
    return directory
