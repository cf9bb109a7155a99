# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Radar and lidar: the points of sensor_msgs/PointCloud2 in a coarse grid before the sensor."""

from dataclasses import dataclass
from typing import Any, ClassVar

from dcat_ros.modalities.base import (
    DecodeError,
    NANOSECONDS,
    nearest,
    NoCheck,
    Samples,
    stamp_of,
)
import numpy as np
from numpy.typing import NDArray
from sensor_msgs_py.point_cloud2 import dtype_from_fields

FLOAT32 = 7  # sensor_msgs/PointField


@dataclass(frozen=True)
class Points:
    """A radar or lidar that looks along its x axis at one person (REP 103: y left, z up).

    The model input is (size, slabs, cells, cells), with ``speed`` (size, 2 * slabs, cells, cells):
    log(1 + points) in each cell, then their mean radial speed. Slabs go from near to far, rows
    from top to bottom, columns from left to right, as in an image taken by the sensor.

    :param reach: depth of the grid in m, from the sensor on.
    :param span: width and height of the grid in m, centred on the sensor.
    :param slabs: number of cells along the depth.
    :param cells: number of cells along the width and along the height.
    :param speed: name of the field with a radar's radial speed in m/s; empty for none.
    :param speed_scale: speed in m/s that is scaled to 1.
    """

    reach: float = 4.0
    span: float = 3.0
    slabs: int = 4
    cells: int = 16
    speed: str = ''
    speed_scale: float = 2.0

    name: ClassVar[str] = 'points'
    topic: ClassVar[str] = 'points'
    message_types: ClassVar[tuple[str, ...]] = ('sensor_msgs/msg/PointCloud2',)
    info: ClassVar[dict[str, str]] = {}
    latest_only: ClassVar[bool] = True

    def __post_init__(self) -> None:
        """Check the values.

        :raises ValueError: if a number is not positive.
        """
        for name, value in vars(self).items():
            if name != 'speed' and not value > 0:
                raise ValueError(f'points {name} is {value}, expected more than 0')

    @property
    def sample_shape(self) -> tuple[int, ...]:
        """Return the shape of one decoded sample."""
        return (2 if self.speed else 1, self.slabs, self.cells, self.cells)

    def decoder(self, given: None = None) -> 'PointsDecoder':
        """Return a decoder for one stream."""
        return PointsDecoder(self)

    def check(self) -> NoCheck:
        """Return a check for one stream: what the decoder accepts is plausible."""
        return NoCheck()

    def resample(self, samples: Samples, end: int, rate: float, size: int) -> NDArray[np.float32]:
        """Return the cloud nearest to each time.

        :returns: (size, ...), the last one at ``end``.
        """
        times = end - np.arange(size - 1, -1, -1) * round(NANOSECONDS / rate)
        return samples.values[nearest(samples.stamps, times)]

    def features(self, window: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return the model input of a (size, ...) window of samples."""
        scaled = window / np.float32(self.speed_scale)
        scaled[:, 0] = np.log1p(window[:, 0])
        return scaled.reshape(len(window), -1, self.cells, self.cells)


class PointsDecoder:
    """Decodes a cloud to one sample: points in each cell, and their mean radial speed in m/s.

    Points outside the grid are left out, and so are points that are not finite if the cloud
    declares that it may have some. An empty cloud is a sample too: nothing was there.
    """

    def __init__(self, settings: Points) -> None:
        self._settings = settings
        self._names = ['x', 'y', 'z', *filter(None, [settings.speed])]

    def decode(self, message: Any) -> Samples:
        """Return one sample of a sensor_msgs/PointCloud2.

        :raises DecodeError: if the cloud is malformed or lacks a field.
        """
        stamp = stamp_of(message.header)
        grid = self._grid(self._finite(message, self._points(message)))
        return Samples(np.array([stamp], np.int64), grid[None])

    def _points(self, message: Any) -> NDArray[np.float32]:
        """Return the values (n, 3 or 4) of the fields that are used."""
        if message.is_bigendian:
            raise DecodeError('is_bigendian is true: let the driver send little-endian clouds')
        fields = [self._field(message, name) for name in self._names]
        size = message.height * message.row_step
        if message.row_step != message.width * message.point_step or len(message.data) != size:
            raise DecodeError(
                f'{message.width} x {message.height} points with point_step {message.point_step} '
                f'and row_step {message.row_step} do not make {len(message.data)} bytes of data: '
                'correct the driver'
            )
        dtype = dtype_from_fields(fields, message.point_step)
        points = np.ndarray(message.width * message.height, dtype, message.data)
        return np.stack([points[name] for name in self._names], axis=1)

    def _field(self, message: Any, name: str) -> Any:
        """Return the checked description of a field."""
        found = [field for field in message.fields if field.name == name]
        if len(found) != 1:
            names = ', '.join(field.name for field in message.fields) or 'none'
            raise DecodeError(
                f'fields are {names}, expected one {name}: choose another topic, or set '
                'features.speed to the field with the radial speed'
            )
        field, = found
        if (field.datatype, field.count) != (FLOAT32, 1):
            raise DecodeError(
                f'field {name} has datatype {field.datatype} and count {field.count}, expected '
                f'{FLOAT32} (FLOAT32) and 1: correct the driver'
            )
        if field.offset + 4 > message.point_step:
            raise DecodeError(
                f'point_step is {message.point_step}, but field {name} ends at '
                f'{field.offset + 4}: correct the driver'
            )
        return field

    def _finite(self, message: Any, points: NDArray[np.float32]) -> NDArray[np.float32]:
        finite = np.all(np.isfinite(points), axis=1)
        broken = len(points) - int(np.sum(finite))
        if broken and message.is_dense:
            raise DecodeError(
                f'is_dense is true, but {broken} of {len(points)} points are not finite: let the '
                'driver leave them out, or say that there are such'
            )
        if broken and broken == len(points):
            raise DecodeError(f'none of {broken} points is finite: see to the sensor')
        return points[finite]

    def _grid(self, points: NDArray[np.float32]) -> NDArray[np.float32]:
        reach, half = self._settings.reach, self._settings.span / 2
        x, y, z = points[:, :3].T
        positions = np.stack([x, -z, -y], axis=1).astype(np.float64)
        bins, ranges = self._settings.sample_shape[1:], [(0, reach), (-half, half), (-half, half)]
        counts, _ = np.histogramdd(positions, bins, ranges)
        sums = [np.histogramdd(positions, bins, ranges, weights=row)[0] for row in points[:, 3:].T]
        means = [total / np.maximum(counts, 1) for total in sums]
        return np.stack([counts, *means]).astype(np.float32)


MODALITY = Points
