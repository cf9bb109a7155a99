# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Does one task with a bag, and prints what it took as JSON."""

from __future__ import annotations

import argparse
import json
import os
from pathlib import Path
import sys
import time

from bench.rig.process import peak_memory
from bench.scale.tasks import TASKS
from dcat_ros.bags.reader import BagError
from dcat_ros.training.errors import TrainingError


def mapped() -> int:
    """Return how many bytes of files this process has mapped into memory now."""
    lines = Path('/proc/self/status').read_text(encoding='utf-8').splitlines()
    return 1024 * int(next(line.split()[1] for line in lines if line.startswith('RssFile:')))


def main() -> int:
    """Do it; what is made ready before is in none of the figures but ``before``."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('task', choices=TASKS)
    parser.add_argument('bag', type=Path)
    parser.add_argument('folder', type=Path)
    args = parser.parse_args()
    try:
        work = TASKS[args.task](args.bag, args.folder)
        before, files, since = peak_memory(os.getpid()), mapped(), time.perf_counter()
        count = work()
        seconds = time.perf_counter() - since
    except (BagError, OSError, TrainingError) as error:
        sys.exit(str(error))
    peak, grown = peak_memory(os.getpid()), max(0, mapped() - files)
    print(json.dumps({
        'seconds': seconds, 'before': before, 'peak': peak, 'mapped': grown, 'count': count,
    }))
    return 0


if __name__ == '__main__':
    sys.exit(main())
