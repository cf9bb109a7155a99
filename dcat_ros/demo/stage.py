# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Where the steps of the demonstration take place."""

from __future__ import annotations

from collections.abc import Callable
import json
from pathlib import Path
import time
from typing import Any

from dcat_ros.demo.observer import Observer
from dcat_ros.demo.programs import Programs
from dcat_ros.nodes.common.run import make_executor
from dcat_ros.nodes.monitor.screen import Screen
from rcl_interfaces.srv import SetParameters
from rclpy.client import Client
from rclpy.parameter import Parameter
from rclpy.task import Future
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from std_srvs.srv import Trigger

Facts = dict[str, Any]
START_UP = 60.0
"""Seconds in which a program must do what it was started for."""
COLUMNS = (TextColumn('{task.description}'), BarColumn(), TimeElapsedColumn())


class Stage:
    """Programs, an observer of them, and what earlier steps have left.

    :param out: directory for all that the demonstration makes.
    :param asked_to_end: signals that have come.
    """

    def __init__(
        self, out: Path, programs: Programs, observer: Observer, asked_to_end: list[int]
    ) -> None:
        self.out = out
        self.programs = programs
        self.observer = observer
        self.screen = Screen()
        self._asked_to_end = asked_to_end
        self._executor = make_executor()
        self._executor.add_node(observer)

    def kept(self, step: str) -> Facts | None:
        """Return what a step has left, now or in an earlier run; None where it was not run."""
        path = self._file(step)
        return json.loads(path.read_text(encoding='utf-8')) if path.exists() else None

    def needed(self, step: str) -> Facts:
        """Return what a step has left, without which another cannot go on.

        :raises RuntimeError: if it was not run.
        """
        facts = self.kept(step)
        if facts is None:
            raise RuntimeError(f'{step} was not run yet: run `make demo STEP={step}` first')
        return facts

    def keep(self, step: str, facts: Facts) -> None:
        """Keep what a step has to tell."""
        self.out.mkdir(parents=True, exist_ok=True)
        self._file(step).write_text(json.dumps(facts, indent=1), encoding='utf-8')

    def _file(self, step: str) -> Path:
        return self.out / f'{step}.json'

    def until(
        self, condition: Callable[[], Any], complaint: str, seconds: float = START_UP
    ) -> Any:
        """Let callbacks run until a condition gives something; return that.

        :raises RuntimeError: if it does not in time, or a program ends.
        :raises KeyboardInterrupt: on SIGINT or SIGTERM.
        """
        deadline = time.monotonic() + seconds
        while not (found := condition()):
            if time.monotonic() > deadline:
                raise RuntimeError(f'{complaint} within {seconds:g} s')
            self._executor.spin_once(timeout_sec=0.1)
            self.programs.check()
            if self._asked_to_end:
                raise KeyboardInterrupt
        return found

    def watch(self, title: str, seconds: float, share: Callable[[], float] | None = None) -> None:
        """Let callbacks run behind a progress bar, under which stands what was heard last.

        :param seconds: how long, or, where a share is given, how long at most.
        :param share: returns how much is done, 1.0 at the end.
        """
        began = time.monotonic()

        def done() -> float:
            return share() if share else (time.monotonic() - began) / seconds

        console = self.screen.console
        with Progress(
            *COLUMNS, console=console, transient=True, disable=not console.is_terminal
        ) as progress:
            task = progress.add_task(title, total=1.0)

            def looked() -> bool:
                completed = done()
                progress.update(
                    task, completed=completed, description=f'{title}  {self.observer.newest}'
                )
                return completed >= 1.0

            self.until(looked, f'{title}: not done', seconds + (0.0 if share else 1.0))

    def call(self, service: str) -> str:
        """Call a `std_srvs/Trigger` service; return the answer.

        :raises RuntimeError: if the node refuses.
        """
        client: Client = self.observer.create_client(Trigger, service)
        self.until(client.service_is_ready, f'nobody offers {service}')
        answer = self._answer(client, Trigger.Request())
        if not answer.success:
            raise RuntimeError(f'{service} was refused: {answer.message}')
        return answer.message

    def set(self, node: str, values: dict[str, Any]) -> None:
        """Set parameters of a node.

        :raises RuntimeError: if it refuses one.
        """
        client: Client = self.observer.create_client(SetParameters, f'{node}/set_parameters')
        self.until(client.service_is_ready, f'{node} does not run')
        changes = [Parameter(name, value=value) for name, value in values.items()]
        answer = self._answer(client, SetParameters.Request(
            parameters=[change.to_parameter_msg() for change in changes]
        ))
        for result in answer.results:
            if not result.successful:
                raise RuntimeError(f'{node} refused: {result.reason}')

    def _answer(self, client: Client, request: Any) -> Any:
        future: Future = client.call_async(request)
        self.until(future.done, f'{client.service_name} was not answered')
        self.observer.destroy_client(client)
        return future.result()
