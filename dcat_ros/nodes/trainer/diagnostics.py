# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""The trainer's status on ``~/progress`` and ``/diagnostics``."""

from __future__ import annotations

from dcat_ros.nodes.common.messages import diagnostic_status
from dcat_ros.nodes.trainer.run import (
    CANCELLED,
    CANCELLING,
    DEPLOYING,
    DONE,
    FAILED,
    IDLE,
    RETRY_HINT,
    TRAINING,
    TrainingRun,
)
from diagnostic_msgs.msg import DiagnosticStatus

MEGABYTE = 10**6


def training_status(name: str, run: TrainingRun, missing: str) -> DiagnosticStatus:
    """Return the status of the training.

    :param missing: which parameter a training still needs, empty if none.
    """
    training, process = run.state, run.process
    level = DiagnosticStatus.OK
    if training.problem:
        level = DiagnosticStatus.ERROR
    elif training.state == CANCELLED:
        level = DiagnosticStatus.WARN
    return diagnostic_status(f'{name}: training', level, _message(run, missing), {
        'state': training.state,
        'stage': training.stage,
        'stage_done': str(training.done),
        'stage_total': str(training.total),
        'fraction': _number(training.fraction, '.4f'),
        'remaining_s': _number(training.remaining, '.0f'),
        'said': training.message,
        'bundle': training.bundle,
        'macro_f1': _number(training.macro_f1, '.4f'),
        'deployed_to': training.deployed_to,
        'pid': str(process.pid) if process else '',
        'memory_mb': f'{process.resident_memory / MEGABYTE:.0f}' if process else '',
    })


def _message(run: TrainingRun, missing: str) -> str:
    training = run.state
    if training.problem:
        return training.problem
    return {
        IDLE: missing or 'ready: call ~/train',
        TRAINING: _progress(run),
        CANCELLING: 'ending the training process',
        CANCELLED: f'cancelled; {RETRY_HINT}',
        DEPLOYING: f'{training.bundle} is complete, waiting until it is in use',
        FAILED: training.problem,
        DONE: f'{training.bundle} is complete' + (
            f', and {training.deployed_to} uses it' if training.deployed_to else ''
        ),
    }[training.state]


def _progress(run: TrainingRun) -> str:
    training = run.state
    if not training.stage:
        return 'training: starting'
    text = f'training: {training.stage}, {training.done} of {training.total}'
    if training.fraction is not None:
        text += f', {100 * training.fraction:.0f} % in total'
    if training.remaining is not None:
        minutes, seconds = divmod(round(training.remaining), 60)
        text += f', {minutes}:{seconds:02} min left'
    return text


def _number(value: float | None, form: str) -> str:
    return '' if value is None else format(value, form)
