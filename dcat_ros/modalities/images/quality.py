# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Recognises pictures that show nothing: dark, over-exposed or out of focus."""

import cv2
from dcat_ros.modalities.base import ImplausibleError, NANOSECONDS
import numpy as np
from numpy.typing import NDArray

SMALLEST, LARGEST = 100, 320
"""Pixels of the longer side: smaller pictures are not judged, larger ones are reduced."""
DARK, BRIGHT = 0.03, 0.97
"""Mean grey level, 0 to 1."""
LEAST_CONTRAST = 0.05
"""Standard deviation of the grey level below which focus cannot be judged."""
BLURRED = 0.025
"""Detail of a picture: that of its Laplacian as a share of its contrast. Real pictures in focus
had 0.28 and more, and 0.02 with a blur of 6 pixels in 640."""
PATIENCE = NANOSECONDS
"""Time for which pictures must be bad."""
PERIOD = NANOSECONDS // 5
"""Time between two judgements."""


class PictureQuality:
    """Judges the grey pictures of one stream."""

    def __init__(self) -> None:
        self._bad_since: int | None = None
        self._judged = -PERIOD
        self._problem = ''

    def check(self, picture: NDArray[np.uint8], stamp: int) -> None:
        """Judge a picture (rows, columns) with its stamp in ns.

        :raises ImplausibleError: if pictures have been bad for a second.
        """
        if not 0 <= stamp - self._judged < PERIOD:
            self._judged = stamp
            self._problem = problem_of(picture)
            if not self._problem:
                self._bad_since = None
            elif self._bad_since is None or stamp < self._bad_since:
                self._bad_since = stamp
        if self._bad_since is not None and stamp - self._bad_since >= PATIENCE:
            raise ImplausibleError(self._problem, 'unusable picture')


def problem_of(picture: NDArray[np.uint8]) -> str:
    """Return why a grey picture (rows, columns) shows nothing, empty if it may show something."""
    longer = max(picture.shape)
    if longer < SMALLEST:
        return ''
    grey: NDArray = picture.astype(np.float32) / 255
    if longer > LARGEST:
        share = LARGEST / longer
        grey = cv2.resize(grey, None, fx=share, fy=share, interpolation=cv2.INTER_AREA)
    level, contrast = float(grey.mean()), float(grey.std())
    if level < DARK:
        return f'the picture is dark, {100 * level:.0f} % grey: remove the cap, or put on a light'
    if level > BRIGHT:
        return (
            f'the picture is over-exposed, {100 * level:.0f} % grey: set a shorter exposure, or '
            'turn the camera away from the light'
        )
    detail = float(cv2.Laplacian(grey, cv2.CV_32F).std())
    if contrast > LEAST_CONTRAST and detail < BLURRED * contrast:
        return 'the picture is out of focus: clean the lens and set its focus'
    return ''
