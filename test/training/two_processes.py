# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Run by test_two_processes: a fit that two processes share; each writes down what it did."""

from dataclasses import replace
import hashlib
import json
from pathlib import Path
import sys

from dcat_ros.training.config import Config
from dcat_ros.training.dataset import find_bags, load
from dcat_ros.training.fit import fit, FitSpec
from dcat_ros.training.hardware import Hardware, is_first
from dcat_ros.training.progress import SilentReporter
from dcat_ros.training.sampling import sampling_units
import torch


class Counted:
    """Windows that count how many of them are asked for."""

    def __init__(self, windows):
        self._windows, self.count = windows, 0

    def __getattr__(self, name):
        return getattr(self._windows, name)

    def inputs(self, rows):
        self.count += len(rows)
        return self._windows.inputs(rows)


def main(folder, devices):
    torch.set_num_threads(1)
    config = Config.read(str(folder / 'tiny.yaml'))
    data = load(find_bags([folder / 'bags']), config, folder / 'cache', SilentReporter())
    dense = Counted(data.dense)
    spec = FitSpec(sampling_units(data, data.clips_of(['ada', 'ben'])), 30, 0)
    fitted = fit(
        replace(data, dense=dense), config, spec, folder / f'fit{devices}',
        Hardware('cpu', devices), SilentReporter(), '',
    )
    digest = hashlib.sha256()
    for value in fitted.network.state_dict().values():
        if value.ndim:  # batch statistics, one number a channel, are each process's own
            digest.update(value.numpy().tobytes() if value.ndim > 1 else b'')
    record = {'digest': digest.hexdigest(), 'windows': dense.count}
    name = f'{devices}.{"first" if is_first() else "second"}.json'
    (folder / name).write_text(json.dumps(record), encoding='utf-8')


if __name__ == '__main__':
    main(Path(sys.argv[1]), int(sys.argv[2]))
