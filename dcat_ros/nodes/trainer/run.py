# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Trainings, one at a time, and the deployment of their bundles."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dcat_ros.bundles import Manifest
from dcat_ros.nodes.trainer.deployment import Deployment
from dcat_ros.nodes.trainer.parameters import Settings
from dcat_ros.nodes.trainer.process import TrainingProcess
from rclpy.node import Node

IDLE, TRAINING, CANCELLING, DEPLOYING = 'idle', 'training', 'cancelling', 'deploying'
CANCELLED, FAILED, DONE = 'cancelled', 'failed', 'done'
RETRY_HINT = 'call ~/train again: finished parts are kept'


@dataclass
class TrainingState:
    """The state of the present training, or of the last one.

    :param state: one of the constants above.
    :param stage: the part in progress; ``done`` of its ``total`` is finished.
    :param fraction: of the whole training, 0 to 1; None while its length is unknown.
    :param remaining: s until its end; None if unknown.
    :param message: the latest message of the training program.
    :param bundle: the directory of the finished bundle.
    :param macro_f1: its score on the test subjects, 0 to 1.
    :param deployed_to: the node that uses it.
    :param problem: what went wrong, and the remedy.
    """

    state: str = IDLE
    stage: str = ''
    done: int = 0
    total: int = 0
    fraction: float | None = None
    remaining: float | None = None
    message: str = ''
    bundle: str = ''
    macro_f1: float | None = None
    deployed_to: str = ''
    problem: str = ''


class TrainingRun:
    """Starts, polls and cancels trainings, of which at most one runs.

    :param node: whose logger is used, and which owns the clients of a deployment.
    """

    def __init__(self, node: Node) -> None:
        self.state = TrainingState()
        self.process: TrainingProcess | None = None
        self._node = node
        self._log = node.get_logger()
        self._deploy_to = ''
        self._deployment: Deployment | None = None

    @property
    def is_busy(self) -> bool:
        """Return whether a training or a deployment is in progress."""
        return self.process is not None or self._deployment is not None

    def start(self, settings: Settings) -> str:
        """Start a training; return a message for the operator.

        :raises ValueError: if one runs already, or the settings are invalid.
        :raises OSError: if the process cannot be started.
        """
        if self.is_busy:
            raise ValueError(f'already {self.state.state}: call ~/cancel first, or wait')
        self.process = TrainingProcess(settings.arguments())
        self._deploy_to = settings.deploy_to
        self.state = TrainingState(TRAINING)
        return f'training {settings.target} in process {self.process.pid}: follow ~/progress'

    def cancel(self) -> str:
        """Stop the training; return a message for the operator.

        :raises ValueError: if none runs.
        """
        if self.process is None:
            raise ValueError(f'no training runs: {self.state.state}')
        self.process.terminate()
        self.state.state = CANCELLING
        return 'cancelling: finished parts are kept, ~/train continues from there'

    def fail(self, problem: str) -> None:
        """Record why a training could not start by itself."""
        self.state = TrainingState(FAILED, problem=problem)

    def poll(self) -> bool:
        """Process what has happened, without blocking; return whether the state has changed."""
        if self.process is not None:
            events = self.process.poll()
            for event in events:
                self._handle(event)
            if self.process.returncode is not None:
                self._on_exit(self.process)
                return True
            return bool(events)
        return self._deployment is not None and self._poll_deployment(self._deployment)

    def close(self) -> None:
        """Stop the training or the deployment, and wait until it has ended."""
        if self._deployment is not None:
            self._deployment.close()
            self._deployment = None
        if self.process is not None:
            self.process.close()
            self.process = None

    def _handle(self, event: dict[str, Any]) -> None:
        training, kind = self.state, event['event']
        if kind == 'say':
            training.message = event['text']
            self._log.info(training.message)
        elif kind == 'stage':
            training.stage, training.done, training.total = event['title'], 0, event['total']
        elif kind == 'progress':
            training.stage, training.done = event['stage'], event['done']
            training.total, training.fraction = event['total'], event['fraction']
            training.remaining = event['remaining']
        elif kind == 'bundle':
            training.bundle = event['path']
        elif kind == 'error':
            training.problem = event['text']

    def _on_exit(self, process: TrainingProcess) -> None:
        """Log how the process has ended; start the deployment of its bundle if asked for."""
        self.process = None
        training = self.state
        training.remaining = None
        if process.returncode == 0 and training.bundle:
            self._on_bundle(Path(training.bundle))
        elif process.is_terminated:
            training.state, training.problem = CANCELLED, ''
            self._log.warning(f'cancelled; {RETRY_HINT}')
        else:
            training.state = FAILED
            training.problem = training.problem or exit_cause(process)
            self._log.error('\n'.join([training.problem, *process.tail]))

    def _on_bundle(self, bundle: Path) -> None:
        try:
            manifest = Manifest.read(bundle)
        except ValueError as error:
            self.state.state, self.state.problem = FAILED, str(error)
            self._log.error(self.state.problem)
            return
        self.state.macro_f1 = manifest.scores['macro_f1']
        self.state.state = DONE
        self._log.info(f'{bundle} is complete, macro-F1 {100 * self.state.macro_f1:.1f}')
        if self._deploy_to:
            self.state.state = DEPLOYING
            self._deployment = Deployment(self._node, self._deploy_to, bundle, manifest)

    def _poll_deployment(self, deployment: Deployment) -> bool:
        try:
            if not deployment.poll():
                return False
            self.state.deployed_to = self._deploy_to
            self._log.info(f'{self._deploy_to} uses {self.state.bundle}')
        except ValueError as error:
            self.state.problem = f'{self.state.bundle} is complete, but not deployed: {error}'
            self._log.error(self.state.problem)
        deployment.close()
        self._deployment = None
        self.state.state = DONE
        return True


def exit_cause(process: TrainingProcess) -> str:
    """Return why a process failed that did not report an error itself."""
    status = process.returncode or 0
    if status < 0:
        hint = ' (SIGKILL, which the kernel sends when memory runs out)' if status == -9 else ''
        return f'the training process was ended by signal {-status}{hint}; {RETRY_HINT}'
    last = process.tail[-1] if process.tail else 'it printed nothing'
    return f'the training process ended with status {status}: {last}; {RETRY_HINT}'
