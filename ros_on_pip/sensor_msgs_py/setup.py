# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Install sensor_msgs_py for a host without ROS."""

from setuptools import setup

NAME = 'sensor_msgs_py'

setup(
    name=NAME,
    version='5.5.1',
    packages=[NAME],
    data_files=[
        ('share/ament_index/resource_index/packages', [f'resource/{NAME}']),
        (f'share/{NAME}', ['package.xml']),
    ],
    zip_safe=True,
    maintainer='dcat_ros maintainers',
    maintainer_email='maintainers@example.org',
    description='Read and make point clouds as arrays.',
    license='Apache-2.0',
)
