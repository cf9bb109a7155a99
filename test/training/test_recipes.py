# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""The recipe that a name means: one that is shipped, a file, or a sensor in the bags."""

import json

from dcat_ros.bags import messages
from dcat_ros.bags.windows import InputSpec, Recorded, windows
from dcat_ros.bags.writer import BagWriter
from dcat_ros.modalities import create
from dcat_ros.modalities.imu import ImuFormat
from dcat_ros.sensors import Sensor
from dcat_ros.training.config import Config
from dcat_ros.training.errors import TrainingError
from dcat_ros.training.recipes import recipe_of, with_clock_offsets
from imu_training_bags import write_config
import numpy as np
from plausible_imu import AT_REST
import pytest

START = 1_700_000_000 * 10**9


@pytest.fixture
def bags(tmp_path):
    topics = {'/hip/imu/data': 'hip', '/imu/data': 'imu'}
    notes = {topic: {'sensor': name, 'modality': 'imu'} for topic, name in topics.items()}
    with BagWriter(tmp_path / 'bags' / 'bag', {
        'subject': 'ada', 'topics': json.dumps(notes),
    }) as writer:
        for topic in topics:
            writer.write(topic, messages.imu(START, 'imu', AT_REST), START)
    return [tmp_path / 'bags']


def test_a_sensor_of_the_bags_gets_the_recipe_of_its_modality(bags):
    recipe = recipe_of('hip', bags)
    assert (recipe.name, recipe.modality, recipe.recorded) == ('hip', 'imu', Recorded('hip'))
    assert recipe.window == Config.read('imu').window


def test_a_recipe_for_one_of_several_sensors(bags, tmp_path):
    recipe = recipe_of('imu_utd_mhad@hip', [])
    assert recipe.name == 'imu_utd_mhad_hip'
    assert recipe.recorded.name == 'hip'
    path = write_config(tmp_path / 'tiny.yaml')
    assert recipe_of(f'{path}@hip', bags).name == 'tiny_hip'


def test_a_shipped_recipe_comes_before_a_sensor_of_its_name(bags):
    assert recipe_of('imu', bags) == Config.read('imu')


@pytest.mark.parametrize('text', ['chest', 'Hip', 'imu_utd@hip', './hip'])
def test_what_is_neither_is_refused(bags, text):
    with pytest.raises(TrainingError):
        recipe_of(text, bags)


def test_the_settings_of_a_recorded_sensor(tmp_path):
    settings = {'name': 'hip', 'clock_offset': 0.25, 'acceleration_unit': 'g'}
    recipe = Config.read(write_config(tmp_path / 'tiny.yaml', sensor=settings))
    assert recipe.recorded == Recorded('hip', ImuFormat(acceleration_unit='g'), 0.25)


@pytest.mark.parametrize(('settings', 'reason'), [
    ({'clock_offset': '1 s'}, 'sensor.clock_offset is 1 s, expected -3600 to 3600 s'),
    ({'clock_offset': 1e9}, 'sensor.clock_offset is 1000000000.0'),
    ({'name': 'Hip'}, 'a sensor is named "Hip", expected a-z'),
    ({'name': 'camera'}, 'a sensor named camera is of modality camera'),
    ({'colour': 'red'}, 'sensor of imu has no "colour"'),
])
def test_wrong_settings_of_a_sensor_are_refused(tmp_path, settings, reason):
    with pytest.raises(TrainingError, match=reason.replace('.', r'\.')):
        Config.read(write_config(tmp_path / 'tiny.yaml', sensor=settings))


@pytest.mark.parametrize(('sensor', 'expected'), [
    (Sensor('imu'), ('imu', 'imu/data', '')),
    (Sensor('hip', 'imu'), ('imu', 'hip/imu/data', '')),
    (Sensor('hip', 'imu', '/h'), ('imu', '/h', '')),
    (Sensor('audio'), ('audio', 'audio/audio_stamped', 'audio/audio_info')),
    (Sensor('table', 'audio'), ('audio', 'table/audio/audio_stamped', 'table/audio/audio_info')),
    (Sensor('table', 'audio', '/mic/sound'), ('audio', '/mic/sound', '/mic/audio_info')),
    (Sensor('table', 'audio', '/mic', '/i'), ('audio', '/mic', '/i')),
])
def test_the_topics_of_a_sensor(sensor, expected):
    assert (sensor.modality, sensor.topic, sensor.info_topic) == expected
    assert list(sensor.infos) == [expected[2]] * bool(expected[2])


@pytest.mark.parametrize(('given', 'reason'), [
    (('left wrist', 'imu'), 'a sensor is named "left wrist"'),
    (('wrist', 'imuu'), 'wrist.modality is "imuu", expected imu, camera'),
    (('wrist', ''), 'wrist.modality is ""'),
    (('imu', 'camera'), 'imu.modality is "camera", but a sensor named imu is of modality imu'),
])
def test_what_is_no_sensor_is_refused(given, reason):
    with pytest.raises(ValueError, match=reason):
        Sensor(*given)


def test_clock_offsets_go_to_the_recipes_for_their_sensors(bags):
    recipes = [recipe_of(text, bags) for text in ('hip', 'imu', 'camera')]
    offsets = ['hip=-0.05', 'camera=0.12']
    corrected = with_clock_offsets(recipes, offsets)
    assert [recipe.recorded.clock_offset for recipe in corrected] == [-0.05, 0.0, 0.12]
    assert with_clock_offsets(recipes, []) == recipes


@pytest.mark.parametrize(('texts', 'reason'), [
    (['hip=0.1'], 'clock offset "hip=0.1" is for hip, but this training uses imu: name one'),
    (['imu'], 'clock offset is "imu", expected the name of a sensor and s, as in watch=0.12'),
    (['imu=fast'], 'clock offset is "imu=fast", expected'),
    (['=0.1'], 'clock offset "=0.1" is for no sensor'),
    (['imu=nan'], 'sensor.clock_offset is nan, expected -3600 to 3600 s'),
    (['imu=0.1', 'imu=0.2'], 'clock offset of imu is given twice'),
])
def test_wrong_clock_offsets_are_refused(texts, reason):
    with pytest.raises(TrainingError, match=reason):
        with_clock_offsets([Config.read('imu')], texts)


def test_a_corrected_clock_gives_the_windows_of_a_right_one(tmp_path):
    samples = AT_REST + np.random.default_rng(1).normal(size=(200, 6))
    cut = {}
    for name, ahead in (('right', 0), ('wrong', 120_000_000)):
        with BagWriter(tmp_path / name, {'subject': 'ada'}) as writer:
            for index, sample in enumerate(samples):
                arrival = START + index * 20_000_000
                message = messages.imu(arrival + ahead, 'imu', sample)
                writer.write('/imu/data', message, arrival)
        offsets = ['imu=0.12'] if ahead else []
        recipe, = with_clock_offsets([Config.read(write_config(tmp_path / 'tiny.yaml'))], offsets)
        spec = InputSpec(create('imu', {}), recipe.window, recipe.recorded)
        cut[name] = [(window.start, window.end, window.arrival, window.inputs.tobytes())
                     for window in windows(tmp_path / name, spec)]
    assert cut['right'] and cut['right'] == cut['wrong']
