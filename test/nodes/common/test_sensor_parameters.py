# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""The parameters of sensors by name: declared at start and at run time, and what is refused."""

from dcat_ros.nodes.common.lifecycle import ManagedNode
from dcat_ros.nodes.common.parameters import Parameter
from dcat_ros.nodes.common.sensor_arguments import sensor_arguments
from dcat_ros.nodes.common.sensor_parameters import sensors_of, TOPIC_SETTINGS
from dcat_ros.nodes.recorder.parameters import PARAMETERS
from dcat_ros.sensors import Sensor
import pytest
from rcl_interfaces.srv import DescribeParameters, SetParameters
from rclpy.executors import SingleThreadedExecutor
from rclpy.node import Node
from rclpy.parameter import Parameter as Change

SETTINGS = TOPIC_SETTINGS | {
    'imu': TOPIC_SETTINGS['imu'] | {
        'mounting': Parameter('Degrees.', default=[0.0, 0.0, 0.0]),
        'gain': Parameter('Factor.', 0.0, 10.0, default=1.0),
    },
    'camera': TOPIC_SETTINGS['camera'] | {'rotation': Parameter('Degrees.', default=0)},
}


def changes(values):
    return [Change(name, value=value) for name, value in values.items()]


@pytest.fixture
def start(context):
    """Return a function that starts a node with parameters by name."""
    nodes = []

    def started(**values):
        node = ManagedNode(
            'recorder', PARAMETERS, SETTINGS, context=context,
            parameter_overrides=changes(values.pop('given', {}) | values),
        )
        nodes.append(node)
        return node

    yield started
    for node in nodes:
        node.destroy_node()


def put(node, **values):
    """Set parameters at once, with __ for the dot; return the refusal, or ''."""
    named = {name.replace('__', '.'): value for name, value in values.items()}
    result = node.set_parameters_atomically(changes(named))
    return '' if result.successful else result.reason


def found(node):
    return sensors_of(node.values, node.resolve_topic_name)


WRIST = {'left_wrist.modality': 'imu', 'left_wrist.topic': '/l/imu'}


def test_the_settings_of_listed_sensors_are_declared_with_their_defaults(start):
    node = start(sensors=['imu', 'left_wrist', 'bed'], given={
        **WRIST, 'left_wrist.mounting': [0.0, 90.0, 0.0], 'bed.modality': 'audio',
    })
    assert found(node) == (
        Sensor('imu'), Sensor('left_wrist', 'imu', '/l/imu'), Sensor('bed', 'audio'),
    )
    assert node.values['left_wrist.mounting'] == [0.0, 90.0, 0.0]
    assert node.values['left_wrist.gain'] == 1.0
    assert node.values['imu.modality'] == 'imu'
    assert node.values['bed.info_topic'] == ''
    assert not node.has_parameter('left_wrist.rotation')
    descriptor = node.describe_parameter('left_wrist.gain')
    assert descriptor.description == 'Factor.'
    assert descriptor.floating_point_range[0].to_value == 10.0


def test_a_sensor_is_described_at_run_time_before_it_is_listed(start):
    node = start(sensors=['imu'])
    assert put(node, left_wrist__gain=2.0) == ''
    assert put(node, left_wrist__topic='/l/imu') == ''
    assert put(node, left_wrist__modality='imu') == ''
    assert found(node) == (Sensor('imu'),)
    assert put(node, sensors=['left_wrist']) == ''
    assert found(node) == (Sensor('left_wrist', 'imu', '/l/imu'),)
    assert (node.values['left_wrist.gain'], node.values['left_wrist.mounting']) == (2.0, [0.0] * 3)


def test_a_sensor_is_added_by_one_change(start):
    node = start(sensors=['imu'])
    assert put(node, sensors=['door'], door__modality='camera', door__rotation=90) == ''
    assert found(node) == (Sensor('door', 'camera'),)
    assert node.values['door.rotation'] == 90


def test_what_was_given_at_the_start_holds_when_the_sensor_is_added(start):
    node = start(sensors=['imu'], given=WRIST | {'left_wrist.gain': 3.0})
    assert not node.has_parameter('left_wrist.modality')
    assert put(node, sensors=['imu', 'left_wrist']) == ''
    assert found(node)[1] == Sensor('left_wrist', 'imu', '/l/imu')
    assert node.values['left_wrist.gain'] == 3.0


def test_another_modality_has_other_settings(start):
    node = start(sensors=['left_wrist'], given=WRIST)
    assert put(node, left_wrist__modality='camera') == ''
    assert not node.has_parameter('left_wrist.gain')
    assert node.values['left_wrist.rotation'] == 0
    assert found(node) == (Sensor('left_wrist', 'camera', '/l/imu'),)


