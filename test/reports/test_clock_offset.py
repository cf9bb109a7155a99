# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""The offset between the clocks of two sensors is found from their movement, or left open."""

import json

from dcat_ros.bags import messages
from dcat_ros.commands import import_sp_sw_har, import_utd_mhad
from dcat_ros.modalities.body import JOINTS
from dcat_ros.reports import clock_offset
from dcat_ros.reports.build import build_report
from dcat_ros.reports.document import document
from dcat_ros.reports.movement import Movement
from dcat_ros.reports.page import page
from dcat_ros.reports.terminal import show
from dcat_ros.reports.verdict import judge
from dcat_ros.simulation import Scene
import numpy as np
import pytest
from report_bags import raw, restamped, SECOND, START, write
from repository import SHARED
from rich.console import Console

DATA = SHARED / 'data'
SECONDS = 100
TOPICS = {
    'watch': '/watch/imu/data', 'phone': '/phone/imu/data', 'camera': '/camera/image_raw',
    'skeleton': '/skeleton',
}
MODALITIES = {'watch': 'imu', 'phone': 'imu', 'camera': 'camera', 'skeleton': 'skeleton'}
CLOSE = 0.02


@pytest.fixture(scope='module')
def rows():
    """Return topic, type, bytes and arrival of each message of a person's sensors."""
    scene = Scene(4, imu_rate=50.0, camera_rate=12.0, image_size=(80, 60))
    random = np.random.default_rng(5)
    samples = scene.imu.samples(0, SECONDS * 50)
    turned = samples[:, [1, 2, 0, 4, 5, 3]] + random.normal(scale=0.05, size=samples.shape)
    made = []
    for index in range(SECONDS * 50):
        stamp = START + index * SECOND // 50
        made.append((TOPICS['watch'], messages.imu(stamp, 'wrist', samples[index]), stamp))
        made.append((TOPICS['phone'], messages.imu(stamp, 'arm', turned[index]), stamp))
    for index in range(SECONDS * 12):
        stamp = START + index * SECOND // 12
        frame = scene.camera.frame(index)
        made.append((TOPICS['camera'], messages.image(stamp, 'camera', 'bgr8', frame), stamp))
    times = np.arange(SECONDS * 25) / 25
    pose = scene.skeleton.pose(times)
    joints = np.stack([pose[name] for name in JOINTS], axis=1)
    for index, body in enumerate(joints):
        stamp = START + index * SECOND // 25
        made.append((TOPICS['skeleton'], messages.poses(stamp, 'camera', body), stamp))
    labels = [('/label', messages.text(text), START + since * SECOND)
              for since, text in ((0, 'walk'), (50, 'sit'), (SECONDS, ''))]
    return [(topic, message.__msgtype__, raw(message), stamp)
            for topic, message, stamp in made + labels]


def bag(path, rows, sensors, **ahead):
    """Write the rows of some sensors, the clocks of which are ahead by so many s."""
    shifts = {TOPICS[name]: round(shift * SECOND) for name, shift in ahead.items()}
    topics = {TOPICS[name]: name for name in sensors}
    noted = {topic: {'sensor': name, 'modality': MODALITIES[name]}
             for topic, name in topics.items()}
    chosen = [
        (topic, kind, restamped(data, at + shifts[topic]) if topic in shifts else data, at)
        for topic, kind, data, at in rows if topic in topics or topic == '/label'
    ]
    return write(path, chosen, {'topics': json.dumps(noted)})


def clock_of(path, sensor):
    """Return by how many s a sensor is ahead of the other one of a bag, None if unknown."""
    pair, = build_report(path).pairs
    seconds = pair.clock.seconds
    return seconds if seconds is None or pair.clock.sensor == sensor else -seconds


@pytest.mark.parametrize(('other', 'shift'), [
    ('phone', 0.3), ('phone', -0.1), ('camera', 0.3), ('camera', -0.1), ('skeleton', -0.3),
])
def test_a_known_shift_is_found(rows, tmp_path, other, shift):
    path = bag(tmp_path / 'bag', rows, ['watch', other], watch=shift)
    assert clock_of(path, 'watch') == pytest.approx(shift, abs=CLOSE)


