"""All that an active inference node listens to."""

from collections.abc import Callable, Iterable
from functools import partial

from rclpy.node import Node

from dcat_ros.inference import Engine, Source
from dcat_ros.inference.source import Waiting
from dcat_ros.nodes.input import Descriptions, Input


class Listening:
    """Subscribes to the sources that an engine wants, and to what describes any that it may want.

    :param node: the node that subscribes.
    :param engine: says which sources are wanted.
    :param wake: called after each message.
    """

    def __init__(self, node: Node, engine: Engine, wake: Callable[[], None]) -> None:
        self._node = node
        self._engine = engine
        self._wake = wake
        self._inputs: dict[Source, Input] = {}
        self.descriptions = Descriptions(node, partial(_describe, self._inputs))

    @property
    def inputs(self) -> list[Input]:
        """The inputs of the sources listened to."""
        return list(self._inputs.values())

    def follow(self, modalities: Iterable[str]) -> None:
        """Listen to what is wanted and published now.

        :param modalities: those that have a bundle.
        """
        self.descriptions.refresh(modalities)
        wanted = self._engine.wanted
        for source in [source for source in self._inputs if source not in wanted]:
            self._inputs.pop(source).close()
            source.reset()
        for source in wanted:
            if source not in self._inputs:
                self._inputs[source] = Input(self._node, source, self._wake)
                for waiting in self.descriptions.of(source.name):
                    source.offer(waiting)
            self._inputs[source].refresh()

    def close(self) -> None:
        """Give up all subscriptions."""
        for feed in self._inputs.values():
            feed.close()
        self._inputs.clear()
        self.descriptions.close()


def _describe(sources: Iterable[Source], modality: str, waiting: Waiting) -> None:
    for source in sources:
        if source.name == modality:
            source.offer(waiting)
