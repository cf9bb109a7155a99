# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""The thread in which recognition runs, outside all callbacks."""

from collections.abc import Callable
import threading
import traceback

from dcat_ros.inference import Answer, Engine


class Worker:
    """Steps an engine whenever it is woken, and often enough to notice silence.

    :param engine: what is stepped.
    :param publish: called in the worker's thread with each answer.
    :param fail: called with the traceback of an unexpected error; work goes on.
    """

    LONGEST_SLEEP = 0.05

    def __init__(
        self, engine: Engine, publish: Callable[[Answer], None], fail: Callable[[str], object]
    ) -> None:
        self._engine = engine
        self._publish = publish
        self._fail = fail
        self._stop = False
        self._awake = threading.Event()
        self._thread = threading.Thread(target=self._work, name='recognition', daemon=True)
        self._thread.start()

    def wake(self) -> None:
        """Tell that there is something to do."""
        self._awake.set()

    def stop(self) -> None:
        """End the thread and wait for it."""
        self._stop = True
        self._awake.set()
        self._thread.join()

    def _work(self) -> None:
        while not self._stop:
            self._awake.wait(self.LONGEST_SLEEP)
            self._awake.clear()
            try:
                for answer in self._engine.step():
                    self._publish(answer)
            except Exception:  # noqa: BLE001 - one bad message must not silence the robot
                self._fail(traceback.format_exc())
