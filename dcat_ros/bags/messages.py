# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Create messages of the types in `typestore()`."""

from typing import Any

from dcat_ros.bags.types import typestore
import numpy as np
from numpy.typing import NDArray

STORE = typestore().types
UNKNOWN = np.zeros(9)
NOT_REPORTED = np.array([-1.0, *[0.0] * 8])


def header(stamp: int, frame_id: str) -> Any:
    """Return a std_msgs/Header; `stamp` in ns."""
    seconds, nanoseconds = divmod(stamp, 10**9)
    time = STORE['builtin_interfaces/msg/Time'](sec=seconds, nanosec=nanoseconds)
    return STORE['std_msgs/msg/Header'](stamp=time, frame_id=frame_id)


def text(data: str) -> Any:
    """Return a std_msgs/String."""
    return STORE['std_msgs/msg/String'](data=data)


def imu(stamp: int, frame_id: str, sample: NDArray[np.float64]) -> Any:
    """Return a sensor_msgs/Imu without orientation (REP 145: its covariance starts with -1).

    :param sample: shape (6,), acceleration in m/s² and angular velocity in rad/s.
    """
    vector = STORE['geometry_msgs/msg/Vector3']
    values = [float(value) for value in sample]
    return STORE['sensor_msgs/msg/Imu'](
        header=header(stamp, frame_id),
        orientation=STORE['geometry_msgs/msg/Quaternion'](x=0.0, y=0.0, z=0.0, w=1.0),
        orientation_covariance=NOT_REPORTED,
        angular_velocity=vector(*values[3:]),
        angular_velocity_covariance=UNKNOWN,
        linear_acceleration=vector(*values[:3]),
        linear_acceleration_covariance=UNKNOWN,
    )


def image(stamp: int, frame_id: str, encoding: str, pixels: NDArray[Any]) -> Any:
    """Return a sensor_msgs/Image.

    :param pixels: shape (height, width) or (height, width, channels), little-endian.
    """
    height, width = pixels.shape[:2]
    return STORE['sensor_msgs/msg/Image'](
        header=header(stamp, frame_id),
        height=height,
        width=width,
        encoding=encoding,
        is_bigendian=0,
        step=pixels.nbytes // height,
        data=np.frombuffer(pixels.tobytes(), np.uint8),
    )


def poses(stamp: int, frame_id: str, points: NDArray[np.float64]) -> Any:
    """Return a geometry_msgs/PoseArray without rotations.

    :param points: shape (n, 3), m.
    """
    turned = STORE['geometry_msgs/msg/Quaternion'](x=0.0, y=0.0, z=0.0, w=1.0)
    point, pose = STORE['geometry_msgs/msg/Point'], STORE['geometry_msgs/msg/Pose']
    return STORE['geometry_msgs/msg/PoseArray'](
        header=header(stamp, frame_id),
        poses=[pose(position=point(*row), orientation=turned) for row in points.tolist()],
    )


def audio(stamp: int, frame_id: str, samples: NDArray[np.int16]) -> Any:
    """Return an audio_common_msgs/AudioDataStamped in S16LE.

    :param stamp: of the first sample, ns.
    :param samples: shape (n,) or (n, channels).
    """
    data = np.frombuffer(samples.astype('<i2').tobytes(), np.uint8)
    return STORE['audio_common_msgs/msg/AudioDataStamped'](
        header=header(stamp, frame_id),
        audio=STORE['audio_common_msgs/msg/AudioData'](data=data),
    )


def audio_info(channels: int, sample_rate: int) -> Any:
    """Return the audio_common_msgs/AudioInfo of uncompressed S16LE sound; rate in Hz."""
    return STORE['audio_common_msgs/msg/AudioInfo'](
        channels=channels,
        sample_rate=sample_rate,
        sample_format='S16LE',
        bitrate=sample_rate * channels * 16,
        coding_format='wave',
    )
