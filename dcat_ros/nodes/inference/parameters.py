# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""The inference node's parameters and their checked values."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

from dcat_ros.inference import SourceSettings
from dcat_ros.modalities import create_format, FORMATS, MODALITIES
from dcat_ros.modalities.audio import Audio, AudioFormat, SAMPLE_FORMATS
from dcat_ros.modalities.body import JOINTS
from dcat_ros.modalities.images.pose_weights import MODELS
from dcat_ros.modalities.imu import ACCELERATION_UNITS, ANGULAR_VELOCITY_UNITS
from dcat_ros.nodes.common.parameters import Parameter
from dcat_ros.nodes.common.sensor_parameters import sensors_of, TOPIC_SETTINGS
from dcat_ros.sensors import Sensor
from dcat_ros.share import defaults

AUTO = 'auto'
BY_SCORE = 'validated_score'

PARAMETERS = {
    'autostart': Parameter('Configure and activate at start.', read_only=True),
    'sensors': Parameter(
        'Names of the sensors; without names, the default sensor of each modality, which has its '
        'name. Any other name needs parameters, such as left_wrist.modality and left_wrist.topic.',
        constraint='a-z, 0-9 and "_", a letter first, each once',
    ),
    'modality': Parameter(
        'The sensor to recognise from, by its name; auto takes the best one that is alive.',
        constraint=f'{AUTO}, or one of the sensors',
    ),
    'priority': Parameter(
        'Order of the sensors in auto, best first.',
        constraint=f'[{BY_SCORE}], or sensors without repetition; what is left out is not used',
    ),
    'vote': Parameter(
        'Whether live sensors with the same classes vote, weighted by their validated scores.'
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


def sensor_settings() -> dict[str, dict[str, Parameter]]:
    """Return the settings of a sensor with a name of its own, by modality.

    Their defaults are the values of the modality's default sensor in config/inference.yaml.
    """
    values = defaults('inference')
    return {
        name: TOPIC_SETTINGS[name] | {
            parameter.partition('.')[2]: described._replace(
                default=values.get(parameter, described.default)
            )
            for parameter, described in PARAMETERS.items()
            if parameter.startswith(f'{name}.')
        }
        for name in MODALITIES
    }


@dataclass(frozen=True)
class Settings:
    """The parameters' values, checked.

    :param sensors: all sensors by name.
    :param used: names of the sensors to use, best first unless ``by_score``.
    :param by_score: whether the validated scores of their bundles decide the order.
    :param vote: whether live sensors with the same classes vote.
    :param bundles: bundle by sensor; those without a bundle are left out.
    :param formats: what drivers publish and how sensors are mounted, by sensor; None for what is
        standard, or for an audio format that an AudioInfo tells.
    :param source: the settings of every source.
    """

    sensors: dict[str, Sensor]
    used: tuple[str, ...]
    by_score: bool
    vote: bool
    bundles: dict[str, str]
    formats: dict[str, Any]
    source: SourceSettings

    @property
    def without_bundle(self) -> list[str]:
        """Return the sensors that cannot be used, since they have no bundle."""
        return [name for name in self.sensors if name not in self.bundles]

    def changed(self, before: 'Settings') -> set[str]:
        """Return the sensors whose topics or formats are not as before."""
        return {
            name for name, sensor in self.sensors.items()
            if (sensor, self.formats[name])
            != (before.sensors.get(name), before.formats.get(name))
        }

    @classmethod
    def from_parameters(
        cls, values: Mapping[str, Any], resolve: Callable[[str], str]
    ) -> 'Settings':
        """Return the settings for parameter values by name.

        :param resolve: returns the full name of a topic, or raises.
        :raises ValueError: if values contradict each other or name something unknown.
        """
        names = [name for name in values['sensors'] if name] or list(MODALITIES)
        sensors = {
            sensor.name: sensor for sensor in sensors_of({**values, 'sensors': names}, resolve)
        }
        bundles = {name: values[f'{name}.bundle'] for name in sensors}
        bundles = {name: bundle for name, bundle in bundles.items() if bundle}
        by_score = list(values['priority']) == [BY_SCORE]
        used = _used(values, sensors, bundles, by_score)
        missing = [name for name in used or sensors if name not in bundles]
        if missing:
            raise ValueError(no_bundle(*missing))
        source = SourceSettings.from_parameters(values)
        formats = {name: _format(sensor, values) for name, sensor in sensors.items()}
        return cls(sensors, used, by_score, values['vote'], bundles, formats, source)


def _used(
    values: Mapping[str, Any], sensors: Mapping[str, Sensor], bundles: Mapping[str, str],
    by_score: bool,
) -> tuple[str, ...]:
    """Return the names of the sensors that modality and priority choose."""
    modality, priority = values['modality'], list(values['priority'])
    if not by_score and (
        not priority or len(set(priority)) < len(priority) or set(priority) - set(sensors)
    ):
        raise ValueError(
            f'priority is {priority}, expected [{BY_SCORE}] or some of {", ".join(sensors)}, '
            'each once'
        )
    if modality == AUTO:
        return tuple(name for name in (sensors if by_score else priority) if name in bundles)
    if modality not in sensors:
        raise ValueError(f'modality is "{modality}", expected {AUTO}, {", ".join(sensors)}')
    return (modality,)


def no_bundle(*sensors: str) -> str:
    """Return what to do where none of some sensors has a bundle."""
    name = sensors[0]
    return (
        f'there is no bundle for {" or ".join(sensors)}: set {name}.bundle to one that was '
        f'trained on recordings (launch argument bundle, or {name}_bundle of infer.launch.py)'
    )


def _format(sensor: Sensor, values: Mapping[str, Any]) -> Any:
    """Return what a sensor's driver publishes, and how it is mounted.

    :raises ValueError: if a value is wrong.
    """
    if sensor.modality not in FORMATS:
        return None
    own = {
        field.name: values[name]
        for field in fields(FORMATS[sensor.modality])
        if (name := f'{sensor.name}.{field.name}') in values
    }
    try:
        if sensor.modality == Audio.name:
            return _audio_format(**own)
        return create_format(sensor.modality, {
            name: tuple(value) if isinstance(value, Sequence) and not isinstance(value, str)
            else value for name, value in own.items()
        })
    except ValueError as error:
        raise ValueError(sensor.own(str(error))) from error


def _audio_format(sample_rate: int, channels: int, sample_format: str) -> AudioFormat | None:
    if sample_format.upper() not in SAMPLE_FORMATS:
        raise ValueError(
            f'audio.sample_format is "{sample_format}", expected {", ".join(SAMPLE_FORMATS)}'
        )
    return AudioFormat(sample_rate, channels, sample_format) if sample_rate else None
