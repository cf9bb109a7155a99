# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Two overlapping subscriptions of one topic lose no message and pass none twice."""

from collections import Counter

from dcat_ros.nodes.common.matched_subscription import Deduplication
from hypothesis import given
from hypothesis import strategies as st


@given(
    common=st.lists(st.sampled_from('abc'), max_size=8),
    new_only=st.lists(st.sampled_from('xyz'), max_size=4),
    data=st.data(),
)
def test_each_message_passes_once_whatever_the_order(common, new_only, data):
    """Both subscriptions receive ``common`` in its order; the new one receives more."""
    old, new = list(common), list(common)
    for extra in new_only:
        new.insert(data.draw(st.integers(0, len(new))), extra)
    deduplication = Deduplication()
    passed = []
    while old or new:
        waiting = [number for number, queue in enumerate((old, new)) if queue]
        subscription = data.draw(st.sampled_from(waiting))
        raw = (old, new)[subscription].pop(0).encode()
        if deduplication.is_new(subscription, raw):
            passed.append(raw.decode())
    assert Counter(passed) == Counter(common + new_only)
