# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Judges a recorded sensor by a share of its messages, since to decode all costs too much."""

from dcat_ros.bags.types import typestore
from dcat_ros.modalities import create_lenient, MODALITIES
from dcat_ros.modalities.base import NANOSECONDS
import numpy as np


class SampledCheck:
    """Looks at the messages of :data:`STRETCH` in each :data:`PERIOD`.

    ``problem`` says why the sensor is not what its modality expects, by the newest whole stretch.

    :param modality: its name.
    """

    STRETCH = 3 * NANOSECONDS
    PERIOD = 15 * NANOSECONDS

    def __init__(self, modality: str) -> None:
        self._modality = create_lenient(modality)
        self._types = MODALITIES[modality].message_types
        self._began: int | None = None
        self._begin()
        self.problem = ''

    def look_at(self, type_name: str, raw: bytes, arrival: int) -> None:
        """Take a serialised message into account, if it is its turn.

        :param arrival: ns.
        """
        if type_name not in self._types:
            return
        if self._began is None or not 0 <= arrival - self._began < self.PERIOD:
            self._began = arrival
            self._begin()
        if arrival - self._began > self.STRETCH:
            return
        try:
            message = typestore().deserialize_cdr(raw, type_name)
            samples = self._decoder.decode(message)
        except Exception:  # noqa: BLE001 - whatever is wrong with the bytes, the monitor counts it
            return
        if samples is not None and np.isfinite(samples.values).all():
            self._check.add(samples)
            self.problem = self._check.problem or self.problem
            if arrival - self._began > self.STRETCH - NANOSECONDS:
                self.problem = self._check.problem

    def _begin(self) -> None:
        self._decoder, self._check = self._modality.decoder(), self._modality.check()
