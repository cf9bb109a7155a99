# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""A client of the trainer node, and the parameters of a training on tiny bags."""

from pathlib import Path
import time

from dcat_ros.nodes.common.qos import LATCHED
from dcat_ros.nodes.trainer.node import TrainerNode
from diagnostic_msgs.msg import DiagnosticArray, DiagnosticStatus
from imu_training_bags import CONFIG, three_subjects, write_config
from rcl_interfaces.srv import SetParameters
from rclpy.executors import SingleThreadedExecutor
from rclpy.node import Node
from rclpy.parameter import Parameter
from std_srvs.srv import Trigger

DEADLINE = 300.0


def training_parameters(folder, seeds=1, epochs=2):
    """Write bags and a recipe; return the trainer's parameters for them."""
    three_subjects(folder / 'bags')
    recipe = write_config(
        folder / 'tiny.yaml', fit={'epochs': epochs, 'batch': 12},
        protocol={**CONFIG['protocol'], 'seeds': seeds},
    )
    return {'bags': [str(folder / 'bags')], 'target': recipe, 'output': str(folder / 'out')}


class TrainerClient:
    """Subscribes to the trainer node `/trainer`, and calls its services."""

    def __init__(self, context):
        self.context = context
        self.progress = []
        self.diagnostics = []
        self.node = Node('client', context=context)
        self.executor = SingleThreadedExecutor(context=context)
        self.executor.add_node(self.node)
        self.trainer = None
        self.node.create_subscription(
            DiagnosticStatus, '/trainer/progress', self.progress.append, LATCHED
        )
        self.node.create_subscription(
            DiagnosticArray, '/diagnostics', self.diagnostics.append, 100
        )

    def start_node(self, **parameters):
        """Start a trainer node in this process."""
        overrides = [Parameter(name, value=value) for name, value in parameters.items()]
        self.trainer = TrainerNode(context=self.context, parameter_overrides=overrides)
        self.executor.add_node(self.trainer)
        return self

    def close(self):
        if self.trainer is not None:
            self.trainer.destroy_node()
        self.executor.shutdown()
        self.node.destroy_node()

    def spin(self):
        self.executor.spin_once(timeout_sec=0.02)

    def until(self, condition):
        deadline = time.monotonic() + DEADLINE
        while not (found := condition()):
            assert time.monotonic() < deadline, self.progress[-1:]
            self.spin()
        return found

    def until_state(self, *states):
        """Wait for one of some states; return its values and message on ``~/progress``."""
        def reached():
            return self.progress and values(self.progress[-1])['state'] in states

        self.until(reached)
        return values(self.progress[-1]), self.progress[-1].message

    def call(self, service):
        """Call a Trigger service; return success and message."""
        answer = self._ask(Trigger, service, Trigger.Request())
        return answer.success, answer.message

    def set(self, **parameters):
        """Set parameters over their service and return the first refusal, or ''."""
        changes = [
            Parameter(name, value=value).to_parameter_msg() for name, value in parameters.items()
        ]
        answer = self._ask(
            SetParameters, 'set_parameters', SetParameters.Request(parameters=changes)
        )
        return next((each.reason for each in answer.results if not each.successful), '')

    def status(self, state):
        """Return the newest status on /diagnostics, once it is of a state."""
        def found():
            return [
                status for message in self.diagnostics for status in message.status
                if status.name == 'trainer: training' and values(status)['state'] == state
            ]

        return self.until(found)[-1]

    def _ask(self, kind, service, request):
        client = self.node.create_client(kind, f'/trainer/{service}')
        self.until(client.service_is_ready)
        future = client.call_async(request)
        self.until(future.done)
        self.node.destroy_client(client)
        return future.result()


def values(status):
    return {item.key: item.value for item in status.values}


def is_running(pid):
    """Return whether a process runs; a zombie does not."""
    try:
        return Path(f'/proc/{pid}/stat').read_text().rpartition(')')[2].split()[0] != 'Z'
    except FileNotFoundError:
        return False
