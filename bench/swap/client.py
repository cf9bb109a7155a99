# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Swap a node's model repeatedly, as an operator would, and record all answers."""

from __future__ import annotations

import argparse
from collections.abc import Callable
import json
import random
import sys
import time
from typing import Any, NamedTuple

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

TIMEOUT = 60.0
ANSWERS = 3
"""Answers of the new model to wait for."""
PAUSE = 0.5, 1.0
"""Least and most seconds to the next swap, so that it comes at any point between two answers."""
DOWN = Transition.TRANSITION_DEACTIVATE, Transition.TRANSITION_CLEANUP
UP = Transition.TRANSITION_CONFIGURE, Transition.TRANSITION_ACTIVATE


class Model(NamedTuple):
    """A parameter's value that selects a model, and what identifies the model's answers.

    ``frame``: frame_id of the sensor. ``classes``: number of classes.
    """

    parameter: str
    value: str
    frame: str
    classes: int


class Answer(NamedTuple):
    """Stamp and reception in ns of the system clock, and what identifies the model."""

    stamp: int
    received: int
    frame: str
    classes: int


class SwapClient(Node):
    """Swaps the model of one node.

    :param name: of that node.
    :param lifecycle: whether a swap needs lifecycle transitions.
    """

    def __init__(self, name: str, lifecycle: bool) -> None:
        super().__init__('swap_client')
        self.answers: list[Answer] = []
        self._lifecycle = lifecycle
        self._executor = make_executor()
        self._executor.add_node(self)
        self.create_subscription(Classification, f'/{name}/activity', self._on_answer, 100)
        self._parameter_client: Client = self.create_client(
            SetParameters, f'/{name}/set_parameters'
        )
        self._state_client: Client = self.create_client(ChangeState, f'/{name}/change_state')

    def swap(self, model: Model) -> None:
        """Swap the model, and return once the node has confirmed it.

        :raises ValueError: if it refuses.
        """
        for transition in DOWN if self._lifecycle else ():
            self._change(transition)
        value = Parameter(model.parameter, value=model.value).to_parameter_msg()
        response = self._call(self._parameter_client, SetParameters.Request(parameters=[value]))
        for result in response.results:
            if not result.successful:
                raise ValueError(f'{model.parameter} {model.value} was refused: {result.reason}')
        for transition in UP if self._lifecycle else ():
            self._change(transition)

    def wait_for_answers(self, model: Model, since: int) -> None:
        """Return once `ANSWERS` of a model have been received since a time in ns."""
        def enough() -> bool:
            new = [answer for answer in self.answers if answer.received >= since]
            return [answer[2:] for answer in new].count((model.frame, model.classes)) >= ANSWERS

        self.until(enough, f'an answer with {model.parameter} {model.value}')

    def until(self, condition: Callable[[], bool], what: str) -> None:
        """Run callbacks until a condition holds.

        :raises TimeoutError: if it does not within `TIMEOUT`.
        """
        deadline = time.monotonic() + TIMEOUT
        while not condition():
            if time.monotonic() > deadline:
                raise TimeoutError(f'{what} did not come within {TIMEOUT:.0f} s')
            self._executor.spin_once(timeout_sec=0.05)

    def pause(self, seconds: float) -> None:
        """Run callbacks for some seconds."""
        end = time.monotonic() + seconds
        self.until(lambda: time.monotonic() >= end, 'the end of a pause')

    def _on_answer(self, message: Classification) -> None:
        if not message.header.frame_id:
            return  # reports that no data came, not a window
        labels = {result.class_id for result in message.results} - {UNKNOWN}
        self.answers.append(Answer(
            stamp_of(message.header), time.time_ns(), message.header.frame_id, len(labels)
        ))

    def _change(self, transition: int) -> None:
        request = ChangeState.Request(transition=Transition(id=transition))
        if not self._call(self._state_client, request).success:
            raise ValueError(f'transition {transition} failed')

    def _call(self, client: Client, request: Any) -> Any:
        self.until(client.service_is_ready, client.srv_name)
        future = client.call_async(request)
        self.until(future.done, f'an answer of {client.srv_name}')
        return future.result()


def swaps(client: SwapClient, models: list[Model], repeats: int) -> list[dict[str, Any]]:
    """Swap back and forth; print the number of each swap.

    :param models: the first one is in use.
    :returns: for each swap the new model, when it was requested (ns), and the answers around it.
    """
    chance = random.Random(0)
    client.wait_for_answers(models[0], 0)
    done = []
    for number in range(repeats):
        client.pause(chance.uniform(*PAUSE))
        model = models[(number + 1) % len(models)]
        before, requested = len(client.answers) - 1, time.time_ns()
        client.swap(model)
        client.wait_for_answers(model, requested)
        done.append({'model': model, 'requested': requested, 'answers': client.answers[before:]})
        print(number + 1, flush=True)
    return done


def main() -> int:
    """Print the number of each swap, then all swaps as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('name')
    parser.add_argument('models', help='JSON')
    parser.add_argument('repeats', type=int)
    parser.add_argument('--lifecycle', action='store_true')
    args = parser.parse_args()
    rclpy.init(signal_handler_options=SignalHandlerOptions.NO)
    client = SwapClient(args.name, args.lifecycle)
    try:
        models = [Model(*fields) for fields in json.loads(args.models)]
        print(json.dumps(swaps(client, models, args.repeats)))
    except (ValueError, TimeoutError) as error:
        print(f'error: {error}', file=sys.stderr)
        return 1
    finally:
        client.destroy_node()
        rclpy.try_shutdown()
    return 0


if __name__ == '__main__':
    raise SystemExit(main())
