# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""The method: what the published loss promises, soft labels, and who is paired with whom."""

from dcat_ros.method import (
    alignment_loss,
    cross_matrix,
    METHODS,
    Network,
    pair_by_time,
    SameLabel,
    SameTime,
    SourceOutput,
)
from dcat_ros.method.encoders.imu import ImuEncoder
from dcat_ros.method.methods import soft_label_loss
from dcat_ros.method.pairing import UNPAIRED
from hypothesis import given, settings
from hypothesis import strategies as st
import numpy as np
import pytest
import torch
from torch.nn.functional import cross_entropy

DIM = 8


def projections(seed, tokens=12, batch=5):
    generator = torch.Generator().manual_seed(seed)
    return [torch.randn(batch, tokens, DIM, generator=generator) for _ in range(3)]


def test_it_is_the_formula_of_the_paper():
    _, source_k, source_v = projections(0)
    _, target_k, target_v = projections(1, tokens=7)
    expected = []
    for row in range(5):
        source = source_k[row].T @ source_v[row]
        target = target_k[row].T @ target_v[row]
        difference = source / source.norm() - target / target.norm()
        expected.append(difference.square().sum().sqrt())
    found = alignment_loss(source_k, source_v, target_k, target_v)
    torch.testing.assert_close(found, torch.stack(expected).mean())
    assert 0 < found < 2


def test_equal_inputs_lose_nothing_and_have_a_gradient_that_is_finite():
    _, k, v = projections(0)
    target_k = k.clone().requires_grad_()
    loss = alignment_loss(k, v, target_k, v)
    loss.backward()
    assert loss == 0
    assert target_k.grad.isfinite().all()


@pytest.mark.parametrize('times', [2, 5])
def test_the_length_of_the_sequence_does_not_matter(times):
    _, source_k, source_v = projections(0)
    _, target_k, target_v = projections(1)
    longer = [each.repeat(1, times, 1) for each in (target_k, target_v)]
    torch.testing.assert_close(
        alignment_loss(source_k, source_v, *longer),
        alignment_loss(source_k, source_v, target_k, target_v),
    )


def test_neither_the_scale_nor_the_order_of_tokens_matters():
    _, source_k, source_v = projections(0)
    _, target_k, target_v = projections(1)
    order = torch.randperm(12)
    torch.testing.assert_close(
        alignment_loss(3 * source_k, source_v, target_k[:, order], 0.1 * target_v[:, order]),
        alignment_loss(source_k, source_v, target_k, target_v),
    )


def test_only_the_target_learns():
    _, source_k, source_v = (each.requires_grad_() for each in projections(0))
    _, target_k, target_v = (each.requires_grad_() for each in projections(1))
    alignment_loss(source_k, source_v, target_k, target_v).backward()
    assert source_k.grad is None and source_v.grad is None
    assert target_k.grad.abs().max() > 0 and target_v.grad.abs().max() > 0


def test_no_tokens_at_all_are_no_number_out_of_range():
    _, k, v = projections(0)
    nothing = torch.zeros_like(k).requires_grad_()
    loss = alignment_loss(k, v, nothing, v)
    loss.backward()
    assert loss == 1 and nothing.grad.isfinite().all()


def attended(q, k, v):
    return (q @ k.transpose(1, 2) * DIM**-0.5).softmax(dim=2) @ v


@pytest.mark.parametrize('seed', range(5))
def test_it_leads_where_the_softmax_form_leads(seed):
    """One step down the loss brings softmax(Q_t K_tᵀ) V_t nearer to softmax(Q_t K_sᵀ) V_s.

    The loss compares directions, so both are compared without what all queries have in common,
    and without scale.
    """
    _, source_k, source_v = projections(2 * seed, tokens=40, batch=20)
    q, target_k, target_v = projections(2 * seed + 1, tokens=40, batch=20)
    target_k, target_v = target_k.requires_grad_(), target_v.requires_grad_()

    def distance(k, v):
        wanted, found = (
            each - each.mean(dim=1, keepdim=True)
            for each in (attended(q, source_k, source_v), attended(q, k, v))
        )
        return (wanted / wanted.norm() - found / found.norm()).norm()

    before = distance(target_k, target_v).item()
    optimizer = torch.optim.SGD([target_k, target_v], lr=100.0)
    for _ in range(10):
        optimizer.zero_grad()
        alignment_loss(source_k, source_v, target_k, target_v).backward()
        optimizer.step()
    assert distance(target_k, target_v).item() < 0.9 * before


@pytest.mark.parametrize(('change', 'text'), [
    (lambda k, v: (k, v[:, :-1]), r'K is \(5, 12, 8\) and V is \(5, 11, 8\)'),
    (lambda k, v: (k[:, :, :4], v[:, :, :4]), 'the same dim'),
    (lambda k, v: (k[:3], v[:3]), 'the same number of windows'),
])
def test_what_does_not_fit_is_said(change, text):
    _, k, v = projections(0)
    with pytest.raises(ValueError, match=text):
        alignment_loss(k, v, *change(k, v))