@pytest.mark.parametrize(('values', 'reason'), [
    ({'left_wrist__topik': '/x'}, r'left_wrist\.topik is no parameter.*NAME\.SETTING.*topic or '),
    ({'Left__topic': '/x'}, r'Left\.topic is no parameter.*a letter first'),
    ({'nothing': 1}, 'nothing is no parameter'),
    ({'right__gain': 11.0, 'right__modality': 'imu'}, 'right.gain out of range'),
    ({'right__gain': 'high', 'right__modality': 'imu'}, 'Wrong parameter type'),
    ({'right__rotation': 90, 'right__modality': 'imu'},
     r'right\.rotation is no parameter, since the modality of right has only modality, topic, mo'),
    ({'left_wrist__rotation': 90}, r'left_wrist\.rotation is no parameter, since the modality'),
    ({'right__modality': 'radar'}, r'right\.modality is "radar", expected imu, camera, audio'),
    ({'imu__modality': 'camera'}, r'imu\.modality is "camera", but a sensor named imu is of'),
])
def test_what_is_no_parameter_is_refused_and_nothing_changes(start, values, reason):
    node = start(sensors=['left_wrist'], given=WRIST)
    before = node.values
    with pytest.raises(AssertionError, match=reason):
        assert put(node, **values) == ''
    assert node.values == before
    assert not [name for name in ('right', 'Left') if node.get_parameters_by_prefix(name)]


@pytest.mark.parametrize(('given', 'reason'), [
    ({'sensors': ['Left']}, 'a sensor is named "Left"'),
    ({'sensors': ['left_wrist']}, r'sensors has "left_wrist", .*: set left_wrist\.modality'),
    ({'sensors': ['door'], 'door.modality': 'radar'}, r'door\.modality is "radar", expected imu'),
    ({'sensors': ['imu'], 'imu.modality': 'camera'}, r'imu\.modality is "camera", but a sensor'),
    ({'sensors': ['door', 'door'], 'door.modality': 'imu'}, 'a name stands twice'),
    ({'sensors': ['session'], 'session.modality': 'imu'}, '"session", which is a parameter'),
    ({'sensors': ['imu'], 'imu.topic': '/a b'}, r'imu\.topic has "/a b", which is no topic'),
    ({'sensors': ['audio'], 'audio.info_topic': 'a//'}, r'audio\.info_topic has "a//", which is'),
])
def test_sensors_that_make_no_sense_are_refused(start, given, reason):
    with pytest.raises(ValueError, match=reason):
        found(start(given=given))


def test_a_value_of_the_wrong_type_is_refused_at_the_start(start):
    with pytest.raises(ValueError, match=r'parameter door\.topic: '):
        start(sensors=['door'], given={'door.modality': 'imu', 'door.topic': 7})


def test_a_launch_argument_has_the_parameter_and_the_default_of_its_setting():
    values = {'sensors': 'left', 'left_mounting': '[0.0, 1.0, 0.0]', 'left_mount': 'arm',
              'imu_topic': '/x', 'right_topic': '/y'}
    assert sensor_arguments(values, {'sensors', 'imu_topic'}, SETTINGS) == {
        'left_mounting': ('left.mounting', [0.0, 0.0, 0.0]),
    }


def test_the_services_of_the_node_set_and_describe_them(start, context):
    node, user = start(sensors=['imu']), Node('user', context=context)
    executor = SingleThreadedExecutor(context=context)
    for each in (node, user):
        executor.add_node(each)

    def call(kind, name, request):
        client = user.create_client(kind, f'/recorder/{name}')
        assert client.wait_for_service(60.0)
        future = client.call_async(request)
        executor.spin_until_future_complete(future, 60.0)
        return future.result()

    settings = {'door.modality': 'camera', 'door.topic': '/d', 'sensors': ['door'], 'door.x': 1}
    request = SetParameters.Request(
        parameters=[change.to_parameter_msg() for change in changes(settings)]
    )
    results = call(SetParameters, 'set_parameters', request).results
    assert [result.successful for result in results] == [True, True, True, False]
    assert results[-1].reason.startswith('door.x is no parameter, expected ')
    assert found(node) == (Sensor('door', 'camera', '/d'),)
    request = DescribeParameters.Request(names=['door.rotation'])
    (described,) = call(DescribeParameters, 'describe_parameters', request).descriptors
    assert described.description == 'Degrees.'
    executor.shutdown()
    user.destroy_node()
