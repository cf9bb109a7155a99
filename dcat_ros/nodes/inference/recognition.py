# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Recognition at work: what feeds an engine, and the thread that steps it."""

from collections.abc import Callable, Iterable
from functools import partial

from dcat_ros.inference import Answer, Engine, Source
from dcat_ros.inference.source import Waiting
from dcat_ros.nodes.inference.subscriptions import Descriptions, Input
from dcat_ros.nodes.inference.worker import Worker
from rclpy.node import Node


class Recognition:
    """Runs an engine from its construction until it is stopped.

    Subscribes to the sources that the engine wants, and to what describes any that it may want.

    :param node: the node that subscribes.
    :param engine: what is run.
    :param publish: called in the worker's thread with each answer.
    :param fail: called with the traceback of an unexpected error; work goes on.
    """

    def __init__(
        self,
        node: Node,
        engine: Engine,
        publish: Callable[[Answer], None],
        fail: Callable[[str], object],
    ) -> None:
        self._node = node
        self._engine = engine
        self._worker = Worker(engine, publish, fail)
        self._inputs: dict[Source, Input] = {}
        self.descriptions = Descriptions(node, partial(_describe, self._inputs))

    @property
    def inputs(self) -> list[Input]:
        """Return the inputs of the sources listened to."""
        return list(self._inputs.values())

    def follow(self, modalities: Iterable[str]) -> None:
        """Listen to what is wanted and published now.

        :param modalities: those that have a bundle.
        """
        self.descriptions.refresh(modalities)
        wanted = self._engine.wanted
        for source in [source for source in self._inputs if source not in wanted]:
            self._inputs.pop(source).close()
            self._engine.forget(source)
        for source in wanted:
            if source not in self._inputs:
                self._inputs[source] = Input(self._node, source, self._worker.wake)
                for waiting in self.descriptions.of(source.name):
                    source.offer(waiting)
            self._inputs[source].refresh()

    def stop(self) -> None:
        """End the thread and give up all subscriptions."""
        self._worker.stop()
        for feed in self._inputs.values():
            feed.close()
        self._inputs.clear()
        self.descriptions.close()


def _describe(sources: Iterable[Source], modality: str, waiting: Waiting) -> None:
    for source in sources:
        if source.name == modality:
            source.offer(waiting)
