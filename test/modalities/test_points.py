# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Adding a sensor: what the worked example decodes, and that its one file is all it takes."""

from contextlib import contextmanager
import importlib.util
import json
import re
import shutil
import subprocess
import sys
import time

from dcat_ros.bags.reader import BagReader
from dcat_ros.bags.types import typestore
from dcat_ros.bags.windows import InputSpec, windows
from dcat_ros.bags.writer import BagWriter
from dcat_ros.modalities import DecodeError, MODALITIES
from dcat_ros.windows import Stream, WindowSpec
from hypothesis import given
from hypothesis import strategies as st
import numpy as np
import pytest
from rclpy.serialization import deserialize_message, serialize_message
from rclpy.time import Time
from recorder_fixture import Sensors
from repository import ROOT
from sensor_msgs.msg import PointCloud2, PointField
from sensor_msgs_py.point_cloud2 import create_cloud
from std_msgs.msg import Header
import tiny_bundles
from vision_msgs.msg import Classification

EXAMPLE = ROOT / 'examples' / 'adding_a_sensor' / 'points.py'
START = 1_700_000_000_123_456_789
TOPIC, CLOUD = '/points', 'sensor_msgs/msg/PointCloud2'
RADAR = ('x', 'y', 'z', 'velocity')
SPEC = WindowSpec(duration=0.5, rate=10.0, stride=0.1, max_gap=0.5)
SMALL = {'slabs': 2, 'cells': 2, 'speed': 'velocity'}

spec = importlib.util.spec_from_file_location('points', EXAMPLE)
module = importlib.util.module_from_spec(spec)
spec.loader.exec_module(module)
Points = module.MODALITY


def cloud(points, stamp=START, names=RADAR, **changes):
    fields = [
        PointField(name=name, offset=4 * number, datatype=PointField.FLOAT32, count=1)
        for number, name in enumerate(names)
    ]
    header = Header(stamp=Time(nanoseconds=stamp).to_msg(), frame_id='radar')
    made = create_cloud(header, fields, np.asarray(points, np.float32).reshape(-1, len(names)))
    for name, value in changes.items():
        setattr(made, name, value)
    return made


def crowd(stamp, count=40):
    """Points before the sensor that differ with the stamp."""
    rng = np.random.default_rng(stamp % 2**32)
    return cloud(rng.uniform((0, -1.5, -1.5, -3), (4, 1.5, 1.5, 3), (count, 4)), stamp)


def sample(points, settings=SMALL, **changes):
    samples = Points(**settings).decoder().decode(cloud(points, **changes))
    assert samples.stamps.tolist() == [START]
    assert samples.values.dtype == np.float32
    return samples.values[0]


@pytest.mark.parametrize(('point', 'cell'), [
    ((1.0, 0.5, 0.5, 0), (0, 0, 0)),
    ((3.0, 0.5, 0.5, 0), (1, 0, 0)),
    ((1.0, 0.5, -0.5, 0), (0, 1, 0)),
    ((1.0, -0.5, 0.5, 0), (0, 0, 1)),
])
def test_slabs_go_away_rows_down_and_columns_to_the_right(point, cell):
    grid = sample([point])
    assert grid.shape == Points(**SMALL).sample_shape == (2, 2, 2, 2)
    assert np.argwhere(grid[0]).tolist() == [list(cell)]


def test_points_are_counted_and_their_speed_is_averaged():
    grid = sample([(1, 1, 1, 2.0), (1, 1, 1, -1.0), (3, -1, -1, 0.5)])
    assert grid[0].ravel().tolist() == [2, 0, 0, 0, 0, 0, 0, 1]
    assert grid[1].ravel().tolist() == [0.5, 0, 0, 0, 0, 0, 0, 0.5]


@pytest.mark.parametrize('point', [
    (-0.1, 0, 0, 1), (4.1, 0, 0, 1), (1, 1.6, 0, 1), (1, -1.6, 0, 1), (1, 0, 1.6, 1),
    (1, 0, -1.6, 1), (3e38, 0, 0, 1),
])
def test_what_is_out_of_reach_is_left_out(point):
    assert not sample([point]).any()


def test_nothing_there_is_a_sample_too():
    assert not sample([]).any()


def test_a_lidar_has_no_speed():
    settings = {**SMALL, 'speed': ''}
    grid = sample([(1, 1, 1)], settings, names='xyz')
    assert grid.ravel().tolist() == [1, 0, 0, 0, 0, 0, 0, 0]
    assert Points(**settings).features(np.zeros((5, 1, 2, 2, 2))).shape == (5, 2, 2, 2)


