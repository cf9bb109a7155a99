# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Points of sensor_msgs/PointCloud2 as numpy arrays, and clouds made of points.

An array of points is structured: it has a field for each field of the cloud, or where a field has
a count above 1, one for each of its elements, named `x_0`, `x_1`, ... Rows of a cloud are taken to
follow each other without padding, as the released package takes them.
"""

from array import array
from collections import namedtuple
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.lib.recfunctions import structured_to_unstructured, unstructured_to_structured
from sensor_msgs.msg import PointCloud2, PointField
from std_msgs.msg import Header

DATATYPES = {
    PointField.INT8: 'i1',
    PointField.UINT8: 'u1',
    PointField.INT16: 'i2',
    PointField.UINT16: 'u2',
    PointField.INT32: 'i4',
    PointField.UINT32: 'u4',
    PointField.FLOAT32: 'f4',
    PointField.FLOAT64: 'f8',
}
DUMMY_FIELD_PREFIX = 'unnamed_field'
IS_BIG_ENDIAN = np.dtype('>i4').isnative


def dtype_from_fields(fields: Iterable[PointField], point_step: int | None = None) -> np.dtype:
    """Return the type of a point, in the byte order of this machine.

    :param point_step: bytes from point to point, by default as many as the fields need
    :raises KeyError: if a datatype is unknown
    :raises AssertionError: if a field has no element, or a name stands twice
    :raises ValueError: if the fields need more than ``point_step``
    """
    names: list[str] = []
    formats, offsets = [], []
    for number, field in enumerate(fields):
        name = field.name or f'{DUMMY_FIELD_PREFIX}_{number}'
        kind = np.dtype(DATATYPES[field.datatype])
        _require(field.count > 0, f'field {name} has a count of 0')
        for element in range(field.count):
            names.append(f'{name}_{element}' if field.count > 1 else name)
            formats.append(kind)
            offsets.append(field.offset + element * kind.itemsize)
    _require(len(set(names)) == len(names), f'{", ".join(names)}: a name stands twice')
    layout: dict[str, Any] = {'names': names, 'formats': formats, 'offsets': offsets}
    if point_step is not None:
        layout['itemsize'] = point_step
    return np.dtype(layout)


def read_points(
    cloud: PointCloud2,
    field_names: Sequence[str] | None = None,
    skip_nans: bool = False,
    uvs: Iterable | None = None,
    reshape_organized_cloud: bool = False,
) -> np.ndarray:
    """Return the points of a cloud, structured.

    :param field_names: fields to keep, by default all
    :param skip_nans: leave out points with a NaN, unless the cloud says that it is dense
    :param uvs: indices of points to keep, by default all
    :param reshape_organized_cloud: return (width, height) points of a cloud with several rows
    :raises AssertionError: if the cloud is of another type, or lacks a field
    :raises TypeError: if it has too few data
    """
    _require(isinstance(cloud, PointCloud2), 'cloud is no sensor_msgs.msg.PointCloud2')
    dtype = dtype_from_fields(cloud.fields, cloud.point_step)
    stored = dtype.newbyteorder('>' if cloud.is_bigendian else '<')
    points = np.ndarray(cloud.width * cloud.height, stored, cloud.data)
    if field_names is not None:
        names = list(field_names)
        _require(set(names) <= set(dtype.names or ()), f'the cloud lacks one of {names}')
        points, dtype = points[names], dtype[names]
    if cloud.is_bigendian != IS_BIG_ENDIAN:
        points = points.astype(dtype)
    if skip_nans and not cloud.is_dense:
        columns = [np.isnan(points[name]) for name in points.dtype.names]
        points = points[~np.logical_or.reduce(columns)]
    if uvs is not None:
        points = points[uvs if isinstance(uvs, np.ndarray) else np.fromiter(uvs, int)]
    if reshape_organized_cloud and cloud.height > 1:
        points = points.reshape(cloud.width, cloud.height)
    return points


def read_points_numpy(
    cloud: PointCloud2,
    field_names: Sequence[str] | None = None,
    skip_nans: bool = False,
    uvs: Iterable | None = None,
    reshape_organized_cloud: bool = False,
) -> np.ndarray:
    """Return the points of a cloud as a plain array, the fields along its last axis.

    Parameters as of `read_points`.

    :raises AssertionError: if the fields differ in type, or as of `read_points`
    """
    points = read_points(cloud, field_names, skip_nans, uvs, reshape_organized_cloud)
    kinds = {points.dtype[name] for name in points.dtype.names}
    _require(len(kinds) == 1, 'the fields differ in type: use read_points')
    return structured_to_unstructured(points)


def read_points_list(
    cloud: PointCloud2,
    field_names: Sequence[str] | None = None,
    skip_nans: bool = False,
    uvs: Iterable | None = None,
) -> list[NamedTuple]:
    """Return the points of a cloud as named tuples; parameters as of `read_points`."""
    points = read_points(cloud, field_names, skip_nans, uvs)
    point = namedtuple('Point', points.dtype.names)
    return [point._make(each) for each in points]


def create_cloud(
    header: Header,
    fields: Sequence[PointField],
    points: Iterable,
    point_step: int | None = None,
) -> PointCloud2:
    """Return a cloud.

    :param points: a tuple for each point, a structured array of the fields' type, or a plain one
        with the fields along its last axis; (n,) or (width, height) points
    :param point_step: bytes from point to point, by default as many as the fields need
    :raises AssertionError: if a structured array is of another type, a plain one is given for
        fields that differ, or there are more axes
    """
    dtype = dtype_from_fields(fields, point_step)
    if not isinstance(points, np.ndarray):
        points = np.array([tuple(point) for point in points], dtype)
    elif points.dtype.names is None:
        _require(
            len({field.datatype for field in fields}) == 1,
            'the fields differ in type: give a structured array')
        points = unstructured_to_structured(points, dtype)
    _require(points.dtype == dtype, f'points are {points.dtype}, the fields say {dtype}')
    _require(points.ndim <= 2, f'points have {points.ndim} axes, expected 1 or 2')
    cloud = PointCloud2(
        header=header,
        height=points.shape[1] if points.ndim == 2 else 1,
        width=points.shape[0],
        is_dense=False,
        is_bigendian=IS_BIG_ENDIAN,
        fields=fields,
        point_step=dtype.itemsize,
        row_step=dtype.itemsize * points.shape[0],
    )
    cloud.data = array('B', points.tobytes())
    return cloud


def create_cloud_xyz32(header: Header, points: Iterable) -> PointCloud2:
    """Return a cloud of x, y and z as 32-bit floats; parameters as of `create_cloud`."""
    fields = [
        PointField(name=name, offset=4 * number, datatype=PointField.FLOAT32, count=1)
        for number, name in enumerate('xyz')
    ]
    return create_cloud(header, fields, points)


def _require(condition: bool, text: str) -> None:
    """Raise what the released package raises by its assertions."""
    if not condition:
        raise AssertionError(text)
