# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""ONNX Runtime, set up for a robot: one thread, and nothing reported to anybody."""

import os
from pathlib import Path

if 'ORT_DISABLE_TELEMETRY' not in os.environ:
    # From 1.29 on, ONNX Runtime reports its use over the network unless this is set first.
    os.environ['ORT_DISABLE_TELEMETRY'] = '1'

import onnxruntime


def session(graph: Path) -> onnxruntime.InferenceSession:
    """Return a session that runs a graph on the CPU, in the caller's thread."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(
        str(graph), options, providers=['CPUExecutionProvider']
    )
