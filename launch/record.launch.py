"""Record sensors and labels as bags to train from."""

from launch import LaunchDescription

from dcat_ros.launching import recorder


def generate_launch_description() -> LaunchDescription:
    """Return the recorder node."""
    return recorder()
