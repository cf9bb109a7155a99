# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""An engine is stepped in one thread, and told of sources in another."""

from threading import Thread

from dcat_ros.bags import messages
from dcat_ros.bags.types import typestore
from dcat_ros.bundles import Bundle
from dcat_ros.inference import Engine, Settings, Source
from dcat_ros.inference.source import Waiting
import numpy as np
from tiny_bundles import write_bundle

NOW = 1_700_000_000 * 10**9
SETTINGS = Settings(
    stride=0.0, threshold=-1.0, smoothing=0.0, stale_timeout=1.0, return_delay=3.0
)


def test_a_source_forgets_between_two_steps_and_never_within_one(tmp_path):
    write_bundle(tmp_path / 'imu', 'imu')
    source = Source(Bundle(tmp_path / 'imu'), SETTINGS, lambda: 0.0)
    engine = Engine(lambda: NOW, lambda: 0.0)
    engine.use([source])
    message = messages.imu(NOW, 'wrist', np.zeros(6))
    other = Thread(target=engine.forget, args=(source,))
    waited = []

    def read(raw):
        other.start()
        other.join(0.2)
        waited.append(other.is_alive())
        return message

    raw = bytes(typestore().serialize_cdr(message, message.__msgtype__))
    source.offer(Waiting(raw, read, stamped=True))
    engine.step()
    other.join()
    assert waited == [True]
    assert source.last_stamp is None
