# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""The launch files: what they declare and start, also where launch is not installed."""

import ast
from contextlib import contextmanager
import importlib
import importlib.util
import os
from pathlib import Path
import runpy
import signal
import subprocess
import sys
import time
from types import ModuleType, SimpleNamespace
import typing

from dcat_ros.modalities import MODALITIES
from dcat_ros.nodes import simulate
from dcat_ros.nodes.inference import parameters as inference_parameters
from dcat_ros.nodes.inference.node import InferenceNode
from dcat_ros.nodes.recorder import parameters as recorder_parameters
from dcat_ros.nodes.recorder.node import RecorderNode
from dcat_ros.nodes.trainer import parameters as trainer_parameters
from dcat_ros.nodes.trainer.node import TrainerNode
from dcat_ros.share import defaults
from lifecycle_msgs.srv import GetState
import pytest
from rcl_interfaces.srv import GetParameters
from rclpy.context import Context
from rclpy.executors import SingleThreadedExecutor
from rclpy.node import Node
from rclpy.parameter import parameter_value_to_python
from repository import ROOT
from tiny_bundles import write_bundle
import yaml

SENSORS = {'infer': '', **{f'infer_{name}': name for name in MODALITIES}}
PROGRAMS = {**dict.fromkeys(SENSORS, 'inference'), 'record': 'recorder', 'train': 'trainer'}
COMMON_ARGUMENTS = {
    'autostart', 'log_level', 'name', 'namespace', 'params_file', 'respawn', 'use_sim_time',
}
NODES = {
    'inference': (InferenceNode, inference_parameters.PARAMETERS, {'threshold': 0.42}),
    'recorder': (RecorderNode, recorder_parameters.PARAMETERS, {'subject': 'seven'}),
    'trainer': (TrainerNode, trainer_parameters.PARAMETERS, {'budget': 0.5}),
    'simulate': (simulate.Simulate, simulate.PARAMETERS, {'seed': 42}),
}
DEADLINE = 60.0
LAUNCHED = pytest.mark.skipif(
    importlib.util.find_spec('launch_ros') is None, reason='needs launch and launch_ros'
)


class CallRecord:
    """Replaces any class of launch and stores the arguments that it is created with."""

    def __init__(self, *args, **kwargs):
        self.args, self.kwargs = args, kwargs


class LaunchDouble(ModuleType):
    """Replaces any module of launch."""

    def __getattr__(self, name):
        if name.startswith('_'):
            raise AttributeError(name)
        setattr(self, name, type(name, (CallRecord,), {}))
        return getattr(self, name)


SESSION_ARGUMENTS = {
    **{name: name for name in (
        'output', 'subject', 'session', 'location', 'notes', 'sensors', 'topics',
        'start_on_activation',
    )},
    'label_topic': '~/label',
}


def names(file):
    """Return the names of a file's arguments, with the topic or parameter of each."""
    if file == 'train':
        return {name: name for name in trainer_parameters.PARAMETERS if name != 'autostart'}
    modality = SENSORS.get(file, '')
    table = {} if file in SENSORS else dict(SESSION_ARGUMENTS)
    for name in [modality] if modality else MODALITIES:
        prefix = '' if modality else f'{name}_'
        if file in SENSORS:
            table[f'{prefix}bundle'] = f'{name}.bundle'
        table[f'{prefix}topic'] = MODALITIES[name].topic
        table |= {f'{prefix}info_topic': topic for topic in MODALITIES[name].info}
    return table


def description(file):
    return runpy.run_path(str(ROOT / 'launch' / f'{file}.launch.py'))[
        'generate_launch_description'
    ]()


