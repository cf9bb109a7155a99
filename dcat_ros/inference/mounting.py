# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Recognises a sensor that is mounted the wrong way round."""

from collections import deque

from dcat_ros.bundles import Bundle
from dcat_ros.modalities.mounting import WRONG_MOUNTINGS
import numpy as np
from numpy.typing import NDArray


class MountingCheck:
    """Compares what a model says of windows as they are, and as another mounting would make them.

    A few seconds of movement that the model names only with the other mounting are a ``problem``,
    which is empty otherwise. Movement that it names as it is ends the problem.

    :param bundle: the model.
    """

    MEMORY = 24  # windows
    ENOUGH = 6  # named with the other mounting only
    MOST = 2  # named as they are, at most, beside those

    def __init__(self, bundle: Bundle) -> None:
        self._bundle = bundle
        self._wrong = WRONG_MOUNTINGS.get(bundle.manifest.modality)
        self._named: deque[tuple[bool, bool]] = deque(maxlen=self.MEMORY)
        self.problem = ''

    def add(self, inputs: NDArray[np.float32], named: bool, threshold: float) -> None:
        """Take a window into account.

        :param inputs: the model input.
        :param named: whether the model names the movement in it as it is.
        :param threshold: calibrated score from which a movement is named.
        """
        if self._wrong is None:
            return
        corrected = False
        if not named:
            logits = self._bundle.run(self._wrong.corrected(inputs)).astype(np.float64)
            scaled = logits / self._bundle.manifest.temperature
            corrected = bool(1 / np.exp(scaled - scaled.max()).sum() >= threshold)
        self._named.append((named, corrected))
        as_it_is, otherwise = np.sum(self._named, axis=0)
        wrong = otherwise >= self.ENOUGH and as_it_is <= self.MOST
        self.problem = self._wrong.problem if wrong else ''
