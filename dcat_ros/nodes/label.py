# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Label by keys what a person does during a recording.

Each key stands for an activity. Each change is published on the recorder's label topic
(std_msgs/String, latched). Space or Enter ends a label. u or Backspace undoes the last change as
if it had never been made. Quitting ends the running label. Keys are chosen from the names, or
given as in walk=w:

    dcat label --activities walk sit stand=x
    dcat label --config FILE.yaml           # with lines such as `w: walk`

If the recorder of the robot has a namespace, add `--ros-args -r __ns:=/robot`.
"""

from __future__ import annotations

import argparse
from contextlib import ExitStack
from pathlib import Path
import signal
import sys
import time

from dcat_ros.labelling.keys import Keyboard, keys_from_file, keys_from_words
from dcat_ros.labelling.session import LabelSession, minutes, screen
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
REFRESH_PERIOD = 0.2  # s
ACK_TIMEOUT = Duration(seconds=1)
"""How long to wait until a message is received before the next one or the end."""


def parse(argv: list[str]) -> argparse.Namespace:
    """Parse the command line without its ROS arguments; `keys` holds the activity of each key.

    :raises OSError: if the configuration cannot be read.
    :raises ValueError: if there is no terminal, or the activities are missing or invalid.
    """
    parser = argparse.ArgumentParser(
        prog='label', description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    which = parser.add_mutually_exclusive_group()
    which.add_argument('--activities', nargs='+', metavar='NAME[=KEY]', help='the activities')
    which.add_argument('--config', type=Path, metavar='FILE', help='YAML file of keys and names')
    parser.add_argument('--topic', default=TOPIC, help=f'topic of the labels (default: {TOPIC})')
    args = parser.parse_args(argv)
    if args.config:
        args.keys = keys_from_file(args.config)
    elif args.activities:
        args.keys = keys_from_words(args.activities)
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


def run_session(keys: dict[str, str], publisher: Publisher, signals: list[int]) -> int:
    """Publish labels until the operator quits, a signal arrives, or the terminal is closed.

    :param keys: the activity of each key.
    :param signals: the signals received.
    :return: the duration in ns.
    """

    def publish(text: str) -> None:
        publisher.wait_for_all_acked(ACK_TIMEOUT)
        publisher.publish(String(data=text))

    now = time.monotonic_ns
    session = LabelSession(keys, publish, now())
    with Keyboard(sys.stdin.fileno()) as keyboard, Live(screen=True, auto_refresh=False) as live:
        try:
            while not session.over and not signals:
                session.set_listeners(publisher.get_subscription_count(), now())
                live.update(screen(session, publisher.topic_name, now()), refresh=True)
                for key in keyboard.read(REFRESH_PERIOD):
                    session.press(key, now())
        except EOFError:
            pass
        finally:
            session.end(now())
    return now() - session.started


def main(argv: list[str] | None = None) -> int:
    """Run the program; return 1 if it cannot start, else 0."""
    argv = sys.argv if argv is None else ['label', *argv]
    signals = collect_signals()
    signal.signal(signal.SIGHUP, signal.getsignal(signal.SIGTERM))
    try:
        with ExitStack() as stack:
            args = initialise(argv, parse)
            stack.callback(rclpy.try_shutdown)
            node = Node('label', start_parameter_services=False)
            stack.callback(node.destroy_node)
            publisher = node.create_publisher(String, args.topic, LATCHED)
            stack.callback(ignore_signals)
            stack.callback(publisher.wait_for_all_acked, ACK_TIMEOUT)
            duration = run_session(args.keys, publisher, signals)
        if signal.SIGHUP not in signals:
            print(f'labelled for {minutes(duration)}; no label runs on')
    except (OSError, ValueError, NameValidationException) as error:
        if signal.SIGHUP in signals:
            return 0
        print(f'error: {error}', file=sys.stderr)
        return 1
    finally:
        if signal.SIGHUP in signals:
            sys.stdout = None  # Python flushes it at the end
    return 0


if __name__ == '__main__':
    sys.exit(main())
