# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Hand-written training windows: each epoch reads all bags again with rosbags."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import cv2
from dcat_ros.modalities import create
from dcat_ros.modalities.base import NANOSECONDS, Samples
from dcat_ros.training.config import Config
import numpy as np
from numpy.typing import NDArray
from rosbags.highlevel import AnyReader
from rosbags.typesys import get_typestore, Stores
import torch
from torch import Tensor
from torch.utils.data import IterableDataset

NO_CLASS = -1


class RosbagWindows(IterableDataset[tuple[Tensor, int]]):
    """All windows of some bags, each with the index of its class, -1 for none.

    The windows are those of training, but gaps and jumps of the clock are ignored; resampling and
    features are the package's own.

    :param config: sensor, window and stride.
    :param classes: labels in the order of their indices.
    """

    def __init__(self, bags: Sequence[Path], config: Config, classes: Sequence[str]) -> None:
        self._bags = bags
        self._modality = create(config.modality, config.features)
        self._sample = sample_function(config)
        self._spec = config.window
        self._stride = round(config.sampling.dense_stride * NANOSECONDS)
        self._classes = classes

    def __iter__(self) -> Iterator[tuple[Tensor, int]]:
        for bag in self._bags:
            samples, changes = self._samples(bag)
            for end in self._ends(samples.stamps):
                inputs = torch.from_numpy(self._inputs(samples, int(end)))
                yield inputs, self._class_of(changes, int(end))

    def _samples(self, bag: Path) -> tuple[Samples, list[tuple[int, str]]]:
        """Return a sensor's samples, and time (ns) and text of each label."""
        topic = f'/{self._modality.topic}'
        stamps, values, changes = [], [], []
        with AnyReader([bag], default_typestore=get_typestore(Stores.ROS2_JAZZY)) as reader:
            wanted = [
                connection for connection in reader.connections
                if connection.topic in (topic, '/label')
            ]
            for connection, time, data in reader.messages(wanted):
                message: Any = reader.deserialize(data, connection.msgtype)
                if connection.topic == '/label':
                    changes.append((time, message.data))
                else:
                    stamp = message.header.stamp
                    stamps.append(stamp.sec * NANOSECONDS + stamp.nanosec)
                    values.append(self._sample(message))
        return Samples(np.array(stamps, np.int64), np.array(values, np.float32)), changes

    def _ends(self, stamps: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the stamps of the samples that complete a window."""
        early = round(0.25 * NANOSECONDS / self._spec.rate)
        due = np.arange(stamps[0] + self._spec.span - early, stamps[-1] + 1, self._stride)
        return stamps[np.unique(np.searchsorted(stamps, due))]

    def _inputs(self, samples: Samples, end: int) -> NDArray[np.float32]:
        first = max(int(np.searchsorted(samples.stamps, end - self._spec.span)) - 1, 0)
        upto = int(np.searchsorted(samples.stamps, end, side='right'))
        inside = Samples(samples.stamps[first:upto], samples.values[first:upto])
        window = self._modality.resample(inside, end, self._spec.rate, self._spec.size)
        return self._modality.features(window)

    def _class_of(self, changes: Sequence[tuple[int, str]], end: int) -> int:
        """Return the class of the label that runs through the whole window."""
        start = end - self._spec.span + round(0.5 * NANOSECONDS / self._spec.rate)
        times = [time for time, _ in changes]
        first, last = bisect_right(times, start) - 1, bisect_right(times, end) - 1
        label = changes[first][1] if first == last >= 0 else ''
        return self._classes.index(label) if label in self._classes else NO_CLASS


def sample_function(config: Config) -> Callable[[Any], Any]:
    """Return the function that extracts the sample of a message."""
    if config.modality == 'imu':
        return _axes
    size = config.features['width'], config.features['height']
    return partial(_metres if config.features['kind'] == 'depth' else _grey, size=size)


def _axes(message: Any) -> list[float]:
    a, w = message.linear_acceleration, message.angular_velocity
    return [a.x, a.y, a.z, w.x, w.y, w.z]


def _grey(message: Any, size: tuple[int, int]) -> NDArray[np.float32]:
    """Return a bgr8 image of the same aspect ratio as the size (width, height), 0 to 1."""
    colours = message.data.reshape(message.height, message.width, 3)
    grey = cv2.cvtColor(colours, cv2.COLOR_BGR2GRAY).astype(np.float32) / 255.0
    return np.asarray(cv2.resize(grey, size, interpolation=cv2.INTER_AREA), np.float32)


def _metres(message: Any, size: tuple[int, int]) -> NDArray[np.float32]:
    """Return the middle of a 16UC1 image, reduced to the size (width, height), in metres."""
    pixels = message.data.view(np.uint16).reshape(message.height, message.width)
    columns = message.height * size[0] // size[1]
    left = (message.width - columns) // 2
    metres = pixels.astype(np.float32)[:, left:left + columns] / 1000.0
    return np.asarray(cv2.resize(metres, size, interpolation=cv2.INTER_AREA), np.float32)
