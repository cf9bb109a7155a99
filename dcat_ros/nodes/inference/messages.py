# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""The inference node's answers as ROS messages."""

from dcat_ros.inference import Answer, Source
from dcat_ros.nodes.common.messages import time_message
from vision_msgs.msg import Classification, LabelInfo, ObjectHypothesis, VisionClass


def classification(answer: Answer) -> Classification:
    """Return an answer with all its hypotheses, best first."""
    message = Classification()
    message.header.stamp = time_message(answer.stamp)
    message.header.frame_id = answer.frame_id
    message.results = [
        ObjectHypothesis(class_id=label, score=score) for label, score in answer.hypotheses
    ]
    return message


def label_info(source: Source, threshold: float, stamp: int) -> LabelInfo:
    """Return the classes of the active source, and the threshold of the answers."""
    message = LabelInfo(threshold=threshold)
    message.header.stamp = time_message(stamp)
    message.header.frame_id = source.frame_id
    message.class_map = [
        VisionClass(class_id=number, class_name=name)
        for number, name in enumerate(source.decision.classes)
    ]
    return message
