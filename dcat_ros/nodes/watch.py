"""What the recorder knows of stamps and pairs while they come."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import combinations

from dcat_ros.modalities import DecodeError
from dcat_ros.modalities.cdr import header_stamp
from dcat_ros.nodes.feed import Feed, Heard, Intake
from dcat_ros.nodes.pairing import Pairing


class Watch:
    """Looks at what was heard, some time after it was.

    :param intake: where messages were heard.
    :param feeds: of the sensors, each pair of which is watched.
    :param slop: s, see :class:`Pairing`.
    """

    def __init__(self, intake: Intake, feeds: Iterable[Feed], slop: float) -> None:
        self._intake = intake
        self._slop = slop
        self._names = [feed.name for feed in feeds]
        self.begin()

    def begin(self) -> None:
        """Count pairs from now on."""
        self.look()
        self.pairings = [Pairing(pair, self._slop) for pair in combinations(self._names, 2)]
        self._of = {
            name: [pairing for pairing in self.pairings if name in pairing.topics]
            for name in self._names
        }

    def look(self) -> None:
        """Take what was heard since the last look."""
        heard = self._intake.heard
        while heard:
            self._take(heard.popleft())

    def _take(self, message: Heard) -> None:
        feed, head, arrival = message
        stamp = arrival
        if feed.has_header:
            try:
                stamp = header_stamp(head)
            except DecodeError:
                feed.stamps.malformed += 1
                return
            feed.stamps.take(stamp, arrival)
        if stamp:
            for pairing in self._of.get(feed.name, ()):
                pairing.observe(feed.name, stamp)