def test_features_are_logarithms_of_counts_then_scaled_speeds():
    window = np.zeros((5, 2, 2, 2, 2), np.float32)
    window[3, :, 1, 0, 1] = 6.0, 3.0
    features = Points(**SMALL, speed_scale=2.0).features(window)
    assert features.shape == (5, 4, 2, 2)
    assert features.dtype == np.float32
    assert np.argwhere(features).tolist() == [[3, 1, 0, 1], [3, 3, 0, 1]]
    assert features[3, 1, 0, 1] == pytest.approx(np.log(7.0))
    assert features[3, 3, 0, 1] == 1.5
    assert window[3, 0, 1, 0, 1] == 6.0


@pytest.mark.parametrize('setting', ['reach', 'span', 'slabs', 'cells', 'speed_scale'])
def test_a_setting_that_makes_no_grid_is_refused(setting):
    with pytest.raises(ValueError, match=f'points {setting} is 0, expected more than 0'):
        Points(**{setting: 0})


def with_field(number, **changes):
    made = cloud([(1, 1, 1, 1)] * 3)
    for name, value in changes.items():
        setattr(made.fields[number], name, value)
    return made


NAN = float('nan')
MALFORMED = {
    'big endian': (cloud([(1, 1, 1, 1)], is_bigendian=True), 'is_bigendian is true'),
    'no speed': (cloud([(1, 1, 1)], names='xyz'), 'fields are x, y, z, expected one velocity'),
    'no fields': (cloud([(1, 1, 1, 1)], fields=[]), 'fields are none, expected one x'),
    'a field twice': (with_field(1, name='x'), 'fields are x, x, z, velocity, expected one x'),
    'doubles': (with_field(2, datatype=8), 'field z has datatype 8 and count 1'),
    'an unknown type': (with_field(2, datatype=99), 'field z has datatype 99'),
    'a vector': (with_field(0, count=3), 'field x has datatype 7 and count 3'),
    'a field beyond the point': (with_field(3, offset=13), 'velocity ends at 17'),
    'a smaller point_step': (
        cloud([(1, 1, 1, 1)] * 3, point_step=12), 'point_step is 12, but field velocity ends at 16'
    ),
    'a larger point_step': (
        cloud([(1, 1, 1, 1)] * 3, point_step=20), '3 x 1 points with point_step 20 and row_step 48'
    ),
    'a larger width': (cloud([(1, 1, 1, 1)] * 3, width=4), '4 x 1 points'),
    'a larger height': (cloud([(1, 1, 1, 1)] * 3, height=2), '3 x 2 points'),
    'data cut short': (cloud([(1, 1, 1, 1)] * 3, data=bytes(47)), 'do not make 47 bytes of data'),
    'dense with a hole': (
        cloud([(1, 1, 1, 1), (1, NAN, 1, 1)], is_dense=True),
        'is_dense is true, but 1 of 2 points are not finite',
    ),
    'only holes': (cloud([(NAN,) * 4] * 2), 'none of 2 points is finite'),
    'no stamp': (cloud([(1, 1, 1, 1)], stamp=0), 'stamp is 0'),
}


@pytest.mark.parametrize('case', MALFORMED)
def test_a_malformed_cloud_is_refused_in_one_sentence_by_either_deserialiser(case):
    message, error = MALFORMED[case]
    raw = serialize_message(message)
    for copy in (deserialize_message(raw, PointCloud2), typestore().deserialize_cdr(raw, CLOUD)):
        with pytest.raises(DecodeError, match=re.escape(error)) as refused:
            Points(**SMALL).decoder().decode(copy)
        assert '\n' not in str(refused.value) and ': ' in str(refused.value)


def test_points_that_are_not_finite_are_left_out_of_a_cloud_that_is_not_dense():
    grid = sample([(1, 1, 1, 2.0), (NAN, NAN, NAN, NAN), (1, 1, 1, float('inf'))])
    assert grid[0].sum() == 1
    assert grid[1].sum() == 2.0


SIZES = st.integers(0, 60) | st.integers(0, 2**32 - 1)


@given(
    st.fixed_dictionaries(dict.fromkeys(('width', 'height', 'point_step', 'row_step'), SIZES)),
    st.binary(max_size=200),
    st.lists(st.builds(
        PointField, name=st.sampled_from([*RADAR, 'ring']), offset=SIZES,
        datatype=st.integers(5, 8), count=st.integers(0, 2),
    ), max_size=6) | st.none(),
)
def test_whatever_a_cloud_says_it_is_refused_or_makes_a_sample(sizes, data, fields):
    made = cloud([])
    made.data = data
    if fields is not None:
        made.fields = fields
    for name, value in sizes.items():
        setattr(made, name, value)
    try:
        samples = Points(**SMALL).decoder().decode(made)
    except DecodeError:
        return
    assert np.isfinite(samples.values).all()
    assert samples.values.shape == (1, 2, 2, 2, 2)


def cut(stream_of_messages):
    stream = Stream(Points(**SMALL), SPEC)
    made = [window for message in stream_of_messages for window in stream.push(message)]
    return [(x.start, x.end, x.inputs.tobytes()) for x in made]


