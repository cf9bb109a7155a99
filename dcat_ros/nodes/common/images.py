# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Pictures as ROS messages."""

from array import array

import numpy as np
from numpy.typing import NDArray
from sensor_msgs.msg import Image


def bgr_image(picture: NDArray[np.uint8]) -> Image:
    """Return a picture (rows, columns, 3) of blue, green, red as a message without header."""
    rows, columns = picture.shape[:2]
    message = Image(height=rows, width=columns, encoding='bgr8', step=3 * columns)
    message.data = array('B', picture.tobytes())
    return message