def test_soft_labels_lose_nothing_when_equal_and_lead_to_the_source():
    source = torch.randn(6, 4)
    torch.testing.assert_close(soft_label_loss(source, source, 2.0), torch.zeros(6))
    logits = torch.zeros(6, 4, requires_grad=True)
    optimizer = torch.optim.Adam([logits], lr=0.1)
    for _ in range(300):
        optimizer.zero_grad()
        soft_label_loss(source, logits, 2.0).sum().backward()
        optimizer.step()
    torch.testing.assert_close(logits.softmax(1), source.softmax(1), rtol=0, atol=0.02)


def test_soft_labels_at_temperature_one_are_cross_entropy_but_for_a_constant():
    source, logits = torch.randn(6, 4), torch.randn(6, 4)
    entropy = -(source.softmax(1) * source.log_softmax(1)).sum(1)
    expected = cross_entropy(logits, source.softmax(1), reduction='none') - entropy
    torch.testing.assert_close(soft_label_loss(source, logits, 1.0), expected)


@pytest.mark.parametrize('name', METHODS)
def test_each_method_teaches_the_target_alone_and_window_by_window(name):
    torch.manual_seed(0)
    source, target = (Network(ImuEncoder(6, 16), 16, 3).eval() for _ in range(2))
    windows = torch.randn(4, 40, 6)
    source_output = SourceOutput.from_network(source(windows))
    loss = METHODS[name]()
    values = loss(target(windows), source_output)
    assert values.shape == (4,)
    values.sum().backward()
    assert any(parameter.grad is not None for parameter in target.parameters())
    assert all(parameter.grad is None for parameter in source.parameters())
    alone = loss(target(windows[2:3]), SourceOutput(*(part[2:3] for part in source_output)))
    torch.testing.assert_close(alone[0], values[2], rtol=0, atol=1e-4)


def test_a_lesson_is_what_the_loss_is_computed_from():
    torch.manual_seed(0)
    network = Network(ImuEncoder(6, 16), 16, 3).eval()
    output = network(torch.randn(4, 40, 6))
    matrix = SourceOutput.from_network(output).matrix
    torch.testing.assert_close(matrix, cross_matrix(output.k, output.v))


def test_partners_by_time_are_the_nearest_of_the_same_recording():
    pairing = pair_by_time(
        np.array([0, 0, 0, 1]), np.array([0, 10, 26, 10]),
        np.array([0, 0, 1, 0]), np.array([9, 1, 13, 20]), 5,
    )
    assert pairing.partner.tolist() == [1, 0, UNPAIRED, 2]


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 2), st.integers(0, 60)), min_size=1, max_size=12),
    st.lists(st.tuples(st.integers(0, 2), st.integers(0, 60)), min_size=1, max_size=12),
    st.integers(0, 30),
)
def test_partners_by_time_are_those_that_a_slow_search_finds(targets, sources, tolerance):
    arrays = [
        np.array(column) for rows in (targets, sources) for column in zip(*rows, strict=True)
    ]
    partner = pair_by_time(*arrays, tolerance).partner
    for (group, time), found in zip(targets, partner, strict=True):
        distances = [abs(other - time) for where, other in sources if where == group]
        near = [distance for distance in distances if distance <= tolerance]
        if found == UNPAIRED:
            assert not near
        else:
            assert sources[found][0] == group
            assert abs(sources[found][1] - time) == min(near)


def random():
    return np.random.default_rng(0)


def test_partners_by_label_have_the_label_and_none_where_nobody_knows_it():
    classes = np.array([2, 0, 2, -1, 1])
    targets = np.array([2, 2, 2, 2, 0, 3, -1] * 5)
    found = SameLabel(classes).partners(np.arange(len(targets)), targets, random())
    named = targets >= 0
    assert (found[~named] == UNPAIRED).all() and (found[targets == 3] == UNPAIRED).all()
    known = found != UNPAIRED
    assert (classes[found[known]] == targets[known]).all()
    assert set(found[targets == 2]) == {0, 2}


def test_the_control_has_the_same_partners_without_relation():
    partner = np.concatenate([np.arange(50), np.full(10, UNPAIRED)])
    control = SameTime(partner).shuffled(random()).partner
    assert sorted(control) == sorted(partner)
    assert (control[50:] == UNPAIRED).all()
    assert (control[:50] == partner[:50]).mean() < 0.2
    classes = np.arange(60) % 3
    control = SameLabel(classes).shuffled(random()).classes
    assert sorted(control) == sorted(classes)
    assert 0.15 < (control == classes).mean() < 0.55


@pytest.mark.parametrize('pairing', [
    SameTime(np.array([4, UNPAIRED, 2, 4])), SameLabel(np.array([0, 1, -1, 1, 0, -1]))
], ids=['time', 'label'])
def test_a_pairing_keeps_its_partners_under_new_numbers(pairing):
    rows, targets = np.arange(4), np.array([0, 1, 1, 0])
    kept = pairing.used_rows(rows)
    before = pairing.partners(rows, targets, random())
    after = pairing.renumbered(kept).partners(rows, targets, random())
    assert (before[before != UNPAIRED] == kept[after[before != UNPAIRED]]).all()
    assert ((before == UNPAIRED) == (after == UNPAIRED)).all()
    has = [pairing.is_paired(rows[i:i + 1], targets[i])[0] for i in range(4)]
    assert has == (before != UNPAIRED).tolist()
