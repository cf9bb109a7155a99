# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""The thread in which the engine runs, outside all callbacks."""

from collections.abc import Callable
import threading
import traceback

from dcat_ros.inference import Answer, Engine


class Worker:
    """Steps an engine whenever it is woken, and often enough to notice silence.

    :param engine: the engine to step.
    :param publish: called in the worker's thread with each answer.
    :param report_error: called with the traceback of an unexpected error; the worker continues.
    """

    LONGEST_SLEEP = 0.05  # s

    def __init__(
        self,
        engine: Engine,
        publish: Callable[[Answer], None],
        report_error: Callable[[str], object],
    ) -> None:
        self._engine = engine
        self._publish = publish
        self._report_error = report_error
        self._stopping = False
        self._awake = threading.Event()
        self._thread = threading.Thread(target=self._run, name='inference', daemon=True)
        self._thread.start()

    def wake(self) -> None:
        """Let the worker step the engine now."""
        self._awake.set()

    def stop(self) -> None:
        """End the thread and wait for it."""
        self._stopping = True
        self._awake.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stopping:
            self._awake.wait(self.LONGEST_SLEEP)
            self._awake.clear()
            try:
                for answer in self._engine.step():
                    self._publish(answer)
            except Exception:  # noqa: BLE001 - one bad message must not silence the robot
                self._report_error(traceback.format_exc())
