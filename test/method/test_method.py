# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""The network: shapes, what attention computes, gradients everywhere, ONNX."""

import math

from dcat_ros.method import Network, SelfAttention
from dcat_ros.method.encoders.audio import AudioEncoder
from dcat_ros.method.encoders.camera import DepthEncoder
from dcat_ros.method.encoders.imu import ImuEncoder
from dcat_ros.training.export import write_graph
import numpy as np
import onnxruntime
import pytest
import torch

DIM, CLASSES = 64, 5
SHAPES = {'imu': (100, 6), 'camera': (20, 2, 48, 40), 'grey': (16, 2, 36, 48), 'audio': (99, 40)}


def encoder(name):
    if name == 'imu':
        return ImuEncoder(6, DIM)
    if name == 'audio':
        return AudioEncoder(40, DIM)
    return DepthEncoder(*SHAPES[name], DIM)


@pytest.fixture(params=list(SHAPES))
def network_and_windows(request):
    torch.manual_seed(0)
    network = Network(encoder(request.param), DIM, CLASSES)
    return network, torch.randn(3, *SHAPES[request.param])


def test_network_returns_logits_projections_and_pooled_features(network_and_windows):
    network, windows = network_and_windows
    out = network(windows)
    assert out.logits.shape == (3, CLASSES)
    assert out.q.shape == out.k.shape == out.v.shape
    assert out.q.shape[0] == 3 and out.q.shape[2] == DIM
    assert out.q.shape[1] == network.encoder(windows).shape[1] > 1
    assert out.pooled.shape == (3, 2 * DIM)


def test_every_parameter_learns(network_and_windows):
    network, windows = network_and_windows
    network(windows).logits.logsumexp(dim=1).sum().backward()
    for name, parameter in network.named_parameters():
        if name != 'attention.key.bias':  # adds the same to all scores of a query
            assert parameter.grad is not None and parameter.grad.abs().max() > 0, name


def test_evaluation_does_not_depend_on_the_rest_of_the_batch(network_and_windows):
    network, windows = network_and_windows
    network.eval()
    with torch.no_grad():
        together, alone = network(windows).logits, network(windows[1:2]).logits
    torch.testing.assert_close(together[1:2], alone, rtol=0, atol=1e-5)


@pytest.mark.parametrize('name', ['imu', 'camera', 'audio'])
def test_graph_does_what_the_network_does_for_any_batch(name, tmp_path):
    network, windows = Network(encoder(name), DIM, CLASSES), torch.randn(3, *SHAPES[name])
    network.eval()
    path = tmp_path / 'model.onnx'
    write_graph(network, windows[0].numpy(), path)
    assert str(tmp_path.parent).encode() not in path.read_bytes()
    assert b'.py' not in path.read_bytes()
    session = onnxruntime.InferenceSession(path, providers=['CPUExecutionProvider'])
    for batch in (windows[:1], windows):
        with torch.no_grad():
            expected = network(batch).logits.numpy()
        (found,) = session.run(None, {'window': batch.numpy()})
        np.testing.assert_allclose(found, expected, rtol=0, atol=1e-5)


def test_attention_is_scaled_dot_product_attention():
    torch.manual_seed(0)
    attention = SelfAttention(8)
    out = attention(torch.randn(2, 5, 8))
    expected = torch.nn.functional.scaled_dot_product_attention(out.q, out.k, out.v)
    torch.testing.assert_close(out.tokens, expected)


def test_attention_does_not_care_for_the_order_of_tokens():
    torch.manual_seed(0)
    attention, tokens = SelfAttention(8), torch.randn(2, 5, 8)
    torch.testing.assert_close(
        attention(tokens.flip(1)).tokens, attention(tokens).tokens.flip(1)
    )


def test_audio_encoder_is_small():
    assert sum(p.numel() for p in AudioEncoder().parameters()) < 150_000


@pytest.mark.parametrize('degrees', [10.0, 90.0, 180.0])
def test_the_imu_encoder_does_not_care_how_the_strap_is_rolled(degrees):
    torch.manual_seed(0)
    encoder = ImuEncoder().eval()
    window = torch.randn(4, 100, 6) + torch.tensor([0.3, 0.5, -0.6, 0.0, 0.0, 0.0])
    angle = math.radians(degrees)
    roll = torch.tensor([
        [1.0, 0.0, 0.0],
        [0.0, math.cos(angle), -math.sin(angle)],
        [0.0, math.sin(angle), math.cos(angle)],
    ])
    rolled = torch.cat([window[:, :, :3] @ roll, window[:, :, 3:] @ roll], dim=2)
    torch.testing.assert_close(encoder(rolled), encoder(window), atol=1e-4, rtol=1e-4)
    reversed_strap = window * torch.tensor([-1.0, -1.0, 1.0, -1.0, -1.0, 1.0])
    assert (encoder(reversed_strap) - encoder(window)).abs().max() > 0.1


def test_without_lateral_acceleration_the_imu_encoder_stays_finite():
    assert torch.isfinite(ImuEncoder().eval()(torch.zeros(2, 100, 6))).all()
