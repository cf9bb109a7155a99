"""The ROS nodes: thin shells around the rooms above."""