@pytest.fixture
def read_launch_file(monkeypatch):
    """Return a function from a launch file to its arguments and a function that starts it."""
    for module in (
        'launch', 'launch.actions', 'launch.substitutions', 'launch_ros', 'launch_ros.actions',
        'launch_ros.parameter_descriptions',
    ):
        monkeypatch.setitem(sys.modules, module, LaunchDouble(module))
    monkeypatch.delitem(sys.modules, 'dcat_ros.launching', raising=False)

    def read(file):
        (entities,) = description(file).args
        *arguments, opaque = entities
        arguments = {argument.args[0]: argument.kwargs for argument in arguments}

        def start(**given):
            values = {name: kwargs['default_value'] for name, kwargs in arguments.items()} | given
            context = SimpleNamespace(launch_configurations=values)
            (node,) = opaque.kwargs['function'](context, **opaque.kwargs['kwargs'])
            return node.kwargs

        return arguments, start

    yield read
    sys.modules.pop('dcat_ros.launching', None)


def test_there_is_a_launch_file_for_each_choice_of_sensor_and_for_each_node():
    assert {path.name for path in (ROOT / 'launch').iterdir() if path.is_file()} == {
        f'{file}.launch.py' for file in PROGRAMS
    }


@pytest.mark.parametrize('file', PROGRAMS)
def test_arguments_are_declared_and_described(read_launch_file, file):
    arguments, _ = read_launch_file(file)
    extra = {'modality', 'sensors', 'priority', 'vote'} if file == 'infer' else set()
    assert set(arguments) == COMMON_ARGUMENTS | extra | set(names(file))
    assert all(kwargs['description'].endswith('.') for kwargs in arguments.values())


@pytest.mark.parametrize('file', PROGRAMS)
def test_the_program_and_its_files_exist(read_launch_file, file):
    node = read_launch_file(file)[1]()
    setup = ast.parse((ROOT / 'setup.py').read_text())
    programs = next(
        ast.literal_eval(statement.value)
        for statement in setup.body
        if isinstance(statement, ast.Assign) and statement.targets[0].id == 'PROGRAMS'
    )
    assert node['package'] == 'dcat_ros'
    assert callable(importlib.import_module(f'dcat_ros.{programs[node["executable"]]}').main)
    assert [Path(path) for path in node['parameters'] if isinstance(path, str)] == [
        installed(f'{PROGRAMS[file]}.yaml')
    ]
    (profiles,) = node['additional_env'].values()
    assert Path(profiles.kwargs['default_value']) == installed('fastdds.xml')


def installed(name):
    from ament_index_python.packages import get_package_share_directory

    path = Path(get_package_share_directory('dcat_ros')) / 'config' / name
    assert path.read_text() == (ROOT / 'config' / name).read_text()
    return path


@pytest.mark.parametrize('file', PROGRAMS)
def test_the_yaml_decides_without_arguments(read_launch_file, file):
    node = read_launch_file(file)[1]()
    fixed = [parameters for parameters in node['parameters'] if isinstance(parameters, dict)]
    assert fixed == ([{'modality': SENSORS[file]}] if SENSORS.get(file) else [])
    assert node['remappings'] == []


@pytest.mark.parametrize('file', PROGRAMS)
def test_each_argument_sets_its_parameter_or_remaps_its_topic(read_launch_file, file):
    arguments, start = read_launch_file(file)
    own = {name: name for name in ('autostart', 'modality', 'use_sim_time') if name in arguments}
    known = NODES[PROGRAMS[file]][1]
    for name, target in (names(file) | own).items():
        node = start(**{name: 'given'})
        parameters = {key for part in node['parameters'][1:] for key in part} - {'modality'}
        remapped = dict(node['remappings'])
        if name.endswith('topic'):
            assert (parameters, remapped) == (set(), {target: 'given'})
        elif target != 'modality':
            assert (parameters, remapped) == ({target}, {})
            assert target in {*known, 'use_sim_time'}


@pytest.mark.parametrize('file', ['record', 'train'])
def test_a_single_name_makes_a_list_of_one(read_launch_file, file):
    """As YAML, which launch reads as a list if it is declared as typing.List."""
    arguments, start = read_launch_file(file)
    lists = {
        name: parameter for name, parameter in names(file).items()
        if name in arguments and isinstance(defaults(PROGRAMS[file]).get(parameter), list)
    }
    assert lists
    for name, parameter in lists.items():
        value = start(**{name: 'a: b, c'})['parameters'][1][parameter]
        assert yaml.safe_load(value.args[0].kwargs['text']) == ['a: b, c']
        assert value.kwargs['value_type'] is typing.List[str]  # noqa: UP006
        value = start(**{name: '[a, b]'})['parameters'][1][parameter]
        assert value.args[0].args == (name,)


