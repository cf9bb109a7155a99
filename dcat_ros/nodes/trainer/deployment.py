# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Hands a bundle to a running inference node, and sees whether it is used from then on."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from pathlib import Path
import time
from typing import Any

from dcat_ros.bundles import Manifest
from dcat_ros.nodes.common.qos import LATCHED
from diagnostic_msgs.msg import DiagnosticArray, DiagnosticStatus
from rcl_interfaces.srv import GetParameters, SetParameters
from rclpy.client import Client
from rclpy.node import Node
from rclpy.parameter import Parameter
from vision_msgs.msg import LabelInfo


class Deployment:
    """Sets the bundle of an inference node, step by step, so that nobody has to wait for it.

    That the node has taken a parameter is not enough: it must recognise with the bundle. It says
    so by its diagnostics, which name the bundle in use and count the swaps, and by the classes on
    its ``~/label_info``.

    :param node: in whose name the inference node is asked.
    :param target: the inference node's full name.
    :param bundle: the bundle's directory.
    """

    FINDING = 10.0
    """Seconds in which the inference node must show up."""
    LOADING = 60.0
    """Seconds in which it must answer; it loads the bundle before it does."""
    SWAPPING = 20.0
    """Seconds in which it must recognise with the bundle."""

    def __init__(self, node: Node, target: str, bundle: Path, manifest: Manifest) -> None:
        self._node = node
        self._target = target
        self._bundle = str(bundle)
        self._manifest = manifest
        self._parameter = f'{manifest.modality}.bundle'
        self._setting: Client = node.create_client(SetParameters, f'{target}/set_parameters')
        self._getting: Client = node.create_client(GetParameters, f'{target}/get_parameters')
        self._status: DiagnosticStatus | None = None
        self._classes: list[str] = []
        self._subscriptions = [
            node.create_subscription(DiagnosticArray, '/diagnostics', self._take_status, 100),
            node.create_subscription(LabelInfo, f'{target}/label_info', self._take_info, LATCHED),
        ]
        self._steps = self._go()

    def look(self) -> bool:
        """Go on as far as possible; return whether all is done.

        :raises ValueError: if it cannot be done; the text says why, and the remedy.
        """
        return next(self._steps, True)

    def close(self) -> None:
        """Let go of the inference node."""
        for client in (self._setting, self._getting):
            self._node.destroy_client(client)
        for subscription in self._subscriptions:
            self._node.destroy_subscription(subscription)

    def _go(self) -> Iterator[bool]:
        yield from self._until(
            lambda: self._setting.service_is_ready() and self._getting.service_is_ready(),
            self.FINDING, lambda: f'no node {self._target} answers: start it',
        )
        yield from self._until(
            lambda: self._status is not None, self.FINDING,
            lambda: f'{self._target} says nothing of recognising on /diagnostics: name a running '
            'inference node',
        )
        in_use, swaps = self._in_use
        change = Parameter(self._parameter, value=self._bundle).to_parameter_msg()
        answer = yield from self._ask(
            self._setting, SetParameters.Request(parameters=[change])
        )
        if not answer.results[0].successful:
            raise ValueError(f'{self._target} refused: {answer.results[0].reason}')
        answer = yield from self._ask(
            self._getting, GetParameters.Request(names=[self._parameter])
        )
        if answer.values[0].string_value != self._bundle:
            raise ValueError(
                f'{self._target} has {self._parameter} "{answer.values[0].string_value}" again: '
                'somebody else has set it'
            )
        before = swaps if in_use[0] == self._manifest.modality else -1
        wanted = self._manifest.modality, self._manifest.name
        yield from self._until(
            lambda: self._in_use[0] == wanted and self._in_use[1] > before
            and self._classes == self._manifest.classes,
            self.SWAPPING, self._why_not_used,
        )

    def _until(
        self, condition: Callable[[], bool], seconds: float, complaint: Callable[[], str]
    ) -> Iterator[bool]:
        deadline = time.monotonic() + seconds
        while not condition():
            if time.monotonic() > deadline:
                raise ValueError(complaint())
            yield False

    def _ask(self, client: Client, request: Any) -> Generator[bool, None, Any]:
        future = client.call_async(request)
        yield from self._until(
            future.done, self.LOADING,
            lambda: f'{self._target} has not answered for {self.LOADING:g} s: does it still run?',
        )
        return future.result()

    @property
    def _in_use(self) -> tuple[tuple[str, str], int]:
        """Return the modality and the name of the bundle in use, and the number of swaps."""
        values = {each.key: each.value for each in self._status.values} if self._status else {}
        return (values.get('modality', ''), values.get('bundle', '')), int(values.get('swaps', 0))

    def _why_not_used(self) -> str:
        said = self._status.message if self._status else ''
        (modality, _), _ = self._in_use
        remedy = 'see to its sensor'
        if modality not in ('', self._manifest.modality):
            remedy = f'set its modality to {self._manifest.modality}'
        return (
            f'{self._target} has loaded it, but does not recognise with it yet ("{said}"): '
            f'{remedy}'
        )

    def _take_status(self, message: DiagnosticArray) -> None:
        name = f'{self._target.lstrip("/")}: activity'
        for status in message.status:
            if status.name == name:
                self._status = status

    def _take_info(self, message: LabelInfo) -> None:
        self._classes = [each.class_name for each in message.class_map]
