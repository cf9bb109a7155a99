"""Point clouds as arrays, with the API of ROS 2's sensor_msgs_py."""
