# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Every threshold that the report and its verdict go by; times in s."""

GAP_PERIODS = 3.0  # a hole is longer than this many median periods of its topic
GAP_FLOOR = 0.1  # and longer than this, which windows of every shipped recipe bridge
BURST = 10  # arrivals come in bursts: their period is the median over this many steps
REGULAR = 0.5  # half of a regular topic's steps differ by less than this part of the median
SLOW = 1.0  # a longer period is no rate, but for a sensor
FEW = 10  # messages below which a topic other than a sensor has no rate

GAP_SHARE = 0.03  # of the time, labelled time where there are labels
SILENT_END = 2.0  # without a message before the bag's end
AGE = 1.0  # between a stamp and its arrival, either way
AGE_SHARE = 0.01  # of a topic's messages that may be older
DISORDER_SHARE = 0.01  # of a topic's messages that may be out of order, or repeat a stamp
CLOCK_OFFSET = 0.05  # of the clocks of two sensors, above which pairs by time are wrong
ACTIVITIES = 2  # what a classifier needs at least

RATE_BIN = 1.0  # the rate over time is averaged over so much, or more in long bags
RATE_POINTS = 600
LISTED_GAPS = 100  # the longest, written out in report.json
THUMBNAILS = 24  # of each camera
UNLABELLED_THUMBNAILS = 6  # spread evenly over a bag without labels
LABELLED_SHARE = 0.5  # of the time, below which the report says so
WINDOW = 2.0  # of the shipped recipes
