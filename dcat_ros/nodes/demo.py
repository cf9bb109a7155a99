"""Shows a simulated person being recognised from one sensor after the other, for half a minute.

The simulated sensors and the inference node run as programs of their own and talk over real ROS 2
topics, in the namespace /demo and on this host only. The bundles are those made for the
simulation, so what they score says nothing about real persons.
"""

import argparse
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import rclpy
from ament_index_python.packages import get_package_share_directory
from rcl_interfaces.srv import SetParameters
from rclpy.client import Client
from rclpy.node import Node
from rclpy.parameter import Parameter
from std_msgs.msg import String
from vision_msgs.msg import Classification

from dcat_ros.bundles import Manifest, resolve
from dcat_ros.modalities.base import NANOSECONDS
from dcat_ros.nodes.demo_view import Seen, Story, View
from dcat_ros.nodes.middleware import PROFILES, THIS_HOST_ONLY
from dcat_ros.nodes.qos import LATCHED
from dcat_ros.nodes.spin import ignore_signals, initialise, make_executor, note_signals

NAMESPACE = '/demo'
STAGES = (('imu', 12.0), ('camera', 9.0), ('audio', 9.0))
START_UP = 60.0


class DemoNode(Node):
    """Listens to the person's label and to the answers, and swaps the sensor."""

    def __init__(self, story: Story) -> None:
        super().__init__('viewer', namespace=NAMESPACE)
        self._story = story
        self._window = max(
            Manifest.read(resolve(f'{name}_sim')).window.duration for name, _ in STAGES
        )
        self._swap: Client = self.create_client(SetParameters, 'inference/set_parameters')
        self.create_subscription(String, 'label', self._on_label, LATCHED)
        self.create_subscription(Classification, 'inference/activity', self._on_activity, 10)

    def swap(self, modality: str) -> None:
        """Ask the inference node for another sensor.

        :raises RuntimeError: when the node refuses, with its reason.
        """
        change = Parameter('modality', value=modality).to_parameter_msg()
        future = self._swap.call_async(SetParameters.Request(parameters=[change]))
        future.add_done_callback(self._on_swapped)

    def _on_swapped(self, future: Any) -> None:
        result = future.result().results[0]
        if not result.successful:
            raise RuntimeError(f'the inference node refused to swap: {result.reason}')

    def _on_label(self, message: String) -> None:
        self._story.does(message.data)

    def _on_activity(self, message: Classification) -> None:
        stamp = message.header.stamp.sec * NANOSECONDS + message.header.stamp.nanosec
        latency = (self.get_clock().now().nanoseconds - stamp) / NANOSECONDS
        best = message.results[0]
        began = time.monotonic() - latency - self._window
        self._story.add(Seen(
            began < self._story.since, stamp, message.header.frame_id, best.class_id, best.score,
            self._story.truth, latency,
        ))


def play(
    node: DemoNode,
    story: Story,
    view: View,
    children: dict[str, subprocess.Popen],
    asked_to_end: list[int],
) -> None:
    """Run the stages, one sensor each, redrawing as answers come.

    :raises KeyboardInterrupt: on SIGINT or SIGTERM.
    :raises RuntimeError: if a program ends early, or no answer comes at all.
    """
    executor = make_executor()
    executor.add_node(node)
    started = time.monotonic()

    def spin(until: float) -> None:
        while time.monotonic() < until:
            executor.spin_once(timeout_sec=0.1)
            view.draw(story)
            if asked_to_end:
                raise KeyboardInterrupt
            for name, child in children.items():
                if child.poll() is not None:
                    raise RuntimeError(
                        f'{name} ended with status {child.returncode}: see what it says above'
                    )

    while not story.seen:
        if time.monotonic() > started + START_UP:
            raise RuntimeError(
                f'no answer after {START_UP:g} s: look at `ros2 topic echo /diagnostics`, or '
                'whether another program uses this ROS_DOMAIN_ID'
            )
        spin(time.monotonic() + 0.1)
    for number, (modality, seconds) in enumerate(STAGES):
        if number:
            node.swap(modality)
        story.stage(modality, time.monotonic() + seconds)
        spin(time.monotonic() + seconds)


@contextmanager
def programs() -> Iterator[dict[str, subprocess.Popen]]:
    """Run the simulated sensors and the inference node; end them afterwards."""
    bundles = [f'{name}.bundle:={name}_sim' for name, _ in STAGES]
    parameters = {
        'simulate': ['activity_duration:=5.0'],
        'inference': [f'modality:={STAGES[0][0]}', *bundles],
    }
    children: dict[str, subprocess.Popen] = {}
    try:
        for name, values in parameters.items():
            words = [word for value in values for word in ('-p', value)]
            children[name] = subprocess.Popen([
                sys.executable, '-m', f'dcat_ros.nodes.{name}', '--ros-args',
                '-r', f'__ns:={NAMESPACE}', '--log-level', 'error', *words,
            ], start_new_session=True)
        yield children
    finally:
        for child in children.values():
            child.terminate()
        for child in children.values():
            child.wait()


def main(argv: list[str] | None = None) -> int:
    """Run the demonstration.

    :returns: 0, also when it is ended by Ctrl-C; 1 when something did not work.
    """
    argv = sys.argv if argv is None else ['demo', *argv]
    parser = argparse.ArgumentParser(prog='demo', description=__doc__)
    share = Path(get_package_share_directory('dcat_ros'))
    settings = {PROFILES: str(share / 'config' / 'fastdds.xml'), **THIS_HOST_ONLY}
    os.environ.update(settings | os.environ)
    story, view, asked_to_end = Story(), View(), note_signals()
    initialise(argv, parser.parse_args)
    node = DemoNode(story)
    status = 0
    try:
        with programs() as children, view:
            play(node, story, view, children, asked_to_end)
    except KeyboardInterrupt:
        view.say('ended early')
    except RuntimeError as error:
        view.say(f'error: {error}')
        status = 1
    finally:
        node.destroy_node()
        rclpy.try_shutdown()
        ignore_signals()
    view.summary(story)
    return status


if __name__ == '__main__':
    sys.exit(main())
