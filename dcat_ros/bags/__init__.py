# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""rosbag2 bags of sensor messages with activity labels, written and read without ROS.

A bag is a directory of MCAP files and metadata.yaml, as `ros2 bag record` makes it; one in SQLite
is read too. Its times are those of arrival, windows go by header stamps. A label is a
std_msgs/String: it holds until the next one, an empty one ends it, and one that begins with a
backspace takes the change before it back.

In metadata.yaml, `custom_data` is a mapping of texts. To train, `subject` must be there:

- `subject`: who was recorded; training splits by it
- `session`, `location`, `notes`: as the recorder's parameters were at the end
- `source`: what wrote the bag
- `ended`: `stopped`, or why else the recording ended
- `label_topic`: where the labels are, `/label` where it is not told
- `topics`: JSON, by topic `sensor`, `frame_id`, `stamped_by` (`header` or `arrival`), `qos`,
  `received`, `written`, `dropped` and `rate` (Hz)
- `pairing`: JSON, of each two sensors `topics`, `slop` (s), `matches`, `unmatched`,
  `offset_median` and `offset_worst` (s), `restarts`
- `clips`, `clip_groups`: JSON, where a bag is made of separate recordings: the names of its
  labelled clips, and of each what must not be split between training and test
"""
