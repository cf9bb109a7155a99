# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Publishes the body that the node sees in a camera, while somebody subscribes."""

import math
from typing import Any

from dcat_ros.inference import Answer
from dcat_ros.modalities.body import SHOULDERS
from dcat_ros.modalities.images.overlay import draw
from dcat_ros.modalities.images.pose_decoder import View
from dcat_ros.modalities.skeleton import SKELETON_2D
from dcat_ros.nodes.common.images import bgr_image
from dcat_ros.nodes.common.messages import message_class
from dcat_ros.sensors import Sensor
from rclpy.node import Node
from sensor_msgs.msg import Image

SKELETON_TYPE = 'hri_msgs/msg/Skeleton2D'
DEPTH = 2


class BodyOutput:
    """Publishes ``~/overlay`` (sensor_msgs/Image) and ``~/skeleton2d`` (hri_msgs/Skeleton2D).

    For a camera with a name of its own they are ``~/NAME/overlay`` and ``~/NAME/skeleton2d``.
    Without the package hri_msgs, which is optional, there is no ``~/skeleton2d``.

    :param node: the node that publishes.
    :param camera: whose pictures they are.
    """

    def __init__(self, node: Node, camera: Sensor) -> None:
        self._text = ''
        prefix = '~' if camera.name == camera.modality else f'~/{camera.name}'
        self._overlay = node.create_publisher(Image, f'{prefix}/overlay', DEPTH)
        try:
            skeleton_type = message_class(SKELETON_TYPE)
        except ValueError as error:
            node.get_logger().info(f'{prefix}/skeleton2d is not published: {error}')
            self._skeleton = None
        else:
            self._skeleton = node.create_publisher(skeleton_type, f'{prefix}/skeleton2d', DEPTH)

    def answer(self, answer: Answer) -> None:
        """Write this answer into the following overlays."""
        best = answer.hypotheses[0]
        self._text = answer.reason or f'{best.label} {best.score:.2f}'

    def show(self, view: View) -> None:
        """Publish a view to those who subscribe."""
        if self._overlay.get_subscription_count():
            self._overlay.publish(overlay(view, self._text))
        if self._skeleton is not None and self._skeleton.get_subscription_count():
            self._skeleton.publish(skeleton_2d(self._skeleton.msg_type, view))


def overlay(view: View, text: str) -> Image:
    """Return the picture of a view with its body and a text."""
    message = bgr_image(draw(view.picture, view.body, text))
    message.header = view.header
    return message


def skeleton_2d(message_type: Any, view: View) -> Any:
    """Return the body of a view as hri_msgs/Skeleton2D (REP 155).

    Points that are not known are NaN with confidence 0.
    """
    message = message_type(header=view.header)
    for point in message.skeleton:
        point.x = point.y = math.nan
    if view.body is None:
        return message
    positions, confidences = view.points_in_message, view.body.joints[:, 3]
    found = dict(zip(SKELETON_2D, zip(positions, confidences, strict=True), strict=True))
    found[message_type.NECK] = positions[SHOULDERS].mean(axis=0), confidences[SHOULDERS].min()
    for index, ((x, y), confidence) in found.items():
        point = message.skeleton[index]
        point.x, point.y, point.c = float(x), float(y), float(confidence)
    return message
