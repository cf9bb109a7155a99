# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Train a classifier on bags, with other sensors as sources if wanted, and write a bundle.

Three steps: score the recipe on the protocol's test subjects, seed by seed; calibrate it on
subjects left out in turn; train it once more, on all subjects, and write it to OUT/NAME.
Finished parts are kept in OUT and used again while bags and settings stay the same.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import replace
import os
from pathlib import Path
import sys
from typing import TYPE_CHECKING

from dcat_ros.commands.signals import ending_at_signals
from dcat_ros.evaluation.protocol import LEAST_BUDGET, MOST_BUDGET, PAIRINGS
from dcat_ros.evaluation.trial import parse_source
from dcat_ros.training.errors import TrainingError
from dcat_ros.training.progress import JsonReporter, SilentReporter, TerminalReporter
from dcat_ros.training.recipes import recipe_of, with_clock_offsets

if TYPE_CHECKING:
    from dcat_ros.pipeline.job import Job

RANKS = ('RANK', 'LOCAL_RANK', 'SLURM_PROCID')
"""Where Lightning looks for the number of a process among several, the first that is set."""


def parse(argv: Sequence[str] | None) -> argparse.Namespace:
    """Parse the command line."""
    parser = argparse.ArgumentParser(
        prog='train', description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add = parser.add_argument
    add('recipe', metavar='RECIPE[@SENSOR]',
        help='a YAML file, or the name of a shipped one; SENSOR is one of several in the bags, '
             'whose name alone means the recipe of its modality')
    add('--bags', type=Path, nargs='+', required=True, metavar='DIR',
        help='bags, or directories of bags')
    add('--out', type=Path, required=True, metavar='OUT', help='directory for results and bundle')
    add('--source', type=_source, nargs='+', default=[], metavar='RECIPE[@SENSOR][=WEIGHT]',
        help='recipes of the source sensors; a weight of 2 counts twice (default: none)')
    add('--source-bags', type=Path, nargs='+', default=[], metavar='DIR',
        help='bags that the sources are trained on (default: those of --bags)')
    add('--method', default='dcat', metavar='NAME',
        help='method of transfer (default: dcat, the published loss)')
    add('--pairing', choices=PAIRINGS, default='time',
        help='pair source and target windows of the same time (default), or of the same label')
    add('--budget', type=_budget, default=1.0, metavar='F',
        help=f"factor on the recipe's epochs, {LEAST_BUDGET:g} to {MOST_BUDGET:g}")
    add('--clock-offset', nargs='+', default=[], metavar='SENSOR=S',
        help='seconds by which the clock of a sensor was ahead, see `dcat bag report`')
    add('--seeds', type=int, metavar='N', help='seeds to score (default: as the recipe says)')
    add('--only', choices=('evaluate', 'export'), default='',
        help='stop after the scores, or continue from finished ones')
    add('--force', action='store_true', help='replace an existing bundle')
    add('--accelerator', default='auto', metavar='NAME',
        help='cpu, gpu, or auto: a GPU where there is one (default)')
    add('--devices', type=int, default=1, metavar='N',
        help='GPUs or CPU processes of each host that share a training (default: 1)')
    add('--hosts', type=int, default=1, metavar='N', help='hosts that share it (default: 1)')
    add('--precision', default='32-true', metavar='NAME',
        help='32-true (default), bf16-mixed or 16-mixed')
    add('--progress', choices=('bar', 'json'), default='bar',
        help='show bars on stderr, or write a JSON object a line on stdout')
    args = parser.parse_args(argv)
    if args.source_bags and not args.source:
        parser.error('--source-bags needs a --source that is trained on them')
    return args


def _source(text: str) -> tuple[str, float]:
    try:
        return parse_source(text)
    except TrainingError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def _budget(text: str) -> float:
    if not LEAST_BUDGET <= float(text) <= MOST_BUDGET:
        raise argparse.ArgumentTypeError(f'{text} is not {LEAST_BUDGET:g} to {MOST_BUDGET:g}')
    return float(text)


def job_of(args: argparse.Namespace) -> Job:
    """Return the job that the arguments describe.

    :raises TrainingError: if a recipe cannot be used.
    """
    recipe = recipe_of(args.recipe, args.bags)
    if args.seeds is not None:
        recipe = replace(recipe, protocol=replace(recipe.protocol, seeds=args.seeds))
    source_bags = args.source_bags or args.bags
    recipe, *sources = with_clock_offsets(
        [recipe, *(recipe_of(source, source_bags) for source, _ in args.source)],
        args.clock_offset,
    )
    from dcat_ros.pipeline.job import Job, Source  # last, since torch takes seconds
    from dcat_ros.training.hardware import Hardware

    return Job(
        recipe=recipe,
        bags=tuple(args.bags),
        out=args.out,
        sources=tuple(
            Source(source, weight)
            for source, (_, weight) in zip(sources, args.source, strict=True)
        ),
        source_bags=tuple(args.source_bags),
        method=args.method,
        pairing=args.pairing,
        budget=args.budget,
        only=args.only,
        force=args.force,
        hardware=Hardware(args.accelerator, args.devices, args.hosts, args.precision),
    )


def reporter_of(form: str) -> JsonReporter | SilentReporter | TerminalReporter:
    """Return the reporter of the progress; of several processes only the first reports."""
    if int(next((os.environ[name] for name in RANKS if name in os.environ), '0')):
        return SilentReporter()
    return JsonReporter(sys.stdout) if form == 'json' else TerminalReporter()


def main(argv: list[str] | None = None) -> int:
    """Train; return 0, or 1 if that fails.

    :raises SystemExit: at SIGINT with status 130, at SIGTERM with 143; finished parts are kept.
    """
    args = parse(argv)
    if argv is None:
        sys.argv[0] = __file__  # Lightning runs this file for each further process
    reporter = reporter_of(args.progress)
    try:
        with ending_at_signals(), reporter:
            job = job_of(args)
            from dcat_ros.pipeline.train import train

            bundle = train(job, reporter)
        if bundle is not None:
            reporter.bundle(bundle)
    except ModuleNotFoundError as error:
        reporter.error(
            f'training needs {error.name}: install the extra dcat_ros[train], as docs/install.md '
            'describes'
        )
        return 1
    except BrokenPipeError:
        return 1  # nothing reads the output any more
    except (OSError, TrainingError) as error:
        reporter.error(str(error))
        return 1
    return 0


if __name__ == '__main__':
    sys.exit(main())
