# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Deploy a bundle to a running inference node, and verify that the node uses it."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from pathlib import Path
import time
from typing import Any

from dcat_ros.bundles import Manifest
from dcat_ros.modalities import MODALITIES
from dcat_ros.nodes.common.qos import LATCHED
from diagnostic_msgs.msg import DiagnosticArray, DiagnosticStatus
from rcl_interfaces.srv import GetParameters, SetParameters
from rclpy.client import Client
from rclpy.node import Node
from rclpy.parameter import Parameter
from vision_msgs.msg import LabelInfo


class Deployment:
    """Sets the bundle of an inference node without blocking; call :meth:`poll` until it is done.

    An accepted parameter is not enough: the node must publish results of the bundle. Its
    diagnostics show this, as they name the bundle in use and count the swaps, and so do the
    classes on its ``~/label_info``. The bundle is for the sensor that it was trained for, if the
    node has one of that name, else for the default sensor of its modality.

    :param node: owner of the clients and subscriptions.
    :param target: the inference node's full name.
    :param bundle: the bundle's directory.
    """

    DISCOVERY_TIMEOUT = 10.0
    """Seconds to wait for the services and the diagnostics of the inference node."""
    CALL_TIMEOUT = 60.0
    """Seconds to wait for the answer of a service; the node loads the bundle first."""
    SWAP_TIMEOUT = 20.0
    """Seconds to wait until the node uses the bundle."""

    def __init__(self, node: Node, target: str, bundle: Path, manifest: Manifest) -> None:
        self._node = node
        self._target = target
        self._bundle = str(bundle)
        self._manifest = manifest
        self._sensor = manifest.modality
        self._set_client: Client = node.create_client(SetParameters, f'{target}/set_parameters')
        self._get_client: Client = node.create_client(GetParameters, f'{target}/get_parameters')
        self._status: DiagnosticStatus | None = None
        self._classes: list[str] = []
        self._subscriptions = [
            node.create_subscription(
                DiagnosticArray, '/diagnostics', self._on_diagnostics, 100
            ),
            node.create_subscription(
                LabelInfo, f'{target}/label_info', self._on_label_info, LATCHED
            ),
        ]
        self._steps = self._run()

    def poll(self) -> bool:
        """Continue as far as possible; return whether the deployment is complete.

        :raises ValueError: if it fails; the text says why, and the remedy.
        """
        return next(self._steps, True)

    def close(self) -> None:
        """Destroy the clients and subscriptions."""
        for client in (self._set_client, self._get_client):
            self._node.destroy_client(client)
        for subscription in self._subscriptions:
            self._node.destroy_subscription(subscription)

    def _run(self) -> Iterator[bool]:
        yield from self._wait_for(
            lambda: self._set_client.service_is_ready() and self._get_client.service_is_ready(),
            self.DISCOVERY_TIMEOUT, lambda: f'no node {self._target} answers: start it',
        )
        yield from self._wait_for(
            lambda: self._status is not None, self.DISCOVERY_TIMEOUT,
            lambda: f'{self._target} publishes no activity status on /diagnostics: name a running '
            'inference node',
        )
        answer = yield from self._call(
            self._get_client, GetParameters.Request(names=['sensors'])
        )
        sensors = list(filter(None, answer.values[0].string_array_value)) or list(MODALITIES)
        self._sensor = next(
            (name for name in (self._manifest.sensor, self._manifest.modality) if name in sensors),
            '',
        )
        if not self._sensor:
            raise ValueError(
                f'{self._target} has the sensors {", ".join(sensors)}, none of which is '
                f'{self._manifest.sensor or self._manifest.modality}: add it to its sensors'
            )
        parameter = f'{self._sensor}.bundle'
        in_use, swaps = self._in_use
        change = Parameter(parameter, value=self._bundle).to_parameter_msg()
        answer = yield from self._call(
            self._set_client, SetParameters.Request(parameters=[change])
        )
        if not answer.results[0].successful:
            raise ValueError(f'{self._target} refused: {answer.results[0].reason}')
        answer = yield from self._call(
            self._get_client, GetParameters.Request(names=[parameter])
        )
        if answer.values[0].string_value != self._bundle:
            raise ValueError(
                f'{self._target} has {parameter} "{answer.values[0].string_value}" again: '
                'another program has set it'
            )
        before = swaps if in_use[0] == self._sensor else -1
        wanted = self._sensor, self._manifest.name
        yield from self._wait_for(
            lambda: self._in_use[0] == wanted and self._in_use[1] > before
            and self._classes == self._manifest.classes,
            self.SWAP_TIMEOUT, self._explain_unused,
        )

    def _wait_for(
        self, condition: Callable[[], bool], seconds: float, message: Callable[[], str]
    ) -> Iterator[bool]:
        deadline = time.monotonic() + seconds
        while not condition():
            if time.monotonic() > deadline:
                raise ValueError(message())
            yield False

    def _call(self, client: Client, request: Any) -> Generator[bool, None, Any]:
        future = client.call_async(request)
        yield from self._wait_for(
            future.done, self.CALL_TIMEOUT,
            lambda: f'{self._target} has not answered for {self.CALL_TIMEOUT:g} s: check that it '
            'runs',
        )
        return future.result()

    @property
    def _in_use(self) -> tuple[tuple[str, str], int]:
        """Return the sensor and the name of the bundle in use, and the number of swaps."""
        values = {item.key: item.value for item in self._status.values} if self._status else {}
        return (values.get('sensor', ''), values.get('bundle', '')), int(values.get('swaps', 0))

    def _explain_unused(self) -> str:
        text = self._status.message if self._status else ''
        (sensor, _), _ = self._in_use
        remedy = 'check its sensor'
        if sensor not in ('', self._sensor):
            remedy = f'set its modality to {self._sensor}'
        return (
            f'{self._target} has loaded it, but does not use it yet ("{text}"): '
            f'{remedy}'
        )

    def _on_diagnostics(self, message: DiagnosticArray) -> None:
        name = f'{self._target.lstrip("/")}: activity'
        for status in message.status:
            if status.name == name:
                self._status = status

    def _on_label_info(self, message: LabelInfo) -> None:
        self._classes = [item.class_name for item in message.class_map]
