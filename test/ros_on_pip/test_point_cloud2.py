# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""sensor_msgs_py: points of clouds with any layout, read and made as the released package does."""

import numpy as np
import pytest
from sensor_msgs.msg import PointCloud2, PointField
from sensor_msgs_py import point_cloud2
from std_msgs.msg import Header

FORMATS = {
    PointField.INT8: 'i1', PointField.UINT8: 'u1', PointField.INT16: 'i2', PointField.UINT16: 'u2',
    PointField.INT32: 'i4', PointField.UINT32: 'u4', PointField.FLOAT32: 'f4',
    PointField.FLOAT64: 'f8',
}
XYZ = [
    PointField(name=name, offset=4 * number, datatype=PointField.FLOAT32, count=1)
    for number, name in enumerate('xyz')
]
POINTS = np.arange(12, dtype=np.float32).reshape(4, 3)


def field(name, offset, datatype, count=1):
    return PointField(name=name, offset=offset, datatype=datatype, count=count)


def cloud(fields, data, width, point_step, **changes):
    return PointCloud2(
        height=1, width=width, fields=fields, point_step=point_step, row_step=width * point_step,
        data=data, **changes,
    )


@pytest.mark.parametrize('big_endian', [False, True])
@pytest.mark.parametrize('datatype', FORMATS)
def test_each_datatype_is_read_in_either_byte_order_wherever_it_stands(datatype, big_endian):
    order = '>' if big_endian else '<'
    dtype = np.dtype({
        'names': ['a', 'b'], 'formats': [f'{order}f4', order + FORMATS[datatype]],
        'offsets': [3, 9], 'itemsize': 21,
    })
    stored = np.zeros(5, dtype)
    stored['a'], stored['b'] = np.arange(5) / 2, np.arange(5) * 7
    fields = [field('a', 3, PointField.FLOAT32), field('b', 9, datatype)]
    message = cloud(fields, stored.tobytes(), 5, 21, is_bigendian=big_endian)
    points = point_cloud2.read_points(message)
    assert points.dtype['b'] == np.dtype(FORMATS[datatype])
    assert points['a'].tolist() == [0.0, 0.5, 1.0, 1.5, 2.0]
    assert points['b'].tolist() == [0, 7, 14, 21, 28]


def test_a_field_with_several_elements_becomes_one_each():
    fields = [field('v', 0, PointField.INT16, count=3), field('', 6, PointField.UINT8)]
    dtype = point_cloud2.dtype_from_fields(fields, point_step=8)
    assert dtype.names == ('v_0', 'v_1', 'v_2', 'unnamed_field_1')
    assert [dtype.fields[name][1] for name in dtype.names] == [0, 2, 4, 6]
    assert dtype.itemsize == 8


@pytest.mark.parametrize(('fields', 'error'), [
    ([field('a', 0, PointField.INT8, count=0)], AssertionError),
    ([field('a', 0, PointField.INT8), field('a', 1, PointField.INT8)], AssertionError),
    ([field('a', 0, 99)], KeyError),
    ([field('a', 13, PointField.FLOAT64)], ValueError),
])
def test_fields_that_make_no_point_are_refused(fields, error):
    with pytest.raises(error):
        point_cloud2.dtype_from_fields(fields, point_step=20)


def test_fields_and_points_may_be_chosen():
    made = point_cloud2.create_cloud_xyz32(Header(), POINTS)
    assert point_cloud2.read_points_numpy(made, ('z', 'x')).tolist() == POINTS[:, [2, 0]].tolist()
    assert point_cloud2.read_points_numpy(made, uvs=[3, 1]).tolist() == POINTS[[3, 1]].tolist()
    assert point_cloud2.read_points_list(made, ['y'], uvs=[2])[0].y == POINTS[2, 1]
    with pytest.raises(AssertionError):
        point_cloud2.read_points(made, ['velocity'])


def test_points_that_are_no_numbers_are_left_out_on_demand():
    holes = POINTS.copy()
    holes[1, 2] = np.nan
    made = point_cloud2.create_cloud_xyz32(Header(), holes)
    assert not made.is_dense
    left = point_cloud2.read_points_numpy(made, skip_nans=True)
    assert left.tolist() == POINTS[[0, 2, 3]].tolist()
    assert len(point_cloud2.read_points_numpy(made)) == 4
    made.is_dense = True
    assert len(point_cloud2.read_points_numpy(made, skip_nans=True)) == 4


def test_fields_of_different_types_need_a_structured_array():
    fields = [field('x', 0, PointField.FLOAT32), field('ring', 4, PointField.UINT16)]
    made = point_cloud2.create_cloud(Header(), fields, [(1.5, 7), (2.5, 8)])
    assert (made.width, made.point_step, made.row_step) == (2, 6, 12)
    assert point_cloud2.read_points(made).tolist() == [(1.5, 7), (2.5, 8)]
    with pytest.raises(AssertionError):
        point_cloud2.read_points_numpy(made)
    with pytest.raises(AssertionError):
        point_cloud2.create_cloud(Header(), fields, np.zeros((2, 2), np.float32))
    with pytest.raises(AssertionError):
        point_cloud2.create_cloud(Header(), XYZ, np.zeros(2, [('x', 'f4'), ('ring', 'u2')]))


def test_an_organised_cloud_keeps_its_rows():
    grid = POINTS.reshape(2, 2, 3)
    made = point_cloud2.create_cloud_xyz32(Header(frame_id='lidar'), grid)
    assert (made.width, made.height, made.header.frame_id) == (2, 2, 'lidar')
    flat = point_cloud2.read_points_numpy(made)
    kept = point_cloud2.read_points_numpy(made, reshape_organized_cloud=True)
    assert flat.tolist() == POINTS.tolist()
    assert kept.tolist() == grid.tolist()
    with pytest.raises(AssertionError):
        point_cloud2.create_cloud_xyz32(Header(), POINTS.reshape(2, 2, 1, 3))


def test_what_is_no_whole_cloud_is_refused():
    with pytest.raises(TypeError):
        point_cloud2.read_points(cloud(XYZ, bytes(23), 2, 12))
    with pytest.raises(AssertionError):
        point_cloud2.read_points(Header())
