# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Which source is active, on a clock that the test moves: no threads, no waiting."""

import gc
import weakref

from dcat_ros.bags import messages
from dcat_ros.bags.types import typestore
from dcat_ros.bundles import Bundle
from dcat_ros.inference import Engine, Source, SourceSettings, UNKNOWN
from dcat_ros.inference.source import SerializedMessage
from dcat_ros.modalities.base import NoCheck
import numpy as np
from plausible_imu import sample
import pytest
from tiny_bundles import write_bundle

SETTINGS = SourceSettings(
    stride=0.0, threshold=-1.0, smoothing=0.0, stale_timeout=1.0, return_delay=3.0
)
EPOCH = 1_700_000_000
IMU_TYPE = 'sensor_msgs/msg/Imu'
IMAGE_TYPE = 'sensor_msgs/msg/Image'


def unstamped():
    raw = bytes(typestore().serialize_cdr(messages.imu(0, 'wrist', np.zeros(6)), IMU_TYPE))
    return SerializedMessage(raw, lambda data: typestore().deserialize_cdr(data, IMU_TYPE), True)


class EngineSimulation:
    """An engine whose clock the test moves, and sensors that deliver as it moves."""

    def __init__(self, tmp_path):
        self.seconds = 0.0
        self.engine = Engine(lambda: self.stamp(), lambda: self.seconds)
        self.tmp_path = tmp_path
        self.answers = []
        self.shift = 0.0

    def stamp(self, behind=0.0):
        return round((EPOCH + self.seconds + self.shift - behind) * 1e9)

    def source(self, modality, settings=SETTINGS, name=None, **changes):
        directory = self.tmp_path / (name or modality)
        if not directory.exists():
            write_bundle(directory, modality, **changes)
        return Source(Bundle(directory), settings, lambda: self.seconds)

    def enqueue(self, source, behind=0.0, value=0.0):
        if source.name == 'imu':
            message = messages.imu(self.stamp(behind), 'wrist', sample(value))
            kind = IMU_TYPE
        else:
            pixels = np.full((48, 64), np.nan_to_num(value), np.uint8)
            message = messages.image(self.stamp(behind), 'camera', 'mono8', pixels)
            kind = IMAGE_TYPE
        store = typestore()
        raw = bytes(store.serialize_cdr(message, kind))
        return source.enqueue(
            SerializedMessage(raw, lambda data: store.deserialize_cdr(data, kind), True)
        )

    def run(self, duration, *live, behind=0.0, value=0.0):
        """Let time pass in steps of 20 ms; `live` sources deliver at 50 Hz while needed."""
        new = []
        for _ in range(round(duration / 0.02)):
            self.seconds += 0.02
            for source in live:
                if source in self.engine.needed:
                    self.enqueue(source, behind, value)
            new += self.engine.step()
        self.answers += new
        return new


@pytest.fixture
def simulation(tmp_path):
    return EngineSimulation(tmp_path)


def active_sensors(answers):
    return [answer.modality for answer in answers]


def assert_stamps_rise(answers):
    stamps = [answer.stamp for answer in answers]
    assert stamps == sorted(set(stamps))


def test_answers_are_stamped_as_of_the_last_sample(simulation):
    imu = simulation.source('imu')
    simulation.engine.set_sources([imu])
    answers = simulation.run(2.0, imu, behind=0.25)
    assert answers[0].frame_id == 'wrist'
    assert answers[0].hypotheses[0].label == 'low'
    ends = [answer.stamp for answer in answers]
    assert np.allclose(np.diff(ends), 0.1e9)
    assert ends[-1] <= simulation.stamp(behind=0.25)


def test_a_silence_gives_unknown_once(simulation):
    imu = simulation.source('imu')
    simulation.engine.set_sources([imu])
    simulation.run(1.0, imu)
    silent = simulation.run(10.0)
    assert [answer.hypotheses[0].label for answer in silent] == [UNKNOWN]
    assert 'no usable sample for 1 s' in silent[0].reason
    assert active_sensors(simulation.run(1.0, imu)).count('imu') > 3
    assert_stamps_rise(simulation.answers)


def test_a_sensor_that_never_delivers_gives_unknown_once(simulation):
    simulation.engine.set_sources([simulation.source('imu')])
    answers = simulation.run(5.0)
    assert [answer.hypotheses[0].label for answer in answers] == [UNKNOWN]


