# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Label what a person does while it is recorded: one key, one activity.

Each change goes out on the recorder's label topic (std_msgs/String, latched). Space or Enter ends
a label, u or Backspace takes the last change back, as if it had never been made. Quitting ends the
running label first. Keys are chosen from the names, or as in walk=w:

    dcat label --activities walk sit stand=x
    dcat label --config FILE.yaml           # with lines such as `w: walk`

The recorder of a robot with a namespace is reached by `--ros-args -r __ns:=/robot`.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
import signal
import sys
import time

from dcat_ros.labelling.keys import from_file, from_words
from dcat_ros.labelling.session import LabelSession
from dcat_ros.labelling.terminal import Terminal
from dcat_ros.labelling.view import minutes, picture
from dcat_ros.nodes.common.qos import LATCHED
from dcat_ros.nodes.common.run import collect_signals, ignore_signals, initialise
import rclpy
from rclpy.duration import Duration
from rclpy.exceptions import NameValidationException
from rclpy.node import Node
from rclpy.publisher import Publisher
from rich.live import Live
from std_msgs.msg import String

TOPIC = 'recorder/label'
TICK = 0.2  # s
RECEIVED = Duration(seconds=1)
"""How long to wait for a message to be received, before it is replaced or its publisher goes."""


def parse(argv: list[str]) -> argparse.Namespace:
    """Parse the command line without its ROS arguments; `keys` gets the activity of each key.

    :raises OSError: when the configuration cannot be read.
    :raises ValueError: when there is no terminal, or no activities as they should be.
    """
    parser = argparse.ArgumentParser(
        prog='label', description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    which = parser.add_mutually_exclusive_group()
    which.add_argument('--activities', nargs='+', metavar='NAME[=KEY]', help='what can be done')
    which.add_argument('--config', type=Path, metavar='FILE', help='YAML file of keys and names')
    parser.add_argument('--topic', default=TOPIC, help=f'where labels go (default: {TOPIC})')
    args = parser.parse_args(argv)
    if args.config:
        args.keys = from_file(args.config)
    elif args.activities:
        args.keys = from_words(args.activities)
    else:
        raise ValueError(
            'no activities: give them as in `--activities walk sit stand=x`, or in a file with '
            'lines such as `w: walk` by `--config FILE.yaml`'
        )
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise ValueError(
            'keys and screen need a terminal: run it in one, or publish labels by '
            f'`ros2 topic pub --once /{args.topic.lstrip("/")} std_msgs/msg/String "data: walk"`'
        )
    return args


def sender(publisher: Publisher) -> Callable[[str], None]:
    """Return what publishes a label message, each after the one before has been received."""

    def send(text: str) -> None:
        publisher.wait_for_all_acked(RECEIVED)
        publisher.publish(String(data=text))

    return send


def operate(
    session: LabelSession, topic: str, listeners: Callable[[], int], asked_to_end: list[int]
) -> None:
    """Follow the keys until the operator quits, a signal comes, or the terminal is closed.

    :param topic: resolved name of the label topic.
    :param listeners: returns the number of subscriptions there.
    :param asked_to_end: signals received.
    """
    with Terminal(sys.stdin.fileno()) as terminal, Live(screen=True, auto_refresh=False) as live:
        try:
            while not session.over and not asked_to_end:
                session.count(listeners(), time.monotonic_ns())
                live.update(picture(session, topic, time.monotonic_ns()), refresh=True)
                for key in terminal.keys(TICK):
                    session.press(key, time.monotonic_ns())
        except EOFError:
            return
        finally:
            session.end(time.monotonic_ns())


def main(argv: list[str] | None = None) -> int:
    """Run the program; 1 when it cannot start, else 0."""
    argv = sys.argv if argv is None else ['label', *argv]
    asked_to_end = collect_signals()
    signal.signal(signal.SIGHUP, signal.getsignal(signal.SIGTERM))
    try:
        with ExitStack() as stack:
            args = initialise(argv, parse)
            stack.callback(rclpy.try_shutdown)
            node = Node('label', start_parameter_services=False)
            stack.callback(node.destroy_node)
            publisher = node.create_publisher(String, args.topic, LATCHED)
            session = LabelSession(args.keys, sender(publisher), time.monotonic_ns())
            stack.callback(ignore_signals)
            stack.callback(publisher.wait_for_all_acked, RECEIVED)
            operate(session, publisher.topic_name, publisher.get_subscription_count, asked_to_end)
        print(f'labelled for {minutes(time.monotonic_ns() - session.started)}; no label runs on')
    except (OSError, ValueError, NameValidationException) as error:
        if signal.SIGHUP in asked_to_end:
            return 0
        print(f'error: {error}', file=sys.stderr)
        return 1
    return 0


if __name__ == '__main__':
    sys.exit(main())
