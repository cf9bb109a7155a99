"""rosbag2 bags of sensor messages with activity labels, written and read without ROS."""
