# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Run the whole workflow with simulated people in a few minutes, over real ROS 2 topics.

The steps record two people, report on the bags, train an IMU with a camera as source, deploy the
bundle to a running node, recognise a new person, and let sensors fail and return. All programs
run in the namespace /demo and on this host only. OUT gets all results, and OUT/demo.html shows
them.
"""

from __future__ import annotations

import argparse
import os
from pathlib import Path
import sys

from dcat_ros.demo.context import DemoContext
from dcat_ros.demo.observer import Observer
from dcat_ros.demo.page import page
from dcat_ros.demo.programs import Programs
from dcat_ros.demo.steps import STEPS
from dcat_ros.nodes.common.middleware import PROFILES, THIS_HOST_ONLY
from dcat_ros.nodes.common.run import collect_signals, ignore_signals, initialise
from dcat_ros.share import share_directory
import rclpy

PAGE = 'demo.html'


def parse(argv: list[str]) -> argparse.Namespace:
    """Parse the command line."""
    parser = argparse.ArgumentParser(
        prog='demo', description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument('--step', choices=STEPS, metavar='STEP',
                        help=f'run one step only: {", ".join(STEPS)}')
    parser.add_argument('--out', type=Path, default=Path('runs/demo'), metavar='OUT',
                        help='directory for all output (default: runs/demo)')
    return parser.parse_args(argv)


def run_steps(context: DemoContext, names: list[str]) -> None:
    """Run steps, and write the page after each."""
    for number, name in enumerate(names, start=1):
        step = STEPS[name]
        context.console.print(f'{number}/{len(names)} {name}: {step.TITLE}')
        context.store_result(name, step.run(context))
        results = {
            done: result for done in STEPS if (result := context.result_of(done)) is not None
        }
        (context.out / PAGE).write_text(page(results, context.out), encoding='utf-8')


def main(argv: list[str] | None = None) -> int:
    """Run the demonstration.

    :returns: 0, also after Ctrl-C; 1 after an error.
    """
    argv = sys.argv if argv is None else ['demo', *argv]
    settings = {PROFILES: str(share_directory() / 'config' / 'fastdds.xml'), **THIS_HOST_ONLY}
    os.environ.update(settings | os.environ)
    asked_to_end = collect_signals()
    args = initialise(argv, parse)
    out, observer, status = args.out.absolute(), Observer(), 0
    with Programs() as programs:
        context = DemoContext(out, programs, observer, asked_to_end)
        try:
            run_steps(context, [args.step] if args.step else list(STEPS))
            context.console.print(f'see {out / PAGE}')
        except KeyboardInterrupt:
            context.console.print('ended early')
        except (RuntimeError, ValueError, OSError) as error:
            context.console.print(f'error: {error}')
            status = 1
    observer.destroy_node()
    rclpy.try_shutdown()
    ignore_signals()
    return status


if __name__ == '__main__':
    sys.exit(main())
