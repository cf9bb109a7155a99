# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Processes that work side by side, and end with the one that has started them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
import multiprocessing
from multiprocessing.process import BaseProcess
import os
import signal
from threading import Thread
from typing import Any


@contextmanager
def side_by_side(
    workers: int, prepare: Callable[..., object] | None = None, *arguments: Any
) -> Iterator[ProcessPoolExecutor]:
    """Yield processes to give work to; what they are still at on leaving is given up.

    :param prepare: called in each process with the arguments, before any work.
    """
    others = multiprocessing.active_children()
    pool = ProcessPoolExecutor(
        workers, multiprocessing.get_context('spawn'), initializer=_begin,
        initargs=(prepare, *arguments),
    )
    try:
        yield pool
    finally:
        for process in multiprocessing.active_children():
            if process not in others:
                process.terminate()
        pool.shutdown(cancel_futures=True)


def _begin(prepare: Callable[..., object] | None, *arguments: Any) -> None:
    """Let this process end at once when it is told to, or when its parent has ended."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_DFL)
    parent = multiprocessing.parent_process()
    if parent is not None:
        Thread(target=_end_with, args=(parent,), daemon=True).start()
    if prepare is not None:
        prepare(*arguments)


def _end_with(parent: BaseProcess) -> None:
    parent.join()
    os._exit(1)
