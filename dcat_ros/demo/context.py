# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""What all steps of the demonstration share: programs, observer, results and service calls."""

from __future__ import annotations

from collections.abc import Callable
import json
from pathlib import Path
import time
from typing import Any

from dcat_ros.demo.observer import Observer
from dcat_ros.demo.programs import Programs
from dcat_ros.nodes.common.run import make_executor
from rcl_interfaces.srv import SetParameters
from rclpy.client import Client
from rclpy.parameter import Parameter
from rclpy.task import Future
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from std_srvs.srv import Trigger

StepResult = dict[str, Any]
START_UP = 60.0
"""Seconds within which a started program must do its work."""
COLUMNS = (TextColumn('{task.description}'), BarColumn(), TimeElapsedColumn())


class DemoContext:
    """Programs, the observer of their topics, and the results of earlier steps.

    :param out: directory for all output of the demonstration.
    :param asked_to_end: received signals.
    """

    def __init__(
        self, out: Path, programs: Programs, observer: Observer, asked_to_end: list[int]
    ) -> None:
        self.out = out
        self.programs = programs
        self.observer = observer
        self.console = Console(markup=False, soft_wrap=True)
        self._asked_to_end = asked_to_end
        self._executor = make_executor()
        self._executor.add_node(observer)

    def result_of(self, step: str) -> StepResult | None:
        """Return the result of a step, of this or an earlier run; None if it has not run."""
        path = self._file(step)
        return json.loads(path.read_text(encoding='utf-8')) if path.exists() else None

    def required_result(self, step: str) -> StepResult:
        """Return the result of a step that another one needs.

        :raises RuntimeError: if it has not run.
        """
        result = self.result_of(step)
        if result is None:
            raise RuntimeError(f'{step} has not run yet: run `make demo STEP={step}` first')
        return result

    def store_result(self, step: str, result: StepResult) -> None:
        """Store the result of a step."""
        self.out.mkdir(parents=True, exist_ok=True)
        self._file(step).write_text(json.dumps(result, indent=1), encoding='utf-8')

    def _file(self, step: str) -> Path:
        return self.out / f'{step}.json'

    def until(
        self, condition: Callable[[], Any], complaint: str, seconds: float = START_UP
    ) -> Any:
        """Run callbacks until a condition returns something true; return that.

        :raises RuntimeError: if it does not do so in time, or a program ends.
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

    def wait_with_progress(
        self, title: str, seconds: float, share: Callable[[], float] | None = None
    ) -> None:
        """Run callbacks and show a progress bar with the newest result.

        :param seconds: how long; with a share, how long at most.
        :param share: returns how much is done, 1.0 at the end.
        """
        began = time.monotonic()

        def done() -> float:
            return share() if share else (time.monotonic() - began) / seconds

        console = self.console
        with Progress(
            *COLUMNS, console=console, transient=True, disable=not console.is_terminal
        ) as progress:
            task = progress.add_task(title, total=1.0)

            def is_done() -> bool:
                completed = done()
                progress.update(
                    task, completed=completed, description=f'{title}  {self.observer.newest}'
                )
                return completed >= 1.0

            self.until(is_done, f'{title}: not done', seconds + (0.0 if share else 1.0))

    def call_service(self, service: str) -> str:
        """Call a `std_srvs/Trigger` service; return its message.

        :raises RuntimeError: if the node refuses.
        """
        client: Client = self.observer.create_client(Trigger, service)
        self.until(client.service_is_ready, f'there is no service {service}')
        response = self._call(client, Trigger.Request())
        if not response.success:
            raise RuntimeError(f'{service} was refused: {response.message}')
        return response.message

    def set_parameters(self, node: str, values: dict[str, Any]) -> None:
        """Set parameters of a node.

        :raises RuntimeError: if it refuses one.
        """
        client: Client = self.observer.create_client(SetParameters, f'{node}/set_parameters')
        self.until(client.service_is_ready, f'{node} does not run')
        changes = [Parameter(name, value=value) for name, value in values.items()]
        response = self._call(client, SetParameters.Request(
            parameters=[change.to_parameter_msg() for change in changes]
        ))
        for result in response.results:
            if not result.successful:
                raise RuntimeError(f'{node} refused: {result.reason}')

    def _call(self, client: Client, request: Any) -> Any:
        future: Future = client.call_async(request)
        self.until(future.done, f'{client.service_name} did not respond')
        self.observer.destroy_client(client)
        return future.result()
