# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""SIGINT and SIGTERM end a program, also while it runs a destructor."""

import signal

from dcat_ros.commands.signals import ending_at_signals
import pytest


class SignalInDestructor:
    """Gets a signal while it is destroyed."""

    def __init__(self, number):
        self.number = number

    def __del__(self):
        signal.raise_signal(self.number)


@pytest.mark.parametrize('number', [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_the_program_with_its_status(number):
    with pytest.raises(SystemExit) as ended, ending_at_signals():
        signal.raise_signal(number)
    assert ended.value.code == 128 + number


@pytest.mark.parametrize('number', [signal.SIGINT, signal.SIGTERM])
def test_a_signal_in_a_destructor_is_not_lost(number):
    with pytest.raises(SystemExit) as ended, ending_at_signals():
        instance = SignalInDestructor(number)
        del instance
        while True:
            signal.pause()
    assert ended.value.code == 128 + number


def test_the_former_handlers_are_restored():
    before = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGALRM)]
    with ending_at_signals():
        pass
    assert [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGALRM)] == before
