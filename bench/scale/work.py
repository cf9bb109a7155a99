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

from bench.rig.process import mapped_memory, peak_memory
from bench.scale.tasks import TASKS
from dcat_ros.bags.reader import BagError
from dcat_ros.training.errors import TrainingError


def main() -> int:
    """Do it; what is made ready before is in none of the figures but ``before``."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('task', choices=TASKS)
    parser.add_argument('bag', type=Path)
    parser.add_argument('folder', type=Path)
    args, own = parser.parse_args(), os.getpid()
    try:
        work = TASKS[args.task](args.bag, args.folder)
        before, files = peak_memory(own), mapped_memory(own)
        since = time.perf_counter()
        count = work()
        seconds = time.perf_counter() - since
    except (BagError, OSError, TrainingError) as error:
        sys.exit(str(error))
    peak, grown = peak_memory(own), max(0, mapped_memory(own) - files)
    print(json.dumps({
        'seconds': seconds, 'before': before, 'peak': peak, 'mapped': grown, 'count': count,
    }))
    return 0


if __name__ == '__main__':
    sys.exit(main())
