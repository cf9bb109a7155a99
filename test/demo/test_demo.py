# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""The demonstration as a new user starts it: the whole journey, and each of its promises."""

import json
import os
import signal
import subprocess
import sys
import xml.etree.ElementTree as ET

from browser import needs_chromium, wide_elements, WIDTHS
from dcat_ros.bundles import Bundle
from dcat_ros.inference import UNKNOWN
import pytest


def start(out, *arguments):
    return subprocess.Popen(
        [sys.executable, '-m', 'dcat_ros.demo.program', '--out', str(out), *arguments],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        env={**os.environ, 'PYTHONUNBUFFERED': '1', 'COLUMNS': '120'},
    )


@pytest.fixture(scope='module')
def journey(tmp_path_factory):
    out = tmp_path_factory.mktemp('demo')
    process = start(out)
    text = process.communicate(timeout=600)[0]
    assert process.returncode == 0, text
    return out, text


@pytest.fixture(scope='module')
def facts(journey):
    return {path.stem: json.loads(path.read_text()) for path in journey[0].glob('*.json')}


def test_it_says_where_the_page_is_and_has_no_trouble(journey):
    out, text = journey
    assert text.rstrip().endswith(str(out / 'demo.html'))
    assert 'Traceback' not in text
    assert 'ERROR' not in text


def test_both_sessions_are_fit_for_training(facts):
    assert len(facts['report']['bags']) == 2
    assert all('fit for training: imu and camera' in bag['verdict']
               for bag in facts['report']['bags'])


def test_a_bundle_is_trained_beside_its_rivals(facts):
    assert set(facts['train']['macro_f1']) == {'unimodal', 'source', 'dcat', 'dcat_shuffled'}
    bundle = Bundle.load(facts['train']['bundle'])
    assert bundle.manifest.training['transfer']['sources'] == {'camera': 1.0}


def test_the_recorded_person_is_mostly_recognised(facts):
    clips = facts['person']['clips']
    assert len(clips) == 10
    for sensor in ('skeleton', 'imu'):
        assert sum(clip['named'][sensor] == clip['activity'] for clip in clips) >= 6


def test_with_few_labels_the_transfer_is_compared_with_its_control(facts):
    scores = facts['few_labels']['macro_f1']
    assert set(scores) == {'unimodal', 'dcat_soft', 'dcat_soft_shuffled'}
    assert all(0 <= score <= 1 for score in scores.values())


def test_the_new_person_is_recognised_from_the_imu_alone(facts):
    seen = facts['infer']
    assert {frame for _, frame, label, _ in seen['answers'] if label != UNKNOWN} == {'wrist_imu'}
    assert seen['stamps_rise']
    assert seen['right'] > 0.5


def test_the_robot_heeds_the_answers(facts):
    scales = [scale for _, scale in facts['infer']['speeds']]
    assert max(scales) > min(scales)


def test_every_loss_and_return_of_a_sensor_is_answered(facts):
    events = [event for _, event in facts['fail_over']['events']]
    assert [event for event in events if event.endswith('active') or event == 'unknown'] == [
        'imu active', 'camera active', 'audio active', 'imu active', 'unknown', 'imu active'
    ]
    assert facts['fail_over']['stamps_rise']


def test_the_robot_is_slow_while_all_sensors_are_dead(facts):
    events = {event: at for at, event in facts['fail_over']['events']}
    end = events['IMU back again']
    scales = [scale for at, scale in facts['fail_over']['speeds'] if events['unknown'] < at < end]
    assert set(scales[1:]) == {min(scale for _, scale in facts['fail_over']['speeds'])}


@needs_chromium
@pytest.mark.parametrize('width', WIDTHS)
def test_nothing_on_the_page_is_wider_than_the_window(journey, tmp_path, width):
    out = journey[0]
    assert wide_elements((out / 'demo.html').read_text(), width, tmp_path) == []


def test_the_page_stands_alone_and_its_links_lead_somewhere(journey):
    out, _ = journey
    page = ET.fromstring((out / 'demo.html').read_text().partition('\n')[2])
    assert len(page.findall('.//svg')) == 5
    assert not page.findall('.//script')
    links = [link.get('href') for link in page.iter('a')]
    assert len(links) == 5
    assert all((out / link).exists() for link in links)


def test_a_step_that_lacks_what_came_before_says_what_to_run(tmp_path):
    process = start(tmp_path, '--step', 'train')
    text = process.communicate(timeout=60)[0]
    assert process.returncode == 1
    assert 'record has not run yet: run `make demo STEP=record` first' in text


def test_ctrl_c_ends_it_cleanly(tmp_path):
    process = start(tmp_path, '--step', 'infer')
    for line in process.stdout:
        if 'infer' in line:
            break
    process.send_signal(signal.SIGINT)
    rest = process.communicate(timeout=60)[0]
    assert process.returncode == 0, rest
    assert 'ended early' in rest
    assert 'Traceback' not in rest
