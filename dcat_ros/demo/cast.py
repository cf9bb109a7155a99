# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Programs that several steps need: they are started where they do not run yet."""

from __future__ import annotations

from typing import Any

from dcat_ros.demo.people import CLOSE_BY, HARMLESS
from dcat_ros.demo.programs import NAMESPACE
from dcat_ros.demo.stage import Stage
from dcat_ros.share import share_directory

SHIPPED = {'imu.bundle': 'imu_sim', 'camera.bundle': 'camera_sim', 'audio.bundle': 'audio_sim'}


def bundle(stage: Stage) -> str:
    """Return the IMU's bundle: the one that was trained here, else a shipped one."""
    trained = stage.kept('train')
    return trained['bundle'] if trained else SHIPPED['imu.bundle']


def inference(stage: Stage, own: bool) -> None:
    """Let the inference node recognise from the IMU alone.

    :param own: whether to begin with the bundle that was trained here.
    """
    if not stage.programs.is_running('inference'):
        values: dict[str, Any] = {'modality': 'imu', 'priority': '[imu, camera, audio]', **SHIPPED}
        if own:
            values['imu.bundle'] = bundle(stage)
        stage.programs.start('inference', values)


def person(stage: Stage, parameters: dict[str, object]) -> None:
    """Let a simulated person come in place of the one before."""
    if stage.programs.is_running('simulate'):
        stage.programs.stop('simulate')
    stage.programs.start('simulate', parameters)


def controller(stage: Stage) -> None:
    """Let the example of a robot's controller listen."""
    if not stage.programs.is_running('speed_controller'):
        stage.programs.start('speed_controller', {
            'inference': f'{NAMESPACE}/inference',
            'harmless': f'[{", ".join(HARMLESS)}]',
            'close_by': f'[{", ".join(CLOSE_BY)}]',
        }, script=share_directory() / 'examples' / 'speed_controller' / 'speed_controller.py')