@pytest.mark.parametrize(('behind', 'cause'), [(5.0, 'stale'), (-5.0, 'future')])
def test_old_and_future_stamps_never_become_a_class(simulation, behind, cause):
    imu = simulation.source('imu')
    simulation.engine.set_sources([imu])
    answers = simulation.run(3.0, imu, behind=behind)
    assert [answer.hypotheses[0].label for answer in answers] == [UNKNOWN]
    assert imu.drops[cause] == 150
    assert 'clock' in imu.last_error


def test_unstamped_messages_are_reported(simulation):
    imu = simulation.source('imu')
    simulation.engine.set_sources([imu])
    imu.enqueue(unstamped())
    assert not [answer for answer in simulation.run(3.0) if answer.hypotheses[0].label != UNKNOWN]
    assert imu.drops['unstamped'] == 1
    assert imu.last_error == 'stamps are 0: let the driver stamp its messages'


def test_without_a_clock_there_is_no_class_but_a_reason(simulation):
    imu = simulation.source('imu')
    simulation.engine._clock = lambda: 0
    simulation.engine.set_sources([imu])
    simulation.run(1.0, imu)
    assert 'nobody sends /clock' in imu.last_error


def test_samples_without_a_whole_window_become_unknown(simulation):
    imu = simulation.source('imu')
    simulation.engine.set_sources([imu])
    simulation.run(1.0, imu)
    answers = []
    for _ in range(20):
        answers += simulation.run(0.3)
        simulation.enqueue(imu)
        answers += simulation.engine.step()
    assert [answer.hypotheses[0].label for answer in answers] == [UNKNOWN]
    assert 'holes' in answers[0].reason
    assert imu.drops['gap'] >= 18


def test_not_finite_values_never_become_a_class(simulation):
    imu = simulation.source('imu')
    simulation.engine.set_sources([imu])
    answers = simulation.run(3.0, imu, value=float('nan'))
    assert [answer.hypotheses[0].label for answer in answers] == [UNKNOWN]
    assert imu.drops['not finite'] == 150


def test_a_sensor_that_turns_not_finite_falls_silent_and_another_takes_over(simulation):
    best, second = simulation.source('imu'), simulation.source('camera')
    simulation.engine.set_sources([best, second])
    simulation.run(2.0, best, second)
    assert simulation.engine.active_source is best
    answers = simulation.run(3.0, best, second, value=float('nan'))
    assert answers[0].hypotheses[0].label == UNKNOWN
    assert set(active_sensors(answers[1:])) == {'camera'}
    assert 'not finite' in best.last_error


def test_swap_keeps_the_old_sensor_until_the_new_has_a_window(simulation):
    imu, camera = simulation.source('imu'), simulation.source('camera')
    simulation.engine.set_sources([imu])
    simulation.run(2.0, imu)
    simulation.engine.set_sources([camera])
    assert simulation.engine.needed == [imu, camera]
    answers = simulation.run(2.0, imu, camera)
    active = active_sensors(answers)
    assert active == sorted(active, reverse=True)
    assert 'imu' in active
    assert 'camera' in active
    assert_stamps_rise(simulation.answers)
    gaps = np.diff([answer.stamp for answer in simulation.answers])
    assert gaps.max() < 0.3e9
    assert simulation.engine.needed == [camera]


def test_swap_to_a_delayed_sensor_never_turns_stamps_back(simulation):
    patient = SourceSettings(0.0, -1.0, 0.0, 10.0, 3.0)
    imu, camera = simulation.source('imu', patient), simulation.source('camera', patient)
    simulation.engine.set_sources([imu])
    simulation.run(2.0, imu)
    simulation.engine.set_sources([camera])
    simulation.run(5.0, camera, behind=2.0)
    assert_stamps_rise(simulation.answers)
    assert active_sensors(simulation.answers)[-1] == 'camera'
    assert camera.drops['not newer'] > 5


def test_swap_to_a_silent_sensor_gives_up_the_old_one(simulation):
    imu, camera = simulation.source('imu'), simulation.source('camera')
    simulation.engine.set_sources([imu])
    simulation.run(2.0, imu)
    simulation.engine.set_sources([camera])
    answers = simulation.run(5.0, imu)
    assert answers[-1].hypotheses[0].label == UNKNOWN
    assert active_sensors(answers[:-1]) == ['imu'] * (len(answers) - 1)
    assert (answers[-2].stamp - answers[0].stamp) / 1e9 < 0.5 + 0.5
    assert simulation.engine.needed == [camera]


