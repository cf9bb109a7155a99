# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Record the classifications of all nodes, and when each arrived."""

from __future__ import annotations

import argparse
from functools import partial
import json
import time
from typing import NamedTuple

from bench.inference.publisher import announce_often
from dcat_ros.modalities.base import stamp_of
from dcat_ros.nodes.common.run import run
from rclpy.node import Node
from vision_msgs.msg import Classification

TIMEOUT = 90.0


class Answer(NamedTuple):
    """A node's classification: its stamp and its reception, in ns of the system clock."""

    node: str
    stamp: int
    received: int


class Listener(Node):
    """Prints the name of each node at its first answer.

    :param names: of the nodes.
    :param answers: gets all answers.
    """

    def __init__(self, names: list[str], answers: list[Answer]) -> None:
        super().__init__('listener')
        self._answers = answers
        self._silent = set(names)
        for name in names:
            self.create_subscription(
                Classification, f'/{name}/activity', partial(self._on_answer, name), 100
            )
        self._timer = self.create_timer(TIMEOUT, self._on_timeout)
        print('listening', flush=True)

    def _on_answer(self, name: str, answer: Classification) -> None:
        if not answer.header.frame_id:
            return  # reports that no data came, not a window
        self._answers.append(Answer(name, stamp_of(answer.header), time.time_ns()))
        if name in self._silent:
            self._silent.remove(name)
            print(name, flush=True)

    def _on_timeout(self) -> None:
        self._timer.cancel()
        if self._silent:
            raise TimeoutError(
                f'no answer within {TIMEOUT:.0f} s from {", ".join(sorted(self._silent))}'
            )


def main() -> int:
    """Listen until Ctrl-C; then print all answers as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('names', nargs='*')
    names = parser.parse_args().names
    answers: list[Answer] = []
    announce_often()
    status = run('listener', __doc__, lambda: Listener(names, answers), [])
    print(json.dumps(answers))
    return status


if __name__ == '__main__':
    raise SystemExit(main())
