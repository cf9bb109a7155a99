# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Install message_filters for a host without ROS."""

from setuptools import setup

NAME = 'message_filters'

setup(
    name=NAME,
    version='7.1.0',
    packages=[NAME],
    data_files=[
        ('share/ament_index/resource_index/packages', [f'resource/{NAME}']),
        (f'share/{NAME}', ['package.xml']),
    ],
    zip_safe=True,
    maintainer='dcat_ros maintainers',
    maintainer_email='maintainers@example.org',
    description='Store and synchronise messages by time stamp.',
    license='Apache-2.0',
)
