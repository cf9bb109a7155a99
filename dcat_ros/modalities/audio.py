# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Microphones: PCM audio of either audio_common_msgs package, to log-mel features."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any, ClassVar

from dcat_ros.modalities.base import (
    Check,
    DecodeError,
    NANOSECONDS,
    native_rate,
    nearest,
    NoCheck,
    Samples,
    stamp_of,
)
from dcat_ros.modalities.sound_quality import SoundQuality
import numpy as np
from numpy.typing import NDArray

SAMPLE_FORMATS = {'S16LE': ('<i2', 2.0**15), 'S32LE': ('<i4', 2.0**31), 'F32LE': ('<f4', 1.0)}
PORTAUDIO_FORMATS = {
    1: ('float32_data', 1.0), 2: ('int32_data', 2.0**31), 8: ('int16_data', 2.0**15),
}
NO_INFO = (
    "no AudioInfo received yet: remap audio/audio_info to the driver's topic, or set "
    'audio.sample_rate, audio.channels and audio.sample_format'
)
STANDARD_RATES = np.array([8000, 11025, 16000, 22050, 24000, 32000, 44100, 48000, 88200, 96000])


@dataclass(frozen=True)
class AudioFormat:
    """How the bytes of a stream are coded, as in audio_common_msgs/AudioInfo.

    :raises DecodeError: if the audio is compressed, or the sample format or a number is invalid.
    """

    sample_rate: int
    channels: int
    sample_format: str = 'S16LE'
    coding_format: str = 'wave'

    def __post_init__(self) -> None:
        if self.coding_format.lower() not in ('wave', 'wav', 'raw'):
            raise DecodeError(
                f'coding_format is "{self.coding_format}"; compressed audio is not supported: '
                'start the audio_capture driver with format:=wave'
            )
        if self.sample_format.upper() not in SAMPLE_FORMATS:
            raise DecodeError(
                f'sample_format is "{self.sample_format}"; start the audio_capture driver with '
                f'sample_format:= one of {", ".join(SAMPLE_FORMATS)}'
            )
        if self.sample_rate <= 0 or self.channels <= 0:
            raise DecodeError(
                f'sample_rate is {self.sample_rate} and channels is {self.channels}; both must be '
                "positive: correct the driver's settings"
            )


class AudioDecoder:
    """Decodes audio messages to mono samples (n,) from -1 to 1 with continuous stamps.

    The header stamp is the time of a message's first sample. Jitter up to 0.6 of a message is
    smoothed away. A larger step forward is a gap. A message that is not newer than the one before
    is late. A step back of over a second is a clock jump, which the window stream handles.

    :param default: the format until an AudioInfo arrives.
    """

    CLOCK_JUMP = NANOSECONDS
    CORRECTION = 0.001  # of a message's length, at most, by which stamps follow the headers

    def __init__(self, default: AudioFormat | None = None) -> None:
        self._format = default
        self._format_error = NO_INFO
        self._quality = SoundQuality()
        self._newest: float = -np.inf
        self._next: int | None = None

    def decode(self, message: Any) -> Samples | None:
        """Return a message's samples; None for an AudioInfo, which sets the format.

        :raises DecodeError: if the format is unknown or unsupported, the data do not fit it, or
            the microphone delivers nothing usable.
        """
        if hasattr(message, 'coding_format'):
            self._set_format(message)
            return None
        stamp = stamp_of(message.header)
        interleaved, channels, rate = self._pcm(message.audio)
        if channels <= 0 or rate <= 0 or not interleaved.size or interleaved.size % channels:
            raise DecodeError(
                f'{interleaved.size} samples do not divide into {channels} channels at {rate} Hz: '
                'AudioInfo and data disagree, restart the driver'
            )
        values = interleaved.reshape(-1, channels).mean(axis=1, dtype=np.float32)
        self._quality.check(values, rate, stamp)
        return Samples(self._stamps(stamp, len(values), rate), values)

    def _set_format(self, info: Any) -> None:
        try:
            self._format = AudioFormat(
                info.sample_rate, info.channels, info.sample_format, info.coding_format
            )
        except DecodeError as error:
            self._format, self._format_error = None, str(error)
            raise

    def _pcm(self, audio: Any) -> tuple[NDArray[np.float32], int, int]:
        if hasattr(audio, 'audio_data'):
            if audio.info.format not in PORTAUDIO_FORMATS:
                raise DecodeError(
                    f"info.format is {audio.info.format}; set the capturer node's format to "
                    '8 (16 bit), 2 (32 bit) or 1 (float)'
                )
            field, full_scale = PORTAUDIO_FORMATS[audio.info.format]
            raw = np.asarray(getattr(audio.audio_data, field), np.float32)
            return raw / np.float32(full_scale), audio.info.channels, audio.info.rate
        if self._format is None:
            raise DecodeError(self._format_error, 'no usable AudioInfo')
        dtype, full_scale = SAMPLE_FORMATS[self._format.sample_format.upper()]
        data = bytes(audio.data)
        if len(data) % np.dtype(dtype).itemsize:
            raise DecodeError(
                f'{len(data)} bytes do not divide into {self._format.sample_format} samples: '
                'AudioInfo and data disagree, restart the driver'
            )
        raw = np.frombuffer(data, dtype).astype(np.float32)
        return raw / np.float32(full_scale), self._format.channels, self._format.sample_rate

    def _stamps(self, stamp: int, count: int, rate: int) -> NDArray[np.int64]:
        length = count * NANOSECONDS / rate
        start = stamp if self._next is None else self._next
        error = stamp - start
        is_late = error >= -self.CLOCK_JUMP and stamp <= self._newest
        if is_late:
            start = min(stamp, start - round(length))
        elif -self.CLOCK_JUMP <= error <= 0.6 * length:
            length += min(max(error, -self.CORRECTION * length), self.CORRECTION * length)
        else:
            start = stamp
        if not is_late:
            self._newest, self._next = stamp, start + round(length)
        return start + np.rint(np.arange(count) * (length / count)).astype(np.int64)


