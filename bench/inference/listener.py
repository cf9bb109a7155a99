# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Hears the answers of all nodes, and notes when each came."""

from __future__ import annotations

import argparse
from functools import partial
import json
import time

from bench.inference.announcing import announce_often
from bench.inference.heard import Heard
from dcat_ros.modalities.base import stamp_of
from dcat_ros.nodes.common.run import run
from rclpy.node import Node
from vision_msgs.msg import Classification

PATIENCE = 90.0


class Listener(Node):
    """Prints the name of each node that has answered for the first time.

    :param names: of the nodes.
    :param heard: where answers are noted.
    """

    def __init__(self, names: list[str], heard: list[Heard]) -> None:
        super().__init__('listener')
        self._heard = heard
        self._silent = set(names)
        for name in names:
            topic, take = f'/{name}/activity', partial(self._take, name)
            self.create_subscription(Classification, topic, take, 100)
        self._deadline = self.create_timer(PATIENCE, self._give_up)
        print('listening', flush=True)

    def _take(self, name: str, answer: Classification) -> None:
        if not answer.header.frame_id:
            return  # of a silence, not of a window
        self._heard.append(Heard(name, stamp_of(answer.header), time.time_ns()))
        if name in self._silent:
            self._silent.remove(name)
            print(name, flush=True)

    def _give_up(self) -> None:
        self._deadline.cancel()
        if self._silent:
            raise TimeoutError(
                f'no answer within {PATIENCE:.0f} s from {", ".join(sorted(self._silent))}'
            )


def main() -> int:
    """Listen until Ctrl-C; then print all answers as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('names', nargs='*')
    names = parser.parse_args().names
    heard: list[Heard] = []
    announce_often()
    status = run('listener', __doc__, lambda: Listener(names, heard), [])
    print(json.dumps(heard))
    return status


if __name__ == '__main__':
    raise SystemExit(main())
