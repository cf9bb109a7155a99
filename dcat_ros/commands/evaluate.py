# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Evaluate methods by a protocol: rows beside each other over seeds, splits and shares of labels.

Each finished trial is kept in OUT/trials and used again while bags, recipes and settings stay the
same, so that a study that was stopped goes on by the same command. At the end, OUT gets
results.json, report.md and report.html; `--only report` makes them of what is there. The exit
status is 0 when all trials are finished, 1 when one failed or nothing can be done.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
import sys

from dcat_ros.commands.signals import ending_at_signals
from dcat_ros.evaluation.protocol import Study
from dcat_ros.training.errors import TrainingError
from rich.console import Console


def parse(argv: Sequence[str] | None) -> argparse.Namespace:
    """Parse the command line."""
    parser = argparse.ArgumentParser(
        prog='evaluate', description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add('protocol', metavar='PROTOCOL', help='a YAML file, or the name of a shipped one')
    add('--bags', type=Path, nargs='+', required=True, metavar='DIR',
        help='bags, or directories of bags')
    add('--source-bags', type=Path, nargs='+', default=[], metavar='DIR',
        help='bags of the source, where the protocol pairs by label')
    add('--out', type=Path, required=True, metavar='OUT', help='directory for trials and report')
    add('--workers', type=int, default=1, metavar='N',
        help='processes side by side (default: 1)')
    add('--seeds', type=int, metavar='N', help='seeds (default: as the protocol says)')
    add('--only', choices=('report',), help='run nothing, report on what is there')
    args = parser.parse_args(argv)
    if args.workers < 1:
        parser.error(f'--workers is {args.workers}, expected 1 or more')
    return args


def evaluate(study: Study, args: argparse.Namespace, console: Console) -> int:
    """Run what is not finished yet, and report; 1 when a trial failed, else 0.

    :raises TrainingError: if it cannot be done.
    """
    from dcat_ros.evaluation.inputs import StudyInputs
    from dcat_ros.evaluation.plan import checked, planned
    from dcat_ros.evaluation.progress import ProgressDisplay
    from dcat_ros.evaluation.report.write import findings, write
    from dcat_ros.evaluation.results import results_of
    from dcat_ros.evaluation.run import Run
    from dcat_ros.evaluation.trial_store import TrialStore
    from dcat_ros.evaluation.trials import silent_runner
    from dcat_ros.method import METHODS

    rows = checked(study.rows, METHODS)
    inputs = StudyInputs.gather(study, args.bags, args.source_bags)
    inputs.check()
    store = TrialStore(args.out, inputs.key)
    trials = planned(inputs.study, rows)
    failures = {}
    if args.only != 'report':
        make = partial(silent_runner, inputs, args.out / 'work')
        try:
            finished = store.finished(trials)
            with ProgressDisplay(trials, finished, args.workers, console) as progress:
                failures = Run(trials, store, make, progress).to_the_end(args.workers)
        except SystemExit:
            console.print(f'stopped; what is finished is in {args.out}, the same command goes on')
            raise
    results = results_of(inputs, rows, store.finished(trials), failures)
    for path in write(results, args.out):
        print(path)
    for finding in findings(results):
        console.print(finding)
    return 1 if failures else 0


def main(argv: list[str] | None = None) -> int:
    """Evaluate; 1 when a trial failed or nothing can be done, else 0.

    :raises SystemExit: at SIGINT with status 130, at SIGTERM with 143; finished trials are kept.
    """
    args = parse(argv)
    console = Console(stderr=True, soft_wrap=True, markup=False, highlight=False)
    try:
        study = Study.read(args.protocol)
        if args.seeds is not None:
            study = replace(study, seeds=args.seeds)
        with ending_at_signals():
            return evaluate(study, args, console)
    except ModuleNotFoundError as error:
        console.print(
            f'error: evaluating needs {error.name}: install the extra dcat_ros[train], as '
            'docs/install.md describes'
        )
        return 1
    except (OSError, TrainingError) as error:
        console.print(f'error: {error}')
        return 1


if __name__ == '__main__':
    sys.exit(main())
