"""Programs of the command line that need no ROS graph."""
