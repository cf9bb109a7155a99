# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Starts the programs that several steps need, unless they already run."""

from __future__ import annotations

from typing import Any

from dcat_ros.demo.context import DemoContext
from dcat_ros.demo.programs import NAMESPACE
from dcat_ros.demo.scenario import CLOSE_BY, HARMLESS
from dcat_ros.share import share_directory

SHIPPED = {'imu.bundle': 'imu_sim', 'camera.bundle': 'camera_sim', 'audio.bundle': 'audio_sim'}


def bundle(context: DemoContext) -> str:
    """Return the IMU bundle: the one trained in this demonstration, or a shipped one."""
    trained = context.result_of('train')
    return trained['bundle'] if trained else SHIPPED['imu.bundle']


def inference(context: DemoContext, own: bool) -> None:
    """Start the inference node with the IMU alone.

    :param own: whether to begin with the bundle trained in this demonstration.
    """
    if not context.programs.is_running('inference'):
        values: dict[str, Any] = {'modality': 'imu', 'priority': '[imu, camera, audio]', **SHIPPED}
        if own:
            values['imu.bundle'] = bundle(context)
        context.programs.start('inference', values)


def person(context: DemoContext, parameters: dict[str, object]) -> None:
    """Start a simulated person, in place of the one before."""
    if context.programs.is_running('simulate'):
        context.programs.stop('simulate')
    context.programs.start('simulate', parameters)


def controller(context: DemoContext) -> None:
    """Start the example of a robot controller."""
    if not context.programs.is_running('speed_controller'):
        context.programs.start('speed_controller', {
            'inference': f'{NAMESPACE}/inference',
            'harmless': f'[{", ".join(HARMLESS)}]',
            'close_by': f'[{", ".join(CLOSE_BY)}]',
        }, script=share_directory() / 'examples' / 'speed_controller' / 'speed_controller.py')
