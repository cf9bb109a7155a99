# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Swaps a node's model again and again, as an operator would, and notes all answers."""

from __future__ import annotations

import argparse
from collections.abc import Callable
import json
import random
import sys
import time
from typing import Any, NamedTuple

from bench.swap.way import Way
from dcat_ros.inference import UNKNOWN
from dcat_ros.modalities.base import stamp_of
from dcat_ros.nodes.common.run import make_executor
from lifecycle_msgs.msg import Transition
from lifecycle_msgs.srv import ChangeState
from rcl_interfaces.srv import SetParameters
import rclpy
from rclpy.client import Client
from rclpy.node import Node
from rclpy.parameter import Parameter
from rclpy.signals import SignalHandlerOptions
from vision_msgs.msg import Classification

PATIENCE = 60.0
AFTER = 3
"""Answers of the new model to wait for."""
PAUSE = 0.5, 1.0
"""Least and most seconds to the next swap: at any point between two answers."""
DOWN = Transition.TRANSITION_DEACTIVATE, Transition.TRANSITION_CLEANUP
UP = Transition.TRANSITION_CONFIGURE, Transition.TRANSITION_ACTIVATE


class Answer(NamedTuple):
    """Stamp and reception in ns by the system's clock, and what marks the way it was found."""

    stamp: int
    received: int
    frame: str
    classes: int


class Swapper(Node):
    """Talks to one node.

    :param name: of that node.
    :param lifecycle: whether it must be brought down and up for a swap.
    """

    def __init__(self, name: str, lifecycle: bool) -> None:
        super().__init__('swapper')
        self.heard: list[Answer] = []
        self._lifecycle = lifecycle
        self._executor = make_executor()
        self._executor.add_node(self)
        self.create_subscription(Classification, f'/{name}/activity', self._take, 100)
        self._parameter_client: Client = self.create_client(
            SetParameters, f'/{name}/set_parameters'
        )
        self._state_client: Client = self.create_client(ChangeState, f'/{name}/change_state')

    def swap(self, way: Way) -> None:
        """Swap, and return once the node has done what it was told.

        :raises ValueError: if it refuses.
        """
        for transition in DOWN if self._lifecycle else ():
            self._change(transition)
        value = Parameter(way.parameter, value=way.value).to_parameter_msg()
        response = self._call(self._parameter_client, SetParameters.Request(parameters=[value]))
        for result in response.results:
            if not result.successful:
                raise ValueError(f'{way.parameter} {way.value} was refused: {result.reason}')
        for transition in UP if self._lifecycle else ():
            self._change(transition)

    def hear(self, way: Way, since: int) -> None:
        """Return once there are enough answers of that way, received since some time, in ns."""
        def enough() -> bool:
            new = [answer for answer in self.heard if answer.received >= since]
            return [answer[2:] for answer in new].count((way.frame, way.classes)) >= AFTER

        self.until(enough, f'an answer with {way.parameter} {way.value}')

    def until(self, condition: Callable[[], bool], what: str) -> None:
        """Let callbacks run until something holds.

        :raises TimeoutError: if it does not within `PATIENCE`.
        """
        deadline = time.monotonic() + PATIENCE
        while not condition():
            if time.monotonic() > deadline:
                raise TimeoutError(f'{what} did not come within {PATIENCE:.0f} s')
            self._executor.spin_once(timeout_sec=0.05)

    def pause(self, seconds: float) -> None:
        """Let callbacks run for a while."""
        end = time.monotonic() + seconds
        self.until(lambda: time.monotonic() >= end, 'the end of a pause')

    def _take(self, message: Classification) -> None:
        if not message.header.frame_id:
            return  # of a silence, not of a window
        labels = {result.class_id for result in message.results} - {UNKNOWN}
        self.heard.append(Answer(
            stamp_of(message.header), time.time_ns(), message.header.frame_id, len(labels)
        ))

    def _change(self, transition: int) -> None:
        request = ChangeState.Request(transition=Transition(id=transition))
        if not self._call(self._state_client, request).success:
            raise ValueError(f'transition {transition} of its lifecycle failed')

    def _call(self, client: Client, request: Any) -> Any:
        self.until(client.service_is_ready, client.srv_name)
        future = client.call_async(request)
        self.until(future.done, f'an answer of {client.srv_name}')
        return future.result()


def swaps(swapper: Swapper, ways: list[Way], repeats: int) -> list[dict[str, Any]]:
    """Swap to and fro; print the number of each swap.

    :param ways: the first one is in use.
    :returns: of each swap the new way, when it was asked for (ns), and the answers around it.
    """
    chance = random.Random(0)
    swapper.hear(ways[0], 0)
    done = []
    for number in range(repeats):
        swapper.pause(chance.uniform(*PAUSE))
        way = ways[(number + 1) % len(ways)]
        before, asked = len(swapper.heard) - 1, time.time_ns()
        swapper.swap(way)
        swapper.hear(way, asked)
        done.append({'way': way, 'asked': asked, 'heard': swapper.heard[before:]})
        print(number + 1, flush=True)
    return done


def main() -> int:
    """Print the number of each swap, then what was heard as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('name')
    parser.add_argument('ways', help='JSON')
    parser.add_argument('repeats', type=int)
    parser.add_argument('--lifecycle', action='store_true')
    args = parser.parse_args()
    rclpy.init(signal_handler_options=SignalHandlerOptions.NO)
    swapper = Swapper(args.name, args.lifecycle)
    try:
        ways = [Way(*each) for each in json.loads(args.ways)]
        print(json.dumps(swaps(swapper, ways, args.repeats)))
    except (ValueError, TimeoutError) as error:
        print(f'error: {error}', file=sys.stderr)
        return 1
    finally:
        swapper.destroy_node()
        rclpy.try_shutdown()
    return 0


if __name__ == '__main__':
    raise SystemExit(main())
