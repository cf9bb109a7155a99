# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""All that the recorder hears: a feed for each topic, received on its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
import time

from dcat_ros.modalities import MODALITIES
from dcat_ros.nodes.recorder.parameters import Settings
from dcat_ros.nodes.recorder.receiver import Ear
from dcat_ros.nodes.recorder.recorded_topic import Feed, Intake
from rclpy.node import Node

LABEL_TOPIC = '~/label'
IMAGE_DEPTH = 60
DEPTH = 1000


class Reception:
    """Listens from its construction until it is closed.

    :param owner: the node that records.
    :param settings: name sensors and topics.
    :param intake: where messages go.
    :param fail: called with the traceback of an unexpected error.
    """

    def __init__(
        self, owner: Node, settings: Settings, intake: Intake, fail: Callable[[str], object]
    ) -> None:
        self.intake = intake
        self.label_topic = owner.resolve_topic_name(LABEL_TOPIC)
        self.feeds: list[Feed] = []
        self._ear = Ear(owner, self._refresh, fail)
        droppable = {owner.resolve_topic_name(topic) for topic in settings.droppable}
        info = {topic for sensor in settings.sensors for topic in MODALITIES[sensor].info}
        for topic, sensor, depth in _wanted(settings):
            name = owner.resolve_topic_name(topic)
            if name in {feed.name for feed in self.feeds}:
                continue
            self.feeds.append(Feed(
                self._ear.node, name, sensor, depth, name in droppable, intake,
                carries_labels=topic == LABEL_TOPIC, describes=topic in info,
            ))
        self._ear.start()

    @property
    def sensors(self) -> dict[str, Feed]:
        """Return the feeds of the sensors by modality."""
        return {feed.sensor: feed for feed in self.feeds if feed.sensor}

    @property
    def label(self) -> Feed:
        """Return the feed of the labels."""
        return next(feed for feed in self.feeds if feed.name == self.label_topic)

    @property
    def bandwidth(self) -> float:
        """Bytes per second on all topics."""
        return sum(feed.beat.bandwidth for feed in self.feeds)

    def close(self) -> None:
        """Stop listening."""
        self._ear.close()

    def _refresh(self) -> None:
        now = time.monotonic()
        for feed in self.feeds:
            feed.refresh()
            feed.beat.mark(now)


def _wanted(settings: Settings) -> Iterator[tuple[str, str, int]]:
    """Yield topic, sensor and depth of all that is to be heard."""
    yield LABEL_TOPIC, '', DEPTH
    for sensor in settings.sensors:
        modality = MODALITIES[sensor]
        yield modality.topic, sensor, IMAGE_DEPTH if modality.latest_only else DEPTH
        for topic in modality.info:
            yield topic, '', DEPTH
    for topic in settings.topics:
        yield topic, '', DEPTH