def test_an_offset_above_50_ms_is_named_with_its_remedy(rows, tmp_path):
    report = build_report(bag(tmp_path / 'bag', rows, ['watch', 'phone'], watch=0.12))
    verdict = judge(report)
    clock = report.pairs[0].clock
    first = clock.sensor
    way, number = ('ahead of', '0.12') if first == 'watch' else ('behind', '-0.12')
    what = f'the clock of {first} is 120 ms {way} that of {clock.other}'
    assert verdict.fit and verdict.line.endswith(f'; but {what}')
    note, = [note for note in verdict.notes if note.mentioned]
    assert f'--clock-offset {first}={number}' in note.remedy
    assert f'sensor: {{clock_offset: {number}}}' in note.remedy
    assert document(report, verdict)['offsets'][0]['clock']['seconds'] == clock.seconds
    console = Console(record=True, width=140)
    show(report, verdict, console)
    cell = f'{1000 * clock.seconds:.1f} ms'
    assert cell in console.export_text() and cell in page(report, verdict)


def test_a_small_offset_is_not_named(rows, tmp_path):
    report = build_report(bag(tmp_path / 'bag', rows, ['watch', 'phone'], watch=0.03))
    assert report.pairs[0].clock.seconds is not None
    assert not [note for note in judge(report).notes if note.mentioned]


def movement(sensor, amounts, rate=50):
    times = START + np.arange(len(amounts)) * (SECOND // rate)
    return Movement(sensor, 'imu', times, amounts)


def test_unrelated_movement_gives_no_estimate():
    random = np.random.default_rng(3)
    for _ in range(20):
        one, other = random.gamma(0.5, size=(2, 6000))
        found = clock_offset.estimate(movement('watch', one), movement('phone', other))
        assert found.seconds is None
        assert found.reason == 'their movements agree at no offset, or at several'


def test_a_steady_rhythm_gives_no_estimate():
    swing = 1 + np.sin(2 * np.pi * 1.0 * np.arange(6000) / 50)
    noise = np.random.default_rng(3).gamma(2.0, 0.1, size=(2, 6000))
    one, other = (movement(name, swing + part)
                  for name, part in zip(('watch', 'phone'), noise, strict=True))
    assert clock_offset.estimate(one, other).seconds is None


def test_stillness_gives_no_estimate():
    still = movement('watch', np.abs(np.random.default_rng(3).normal(scale=0.005, size=6000)))
    found = clock_offset.estimate(still, still._replace(sensor='phone'))
    assert (found.seconds, found.reason) == (None, 'watch sees too little movement')


def test_a_short_bag_gives_no_estimate():
    amounts = np.random.default_rng(3).gamma(0.5, size=2000)
    found = clock_offset.estimate(movement('watch', amounts), movement('phone', amounts))
    assert (found.seconds, found.reason) == (None, 'both move for less than 64 s together')


@pytest.mark.skipif(not (DATA / 'sp_sw_har').exists(), reason='needs SP/SW-HAR')
def test_watch_and_phone_of_a_real_person(tmp_path):
    arguments = [str(DATA / 'sp_sw_har'), str(tmp_path), '--subjects', 's02']
    assert import_sp_sw_har.main(arguments) == 0
    assert clock_of(tmp_path / 's02', 'watch') == pytest.approx(0.0, abs=0.05)


@pytest.mark.skipif(not (DATA / 'utd_mhad').exists(), reason='needs UTD-MHAD')
def test_imu_and_skeleton_of_a_real_person(tmp_path):
    arguments = [str(DATA / 'utd_mhad'), str(tmp_path), '--subjects', '2']
    assert import_utd_mhad.main(arguments) == 0
    pairs = {frozenset((pair.clock.sensor, pair.clock.other)): pair.clock.seconds
             for pair in build_report(tmp_path / 's2').pairs}
    assert abs(pairs[frozenset(('imu', 'skeleton'))]) < 0.06
