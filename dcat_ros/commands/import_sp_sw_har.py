# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Import SP/SW-HAR (smartwatch and smartphone IMU) into rosbag2 bags, one for each subject.

SOURCE, or SOURCE/DATA, has the official layout: sXX/sXX_YY_sw.csv of the watch on the wrist and
sXX/sXX_YY_sp.csv of the phone in a pocket of the trousers (subject sXX, execution YY), and
executions_info.csv. OUT/s01, OUT/s02, ... get the sensors `watch` and `phone` on /watch/imu/data
and /phone/imu/data, or only one of them on /imu/data, and /label. In each execution the person
stands up from a chair, walks, turns, walks back, turns and sits down. An execution is recorded
without a break, so windows may span two activities; those windows have no label. Labels are those
of the watch, if the bag has both sensors.

The stamps are those of the files. There they are the times at which the samples were delivered:
some samples were delivered late, together with the next ones. Stamps that follow each other faster
than the sensor samples are moved back to the sensor's period. No two samples have the same stamp.
"""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Iterator
import csv
from itertools import pairwise
import json
from pathlib import Path
import re
from typing import Any, NamedTuple

from dcat_ros.bags import messages
from dcat_ros.bags.writer import Clip
from dcat_ros.commands.importing import DataSet, run
from dcat_ros.commands.imu_units import add_unit_arguments, to_si
import numpy as np
from numpy.typing import NDArray

SUFFIXES = {'watch': 'sw', 'phone': 'sp'}
FRAMES = {'watch': 'wrist', 'phone': 'trousers_pocket'}
ACTIVITIES = {
    'SEATED': 'seated',
    'STANDING_UP': 'sit_to_stand',
    'WALKING': 'walk',
    'TURNING': 'turn',
    'SITTING_DOWN': 'stand_to_sit',
}
VALUES = ('x_acc', 'y_acc', 'z_acc', 'x_gyro', 'y_gyro', 'z_gyro')
COLUMNS = (*VALUES, 'timestamp', 'label')
MILLISECOND = 10**6  # ns
SHORTEST = 0.95  # period, as a share of the usual one, which is known in whole ms only


class Execution(NamedTuple):
    """One recording of one sensor.

    Stamps (n,) in ns, rising; samples (n, 6) in the file's units; the activity of each.
    """

    stamps: NDArray[np.int64]
    samples: NDArray[np.float64]
    activities: list[str]

    @property
    def end(self) -> int:
        """Return the stamp (ns) at which the next sample would follow."""
        length = int(self.stamps[-1] - self.stamps[0])
        return int(self.stamps[-1]) + round(length / (len(self.stamps) - 1))


def load(path: Path) -> Execution:
    """Return an execution.

    :raises OSError: if the file cannot be read.
    :raises ValueError: if it has another form, or stamps that run backwards.
    """
    samples: list[list[float]] = []
    delivered: list[float] = []
    activities: list[str] = []
    with path.open(encoding='utf-8', newline='') as file:
        table = csv.DictReader(file)
        if lacking := [name for name in COLUMNS if name not in (table.fieldnames or ())]:
            raise ValueError(f'no column {", ".join(lacking)}')
        try:
            for row in table:
                *values, stamp = (float(row[name]) for name in (*VALUES, 'timestamp'))
                if not np.isfinite([*values, stamp]).all():
                    raise ValueError('a value is not finite')
                if delivered and stamp < delivered[-1]:
                    raise ValueError('the timestamp is before the one above')
                if row['label'] not in ACTIVITIES:
                    raise ValueError(f'label {row["label"]} is none of {", ".join(ACTIVITIES)}')
                samples.append(values)
                delivered.append(stamp)
                activities.append(ACTIVITIES[row['label']])
        except (TypeError, ValueError, csv.Error) as error:
            raise ValueError(f'line {table.line_num}: {error}') from error
    return Execution(sampled(np.array(delivered)), np.array(samples), activities)


def sampled(delivered: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return when samples were taken (ns), given when they were delivered (ms).

    A sample is delivered at once or late, never early, and the sensor is regular. So each sample
    was taken when it was delivered, or earlier, since the next ones were taken a period apart.

    :raises ValueError: if the stamps do not advance.
    """
    steps = np.diff(delivered)
    if not steps.any():
        raise ValueError(f'{len(delivered)} samples without two different timestamps')
    regular = np.arange(len(delivered)) * SHORTEST * np.median(steps[steps > 0])
    lateness = delivered - delivered[0] - regular
    since = np.minimum.accumulate(lateness[::-1])[::-1] + regular
    return round(delivered[0]) * MILLISECOND + (since * MILLISECOND).round().astype(np.int64)


