# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""What the trainer says of itself, on ``~/progress`` and ``/diagnostics``."""

from __future__ import annotations

from dcat_ros.nodes.common.messages import diagnostic_status
from dcat_ros.nodes.trainer.run import (
    AGAIN,
    CANCELLED,
    CANCELLING,
    DEPLOYING,
    DONE,
    FAILED,
    IDLE,
    TRAINING,
    TrainingRun,
)
from diagnostic_msgs.msg import DiagnosticStatus

MEGABYTE = 10**6


def training_status(name: str, run: TrainingRun, lacking: str) -> DiagnosticStatus:
    """Return where the training stands.

    :param lacking: which parameter is still needed for one, empty if none.
    """
    standing, process = run.standing, run.process
    level = DiagnosticStatus.OK
    if standing.problem:
        level = DiagnosticStatus.ERROR
    elif standing.state == CANCELLED:
        level = DiagnosticStatus.WARN
    return diagnostic_status(f'{name}: training', level, _message(run, lacking), {
        'state': standing.state,
        'stage': standing.stage,
        'stage_done': str(standing.done),
        'stage_total': str(standing.total),
        'fraction': _number(standing.fraction, '.4f'),
        'remaining_s': _number(standing.remaining, '.0f'),
        'said': standing.said,
        'bundle': standing.bundle,
        'macro_f1': _number(standing.macro_f1, '.4f'),
        'deployed_to': standing.deployed_to,
        'pid': str(process.pid) if process else '',
        'memory_mb': f'{process.resident_memory / MEGABYTE:.0f}' if process else '',
    })


def _message(run: TrainingRun, lacking: str) -> str:
    standing = run.standing
    if standing.problem:
        return standing.problem
    return {
        IDLE: lacking or 'ready: call ~/train',
        TRAINING: _under_way(run),
        CANCELLING: 'ending the training process',
        CANCELLED: f'cancelled; {AGAIN}',
        DEPLOYING: f'{standing.bundle} is whole, waiting for it to be used',
        FAILED: standing.problem,
        DONE: f'{standing.bundle} is whole' + (
            f', and {standing.deployed_to} recognises with it' if standing.deployed_to else ''
        ),
    }[standing.state]


def _under_way(run: TrainingRun) -> str:
    standing = run.standing
    if not standing.stage:
        return 'training: starting'
    text = f'training: {standing.stage}, {standing.done} of {standing.total}'
    if standing.fraction is not None:
        text += f', {100 * standing.fraction:.0f} % in all'
    if standing.remaining is not None:
        minutes, seconds = divmod(round(standing.remaining), 60)
        text += f', {minutes}:{seconds:02} min left'
    return text


def _number(value: float | None, form: str) -> str:
    return '' if value is None else format(value, form)
