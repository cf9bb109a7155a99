# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""The whole journey with simulated persons, in a few minutes, over real ROS 2 topics.

Two persons are recorded, the bags judged, an IMU is trained with a camera as its teacher, and
deployed to a running node; then a new person is recognised, and sensors die and come back. All
programs run in the namespace /demo and on this host only. What comes of it is in OUT, and
OUT/demo.html shows it.
"""

from __future__ import annotations

import argparse
import os
from pathlib import Path
import sys

from dcat_ros.demo.observer import Observer
from dcat_ros.demo.page import page
from dcat_ros.demo.programs import Programs
from dcat_ros.demo.stage import Stage
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
                        help='directory for what the demonstration makes (default: runs/demo)')
    return parser.parse_args(argv)


def play(stage: Stage, names: list[str]) -> None:
    """Run steps, and write the page after each."""
    for number, name in enumerate(names, start=1):
        step = STEPS[name]
        stage.screen.say(f'{number}/{len(names)} {name}: {step.TITLE}')
        stage.keep(name, step.run(stage))
        kept = {each: facts for each in STEPS if (facts := stage.kept(each)) is not None}
        (stage.out / PAGE).write_text(page(kept, stage.out), encoding='utf-8')


def main(argv: list[str] | None = None) -> int:
    """Run the demonstration.

    :returns: 0, also when it is ended by Ctrl-C; 1 when something did not work.
    """
    argv = sys.argv if argv is None else ['demo', *argv]
    settings = {PROFILES: str(share_directory() / 'config' / 'fastdds.xml'), **THIS_HOST_ONLY}
    os.environ.update(settings | os.environ)
    asked_to_end = collect_signals()
    args = initialise(argv, parse)
    out, observer, status = args.out.absolute(), Observer(), 0
    with Programs() as programs:
        stage = Stage(out, programs, observer, asked_to_end)
        try:
            play(stage, [args.step] if args.step else list(STEPS))
            stage.screen.say(f'see {out / PAGE}')
        except KeyboardInterrupt:
            stage.screen.say('ended early')
        except (RuntimeError, ValueError, OSError) as error:
            stage.screen.say(f'error: {error}')
            status = 1
    observer.destroy_node()
    rclpy.try_shutdown()
    ignore_signals()
    return status


if __name__ == '__main__':
    sys.exit(main())