class SpSwHar(DataSet):
    """SP/SW-HAR; its keys are the names of the executions, in their order."""

    option, unit, prefix = '--subjects', 'subject', ''
    custom = {  # noqa: RUF012
        'source': 'SP/SW-HAR',
        'license': 'CC BY 4.0 (attribution)',
        'citation': 'M. Matey-Sanz, S. Casteleyn, C. Granell, "Dataset of inertial measurements '
                    'of smartphones and smartwatches for human activity recognition", Data in '
                    'Brief 2023, 109809, doi:10.5281/zenodo.8398688',
    }

    @classmethod
    def add_arguments(cls, parser: ArgumentParser) -> None:
        """Add the choice of the sensor, and the units."""
        parser.add_argument('--sensor', choices=SUFFIXES, default='',
                            help='only its data (default: those of both)')
        add_unit_arguments(parser, 'm/s^2', 'rad/s')

    def __init__(
        self, source: Path, sensor: str, acceleration_unit: str, angular_velocity_unit: str
    ) -> None:
        """Find the files.

        :raises OSError: if a directory cannot be read.
        :raises ValueError: if there are none.
        """
        super().__init__(source)
        self.sensors = [sensor] if sensor else list(SUFFIXES)
        self.factors = to_si(acceleration_unit, angular_velocity_unit)
        self.root = source / 'DATA' if (source / 'DATA').is_dir() else source
        self.files: dict[str, dict[str, Path]] = {}
        for name in self.sensors:
            self._find(name)
        for execution in sorted(self.files):
            self.keys.setdefault(_subject(execution), []).append(execution)
        if not self.keys:
            raise ValueError(f'{source} holds no files named as in SP/SW-HAR, such as '
                             f'DATA/s01/s01_01_{SUFFIXES[self.sensors[0]]}.csv')
        self.executions = self._executions()
        self._end = 0  # of the latest clip, ns

    def about(self, part: str) -> dict[str, str]:
        """Return how the phone was oriented and where the person turned, and the sensors."""
        own = {
            name: facts for name, facts in self.executions.items() if name.startswith(f'{part}_')
        }
        about = {'executions': json.dumps(own)} if own else {}
        if len(self.sensors) > 1:
            about['topics'] = json.dumps({
                self._topic(name): {'sensor': name, 'modality': 'imu', 'frame_id': FRAMES[name]}
                for name in self.sensors
            })
        return about

    def clip(self, execution: str) -> Clip | None:
        """Return the clip of one execution, None if none of its files can be read."""
        is_first = execution == self.keys[_subject(execution)][0]
        earliest = 0 if is_first else self._end
        recordings = {
            sensor: self._recording(path, earliest)
            for sensor, path in self.files[execution].items()
        }
        found = {sensor: each for sensor, each in recordings.items() if each is not None}
        if not found:
            return None
        start = min(int(recording.stamps[0]) for recording in found.values())
        self._end = max(recording.end for recording in found.values())
        labelling = next(iter(found.values()))
        changes = [
            (int(stamp) - start, after)
            for (before, after), stamp
            in zip(pairwise(labelling.activities), labelling.stamps[1:], strict=True)
            if before != after
        ]

        def stamped(_: int) -> Iterator[tuple[str, Any, int]]:
            for sensor, recording in found.items():
                topic, frame = self._topic(sensor), FRAMES[sensor]
                values = recording.samples * self.factors
                for stamp, sample in zip(recording.stamps.tolist(), values, strict=True):
                    yield topic, messages.imu(stamp, frame, sample), stamp

        return Clip(
            execution, labelling.activities[0], _subject(execution), self._end - start, stamped,
            start, changes,
        )

    def _recording(self, path: Path, earliest: int) -> Execution | None:
        """Return the recording in a file, None if it cannot be read or begins too early."""
        try:
            recording = load(path)
            if recording.stamps[0] < earliest:
                raise ValueError('it begins before the execution before it ends')
        except (OSError, ValueError) as error:
            self.unreadable.append(f'{path} cannot be read ({error}): left out')
            return None
        return recording

    def _find(self, sensor: str) -> None:
        """Find the files of a sensor."""
        suffix = SUFFIXES[sensor]
        for path in sorted(self.root.glob(f's*/s*_{suffix}.csv')):
            if re.fullmatch(rf'{path.parent.name}_\d+_{suffix}\.csv', path.name):
                execution = path.stem.removesuffix(f'_{suffix}')
                self.files.setdefault(execution, {})[sensor] = path

    def _topic(self, sensor: str) -> str:
        return f'/{sensor}/imu/data' if len(self.sensors) > 1 else '/imu/data'

    def _executions(self) -> dict[str, dict[str, str]]:
        """Return the facts about each execution by name, none if they cannot be read."""
        path = self.root / 'executions_info.csv'
        try:
            with path.open(encoding='utf-8', newline='') as file:
                return {row.pop('execution_id'): row for row in csv.DictReader(file, restkey='')}
        except FileNotFoundError:
            self.missing.append(f'{path} is missing: the bags lack orientation and turns')
        except (OSError, ValueError, KeyError, csv.Error) as error:
            self.unreadable.append(f'{path} cannot be read ({error!r}): left out')
        return {}


def _subject(execution: str) -> str:
    return execution.partition('_')[0]


def main(argv: list[str] | None = None) -> int:
    """Import; 1 when something could not be read or written, else 0."""
    return run(SpSwHar, 'import_sp_sw_har', __doc__, argv)
