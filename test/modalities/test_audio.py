# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Sound messages of both audio_common_msgs packages: what is decoded, what is refused."""

from audio_messages import audio, chunk, info, START
from dcat_ros.modalities import DecodeError
from dcat_ros.modalities.audio import AudioFormat
import numpy as np
import pytest
from rosbags.typesys import get_types_from_msg, get_typestore, Stores

OTHER_PACKAGE = {
    'AudioData': """
        float32[] float32_data
        int32[] int32_data
        int16[] int16_data
        int8[] int8_data
        uint8[] uint8_data
    """,
    'AudioInfo': """
        int32 format
        int32 channels
        int32 rate
        int32 chunk
    """,
    'Audio': """
        audio_common_msgs/AudioData audio_data
        audio_common_msgs/AudioInfo info
    """,
    'AudioStamped': """
        std_msgs/Header header
        audio_common_msgs/Audio audio
    """,
}
ARRAYS = {'float32': 'f4', 'int32': 'i4', 'int16': 'i2', 'int8': 'i1', 'uint8': 'u1'}


@pytest.mark.parametrize(('sample_format', 'dtype', 'full_scale'), [
    ('S16LE', '<i2', 2**15), ('S32LE', '<i4', 2**31), ('F32LE', '<f4', 1),
])
@pytest.mark.parametrize('channels', [1, 2, 5])
def test_every_sample_format_holds_the_same_sound(sample_format, dtype, full_scale, channels):
    sound = np.array([0.0, 0.5, -0.5, 0.25])
    offsets = np.linspace(-0.125, 0.125, channels) if channels > 1 else np.zeros(1)
    interleaved = (sound[:, None] + offsets) * full_scale
    decoder = audio.decoder()
    assert decoder.decode(info(8000, channels, sample_format)) is None
    stamps, values = decoder.decode(chunk(START, interleaved.astype(dtype).tobytes()))
    assert stamps.tolist() == [START + index * 125_000 for index in range(4)]
    assert values.dtype == np.float32
    assert values == pytest.approx(sound, abs=1e-4)


@pytest.fixture(scope='module')
def other_package():
    """Return a store of its own, since the two packages bear the same name."""
    store = get_typestore(Stores.ROS2_JAZZY)
    for name, text in OTHER_PACKAGE.items():
        store.register(get_types_from_msg(text, f'audio_common_msgs/msg/{name}'))
    return store


def other_message(store, portaudio_format, field, samples, channels=1, rate=16000):
    """Return an AudioStamped that has been serialised and deserialised."""
    kind = {name: store.types[f'audio_common_msgs/msg/{name}'] for name in OTHER_PACKAGE}
    arrays = {f'{name}_data': np.zeros(0, dtype) for name, dtype in ARRAYS.items()}
    arrays |= {field: samples}
    time = store.types['builtin_interfaces/msg/Time'](*divmod(START, 10**9))
    message = kind['AudioStamped'](
        header=store.types['std_msgs/msg/Header'](stamp=time, frame_id='microphone'),
        audio=kind['Audio'](
            audio_data=kind['AudioData'](**arrays),
            info=kind['AudioInfo'](
                format=portaudio_format, channels=channels, rate=rate, chunk=len(samples)
            ),
        ),
    )
    name = 'audio_common_msgs/msg/AudioStamped'
    return store.deserialize_cdr(store.serialize_cdr(message, name), name)


@pytest.mark.parametrize(('portaudio_format', 'field', 'dtype', 'full_scale'), [
    (1, 'float32_data', np.float32, 1),
    (2, 'int32_data', np.int32, 2**31),
    (8, 'int16_data', np.int16, 2**15),
])
def test_the_other_package_needs_no_info(
    other_package, portaudio_format, field, dtype, full_scale
):
    left, right = np.array([0.0, 0.5, -0.5]), np.array([0.25, 0.25, -0.25])
    samples = (np.stack([left, right], axis=1).ravel() * full_scale).astype(dtype)
    message = other_message(other_package, portaudio_format, field, samples, channels=2)
    stamps, values = audio.decoder().decode(message)
    assert stamps.tolist() == [START, START + 62_500, START + 125_000]
    assert values == pytest.approx((left + right) / 2)


@pytest.mark.parametrize('portaudio_format', [4, 16, 32])
def test_other_formats_of_the_other_package_are_refused(other_package, portaudio_format):
    message = other_message(other_package, portaudio_format, 'uint8_data', np.zeros(9, np.uint8))
    with pytest.raises(DecodeError, match=rf'info\.format is {portaudio_format}.*8 \(16 bit\)'):
        audio.decoder().decode(message)


def test_the_other_package_s_faults_are_refused(other_package):
    for changes in ({'channels': 2}, {'channels': 0}, {'rate': 0}):
        message = other_message(other_package, 8, 'int16_data', np.zeros(3, np.int16), **changes)
        with pytest.raises(DecodeError, match='3 samples do not divide'):
            audio.decoder().decode(message)


def test_without_info_the_error_tells_what_to_set():
    with pytest.raises(DecodeError, match=r'audio/audio_info.*audio\.sample_rate'):
        audio.decoder().decode(chunk(START, bytes(4)))


def test_a_default_stands_in_until_the_info_arrives():
    decoder = audio.decoder(AudioFormat(16000, 1))
    assert len(decoder.decode(chunk(START, bytes(8))).values) == 4
    decoder.decode(info(16000, 2))
    assert len(decoder.decode(chunk(START + 250_000, bytes(8))).values) == 2


@pytest.mark.parametrize(('fault', 'words'), [
    ({'coding_format': 'mp3'}, '"mp3".*format:=wave'),
    ({'sample_format': 'S16BE'}, '"S16BE".*S16LE'),
    ({'rate': 0}, 'sample_rate is 0'),
    ({'channels': 0}, 'channels is 0'),
])
def test_a_format_that_is_not_read_is_refused_and_so_is_its_data(fault, words):
    decoder = audio.decoder(AudioFormat(16000, 1))
    with pytest.raises(DecodeError, match=words):
        decoder.decode(info(**fault))
    with pytest.raises(DecodeError, match=words):
        decoder.decode(chunk(START, bytes(8)))
    decoder.decode(info())
    assert len(decoder.decode(chunk(START, bytes(8))).values) == 4


@pytest.mark.parametrize(('data', 'channels', 'words'), [
    (b'', 1, '0 samples'), (bytes(7), 1, '7 bytes'), (bytes(6), 2, '3 samples.*2 channels'),
])
def test_data_that_do_not_divide_are_refused(data, channels, words):
    decoder = audio.decoder(AudioFormat(16000, channels))
    with pytest.raises(DecodeError, match=words):
        decoder.decode(chunk(START, data))
