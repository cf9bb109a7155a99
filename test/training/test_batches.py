# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Batches made ahead: the same ones in order, and no error lost."""

import threading

from dcat_ros.training.batches import Prefetch
import pytest


class Counted:
    """Batches that are numbers, and note in which thread they were made."""

    def __init__(self, count, broken=None):
        self.count, self.broken, self.threads = count, broken, set()

    def __len__(self):
        return self.count

    def __getitem__(self, index):
        if index == self.broken:
            raise OSError('the cache is gone')
        self.threads.add(threading.current_thread())
        return index


@pytest.mark.parametrize('count', [1, 2, 25])
def test_all_come_once_and_in_order(count):
    batches = Counted(count)
    ahead = Prefetch(batches)
    assert len(ahead) == count
    assert list(ahead) == list(ahead) == list(range(count))
    assert threading.main_thread() not in batches.threads


def test_the_next_is_made_before_it_is_asked_for():
    made = threading.Event()

    class Watched(Counted):

        def __getitem__(self, index):
            if index == 1:
                made.set()
            return index

    batches = iter(Prefetch(Watched(3)))
    assert next(batches) == 0
    assert made.wait(60)


def test_an_error_comes_with_its_batch():
    batches = iter(Prefetch(Counted(3, broken=1)))
    assert next(batches) == 0
    with pytest.raises(OSError, match='the cache is gone'):
        next(batches)


def test_no_thread_outlives_a_pass_given_up():
    batches = Counted(10)
    some = iter(Prefetch(batches))
    next(some)
    some.close()
    assert not any(thread.is_alive() for thread in batches.threads)
