# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""An engine is stepped in one thread, and its sources are reset in another."""

from threading import Thread

from dcat_ros.bags import messages
from dcat_ros.bags.types import typestore
from dcat_ros.bundles import Bundle
from dcat_ros.inference import Engine, Source, SourceSettings
from dcat_ros.inference.source import SerializedMessage
import numpy as np
from tiny_bundles import write_bundle

NOW = 1_700_000_000 * 10**9
SETTINGS = SourceSettings(
    stride=0.0, threshold=-1.0, smoothing=0.0, stale_timeout=1.0, return_delay=3.0
)


def test_a_source_is_reset_between_two_steps_and_never_within_one(tmp_path):
    write_bundle(tmp_path / 'imu', 'imu')
    source = Source(Bundle(tmp_path / 'imu'), SETTINGS, lambda: 0.0)
    engine = Engine(lambda: NOW, lambda: 0.0)
    engine.set_sources([source])
    message = messages.imu(NOW, 'wrist', np.zeros(6))
    other = Thread(target=engine.reset, args=(source,))
    waited = []

    def read(raw):
        other.start()
        other.join(0.2)
        waited.append(other.is_alive())
        return message

    raw = bytes(typestore().serialize_cdr(message, message.__msgtype__))
    source.enqueue(SerializedMessage(raw, read, has_header=True))
    engine.step()
    other.join()
    assert waited == [True]
    assert source.stream.last_stamp is None
