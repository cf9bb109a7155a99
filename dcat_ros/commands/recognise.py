# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Print the activities in a bag or a video with their times, as the inference node would answer.

A bag is recognised from its skeletons, else its IMU, else its camera; --sensor chooses. A video is
recognised by pose, for which `dcat fetch_pose` has fetched the weights. Times are seconds from the
first message or picture. --video writes the pictures with skeleton, activity and score.

    dcat recognise bags/utd/s1
    dcat recognise film.mp4 --csv > activities.csv
    dcat recognise film.mp4 --video annotated.mp4
"""

from __future__ import annotations

import argparse
from contextlib import closing, ExitStack
import csv
from pathlib import Path
import sys
import time
from typing import Any, NamedTuple

from dcat_ros.bags import messages
from dcat_ros.bags.reader import BagError, BagReader
from dcat_ros.bags.sensors import modalities_in, modality_of
from dcat_ros.bags.windows import topics_of
from dcat_ros.bundles import Bundle, BundleError
from dcat_ros.inference import Source, SourceSettings, UNKNOWN
from dcat_ros.modalities import DecodeError
from dcat_ros.modalities.base import NANOSECONDS, stamp_of
from dcat_ros.modalities.images.overlay import draw
from dcat_ros.modalities.images.pose_decoder import View
from dcat_ros.modalities.images.video import VideoReader, VideoWriter
from dcat_ros.sensors import Sensor
from dcat_ros.share import defaults
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

BUNDLES = {'skeleton': 'pose_utd_mhad', 'imu': 'imu_utd_mhad', 'camera': 'pose_utd_mhad'}
"""Shipped bundles by modality, in the order in which sensors are preferred."""
COLUMNS = ('from', 'to', 'activity', 'score')
SHOWN = 15.0
"""Pictures a second of an annotated video."""
FIRST = NANOSECONDS
"""Stamp of a video's first picture, ns; 0 is no stamp."""


class Stretch(NamedTuple):
    """Equal answers in a row: times of the first and the last (s), and the highest score."""

    start: float
    end: float
    activity: str
    score: float


class Answers:
    """Collects the answers of a model as stretches.

    :param source: the model with its stream.
    :ivar newest: the newest answer as text.
    """

    def __init__(self, source: Source) -> None:
        self.stretches: list[Stretch] = []
        self.problems: dict[str, int] = {}
        self.newest = ''
        self._source = source
        self._start: int | None = None

    def add(self, message: Any) -> None:
        """Take a message of the sensor, or one that describes its stream."""
        try:
            windows = self._source.stream.push(message)
        except DecodeError as error:
            self.problems[str(error)] = self.problems.get(str(error), 0) + 1
            return
        if self._start is None:
            self._start = self._source.stream.last_stamp
        for window in windows:
            if window.first:
                self._source.decision.reset()
            if window.problem:
                self.problems[window.problem] = self.problems.get(window.problem, 0) + 1
                self._append(window.end, UNKNOWN, 1.0)
            else:
                self._append(window.end, *self._source.classify(window)[0])

    def _append(self, end: int, activity: str, score: float) -> None:
        at = (end - (self._start or 0)) / NANOSECONDS
        self.newest = f'{activity} {score:.2f}'
        last = self.stretches[-1] if self.stretches else None
        gap = self._source.stream.stride * 2
        if last and last.activity == activity and at - last.end <= gap:
            self.stretches[-1] = last._replace(end=at, score=max(score, last.score))
        else:
            self.stretches.append(Stretch(at, at, activity, score))


def sensor_of(reader: BagReader) -> Sensor:
    """Return the preferred sensor of a bag.

    :raises BagError: if it has none.
    """
    found = modalities_in(reader)
    for modality in BUNDLES:
        for name in sorted(found, key=lambda name: name != modality):
            if found[name] == modality:
                return Sensor(name, modality)
    raise BagError(f'{reader.path} has no {", ".join(BUNDLES)}: record one of them')


def of_bag(
    path: Path, sensor: str, bundle: str, annotated: VideoWriter | None, progress: Progress
) -> Answers:
    """Return the answers to a bag.

    :raises BagError: if the bag cannot be read or lacks the sensor.
    """
    with BagReader(path) as reader:
        name = sensor or ('camera' if annotated else '')
        source = source_of(
            Sensor(name, modality_of(reader, name)) if name else sensor_of(reader), bundle
        )
        answers = Answers(source)
        if annotated:
            annotate(source, answers, annotated)
        topics = topics_of(reader, source.bundle.modality, source.name)
        span = max(reader.end - reader.start, 1)
        task = progress.add_task(f'{path.name}: {source.name}', total=span)
        for _, message, arrival in reader.messages(topics):
            answers.add(message)
            progress.update(task, completed=arrival - reader.start)
    return answers


