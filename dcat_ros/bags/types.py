# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Message types for bags, without a ROS installation."""

from functools import cache
from typing import NamedTuple

from rosbags.typesys import get_types_from_msg, get_typestore, Stores
from rosbags.typesys.store import Typestore

SKELETON_POINTS = (
    'NOSE', 'NECK', 'RIGHT_SHOULDER', 'RIGHT_ELBOW', 'RIGHT_WRIST', 'LEFT_SHOULDER', 'LEFT_ELBOW',
    'LEFT_WRIST', 'RIGHT_HIP', 'RIGHT_KNEE', 'RIGHT_ANKLE', 'LEFT_HIP', 'LEFT_KNEE', 'LEFT_ANKLE',
    'LEFT_EYE', 'RIGHT_EYE', 'LEFT_EAR', 'RIGHT_EAR',
)

# Fields of packages that the store of the distribution lacks: audio_common_msgs as released by
# ros-drivers, the skeleton of ROS4HRI, and the part of vision_msgs 4 that this package publishes.
DEFINITIONS = {
    'audio_common_msgs/msg/AudioData': 'uint8[] data',
    'audio_common_msgs/msg/AudioDataStamped': """
        std_msgs/Header header
        audio_common_msgs/AudioData audio
    """,
    'audio_common_msgs/msg/AudioInfo': """
        uint8 channels
        uint32 sample_rate
        string sample_format
        uint32 bitrate
        string coding_format
    """,
    'hri_msgs/msg/NormalizedPointOfInterest2D': """
        float32 x
        float32 y
        float32 c
    """,
    'hri_msgs/msg/Skeleton2D': '\n'.join([
        *(f'uint8 {name} = {index}' for index, name in enumerate(SKELETON_POINTS)),
        'std_msgs/Header header',
        'hri_msgs/NormalizedPointOfInterest2D[18] skeleton',
    ]),
    'vision_msgs/msg/ObjectHypothesis': """
        string class_id
        float64 score
    """,
    'vision_msgs/msg/Classification': """
        std_msgs/Header header
        vision_msgs/ObjectHypothesis[] results
    """,
    'vision_msgs/msg/VisionClass': """
        uint16 class_id
        string class_name
    """,
    'vision_msgs/msg/LabelInfo': """
        std_msgs/Header header
        vision_msgs/VisionClass[] class_map
        float32 threshold
    """,
}


class Definition(NamedTuple):
    """A message type in a bag: name, text of the definition with all its parts, RIHS01 hash."""

    name: str
    text: str
    hash: str


def defined_in(store: Typestore, name: str) -> Definition:
    """Return the definition of a type in a store.

    :raises KeyError: if the store lacks the type or a part of it.
    """
    text, _ = store.generate_msgdef(name, ros_version=2)
    return Definition(name, text, store.hash_rihs01(name))


@cache
def typestore() -> Typestore:
    """Return the types of ROS 2 Jazzy plus `DEFINITIONS`.

    These types have had the same fields since Humble, so bags can be played on Humble and later.
    """
    store = get_typestore(Stores.ROS2_JAZZY)
    for name, text in DEFINITIONS.items():
        store.register(get_types_from_msg(text, name))
    return store
