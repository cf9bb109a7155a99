# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""The simulated people of the demonstration, their activities and their sensors."""

ACTIVITIES = ['idle', 'walk', 'wave', 'clap', 'squat', 'hammer']
HARMLESS = ['idle', 'walk', 'wave', 'clap', 'squat']
CLOSE_BY = ['hammer']
RECORDED = (101, 102)
NEW = 103
ACTIVITY_DURATION = 4.0
FRAMES = {
    'imu': 'wrist_imu', 'camera': 'camera_color_optical_frame', 'audio': 'microphone'
}
"""The `frame_id` of each sensor."""


def simulated(seed: int, *sensors: str) -> dict[str, object]:
    """Return the parameters of a simulated person with some sensors.

    :param seed: of the person.
    """
    return {
        'seed': seed,
        'activities': f'[{", ".join(ACTIVITIES)}]',
        'activity_duration': ACTIVITY_DURATION,
        **{name: name in sensors for name in ('imu', 'camera', 'audio')},
    }