def of_video(
    path: Path, bundle: str, annotated: VideoWriter | None, progress: Progress
) -> Answers:
    """Return the answers to a video file.

    :raises OSError: if it cannot be read.
    """
    try:
        video = VideoReader(str(path))
    except OSError as error:
        raise OSError(f'{path} is no bag, and {error}') from error
    with closing(video):
        source = source_of(Sensor('camera'), bundle)
        answers = Answers(source)
        if annotated:
            annotate(source, answers, annotated)
        for at, picture in progress.track(
            video, total=video.count or None, description=f'{path.name}: camera'
        ):
            answers.add(messages.image(FIRST + at, 'camera', 'bgr8', picture))
    return answers


def annotate(source: Source, answers: Answers, annotated: VideoWriter) -> None:
    """Let each picture that a source sees be written with its body and the newest answer.

    :raises ValueError: if the source looks for no bodies.
    """
    if not hasattr(source.stream.decoder, 'watch'):
        raise ValueError('--video needs the pictures of a colour camera, and a bundle for pose')

    def write(view: View) -> None:
        picture = draw(view.picture, view.body, answers.newest)
        annotated.write(stamp_of(view.header), picture)

    source.stream.decoder.watch = write


def source_of(sensor: Sensor, bundle: str) -> Source:
    """Return a model as the node has it.

    :raises BundleError: if the bundle is not for that sensor.
    :raises ValueError: if none is given, and none is shipped for it.
    """
    if not bundle and sensor.modality not in BUNDLES:
        raise ValueError(f'no bundle is shipped for {sensor.modality}: name one by --bundle')
    loaded = Bundle.load(bundle or BUNDLES[sensor.modality])
    loaded.serve(sensor.modality)
    settings = SourceSettings.from_parameters(defaults('inference'))
    return Source(loaded, settings, time.monotonic, sensor=sensor)


def show(stretches: list[Stretch], as_csv: bool) -> None:
    """Print the stretches as a table or as CSV."""
    rows = [(f'{s.start:.2f}', f'{s.end:.2f}', s.activity, f'{s.score:.2f}') for s in stretches]
    if as_csv:
        writer = csv.writer(sys.stdout, lineterminator='\n')
        writer.writerow(COLUMNS)
        writer.writerows(rows)
        return
    table = Table(box=None)
    for name in COLUMNS:
        table.add_column(name, justify='left' if name == 'activity' else 'right')
    for row in rows:
        table.add_row(*row, style='dim' if row[2] == UNKNOWN else '')
    Console(markup=False, highlight=False).print(table)


def main(argv: list[str] | None = None) -> int:
    """Recognise; 1 if the source cannot be read or gives no answer, else 0."""
    parser = argparse.ArgumentParser(
        prog='recognise', description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add = parser.add_argument
    add('source', type=Path, metavar='BAG|VIDEO', help='directory of a bag, or a video file')
    add('--sensor', default='', metavar='NAME',
        help='of a bag: a modality, or one of several sensors by its name (default: see above)')
    add('--bundle', default='', help='the model (default: the shipped one for the sensor)')
    add('--csv', action='store_true', help='print CSV instead of a table')
    add('--video', type=Path, metavar='FILE', help='write an annotated video, such as film.mp4')
    args = parser.parse_args(argv)
    console = Console(stderr=True, soft_wrap=True, markup=False, highlight=False)
    try:
        with ExitStack() as stack:
            progress = stack.enter_context(Progress(console=console, transient=True))
            annotated = VideoWriter(args.video, SHOWN) if args.video else None
            if annotated:
                stack.callback(annotated.close)
            if args.source.is_file() and args.source.suffix not in ('.mcap', '.db3'):
                answers = of_video(args.source, args.bundle, annotated, progress)
            else:
                answers = of_bag(args.source, args.sensor, args.bundle, annotated, progress)
    except (BagError, BundleError, OSError, ValueError) as error:
        console.print(f'error: {error}')
        return 1
    show(answers.stretches, args.csv)
    for problem, count in answers.problems.items():
        console.print(f'{count} times: {problem}')
    if not answers.stretches:
        console.print('error: there is no whole window: the recording is too short, or has gaps')
        return 1
    return 0


if __name__ == '__main__':
    sys.exit(main())
