# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""One training after another: what each has come to, and the deployment of its bundle."""

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
AGAIN = 'call ~/train again: finished parts are kept'


@dataclass
class Standing:
    """Where a training stands.

    :param state: one of the words above.
    :param stage: the part that is under way, of whose ``total`` ``done`` is done.
    :param fraction: of the whole training, 0 to 1; None while its length is unknown.
    :param remaining: s until its end; None if unknown.
    :param said: the newest sentence of the training.
    :param bundle: the directory of the finished bundle.
    :param macro_f1: its validated score, 0 to 1.
    :param deployed_to: the node that recognises with it.
    :param problem: what went wrong, and the remedy.
    """

    state: str = IDLE
    stage: str = ''
    done: int = 0
    total: int = 0
    fraction: float | None = None
    remaining: float | None = None
    said: str = ''
    bundle: str = ''
    macro_f1: float | None = None
    deployed_to: str = ''
    problem: str = ''


class TrainingRun:
    """Begins, follows and ends trainings, of which at most one runs.

    :param node: in whose name bundles are deployed, and whose log is written.
    """

    def __init__(self, node: Node) -> None:
        self.standing = Standing()
        self.process: TrainingProcess | None = None
        self._node = node
        self._log = node.get_logger()
        self._deploy_to = ''
        self._deployment: Deployment | None = None

    @property
    def is_busy(self) -> bool:
        """Whether a training or a deployment is under way."""
        return self.process is not None or self._deployment is not None

    def start(self, settings: Settings) -> str:
        """Begin a training; return what the operator should know.

        :raises ValueError: when one runs already, or the settings make no sense.
        :raises OSError: when the process cannot be started.
        """
        if self.is_busy:
            raise ValueError(f'already {self.standing.state}: call ~/cancel first, or wait')
        self.process = TrainingProcess(settings.command())
        self._deploy_to = settings.deploy_to
        self.standing = Standing(TRAINING)
        return f'training {settings.target} in process {self.process.pid}: follow ~/progress'

    def cancel(self) -> str:
        """Tell the training to end; return what the operator should know.

        :raises ValueError: when none runs.
        """
        if self.process is None:
            raise ValueError(f'no training runs: {self.standing.state}')
        self.process.end()
        self.standing.state = CANCELLING
        return 'cancelling: finished parts are kept, ~/train goes on from there'

    def refuse(self, problem: str) -> None:
        """Note why a training that was to begin by itself did not."""
        self.standing = Standing(FAILED, problem=problem)

    def look(self) -> bool:
        """Follow what is under way, without waiting; return whether there is something new."""
        if self.process is not None:
            events = self.process.look()
            for event in events:
                self._take(event)
            if self.process.status is not None:
                self._conclude(self.process)
                return True
            return bool(events)
        return self._deployment is not None and self._go_on(self._deployment)

    def close(self) -> None:
        """End what is under way, and wait for it."""
        if self._deployment is not None:
            self._deployment.close()
            self._deployment = None
        if self.process is not None:
            self.process.close()
            self.process = None

    def _take(self, event: dict[str, Any]) -> None:
        standing, kind = self.standing, event['event']
        if kind == 'say':
            standing.said = event['text']
            self._log.info(standing.said)
        elif kind == 'stage':
            standing.stage, standing.done, standing.total = event['title'], 0, event['total']
        elif kind == 'progress':
            standing.stage, standing.done = event['stage'], event['done']
            standing.total, standing.fraction = event['total'], event['fraction']
            standing.remaining = event['remaining']
        elif kind == 'bundle':
            standing.bundle = event['path']
        elif kind == 'error':
            standing.problem = event['text']

    def _conclude(self, process: TrainingProcess) -> None:
        """Say how the process has ended, and deploy the bundle where that is asked for."""
        self.process = None
        standing = self.standing
        standing.remaining = None
        if process.status == 0 and standing.bundle:
            self._finish(Path(standing.bundle))
        elif process.is_told_to_end:
            standing.state, standing.problem = CANCELLED, ''
            self._log.warning(f'cancelled; {AGAIN}')
        else:
            standing.state = FAILED
            standing.problem = standing.problem or cause(process)
            self._log.error('\n'.join([standing.problem, *process.tail]))

    def _finish(self, bundle: Path) -> None:
        try:
            manifest = Manifest.read(bundle)
        except ValueError as error:
            self.standing.state, self.standing.problem = FAILED, str(error)
            self._log.error(self.standing.problem)
            return
        self.standing.macro_f1 = manifest.scores['macro_f1']
        self.standing.state = DONE
        self._log.info(f'{bundle} is whole, macro-F1 {100 * self.standing.macro_f1:.1f}')
        if self._deploy_to:
            self.standing.state = DEPLOYING
            self._deployment = Deployment(self._node, self._deploy_to, bundle, manifest)

    def _go_on(self, deployment: Deployment) -> bool:
        try:
            if not deployment.look():
                return False
            self.standing.deployed_to = self._deploy_to
            self._log.info(f'{self._deploy_to} recognises with {self.standing.bundle}')
        except ValueError as error:
            self.standing.problem = f'{self.standing.bundle} is whole, but not deployed: {error}'
            self._log.error(self.standing.problem)
        deployment.close()
        self._deployment = None
        self.standing.state = DONE
        return True


def cause(process: TrainingProcess) -> str:
    """Return why a process ended that said nothing of it itself."""
    status = process.status or 0
    if status < 0:
        hint = ' (SIGKILL, as the kernel sends it when memory runs out)' if status == -9 else ''
        return f'the training process was ended by signal {-status}{hint}; {AGAIN}'
    last = process.tail[-1] if process.tail else 'it said nothing'
    return f'the training process ended with status {status}: {last}; {AGAIN}'
