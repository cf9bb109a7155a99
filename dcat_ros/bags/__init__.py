# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""rosbag2 bags of sensor messages with activity labels, written and read without ROS.

A bag is a directory of MCAP files and metadata.yaml, as `ros2 bag record` writes it. SQLite bags
can be read too. Bag times are times of arrival; windows are cut by header stamps. A label is a
std_msgs/String. It is valid until the next label or an empty text. A text that begins with a
backspace undoes the change before it.

In metadata.yaml, `custom_data` is a mapping of strings. Training requires `subject`:

- `subject`: the recorded person; training splits by it
- `session`, `location`, `notes`: the recorder's parameters at the end
- `source`: the program that wrote the bag
- `ended`: `stopped`, or another reason why the recording ended
- `label_topic`: the topic of the labels, by default `/label`
- `topics`: JSON, for each topic `sensor` (its name) and `modality`, `frame_id`, `stamped_by`
  (`header` or `arrival`), `qos`, `received`, `written`, `dropped` and `rate` (Hz)
- `pairing`: JSON, for each two sensors `topics`, `slop` (s), `matches`, `unmatched`,
  `offset_median` and `offset_worst` (s), `restarts`
- `clips`, `clip_groups`: JSON, for bags of separate recordings: their names, and for each labelled
  interval its group, which must not be split between training and test
"""
