# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Images: every encoding shows the same scene, and invalid images are refused."""

from array import array
import importlib.util
import struct
import sys
from types import SimpleNamespace

import cv2
from dcat_ros.commands.import_utd_mhad import CROP
from dcat_ros.modalities import create, DecodeError, Samples
from dcat_ros.modalities.images import pixels
import numpy as np
import pytest
from sensor_msgs.msg import CompressedImage, Image

HEIGHT, WIDTH = 24, 32
STAMP = 1_700_000_000_987_654_321
RED, BLUE = 0.299, 0.114
GREY_LEVEL = 1 / 255


def scene():
    """Red on the left, blue on the right, a green bar and a gradient below: RGB."""
    rgb = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
    rgb[:, :16, 0] = 255
    rgb[:, 16:, 2] = 255
    rgb[8:12] = 0, 255, 0
    rgb[18:] = np.linspace(0, 255, WIDTH).astype(np.uint8)[:, None]
    return rgb


def distances():
    """Metres, whole millimetres; neither the corner nor the background has readings."""
    metres = 1.0 + np.arange(HEIGHT * WIDTH).reshape(HEIGHT, WIDTH) / 1000.0
    metres[:4, :4] = metres[:, WIDTH // 2:] = 0.0
    return metres


RGB = scene()
BGR = RGB[..., ::-1]
OPAQUE = np.full((HEIGHT, WIDTH, 1), 255, np.uint8)
GREY = cv2.cvtColor(RGB, cv2.COLOR_RGB2GRAY)
COLOURS = {
    'rgb8': RGB, 'bgr8': BGR, 'mono8': GREY,
    'rgba8': np.concatenate([RGB, OPAQUE], axis=2), 'bgra8': np.concatenate([BGR, OPAQUE], axis=2),
    '8UC1': GREY, '8UC3': BGR,
}
DEEP = {'rgb16': RGB.astype(np.uint16) * 257, 'bgr16': BGR.astype(np.uint16) * 257}
METRES = distances()
DEPTHS = {
    ('16UC1', 0): np.rint(METRES * 1000).astype('<u2'),
    ('16UC1', 1): np.rint(METRES * 1000).astype('>u2'),
    ('32FC1', 0): METRES.astype('<f4'),
    ('32FC1', 1): METRES.astype('>f4'),
}


def image(encoding, pixels, big_endian=0, padding=0):
    rows = np.ascontiguousarray(pixels).view(np.uint8).reshape(len(pixels), -1)
    rows = np.pad(rows, ((0, 0), (0, padding)), constant_values=0xAB)
    message = Image(
        height=pixels.shape[0], width=pixels.shape[1], encoding=encoding,
        is_bigendian=big_endian, step=rows.shape[1],
    )
    message.data = array('B', rows.tobytes())
    return stamped(message)


def compressed(suffix, pixels, format_=None):
    _, data = cv2.imencode(f'.{suffix}', pixels)
    message = CompressedImage(format=format_ or suffix)
    message.data = array('B', data.tobytes())
    return stamped(message)


def stamped(message):
    message.header.stamp.sec, message.header.stamp.nanosec = divmod(STAMP, 10**9)
    return message


def camera(kind, height=HEIGHT, width=WIDTH):
    return create('camera', {'kind': kind, 'height': height, 'width': width})


def frame(message, kind='grey', height=HEIGHT, width=WIDTH):
    samples = camera(kind, height, width).decoder().decode(message)
    assert samples.stamps.tolist() == [STAMP]
    assert samples.values.shape == (1, height, width)
    assert samples.values.dtype == np.float32
    return samples.values[0]


def refused(message, kind, *words):
    with pytest.raises(DecodeError) as caught:
        camera(kind).decoder().decode(message)
    for word in words:
        assert word in str(caught.value)


@pytest.mark.parametrize('big_endian', [0, 1])
@pytest.mark.parametrize('padding', [0, 13])
@pytest.mark.parametrize('encoding', COLOURS)
def test_every_colour_encoding_shows_the_same_scene(encoding, padding, big_endian):
    grey = frame(image(encoding, COLOURS[encoding], big_endian, padding))
    assert grey[0, 0] == pytest.approx(RED, abs=GREY_LEVEL)
    assert grey[0, -1] == pytest.approx(BLUE, abs=GREY_LEVEL)
    assert grey == pytest.approx(GREY / 255.0, abs=1.01 * GREY_LEVEL)


@pytest.mark.parametrize('big_endian', [0, 1])
@pytest.mark.parametrize('encoding', DEEP)
def test_sixteen_bits_a_colour_show_the_same_scene(encoding, big_endian):
    pixels = DEEP[encoding].astype('>u2' if big_endian else '<u2')
    grey = frame(image(encoding, pixels, big_endian, 2))
    assert grey == pytest.approx(GREY / 255.0, abs=1.01 * GREY_LEVEL)


def in_yuv(rgb, order):
    """Return pixels of two bytes each: brightness, and blue or red of every pair of pixels."""
    y, v, u = np.moveaxis(cv2.cvtColor(rgb, cv2.COLOR_RGB2YCrCb).astype(float), 2, 0)
    y, u, v = 16 + y * 219 / 255, 128 + (u - 128) * 224 / 255, 128 + (v - 128) * 224 / 255
    shared = np.where(np.arange(WIDTH) % 2, np.roll(v, 1, axis=1), u)
    pair = [shared, y] if order == 'uyvy' else [y, shared]
    return np.stack(pair, axis=2).round().astype(np.uint8)


@pytest.mark.parametrize('padding', [0, 12])
@pytest.mark.parametrize(('encoding', 'order'), [
    ('yuv422', 'uyvy'), ('uyvy', 'uyvy'), ('yuv422_yuy2', 'yuy2'), ('yuyv', 'yuy2'),
])
def test_yuv_shows_the_same_scene_and_the_same_colours(encoding, order, padding):
    message = image(encoding, in_yuv(RGB, order), 0, padding)
    assert frame(message) == pytest.approx(GREY / 255.0, abs=3 * GREY_LEVEL)
    assert np.abs(pixels.pixels(message, in_colour=True).astype(int) - BGR).mean() < 3


@pytest.mark.parametrize('encoding', ['nv12', 'nv21'])
def test_planes_show_the_same_scene_and_the_same_colours(encoding):
    y, first = np.moveaxis(in_yuv(RGB, 'yuy2'), 2, 0)
    colours = first[::2].reshape(HEIGHT // 2, WIDTH // 2, 2)
    colours = colours if encoding == 'nv12' else colours[..., ::-1]
    planes = np.concatenate([y, colours.reshape(HEIGHT // 2, WIDTH)])
    message = image(encoding, planes)
    message.height = HEIGHT
    assert frame(message) == pytest.approx(GREY / 255.0, abs=3 * GREY_LEVEL)
    assert np.abs(pixels.pixels(message, in_colour=True).astype(int) - BGR).mean() < 4


@pytest.mark.parametrize('bits', [8, 16])
@pytest.mark.parametrize('pattern', ['rggb', 'bggr', 'gbrg', 'grbg'])
def test_bayer_patterns_show_the_same_colours(pattern, bits):
    """Each pixel has one colour; amid an area the others follow from its neighbours."""
    rows, columns = np.mgrid[:HEIGHT, :WIDTH]
    channel = np.array([['rgb'.index(pattern[2 * row + column]) for column in (0, 1)]
                        for row in (0, 1)])[rows % 2, columns % 2]
    mosaic = np.take_along_axis(RGB, channel[..., None], axis=2)[..., 0]
    message = image(
        f'bayer_{pattern}{bits}', mosaic if bits == 8 else mosaic.astype('<u2') * 257
    )
    shown = pixels.pixels(message, in_colour=True)
    assert shown[4, 8].tolist() == [0, 0, 255] and shown[4, 24].tolist() == [255, 0, 0]
    assert frame(message)[4, 8] == pytest.approx(RED, abs=GREY_LEVEL)


def rvl(millimetres):
    """Code an image as A. D. Wilson's RVL does, number by number."""
    nibbles, previous, flat = [], 0, millimetres.ravel().astype(int).tolist()

    def put(number):
        while True:
            number, low = number >> 3, number & 7
            nibbles.append(low | (8 if number else 0))
            if not number:
                return

    at = 0
    while at < len(flat):
        for is_zero in (True, False):
            end = at
            while end < len(flat) and (flat[end] == 0) == is_zero:
                end += 1
            put(end - at)
            for value in () if is_zero else flat[at:end]:
                put(2 * (value - previous) if value >= previous else 2 * (previous - value) - 1)
                previous = value
            at = end
    nibbles += [0] * (-len(nibbles) % 8)
    words = np.array(nibbles, np.uint32).reshape(-1, 8) << np.arange(28, -4, -4, dtype=np.uint32)
    size = np.array(millimetres.shape[::-1], '<i4')
    return size.tobytes() + words.sum(axis=1, dtype=np.uint32).astype('<u4').tobytes()


def compressed_depth(millimetres, codec, of='16UC1', numbers=(0.0, 0.0)):
    message = compressed('png', millimetres, f'{of}; compressedDepth {codec}')
    body = rvl(millimetres) if codec == 'rvl' else message.data.tobytes()
    message.data = array('B', struct.pack('<iff', 0, *numbers) + body)
    return message


@pytest.mark.parametrize('codec', ['png', 'rvl', ''])
def test_compressed_depth_holds_the_same_distances(codec):
    message = compressed_depth(DEPTHS['16UC1', 0], codec)
    assert frame(message, 'depth') == pytest.approx(METRES, abs=1e-6)


@pytest.mark.parametrize('codec', ['png', 'rvl'])
def test_compressed_inverse_depth_holds_nearly_the_same_distances(codec):
    quantisation = 100.0
    gain, offset = quantisation * (quantisation + 1.0), 1.0 - quantisation * 101.0 / 10.0
    seen = METRES > 0
    steps = np.where(seen, gain / np.where(seen, METRES, 1.0) + offset, 0).round()
    message = compressed_depth(steps.astype('<u2'), codec, '32FC1', (gain, offset))
    assert frame(message, 'depth') == pytest.approx(METRES, abs=2e-3)


@pytest.mark.parametrize('codec', ['png', 'rvl'])
@pytest.mark.parametrize('kept', [0, 11, 13, 20, 60, -20])
def test_damaged_compressed_depth_is_refused(codec, kept):
    message = compressed_depth(DEPTHS['16UC1', 0], codec)
    message.data = message.data[:kept]
    refused(message, 'depth', 'compressedDepth')


@pytest.mark.parametrize('seed', range(20))
def test_random_bytes_of_rvl_are_refused_or_give_an_image(seed):
    body = np.random.default_rng(seed).bytes(400)
    message = compressed_depth(DEPTHS['16UC1', 0], 'rvl')
    message.data = array('B', message.data.tobytes()[:20] + body)
    try:
        assert frame(message, 'depth').min() >= 0
    except DecodeError as error:
        assert 'complete' in str(error)


@pytest.mark.parametrize('padding', [0, 13])
@pytest.mark.parametrize(('encoding', 'big_endian'), DEPTHS)
def test_every_depth_encoding_shows_the_same_distances(encoding, big_endian, padding):
    pixels = DEPTHS[encoding, big_endian]
    metres = frame(image(encoding, pixels, big_endian, padding), 'depth')
    assert metres == pytest.approx(METRES, abs=1e-6)


@pytest.mark.parametrize('pixels', [BGR, GREY, COLOURS['bgra8']], ids=['colour', 'grey', 'alpha'])
def test_a_png_shows_the_same_scene(pixels):
    assert frame(compressed('png', pixels)) == pytest.approx(GREY / 255.0, abs=1.01 * GREY_LEVEL)


@pytest.mark.parametrize('pixels', [BGR, GREY], ids=['colour', 'grey'])
def test_a_jpeg_shows_nearly_the_same_scene(pixels):
    grey = frame(compressed('jpg', pixels, 'rgb8; jpeg compressed bgr8'))
    assert np.abs(grey - GREY / 255.0).mean() < 0.02
    assert grey[2, 2] == pytest.approx(RED, abs=0.05)


def test_a_16_bit_png_holds_the_same_distances():
    assert frame(compressed('png', DEPTHS['16UC1', 0]), 'depth') == pytest.approx(METRES, abs=1e-6)


@pytest.fixture(scope='module')
def without_cv_bridge():
    """Return the module that reads pixels as it is where cv_bridge is not installed."""
    spec = importlib.util.find_spec(pixels.__name__)
    module = importlib.util.module_from_spec(spec)
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(sys.modules, 'cv_bridge', None)
        spec.loader.exec_module(module)
    assert module.image_to_cvimage.__module__ == 'rosbags.image.image'
    return module


@pytest.mark.parametrize('padding', [0, 13])
@pytest.mark.parametrize(('encoding', 'stored', 'big_endian'), [
    *((encoding, pixels, 0) for encoding, pixels in COLOURS.items()),
    *((encoding, pixels, order) for (encoding, order), pixels in DEPTHS.items()),
    *(('mono16', DEPTHS['16UC1', order], order) for order in (0, 1)),
])
def test_the_pixels_are_the_same_without_cv_bridge(
    encoding, stored, big_endian, padding, without_cv_bridge
):
    message = image(encoding, stored, big_endian, padding)
    assert np.array_equal(without_cv_bridge.pixels(message), pixels.pixels(message))


def test_every_code_for_no_reading_becomes_zero():
    pixels = np.zeros((HEIGHT, WIDTH), np.float32)
    pixels[:, :10] = 2.5
    pixels[0, :4] = np.nan, np.inf, -np.inf, -1.0
    metres = frame(image('32FC1', pixels), 'depth')
    assert metres[0, :4].tolist() == [0.0] * 4
    assert (metres[0, 4:10] == 2.5).all()


def test_a_wider_image_is_cropped_about_its_centre():
    pixels = np.zeros((2 * HEIGHT, 4 * WIDTH), np.uint8)
    pixels[:, WIDTH:3 * WIDTH] = np.repeat(np.repeat(GREY, 2, axis=0), 2, axis=1)
    assert frame(image('mono8', pixels)) == pytest.approx(GREY / 255.0)


def test_a_full_depth_image_gives_what_the_reduced_data_set_gives():
    """The data set keeps columns 72 to 251 and averages 3 x 3 blocks, zeros included."""
    rows, columns = np.mgrid[:240, :320]
    pixels = np.zeros((240, 320))
    for x, y, half_width, half_height in (
        (165, 60, 12, 15), (165, 115, 22, 45), (155, 190, 9, 40), (176, 190, 9, 40),
    ):
        inside = ((columns - x) / half_width) ** 2 + ((rows - y) / half_height) ** 2
        pixels = np.where(inside < 1, 2500 - 120 * np.sqrt(np.clip(1 - inside, 0, 1)), pixels)
    blocks = pixels[:, CROP].reshape(80, 3, 60, 3).mean(axis=(1, 3))
    kind = camera('depth', 80, 60)
    shown = {'full': pixels, 'cropped': pixels[:, CROP], 'reduced': blocks.round()}
    frames = {
        name: frame(image('16UC1', depth.astype('<u2')), 'depth', 80, 60)
        for name, depth in shown.items()
    }
    assert frames['cropped'] == pytest.approx(frames['reduced'], abs=0.002)
    seen = [kind.features(frames[name][None])[0, 0] > 0.5 for name in ('full', 'reduced')]
    assert np.sum(seen[0] & seen[1]) > 0.8 * np.sum(seen[0] | seen[1])


@pytest.mark.parametrize(('message', 'kind', 'words'), [
    (image('yuv444', COLOURS['rgb8']), 'grey', ('yuv444', 'driver')),
    (image('rgb8', RGB), 'depth', ('rgb8', 'depth', 'remap')),
    (image('16UC1', DEPTHS['16UC1', 0]), 'grey', ('16UC1', 'colour or grey', 'remap')),
    (compressed('png', DEPTHS['16UC1', 0]), 'grey', ('uint16', 'remap')),
    (compressed('jpg', GREY), 'depth', ('uint8', 'remap')),
    (compressed('png', GREY, '16UC1; compressedDepth png'), 'depth', ('compressedDepth', 'png')),
])
def test_an_image_of_the_wrong_kind_is_refused_with_the_remedy(message, kind, words):
    refused(message, kind, *words)


@pytest.mark.parametrize(('field', 'value', 'words'), [
    ('step', 3 * WIDTH - 1, ('step 95', 'at least 96')),
    ('step', 3 * WIDTH + 1, ('2304 bytes', '2328')),
    ('height', HEIGHT + 1, ('2304 bytes', '2400')),
    ('height', 0, ('32 x 0',)),
    ('width', 0, ('0 x 24',)),
    ('data', array('B', RGB.tobytes()[:-1]), ('2303 bytes', '2304')),
    ('data', array('B'), ('0 bytes',)),
])
def test_a_malformed_image_is_refused_with_its_figures(field, value, words):
    message = image('rgb8', RGB)
    setattr(message, field, value)
    refused(message, 'grey', *words)


@pytest.mark.parametrize('kept', [0, 10, 200, -20, -2])
@pytest.mark.parametrize('suffix', ['jpg', 'png'])
def test_a_damaged_compressed_image_is_refused(suffix, kept):
    message = compressed(suffix, BGR)
    message.data = message.data[:kept]
    refused(message, 'grey', suffix)


def test_an_unstamped_image_is_refused():
    message = image('rgb8', RGB)
    message.header.stamp.sec = message.header.stamp.nanosec = 0
    refused(message, 'grey', 'header.stamp is 0')


def test_the_frame_nearest_in_time_is_taken():
    stamps = STAMP + np.array([0, 40, 130, 200, 310, 400]) * 1_000_000
    values = np.arange(6, dtype=np.float32).reshape(6, 1, 1)
    end = int(stamps[-1])
    window = camera('grey').resample(Samples(stamps, values), end, 10.0, 5)
    assert window.ravel().tolist() == [0.0, 2.0, 3.0, 4.0, 5.0]


def test_a_scene_without_motion_gives_nothing():
    still = np.repeat(GREY[None].astype(np.float32), 6, axis=0)
    features = camera('grey').features(still)
    assert features.shape == (6, 2, HEIGHT, WIDTH)
    assert np.abs(features).max() < 1e-3


def test_an_empty_depth_window_gives_nothing():
    assert not camera('depth').features(np.zeros((4, HEIGHT, WIDTH), np.float32)).any()


def test_a_kind_that_is_unknown_is_refused():
    with pytest.raises(ValueError, match='thermal'):
        create('camera', {'kind': 'thermal'})


def test_data_may_be_a_numpy_array_as_bags_hold_it():
    message = image('rgb8', RGB)
    fields = ('header', 'height', 'width', 'encoding', 'is_bigendian', 'step')
    twin = SimpleNamespace(
        data=np.frombuffer(message.data.tobytes(), np.uint8),
        **{name: getattr(message, name) for name in fields},
    )
    assert np.array_equal(frame(message), frame(twin))