@pytest.mark.parametrize('sensors', ['[left_wrist,door]', '["left_wrist", "door"]'])
def test_arguments_of_named_sensors_set_their_parameters(read_launch_file, sensors):
    node = read_launch_file('record')[1](
        sensors=sensors, left_wrist_modality='imu', left_wrist_topic='/l/imu',
        door_modality='camera', imu_topic='/elsewhere', left_wrist_device='/dev/ttyUSB0',
    )
    assert {name: value.args[0].args for name, value in node['parameters'][1].items()} == {
        'sensors': ('sensors',), 'left_wrist.modality': ('left_wrist_modality',),
        'left_wrist.topic': ('left_wrist_topic',), 'door.modality': ('door_modality',),
    }
    assert {value.kwargs['value_type'] for value in node['parameters'][1].values()} == {
        str, typing.List[str],  # noqa: UP006
    }
    assert node['remappings'] == [('imu/data', '/elsewhere')]


@pytest.mark.parametrize(('given', 'reason'), [
    ({'left_wrist_topik': '/x'}, 'no launch argument left_wrist_topik: did you mean left_wrist_t'),
    ({'left_wrist_modalty': 'imu'}, 'did you mean left_wrist_modality'),
    ({'sensors': 'label'}, 'sensors has "label", whose launch argument label_topic means somethi'),
])
def test_misspelt_arguments_of_named_sensors_are_refused(read_launch_file, given, reason):
    with pytest.raises(ValueError, match=reason):
        read_launch_file('record')[1](**{'sensors': '[left, left_wrist]'} | given)


def test_named_sensors_of_the_inference_node_have_all_settings_of_their_modality(read_launch_file):
    arguments, start = read_launch_file('infer')
    assert not arguments['modality'].get('choices')
    parameters = start(
        sensors='[left_wrist]', modality='left_wrist', vote='true', left_wrist_modality='imu',
        left_wrist_mounting='[0.0, 0.0, 180.0]', left_wrist_bundle='imu_sim', camera_bundle='',
    )['parameters'][1]
    assert {name: value.kwargs['value_type'] for name, value in parameters.items()} == {
        'sensors': typing.List[str], 'modality': str, 'vote': bool,  # noqa: UP006
        'left_wrist.modality': str, 'left_wrist.bundle': str,
        'left_wrist.mounting': typing.List[float],  # noqa: UP006
    }


@pytest.mark.parametrize('file', PROGRAMS)
def test_a_missing_params_file_is_reported(read_launch_file, file):
    with pytest.raises(ValueError, match=r'params_file "/no/such\.yaml" is no file'):
        read_launch_file(file)[1](params_file='/no/such.yaml')


def test_each_yaml_has_a_node_and_all_its_parameters():
    assert {path.stem for path in (ROOT / 'config').glob('*.yaml')} == set(NODES)
    for name, (_, parameters, _) in NODES.items():
        assert set(defaults(name)) == set(parameters)


@pytest.mark.parametrize('name', NODES)
def test_a_yaml_like_the_shipped_one_loads_in_its_node(tmp_path, name):
    kind, _, changes = NODES[name]
    record = yaml.safe_load((ROOT / 'config' / f'{name}.yaml').read_text())
    record['/**']['ros__parameters'] |= changes
    path = tmp_path / 'params.yaml'
    path.write_text(yaml.safe_dump(record))
    context = Context()
    context.init(args=['--ros-args', '--params-file', str(path)])
    node = kind(context=context)
    try:
        wanted = defaults(name) | changes
        assert {key: node.get_parameter(key).value for key in wanted} == wanted
    finally:
        node.destroy_node()
        context.try_shutdown()


@LAUNCHED
@pytest.mark.parametrize('file', PROGRAMS)
def test_launch_reads_the_arguments(file):
    read = {argument.name: argument for argument in description(file).get_launch_arguments()}
    assert COMMON_ARGUMENTS | set(names(file)) <= set(read)
    assert all(argument.description.strip() for argument in read.values())


