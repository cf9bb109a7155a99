# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Real movement through a driver with other units, or a strap put on the wrong way round."""

from dcat_ros.bags import messages
from dcat_ros.bags.types import typestore
from dcat_ros.commands.import_utd_mhad import load_inertial
from inference_fixture import InferenceFixture, STEP
import numpy as np
import pytest
from repository import SHARED

UTD_MHAD = SHARED / 'data' / 'utd_mhad'
CLIPS = ('a3_s2_t1', 'a22_s4_t2', 'a27_s6_t3', 'a23_s2_t2')
TO_SI = np.repeat([9.80665, np.pi / 180], 3)
REVERSED = np.array([-1, -1, 1, -1, -1, 1])

pytestmark = pytest.mark.skipif(
    not UTD_MHAD.is_dir(), reason='needs UTD-MHAD beside the clone, in ../shared/data/utd_mhad'
)


def answers(context, change, **parameters):
    """Play the clips, each sample changed; return the first classes and the IMU's diagnostics."""
    values = {'modality': 'imu', 'imu.bundle': 'imu_utd_mhad', 'threshold': -1.0, **parameters}
    inference = InferenceFixture(context, **values)
    try:
        inference.node.autostart()
        inference.until(lambda: inference.subscribed_to('imu'))
        for clip in CLIPS:
            samples = load_inertial(UTD_MHAD / 'Inertial' / f'{clip}_inertial.mat')
            for sample in samples:
                inference.tick(inference.now + STEP)
                message = messages.imu(inference.now, 'wrist', change(sample))
                raw = bytes(typestore().serialize_cdr(message, 'sensor_msgs/msg/Imu'))
                inference.deliver('imu', raw)
        inference.received['diagnostics'].clear()
        inference.until(lambda: inference.received['diagnostics'])
        statuses = inference.received['diagnostics'][-1].status
        status = next(each.message for each in statuses if each.name.endswith(': imu'))
        found = [message.results[0].class_id for message in inference.received['activity']]
    finally:
        inference.close()
    return found, status


def test_g_and_degrees_give_unknown_with_the_remedy_and_classes_once_converted(context):
    found, status = answers(context, lambda sample: sample)
    assert set(found) == {'unknown'} and len(found) > 10
    assert 'imu.acceleration_unit to g' in status or 'imu.angular_velocity_unit' in status
    found, status = answers(context, lambda sample: sample, **{
        'imu.acceleration_unit': 'g', 'imu.angular_velocity_unit': 'deg/s',
    })
    assert len(set(found) & {'wave', 'jog', 'squat', 'walk'}) >= 3
    assert status.startswith('receiving')


def test_a_reversed_strap_gives_unknown_and_classes_once_the_mounting_is_set(context):
    found, status = answers(context, lambda sample: sample * TO_SI * REVERSED)
    assert found.count('unknown') >= 0.95 * len(found)
    assert 'put the strap on the other way round' in status
    found, _ = answers(
        context, lambda sample: sample * TO_SI * REVERSED, **{'imu.mounting': [0.0, 0.0, 180.0]}
    )
    assert len(set(found) & {'wave', 'jog', 'squat', 'walk'}) >= 3
