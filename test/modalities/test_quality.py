# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Dark and blurred pictures, and muted, overdriven and wrongly announced microphones."""

import cv2
from dcat_ros.bags import messages
from dcat_ros.modalities import create, create_format, DecodeError
from dcat_ros.modalities.sound_quality import SoundQuality
from dcat_ros.simulation.scene import Scene
import numpy as np
import pytest
from repository import SHARED

SECOND = 10**9
START = 1_700_000_000 * SECOND
VIDEOS = SHARED / 'data' / 'rgb_gestures'
SOUNDS = SHARED / 'data' / 'kitchen20' / 'audio'


def outcome(pictures, rate=10):
    """Return the reasons why pictures of a camera are refused, '' for one that is not."""
    decoder, found = create('camera', {}).decoder(), []
    for index, picture in enumerate(pictures):
        message = messages.image(START + index * SECOND // rate, 'camera', 'mono8', picture)
        try:
            decoder.decode(message)
            found.append('')
        except DecodeError as error:
            found.append(str(error))
    return found


def scene(count=20):
    camera = Scene(3, ['walk', 'wave']).camera
    return [cv2.cvtColor(np.asarray(camera.frame(k)), cv2.COLOR_RGB2GRAY) for k in range(count)]


def test_a_dark_camera_is_refused_after_a_second_and_used_again_with_light():
    dark = [np.full((120, 160), 2, np.uint8)] * 20
    found = outcome([*scene(10), *dark, *scene(10)])
    assert not any(found[:19]) and all('the picture is dark' in text for text in found[21:29])
    assert not any(found[33:])


@pytest.mark.parametrize(('change', 'text'), [
    (lambda picture: np.full_like(picture, 254), 'over-exposed'),
    (lambda picture: cv2.GaussianBlur(picture, (0, 0), 9), 'out of focus'),
])
def test_a_picture_that_shows_nothing_is_refused(change, text):
    large = [cv2.resize(picture, (640, 480)) for picture in scene()]
    found = outcome(map(change, large))
    assert text in found[-1]
    assert not any(outcome(large))


@pytest.mark.skipif(not VIDEOS.is_dir(), reason='needs videos in ../shared/data/rgb_gestures')
def test_real_videos_are_sharp_until_they_are_blurred():
    for path in sorted(VIDEOS.glob('*.avi'))[::4]:
        video, pictures = cv2.VideoCapture(str(path)), []
        while (read := video.read())[0]:
            pictures.append(cv2.cvtColor(read[1], cv2.COLOR_BGR2GRAY))
        assert not any(outcome(pictures, 30))
        blurred = outcome([cv2.GaussianBlur(p, (0, 0), 8) for p in pictures[:40]], 30)
        assert 'out of focus' in blurred[-1]


def test_depth_in_millimetres_as_floats_is_refused():
    decoder = create('camera', {'kind': 'depth'}).decoder()
    with pytest.raises(DecodeError, match='nearest depth is 1500 m'):
        decoder.decode(messages.image(START, 'd', '32FC1', np.full((8, 6), 1500.0, np.float32)))


def test_images_are_turned_as_the_camera_is_mounted():
    picture = np.arange(12, dtype=np.uint8).reshape(3, 4)
    kind = create('camera', {'height': 3, 'width': 4})
    upright, turned = (
        kind.decoder(create_format('camera', {'rotation': angle})).decode(
            messages.image(START, 'camera', 'mono8', picture)
        ).values[0] for angle in (0, 180)
    )
    np.testing.assert_array_equal(turned, upright[::-1, ::-1])
    with pytest.raises(ValueError, match=r'camera.rotation is 45, expected 0, 90, 180, 270'):
        create_format('camera', {'rotation': 45})


def heard(samples, rate=16000, announced=None, chunk=512):
    """Return the causes for which messages of a microphone are refused."""
    quality, causes = SoundQuality(), []
    for first in range(0, len(samples) - chunk + 1, chunk):
        stamp = START + first * SECOND // rate
        try:
            quality.check(samples[first:first + chunk], announced or rate, stamp)
            causes.append('')
        except DecodeError as error:
            causes.append(error.cause)
    return causes


def noise(seconds=10, rate=16000, level=0.01):
    return np.random.default_rng(0).normal(0, level, seconds * rate).astype(np.float32)


def test_a_muted_microphone_is_refused_until_it_is_heard():
    causes = heard(np.concatenate([noise(3), np.zeros(8 * 16000, np.float32), noise(3)]))
    assert 'muted' in causes and causes.index('muted') * 512 / 16000 < 10
    assert not any(causes[-90:])


def test_an_overdriven_microphone_is_refused_but_not_a_clap():
    loud = np.clip(noise(level=2.0), -1, 1)
    assert heard(loud)[-1] == 'clipped'
    clap = noise()
    clap[40_000:42_000] = 1.0
    assert not any(heard(clap))


@pytest.mark.parametrize(('rate', 'announced'), [(44100, 16000), (16000, 44100), (8000, 16000)])
def test_another_rate_than_announced_is_refused(rate, announced):
    causes = heard(noise(6, rate), rate, announced)
    assert 'other rate' in causes
    assert not any(heard(noise(6, rate), rate, round(rate * 1.0002)))


def test_lost_messages_are_no_other_rate():
    quality = SoundQuality()
    for number in range(300):
        if number % 3:
            quality.check(noise(1)[:512], 16000, START + number * 512 * SECOND // 16000)


@pytest.mark.skipif(not SOUNDS.is_dir(), reason='needs sounds in ../shared/data/kitchen20')
def test_no_real_sound_is_refused():
    from scipy.io import wavfile
    for path in sorted(SOUNDS.glob('*.wav'))[::30]:
        rate, samples = wavfile.read(path)
        assert not any(heard(samples.astype(np.float32) / 32768, rate)), path.name