def test_rclpy_rosbags_and_a_bag_give_the_same_windows_bit_by_bit(tmp_path):
    raws = [serialize_message(crowd(START + number * 66_000_000)) for number in range(20)]
    with BagWriter(tmp_path / 'bag') as bag:
        for number, raw in enumerate(raws):
            bag.write_raw(TOPIC, CLOUD, raw, START + number)
    from_rclpy = cut(deserialize_message(raw, PointCloud2) for raw in raws)
    from_rosbags = cut(typestore().deserialize_cdr(raw, CLOUD) for raw in raws)
    with BagReader(tmp_path / 'bag') as bag:
        from_bag = cut(message for _, message, _ in bag.messages())
    assert len({inputs for *_, inputs in from_rclpy}) == len(from_rclpy) > 5
    assert from_rosbags == from_rclpy
    assert from_bag == from_rclpy


@pytest.fixture(scope='module')
def package(tmp_path_factory):
    """Return where a copy of the package lies that has the example's file, and nothing else."""
    folder = tmp_path_factory.mktemp('package')
    ignored = shutil.ignore_patterns('__pycache__')
    shutil.copytree(ROOT / 'dcat_ros', folder / 'dcat_ros', ignore=ignored)
    shutil.copy(EXAMPLE, folder / 'dcat_ros' / 'modalities')
    return folder


@contextmanager
def program(package, name, **parameters):
    command = [sys.executable, '-m', f'dcat_ros.nodes.{name}.node', '--ros-args']
    for parameter, value in parameters.items():
        command += ['-p', f'{parameter}:={value}']
    with subprocess.Popen(command, cwd=package) as process:
        try:
            yield
        finally:
            process.terminate()


@pytest.fixture
def sensors(context):
    sensors = Sensors(context)
    yield sensors
    sensors.close()


def test_the_recorder_records_the_points_and_reports_on_them(package, sensors, tmp_path):
    with program(
        package, 'recorder', sensors='[points]', output=tmp_path, subject='s1', session='one',
        least_free_space=0,
    ):
        sensors.offer(TOPIC, CLOUD)
        assert sensors.call('start')[0]
        start = time.time_ns()
        raws = [serialize_message(crowd(start + number * 66_000_000)) for number in range(20)]
        for raw in raws:
            sensors.send(TOPIC, raw)
        sensors.status('points', lambda status: value_of(status, 'received') == '20')
        assert sensors.call('stop')[0]
        bag = tmp_path / 's1_one'
        sensors.until((bag / 'report.json').is_file)
    cut_of_bag = windows(bag, InputSpec(Points(**SMALL), SPEC))
    assert [(x.start, x.end, x.inputs.tobytes()) for x in cut_of_bag] == cut(
        deserialize_message(raw, PointCloud2) for raw in raws
    )
    report = json.loads((bag / 'report.json').read_text())
    assert report['topics'][TOPIC]['sensor'] == 'points'
    assert not any('read' in finding for finding in report['verdict']['findings'])


def test_the_inference_node_recognises_from_points_and_refuses_malformed_clouds(
    package, sensors, tmp_path, monkeypatch
):
    monkeypatch.setitem(MODALITIES, 'points', Points)
    monkeypatch.setitem(tiny_bundles.WINDOWS, 'points', SPEC)
    monkeypatch.setitem(tiny_bundles.EDGE, 'points', 0.2)
    bundle = tiny_bundles.write_bundle(tmp_path / 'bundle', 'points', features=SMALL)
    received = []
    sensors.node.create_subscription(
        Classification, '/inference/activity', received.append, 10)

    def play(make, condition):
        """Send clouds stamped now until the condition holds."""
        received.clear()

        def step():
            sensors.send(TOPIC, serialize_message(make(time.time_ns())))
            return condition()

        sensors.until(step)

    def published(label):
        return any(message.results[0].class_id == label for message in received)

    with program(package, 'inference', modality='points', **{'points.bundle': bundle}):
        sensors.offer(TOPIC, CLOUD)
        play(lambda stamp: crowd(stamp, 400), lambda: published('high'))
        assert received[-1].header.frame_id == 'radar'
        play(lambda stamp: cloud([], stamp), lambda: published('low'))
        sensors.diagnostics.clear()
        play(
            lambda stamp: cloud([], stamp, is_bigendian=True),
            lambda: published('unknown') and any(
                'is_bigendian is true' in value_of(status, 'last_error')
                for message in sensors.diagnostics for status in message.status
                if status.name == 'inference: points'
            ),
        )


def value_of(status, key):
    return next(pair.value for pair in status.values if pair.key == key)


def test_the_guide_shows_the_code_that_is_tested():
    source = EXAMPLE.read_text()
    guide = (ROOT / 'docs' / 'adding_a_sensor.md').read_text()
    blocks = re.findall(r'```python\n(.*?)```', guide, re.DOTALL)
    assert len(blocks) > 1
    for block in blocks:
        assert block in source
