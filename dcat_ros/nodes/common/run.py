# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Start, spin and end a node as a program."""

import argparse
from collections.abc import Callable
import signal
import sys
from typing import TypeVar

from dcat_ros.nodes.common.lifecycle import ManagedNode
import rclpy
from rclpy.context import Context
from rclpy.executors import Executor, ExternalShutdownException, SingleThreadedExecutor
from rclpy.node import Node
from rclpy.signals import SignalHandlerOptions
from rclpy.utilities import remove_ros_args

T = TypeVar('T')


def make_executor(context: Context | None = None) -> Executor:
    """Return the EventsExecutor where rclpy has it (from Kilted on), else the ordinary one."""
    try:
        from rclpy.experimental import EventsExecutor
    except ImportError:
        return SingleThreadedExecutor(context=context)
    return EventsExecutor(context=context)


def collect_signals() -> list[int]:
    """Return a list to which each SIGINT and SIGTERM is appended from now on.

    rclpy's own handlers invalidate the context while a callback may be publishing, and Python's
    handlers raise at any point of the program.
    """
    received: list[int] = []
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda which, frame: received.append(which))
    return received


def ignore_signals() -> None:
    """Ignore SIGINT and SIGTERM, so that a second Ctrl-C does not interrupt the clean-up."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)


def initialise(argv: list[str], parse: Callable[[list[str]], T]) -> T:
    """Parse a program's own arguments and initialise rclpy with the ROS arguments.

    :param argv: the program's name and all its arguments.
    :param parse: parses the program's own arguments.
    :returns: what ``parse`` returns.
    :raises SystemExit: if an argument is invalid.
    """
    try:
        parsed = parse(remove_ros_args(argv)[1:])
        rclpy.init(args=argv, signal_handler_options=SignalHandlerOptions.NO)
    except RuntimeError as error:
        sys.exit(f'error: {error}')
    return parsed


def run(
    name: str, description: str | None, create: Callable[[], Node], argv: list[str] | None = None
) -> int:
    """Create a node, spin it until SIGINT, SIGTERM or shutdown, and destroy it.

    A lifecycle node is configured and activated first if its parameter ``autostart`` is true.

    :param name: the program's name.
    :param description: the program's description in ``--help``.
    :param create: creates the node after rclpy is initialised; a ValueError or OSError that it
        raises is printed as one line.
    :param argv: arguments after the program's name, by default those of the process.
    :returns: the exit status.
    """
    argv = sys.argv if argv is None else [name, *argv]
    parser = argparse.ArgumentParser(
        prog=name,
        description=description,
        epilog='Set parameters after --ros-args, as in `--ros-args -p NAME:=VALUE`. `ros2 param '
               f'describe /{name} NAME` explains a parameter, share/dcat_ros/config/{name}.yaml '
               'has the defaults.',
    )
    signals = collect_signals()
    initialise(argv, parser.parse_args)
    node = None
    try:
        node = create()
        if isinstance(node, ManagedNode):
            node.autostart()
        executor = make_executor()
        executor.add_node(node)
        while rclpy.ok() and not signals:
            executor.spin_once(timeout_sec=0.5)
    except ExternalShutdownException:
        pass
    except (ValueError, OSError) as error:
        print(f'error: {error}', file=sys.stderr)
        return 1
    finally:
        if node is not None:
            node.destroy_node()
        rclpy.try_shutdown()
        ignore_signals()
    return 0