LAUNCH = """
import sys
from launch import LaunchDescription, LaunchService
from launch.actions import IncludeLaunchDescription
from launch.launch_description_sources import AnyLaunchDescriptionSource

service = LaunchService()
service.include_launch_description(LaunchDescription([IncludeLaunchDescription(
    AnyLaunchDescriptionSource(sys.argv[1]),
    launch_arguments=[argument.split(':=') for argument in sys.argv[2:]],
)]))
sys.exit(service.run())
"""


class ServiceCaller:
    """Calls services of a process while it runs."""

    def __init__(self, context, process):
        self.process = process
        self.node = Node('caller', context=context)
        self.executor = SingleThreadedExecutor(context=context)
        self.executor.add_node(self.node)

    def until(self, condition):
        deadline = time.monotonic() + DEADLINE
        while not condition():
            assert time.monotonic() < deadline and self.process.poll() is None
            self.executor.spin_once(timeout_sec=0.05)

    def call(self, kind, name, request):
        client = self.node.create_client(kind, name)
        self.until(client.service_is_ready)
        future = client.call_async(request)
        self.until(future.done)
        self.node.destroy_client(client)
        return future.result()


@contextmanager
def launched(file, given, out):
    """Launch a file with arguments; end it by a signal, and write what it prints to a file."""
    with out.open('wb') as printed, subprocess.Popen(
        [sys.executable, '-c', LAUNCH, ROOT / 'launch' / f'{file}.launch.py',
         *(f'{name}:={value}' for name, value in given.items())],
        stdout=printed, stderr=subprocess.STDOUT, start_new_session=True,
    ) as process:
        try:
            yield process
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGINT)
            status = process.wait(DEADLINE)
    assert status == 0
    assert 'Traceback' not in out.read_text()


def require_parameters(caller, node, wanted):
    """Wait until a node is active, and compare its parameters."""
    caller.until(lambda: caller.call(
        GetState, f'{node}/get_state', GetState.Request()
    ).current_state.label == 'active')
    request = GetParameters.Request(names=list(wanted))
    answer = caller.call(GetParameters, f'{node}/get_parameters', request)
    assert [parameter_value_to_python(value) for value in answer.values] == list(wanted.values())


@LAUNCHED
@pytest.mark.parametrize('file', SENSORS)
def test_launch_starts_the_node_as_asked_and_ends_it(context, tmp_path, file):
    modality = SENSORS[file] or 'imu'
    prefix = '' if SENSORS[file] else 'imu_'
    bundle = write_bundle(tmp_path / 'bundle', modality)
    given = {
        'namespace': 'robot', 'name': 'watcher', f'{prefix}bundle': str(bundle),
        'use_sim_time': 'true', 'log_level': 'debug', f'{prefix}topic': '/elsewhere',
    }
    if not SENSORS[file]:
        given['modality'] = modality
    with launched(file, given, tmp_path / 'out.txt') as process:
        require_parameters(ServiceCaller(context, process), '/robot/watcher', {
            'modality': modality, f'{modality}.bundle': str(bundle), 'use_sim_time': True,
            'threshold': defaults('inference')['threshold'],
        })
    assert 'DEBUG' in (tmp_path / 'out.txt').read_text()


@LAUNCHED
def test_launch_records_two_sensors_of_one_modality_by_name(context, tmp_path):
    given = {
        'output': str(tmp_path), 'sensors': '[left_wrist, right_wrist]',
        'left_wrist_modality': 'imu', 'left_wrist_topic': '/l/imu', 'right_wrist_modality': 'imu',
    }
    with launched('record', given, tmp_path / 'out.txt') as process:
        require_parameters(ServiceCaller(context, process), '/recorder', {
            'sensors': ['left_wrist', 'right_wrist'], 'left_wrist.modality': 'imu',
            'left_wrist.topic': '/l/imu', 'right_wrist.modality': 'imu', 'right_wrist.topic': '',
        })
