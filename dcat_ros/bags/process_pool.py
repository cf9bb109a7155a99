# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""A process pool whose workers end with the process that started them."""

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
def process_pool(
    workers: int, initializer: Callable[..., object] | None = None, *arguments: Any
) -> Iterator[ProcessPoolExecutor]:
    """Yield a process pool; tasks that still run on leaving the context are killed.

    :param initializer: called in each process with the arguments, before any task.
    """
    others = multiprocessing.active_children()
    pool = ProcessPoolExecutor(
        workers, multiprocessing.get_context('spawn'), initializer=_initialize,
        initargs=(initializer, *arguments),
    )
    try:
        yield pool
    finally:
        for process in multiprocessing.active_children():
            if process not in others:
                process.terminate()
        pool.shutdown(cancel_futures=True)


def _initialize(initializer: Callable[..., object] | None, *arguments: Any) -> None:
    """Let this process end at once on a signal, or when its parent has ended."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_DFL)
    parent = multiprocessing.parent_process()
    if parent is not None:
        Thread(target=_exit_after, args=(parent,), daemon=True).start()
    if initializer is not None:
        initializer(*arguments)


def _exit_after(parent: BaseProcess) -> None:
    parent.join()
    os._exit(1)