@dataclass(frozen=True)
class Audio:
    """A microphone. The model input is (frames, mels), log10 of mel power, scaled to about 0.

    :param rate: Hz, the same as the window's rate.
    :param mels: number of bands, evenly spaced in mel from 50 Hz to half the rate.
    :param frame: samples in one Hann window.
    :param hop: samples from one frame to the next.
    """

    rate: int = 16000
    mels: int = 40
    frame: int = 512
    hop: int = 320

    name: ClassVar[str] = 'audio'
    topic: ClassVar[str] = 'audio/audio_stamped'
    message_types: ClassVar[tuple[str, ...]] = (
        'audio_common_msgs/msg/AudioDataStamped',
        'audio_common_msgs/msg/AudioStamped',
    )
    info: ClassVar[dict[str, str]] = {'audio/audio_info': 'audio_common_msgs/msg/AudioInfo'}
    latest_only: ClassVar[bool] = False

    sample_shape: ClassVar[tuple[int, ...]] = ()

    def decoder(self, default: AudioFormat | None = None) -> AudioDecoder:
        """Return a decoder for one stream; ``default`` is its format without an AudioInfo."""
        return AudioDecoder(default)

    def check(self) -> Check:
        """Return a check for one stream."""
        return NoCheck()

    def resample(self, samples: Samples, end: int, rate: float, size: int) -> NDArray[np.float32]:
        """Place the samples on a regular grid, with silence in gaps, and resample that.

        Frequencies above half the new rate are removed from the spectrum of the window followed
        by its mirror image, which has no step where it repeats.

        :returns: (size,), the last one at ``end``.
        """
        measured = native_rate(samples.stamps)
        standard = STANDARD_RATES[np.argmin(np.abs(STANDARD_RATES - measured))]
        native = int(standard) if abs(measured / standard - 1.0) < 0.01 else round(measured)
        count = -(-size * native // round(rate))
        age = np.minimum(np.arange(count - 1, -1, -1) / native, (size - 1) / rate)
        times = end - np.rint(age * NANOSECONDS).astype(np.int64)
        index = nearest(samples.stamps, times)
        received = np.abs(times - samples.stamps[index]) < 0.75 * NANOSECONDS / native
        grid = np.where(received, samples.values[index], np.float32(0.0))
        if count == size:
            return grid
        spectrum = np.fft.rfft(np.concatenate([grid, grid[::-1]]))[:size + 1]
        mirrored = np.fft.irfft(spectrum, 2 * size) * (size / count)
        return mirrored[:size].astype(np.float32)

    def features(self, window: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return log-mel power (frames, mels) of a (size,) window."""
        frames = np.lib.stride_tricks.sliding_window_view(window, self.frame)[::self.hop]
        spectrum = np.fft.rfft(frames * np.hanning(self.frame), axis=1)
        power = (np.abs(spectrum) ** 2) @ _mel_filters(self.rate, self.mels, self.frame)
        return ((np.log10(power + 1e-6) + 2.0) / 2.0).astype(np.float32)


@lru_cache(maxsize=4)
def _mel_filters(rate: int, mels: int, frame: int) -> NDArray[np.float64]:
    """Return triangular filters (frame // 2 + 1, mels) on the HTK mel scale."""
    low, high = (2595.0 * np.log10(1.0 + hz / 700.0) for hz in (50.0, rate / 2))
    edges = 700.0 * (10.0 ** (np.linspace(low, high, mels + 2) / 2595.0) - 1.0)
    hertz = np.fft.rfftfreq(frame, 1.0 / rate)[:, None]
    rise = (hertz - edges[:-2]) / (edges[1:-1] - edges[:-2])
    fall = (edges[2:] - hertz) / (edges[2:] - edges[1:-1])
    return np.clip(np.minimum(rise, fall), 0.0, None)
