# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""The inference node's parameters and their checked values."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from dcat_ros.inference import SourceSettings
from dcat_ros.modalities import MODALITIES
from dcat_ros.modalities.audio import AudioFormat, SAMPLE_FORMATS
from dcat_ros.modalities.body import JOINTS
from dcat_ros.modalities.camera import CameraFormat
from dcat_ros.modalities.images.pose_weights import MODELS
from dcat_ros.modalities.imu import ACCELERATION_UNITS, ANGULAR_VELOCITY_UNITS, ImuFormat
from dcat_ros.modalities.skeleton import SkeletonFormat
from dcat_ros.nodes.common.parameters import Parameter

AUTO = 'auto'
BY_SCORE = 'validated_score'

PARAMETERS = {
    'autostart': Parameter('Configure and activate at start.', read_only=True),
    'modality': Parameter(
        'The sensor to recognise from; auto takes the best one that is alive.',
        choices=(AUTO, *MODALITIES),
    ),
    'priority': Parameter(
        'Order of the sensors in auto, best first.',
        constraint=f'[{BY_SCORE}], or modalities without repetition; what is left out is not used',
    ),
    **{
        f'{name}.bundle': Parameter(
            f'Bundle for {name}, if any; it is loaded again whenever this is set.',
            constraint='the name of a shipped bundle, or a path with a "/"',
            default='',
        )
        for name in MODALITIES
    },
    'audio.sample_rate': Parameter(
        'Hz to assume while no AudioInfo is received; 0 waits for one.', 0, 192000
    ),
    'audio.channels': Parameter('Channels to assume while no AudioInfo is received.', 1, 64),
    'audio.sample_format': Parameter(
        'Sample format to assume while no AudioInfo is received.',
        choices=tuple(SAMPLE_FORMATS),
    ),
    'imu.acceleration_unit': Parameter(
        "Unit of the driver's linear acceleration.", choices=tuple(ACCELERATION_UNITS)
    ),
    'imu.angular_velocity_unit': Parameter(
        "Unit of the driver's angular velocity.", choices=tuple(ANGULAR_VELOCITY_UNITS)
    ),
    'imu.mounting': Parameter(
        'Roll, pitch and yaw of the sensor in the frame of its model card, x along the limb.',
        constraint='three numbers, degrees',
    ),
    'camera.rotation': Parameter(
        'Degrees by which images are turned clockwise.', constraint='0, 90, 180 or 270'
    ),
    'camera.pose_model': Parameter(
        'For a bundle that is made for skeletons: BlazePose from fast to exact.',
        choices=MODELS,
    ),
    'camera.pose_rate': Parameter(
        'For a bundle that is made for skeletons: most poses a second; 0 for every image.',
        0.0, 120.0,
    ),
    'skeleton.joints': Parameter(
        'Names of the poses in their order; others than the known joints are ignored.',
        constraint=', '.join(JOINTS),
    ),
    'skeleton.mounting': Parameter(
        'Roll, pitch and yaw of the frame of the poses in an optical frame (REP 103).',
        constraint='three numbers, degrees',
    ),
    'skeleton.aspect_ratio': Parameter(
        'Width over height of the image that hri_msgs/Skeleton2D is about.', 0.1, 10.0
    ),
    'stride': Parameter("Seconds between answers; 0 for the bundle's own.", 0.0, 60.0),
    'threshold': Parameter(
        "Calibrated score below which the answer is unknown; negative for the bundle's own.",
        -1.0, 1.0,
    ),
    'smoothing': Parameter('Weight of past windows in the scores; 0 for none.', 0.0, 0.99),
    'stale_timeout': Parameter(
        'Seconds after which a stamp is too old, or too far ahead, and a silent sensor means '
        'unknown.',
        0.1, 60.0,
    ),
    'return_delay': Parameter(
        'Seconds that a sensor which failed must deliver before auto returns to it.', 0.0, 600.0
    ),
}


@dataclass(frozen=True)
class Settings:
    """The parameters' values, checked.

    :param modalities: the sensors to use, best first unless ``by_score``.
    :param by_score: whether the validated scores of their bundles decide the order.
    :param bundles: bundle by modality; those without a bundle are left out.
    :param formats: what drivers publish and how sensors are mounted, by modality; None for what is
        standard, or for an audio format that an AudioInfo tells.
    :param source: the settings of every source.
    """

    modalities: tuple[str, ...]
    by_score: bool
    bundles: dict[str, str]
    formats: dict[str, Any]
    source: SourceSettings

    @property
    def without_bundle(self) -> list[str]:
        """Return the modalities that cannot be used, since they have no bundle."""
        return [name for name in MODALITIES if name not in self.bundles]

    @classmethod
    def from_parameters(cls, values: Mapping[str, Any]) -> 'Settings':
        """Return the settings for parameter values by name.

        :raises ValueError: if values contradict each other or name something unknown.
        """
        bundles = {name: values[f'{name}.bundle'] for name in MODALITIES}
        bundles = {name: bundle for name, bundle in bundles.items() if bundle}
        modality, priority = values['modality'], list(values['priority'])
        by_score = priority == [BY_SCORE]
        if not by_score and (
            not priority or len(set(priority)) < len(priority) or set(priority) - set(MODALITIES)
        ):
            raise ValueError(
                f'priority is {priority}, expected [{BY_SCORE}] or some of '
                f'{", ".join(MODALITIES)}, each once'
            )
        if modality == AUTO:
            names = MODALITIES if by_score else priority
            modalities = tuple(name for name in names if name in bundles)
        elif modality in MODALITIES:
            modalities = (modality,)
        else:
            raise ValueError(
                f'modality is "{modality}", expected {AUTO}, {", ".join(MODALITIES)}'
            )
        missing = [name for name in modalities or MODALITIES if name not in bundles]
        if missing:
            raise ValueError(no_bundle(*missing))
        source = SourceSettings.from_parameters(values)
        return cls(modalities, by_score, bundles, _formats(values), source)


def no_bundle(*modalities: str) -> str:
    """Return what to do where none of some modalities has a bundle."""
    name = modalities[0]
    return (
        f'there is no bundle for {" or ".join(modalities)}: set {name}.bundle to one that was '
        f'trained on recordings (launch argument bundle, or {name}_bundle of infer.launch.py)'
    )


def _formats(values: Mapping[str, Any]) -> dict[str, Any]:
    return {
        'imu': ImuFormat(
            values['imu.acceleration_unit'], values['imu.angular_velocity_unit'],
            tuple(values['imu.mounting']),
        ),
        'camera': CameraFormat(
            values['camera.rotation'], values['camera.pose_model'], values['camera.pose_rate']
        ),
        'audio': _audio_format(values),
        'skeleton': SkeletonFormat(
            tuple(values['skeleton.joints']), tuple(values['skeleton.mounting']),
            values['skeleton.aspect_ratio'],
        ),
    }


def _audio_format(values: Mapping[str, Any]) -> AudioFormat | None:
    sample_format = values['audio.sample_format']
    if sample_format.upper() not in SAMPLE_FORMATS:
        raise ValueError(
            f'audio.sample_format is "{sample_format}", expected {", ".join(SAMPLE_FORMATS)}'
        )
    if not values['audio.sample_rate']:
        return None
    return AudioFormat(values['audio.sample_rate'], values['audio.channels'], sample_format)
