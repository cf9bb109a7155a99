# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Whether training could read what the sensors sent."""

from __future__ import annotations

from typing import Any

from dcat_ros.bags.reader import BagError, BagReader
from dcat_ros.bags.windows import topics_of
from dcat_ros.modalities import create, DecodeError, MODALITIES

NO_INFO = (
    'the bag has no AudioInfo, so nobody knows how its sound is coded: record audio/audio_info too'
)


def unreadable(reader: BagReader) -> dict[str, str]:
    """Return for each modality in the bag that training cannot read the reason, by topic.

    Judged by the first message. Cameras may be grey or depth as a recipe says: of those only the
    choice of the topic is judged here.
    """
    reasons = {}
    for name, kind in MODALITIES.items():
        present = [topic for topic, msgtype in reader.topics.items()
                   if msgtype in kind.message_types]
        modality = create(name, {})
        try:
            if not present:
                continue
            topic, *infos = topics_of(reader, modality)
            decoder = modality.decoder()
            for each in [*infos, topic] if name != 'camera' else []:
                message = _first(reader, each)
                if message is not None:
                    decoder.decode(message)
        except BagError as error:
            reasons[present[0]] = str(error).replace(str(reader.path), 'the bag', 1)
        except DecodeError as error:
            is_bare = kind.info and not infos and error.cause != 'malformed'
            reasons[topic] = NO_INFO if is_bare else str(error)
    return reasons


def _first(reader: BagReader, topic: str) -> Any:
    """Return a topic's first message, None when there is none or its bytes are no message."""
    try:
        return next((message for _, message, _ in reader.messages([topic])), None)
    except BagError:
        return None