def test_the_old_model_is_freed(simulation):
    gc.disable()
    imu, camera = simulation.source('imu'), simulation.source('camera')
    simulation.engine.set_sources([imu])
    simulation.run(1.0, imu)
    gone = weakref.ref(imu.bundle)
    simulation.engine.set_sources([camera])
    simulation.run(2.0, imu, camera)
    del imu
    gc.enable()
    assert gone() is None


def test_auto_moves_on_and_back_without_flapping(simulation):
    best, second = simulation.source('imu'), simulation.source('camera')
    simulation.engine.set_sources([best, second])
    simulation.run(2.0, best, second)
    assert simulation.engine.active_source is best
    assert simulation.engine.needed == [best]
    simulation.run(3.0, second)
    assert simulation.engine.active_source is second
    for _ in range(5):
        simulation.run(2.0, best, second)
        simulation.run(1.5, second)
    assert simulation.engine.active_source is second
    swaps = simulation.engine.swaps
    simulation.run(3.5, best, second)
    assert simulation.engine.active_source is best
    assert simulation.engine.swaps == swaps + 1
    assert_stamps_rise(simulation.answers)


def test_a_looping_clock_is_followed_back(simulation):
    imu = simulation.source('imu')
    simulation.engine.set_sources([imu])
    simulation.run(3.0, imu)
    simulation.shift = -60.0
    again = simulation.run(2.0, imu)
    assert active_sensors(again).count('imu') > 5
    assert again[-1].stamp < simulation.answers[0].stamp
    assert imu.drops['clock jump'] == 1


def test_a_full_backlog_of_images_keeps_the_latest(simulation):
    camera = simulation.source('camera')
    simulation.engine.set_sources([camera])
    for _ in range(5):
        simulation.seconds += 0.02
        simulation.enqueue(camera)
    simulation.engine.step()
    assert camera.drops['superseded'] == 4


def test_new_settings_take_effect_at_once(simulation):
    imu = simulation.source('imu')
    simulation.engine.set_sources([imu])
    simulation.run(1.0, imu, value=2.6)
    strict = SourceSettings(0.5, 1.0, 0.0, 1.0, 3.0)
    imu.apply(strict)
    answers = simulation.run(2.1, imu, value=2.6)
    assert {answer.hypotheses[0].label for answer in answers} == {UNKNOWN}
    assert np.allclose(np.diff([answer.stamp for answer in answers]), 0.5e9)


def test_only_a_message_that_may_complete_a_window_is_to_be_processed_at_once(simulation):
    imu = simulation.source('imu')
    simulation.engine.set_sources([imu])
    simulation.run(2.0, imu)
    urgent, answers = [], []
    for _ in range(100):
        simulation.seconds += 0.02
        urgent.append(simulation.enqueue(imu))
        if urgent[-1]:
            answers += simulation.engine.step()
    assert len(answers) == sum(urgent) == round(2.0 / imu.stream.stride)


def test_each_image_is_to_be_processed_at_once(simulation):
    camera = simulation.source('camera')
    simulation.engine.set_sources([camera])
    simulation.run(2.0, camera)
    simulation.seconds += 0.02
    assert simulation.enqueue(camera)


def test_a_sensor_with_a_problem_gives_unknown_with_the_reason(simulation):
    imu = simulation.source('imu')
    simulation.engine.set_sources([imu])
    simulation.run(1.0, imu)
    imu.stream.check = NoCheck()
    imu.stream.check.problem = 'the unit is wrong: correct it'
    answers = simulation.run(1.0, imu)
    assert {answer.hypotheses[0].label for answer in answers} == {UNKNOWN}
    assert {answer.reason for answer in answers} == {'imu: the unit is wrong: correct it'}
    assert len(answers) >= 9 and simulation.engine.active_source is None
    imu.stream.check.problem = ''
    assert active_sensors(simulation.run(1.0, imu)).count('imu') >= 9
    assert_stamps_rise(simulation.answers)


def test_another_sensor_replaces_one_with_a_problem(simulation):
    imu, camera = simulation.source('imu'), simulation.source('camera')
    simulation.engine.set_sources([imu, camera])
    simulation.run(1.0, imu, camera)
    imu.stream.check = NoCheck()
    imu.stream.check.problem = 'the unit is wrong: correct it'
    assert active_sensors(simulation.run(4.0, imu, camera))[-10:] == ['camera'] * 10
    imu.stream.check.problem = ''
    after = active_sensors(simulation.run(2.0, imu, camera))
    assert set(after) == {'camera'}, 'it must first deliver for return_delay'
    assert active_sensors(simulation.run(3.0, imu, camera))[-10:] == ['imu'] * 10
    assert_stamps_rise(simulation.answers)
