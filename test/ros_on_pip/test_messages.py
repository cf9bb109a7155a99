# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Packages of messages: names, types and order of fields, as on every ROS 2 host."""

import audio_common_msgs.msg
import hri_msgs.msg
import pytest
from rclpy.serialization import deserialize_message, serialize_message
import vision_msgs.msg

HEADER = ('header', 'std_msgs/Header')
FIELDS = {
    hri_msgs.msg.NormalizedPointOfInterest2D: [('x', 'float'), ('y', 'float'), ('c', 'float')],
    hri_msgs.msg.Skeleton2D: [
        HEADER, ('skeleton', 'hri_msgs/NormalizedPointOfInterest2D[18]')],
    vision_msgs.msg.BoundingBox2D: [
        ('center', 'vision_msgs/Pose2D'), ('size_x', 'double'), ('size_y', 'double')],
    vision_msgs.msg.BoundingBox2DArray: [
        HEADER, ('boxes', 'sequence<vision_msgs/BoundingBox2D>')],
    vision_msgs.msg.BoundingBox3D: [
        ('center', 'geometry_msgs/Pose'), ('size', 'geometry_msgs/Vector3')],
    vision_msgs.msg.BoundingBox3DArray: [
        HEADER, ('boxes', 'sequence<vision_msgs/BoundingBox3D>')],
    vision_msgs.msg.Classification: [
        HEADER, ('results', 'sequence<vision_msgs/ObjectHypothesis>')],
    vision_msgs.msg.Detection2D: [
        HEADER, ('results', 'sequence<vision_msgs/ObjectHypothesisWithPose>'),
        ('bbox', 'vision_msgs/BoundingBox2D'), ('id', 'string')],
    vision_msgs.msg.Detection2DArray: [
        HEADER, ('detections', 'sequence<vision_msgs/Detection2D>')],
    vision_msgs.msg.Detection3D: [
        HEADER, ('results', 'sequence<vision_msgs/ObjectHypothesisWithPose>'),
        ('bbox', 'vision_msgs/BoundingBox3D'), ('id', 'string')],
    vision_msgs.msg.Detection3DArray: [
        HEADER, ('detections', 'sequence<vision_msgs/Detection3D>')],
    vision_msgs.msg.LabelInfo: [
        HEADER, ('class_map', 'sequence<vision_msgs/VisionClass>'), ('threshold', 'float')],
    vision_msgs.msg.ObjectHypothesis: [('class_id', 'string'), ('score', 'double')],
    vision_msgs.msg.ObjectHypothesisWithPose: [
        ('hypothesis', 'vision_msgs/ObjectHypothesis'),
        ('pose', 'geometry_msgs/PoseWithCovariance')],
    vision_msgs.msg.Point2D: [('x', 'double'), ('y', 'double')],
    vision_msgs.msg.Pose2D: [('position', 'vision_msgs/Point2D'), ('theta', 'double')],
    vision_msgs.msg.VisionClass: [('class_id', 'uint16'), ('class_name', 'string')],
    vision_msgs.msg.VisionInfo: [
        HEADER, ('method', 'string'), ('database_location', 'string'),
        ('database_version', 'int32')],
    audio_common_msgs.msg.AudioData: [('data', 'sequence<uint8>')],
    audio_common_msgs.msg.AudioDataStamped: [HEADER, ('audio', 'audio_common_msgs/AudioData')],
    audio_common_msgs.msg.AudioInfo: [
        ('channels', 'uint8'), ('sample_rate', 'uint32'), ('sample_format', 'string'),
        ('bitrate', 'uint32'), ('coding_format', 'string')],
}


@pytest.mark.parametrize('message', FIELDS, ids=lambda message: message.__name__)
def test_fields_and_their_order(message):
    assert list(message.get_fields_and_field_types().items()) == FIELDS[message]


def test_a_classification_survives_the_wire():
    sent = vision_msgs.msg.Classification()
    sent.header.stamp.sec = 12
    sent.header.frame_id = 'imu_link'
    sent.results = [vision_msgs.msg.ObjectHypothesis(class_id='wave', score=0.75)]
    received = deserialize_message(serialize_message(sent), vision_msgs.msg.Classification)
    assert received == sent


def test_audio_survives_the_wire():
    sent = audio_common_msgs.msg.AudioDataStamped()
    sent.audio.data = bytes(range(256))
    received = deserialize_message(serialize_message(sent), audio_common_msgs.msg.AudioDataStamped)
    assert bytes(received.audio.data) == bytes(range(256))
