# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Bundles are verified before they are used, and run without network, home or torch."""

import hashlib
import os
import subprocess
import sys

from dcat_ros.bundles import Bundle, BundleError, find_bundle
import numpy as np
import pytest
from tiny_bundles import write_bundle
import yaml


def edit(directory, **changes):
    path = directory / 'manifest.yaml'
    record = yaml.safe_load(path.read_text())
    record.update(changes)
    path.write_text(yaml.safe_dump(record))


@pytest.mark.parametrize('modality', ['imu', 'camera', 'audio'])
def test_written_bundle_loads_and_runs(tmp_path, modality):
    bundle = Bundle(write_bundle(tmp_path / 'b', modality))
    size = (bundle.manifest.window.size, *bundle.modality.sample_shape)
    logits = bundle.run(bundle.modality.features(np.zeros(size, np.float32)))
    assert logits.shape == (2,)


@pytest.mark.parametrize('name', ['model.onnx', 'README.md'])
@pytest.mark.parametrize('damage', ['altered', 'missing'])
def test_every_file_is_verified(tmp_path, name, damage):
    directory = write_bundle(tmp_path / 'b', 'imu')
    path = directory / name
    if damage == 'missing':
        path.unlink()
    else:
        path.write_bytes(path.read_bytes()[:-1] + b'x')
    with pytest.raises(BundleError, match=name):
        Bundle(directory)


def test_a_file_that_no_checksum_covers_is_refused(tmp_path):
    directory = write_bundle(tmp_path / 'b', 'imu')
    (directory / 'weights.bin').write_bytes(b'x')
    with pytest.raises(BundleError, match=r'weights\.bin, which no checksum covers: remove it'):
        Bundle(directory)


@pytest.mark.parametrize(
    ('changes', 'words'),
    [
        ({'format': 2}, 'format 2, expected 1'),
        ({'modality': 'radar'}, 'modality is "radar"'),
        ({'temperature': 0.0}, 'temperature is 0.0'),
        ({'threshold': 1.5}, 'threshold is 1.5'),
        ({'classes': ['a']}, 'two different names'),
        ({'classes': ['a', 'a', 'b']}, 'repeat a name'),
        ({'classes': ['a', 'unknown']}, 'reserved'),
        ({'classes': ['a', 'b', 'c']}, '3 classes'),
        ({'features': {'colour': 1}}, 'no "colour"'),
        ({'window': {'duration': -1, 'rate': 50, 'stride': 1, 'max_gap': 1}}, 'duration is -1'),
        ({'window': {'duration': 1, 'rate': 50, 'stride': 1, 'max_gap': 1}}, 'windows of its'),
        ({'scores': {}}, 'macro_f1'),
        ({'extra': 1}, 'extra'),
    ],
)
def test_an_invalid_manifest_is_refused(tmp_path, changes, words):
    directory = write_bundle(tmp_path / 'b', 'imu')
    edit(directory, **changes)
    with pytest.raises(BundleError, match=words):
        Bundle(directory)


def test_an_invalid_graph_is_refused(tmp_path):
    directory = write_bundle(tmp_path / 'b', 'imu')
    (directory / 'model.onnx').write_bytes(b'no graph')
    files = {
        name: hashlib.sha256((directory / name).read_bytes()).hexdigest()
        for name in ('model.onnx', 'README.md')
    }
    edit(directory, files=files)
    with pytest.raises(BundleError, match='no usable graph'):
        Bundle(directory)


def test_a_manifest_with_python_objects_is_refused(tmp_path):
    directory = write_bundle(tmp_path / 'b', 'imu')
    (directory / 'manifest.yaml').write_text('!!python/object/apply:os.getcwd []')
    with pytest.raises(BundleError, match='cannot be read'):
        Bundle(directory)


def test_names_and_paths_lead_to_directories(tmp_path):
    directory = write_bundle(tmp_path / 'b', 'imu')
    assert find_bundle(str(directory)) == directory
    assert find_bundle('imu_utd_mhad').name == 'imu_utd_mhad'
    with pytest.raises(BundleError, match='no shipped bundle is named "nothing"; there are'):
        find_bundle('nothing')
    with pytest.raises(BundleError, match='is no directory'):
        find_bundle(str(tmp_path / 'gone'))


def test_inference_never_imports_torch():
    code = (
        'import sys, dcat_ros.nodes.inference.node\n'
        'import dcat_ros.nodes.simulate, dcat_ros.nodes.replay\n'
        'from dcat_ros.bundles import Bundle\n'
        'for name in "imu_utd_mhad", "depth_utd_mhad", "audio_sim": Bundle.load(name)\n'
        'found = [m for m in ("torch", "lightning", "sklearn", "onnx") if m in sys.modules]\n'
        'sys.exit(" ".join(found) or 0)'
    )
    done = subprocess.run([sys.executable, '-c', code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_a_node_without_a_camera_does_not_load_opencv():
    code = (
        'import sys, dcat_ros.nodes.inference.node\n'
        'from dcat_ros.bundles import Bundle\n'
        'for name in "imu_utd_mhad", "audio_sim": Bundle.load(name).modality.decoder()\n'
        'sys.exit("cv2" in sys.modules)'
    )
    done = subprocess.run([sys.executable, '-c', code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_nothing_is_reported_or_left_in_the_home(tmp_path):
    bundle = write_bundle(tmp_path / 'b', 'imu')
    home = tmp_path / 'home'
    home.mkdir()
    silencing = ('CI', 'ORT_DISABLE_TELEMETRY', 'XDG_CACHE_HOME')
    env = {key: value for key, value in os.environ.items() if key not in silencing}
    code = f'from dcat_ros.bundles import Bundle; Bundle.load({str(bundle)!r})'
    subprocess.run([sys.executable, '-c', code], check=True, env={**env, 'HOME': str(home)})
    assert not list(home.rglob('*'))


def test_a_score_on_simulated_persons_ranks_below_every_real_one(tmp_path):
    rankings = [
        Bundle(write_bundle(tmp_path / str(number), 'imu', scores=scores)).manifest.ranking
        for number, scores in enumerate([
            {'macro_f1': 1.0, 'simulated': True}, {'macro_f1': 0.2}, {'macro_f1': 0.3},
        ])
    ]
    assert rankings == sorted(rankings)
