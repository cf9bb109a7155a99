# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""The manifest of a bundle: its input, its output and its provenance."""

from dataclasses import asdict, dataclass, field, fields
import hashlib
from pathlib import Path
from typing import Any

from dcat_ros.modalities import MODALITIES
from dcat_ros.windows import WindowSpec
import yaml

FORMAT = 1
MANIFEST = 'manifest.yaml'
GRAPH = 'model.onnx'
CARD = 'README.md'


ADDED_LATER: dict[str, Any] = {'promise': {}, 'sensor': ''}
"""Fields that bundles of before lack, with what they mean there."""


class BundleError(ValueError):
    """A bundle that cannot be used; the text names the file, the value and the remedy."""


@dataclass(frozen=True)
class Manifest:
    """Everything about a bundle except its weights.

    :param name: the bundle's name, which is also its directory under ``models/`` if shipped.
    :param modality: a name in ``dcat_ros.modalities.MODALITIES``.
    :param features: the modality's feature settings.
    :param window: the windows that the model was trained on.
    :param classes: labels in the order of the graph's output.
    :param temperature: divides the logits before the softmax (Guo et al. 2017).
    :param threshold: calibrated score below which the answer is ``unknown``.
    :param scores: validated scores: ``macro_f1`` (0 to 1) and others, their ``protocol``, and
        whether they are of ``simulated`` persons.
    :param training: provenance: data, subjects, seeds, settings, versions.
    :param promise: of known activities of people whom the model has not seen, the share of windows
        ``named`` at the threshold, and of those the share that is ``right``; empty in bundles of
        before.
    :param sensor: name of the sensor that it was trained for, one of several of its modality;
        empty for the default one.
    :param files: SHA-256 by file name.
    """

    name: str
    modality: str
    features: dict[str, Any]
    window: WindowSpec
    classes: list[str]
    temperature: float
    threshold: float
    scores: dict[str, Any]
    training: dict[str, Any]
    promise: dict[str, float] = field(default_factory=dict)
    sensor: str = ''
    files: dict[str, str] = field(default_factory=dict)

    @property
    def ranking(self) -> tuple[bool, float]:
        """Return the key to rank bundles by; scores on real persons are above simulated ones."""
        return not self.simulated, self.scores['macro_f1']

    @property
    def simulated(self) -> bool:
        """Tell whether the scores are of simulated persons only."""
        return bool(self.scores.get('simulated', False))

    def write(self, directory: Path) -> None:
        """Write the manifest, with the checksums of the other files, into ``directory``."""
        record = {'format': FORMAT, **asdict(self)}
        record['files'] = {name: checksum(directory / name) for name in (GRAPH, CARD)}
        text = yaml.safe_dump(record, sort_keys=False, allow_unicode=True, width=99)
        (directory / MANIFEST).write_text(text, encoding='utf-8')

    @classmethod
    def read(cls, directory: Path) -> 'Manifest':
        """Read and check a bundle's manifest and the checksums of its files.

        :raises BundleError: if anything is missing, unknown, out of range or altered.
        """
        path = directory / MANIFEST
        try:
            record = yaml.safe_load(path.read_text(encoding='utf-8'))
        except FileNotFoundError:
            raise BundleError(
                f'{directory} is no bundle, it has no {MANIFEST}: give the directory that '
                'training wrote'
            ) from None
        except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
            raise BundleError(f'{path} cannot be read: {error}') from error
        manifest = cls._from_record(record, path)
        for name in (GRAPH, CARD):
            _verify_checksum(directory / name, manifest.files.get(name))
        others = {file.name for file in directory.iterdir()} - {MANIFEST, GRAPH, CARD}
        if others:
            raise BundleError(
                f'{directory} has {min(others)}, which no checksum covers: remove it'
            )
        return manifest

    @classmethod
    def _from_record(cls, record: Any, path: Path) -> 'Manifest':
        found = record.get('format') if isinstance(record, dict) else type(record).__name__
        if found != FORMAT:
            raise BundleError(
                f'{path} has format {found}, expected {FORMAT}: export the bundle again with this '
                'version'
            )
        names = {item.name for item in fields(cls)}
        keys = set(record) - {'format'}
        record = {**ADDED_LATER, **record}
        if keys | ADDED_LATER.keys() != names:
            raise BundleError(
                f'{path} lacks {sorted(names - keys)} and has unknown {sorted(keys - names)}: '
                'export the bundle again'
            )
        try:
            values = {name: record[name] for name in names}
            values['window'] = WindowSpec(**record['window'])
            for name in ('temperature', 'threshold'):
                values[name] = float(record[name])
            manifest = cls(**values)
            manifest._check_values()
        except (TypeError, ValueError) as error:
            raise BundleError(f'{path} is not valid: {error}') from error
        return manifest

    def _check_values(self) -> None:
        if self.modality not in MODALITIES:
            raise ValueError(f'modality is "{self.modality}", expected {", ".join(MODALITIES)}')
        if not isinstance(self.classes, list) or len(set(self.classes)) < 2:
            raise ValueError(f'classes is {self.classes}, expected two different names or more')
        if len(set(self.classes)) != len(self.classes) or 'unknown' in self.classes:
            raise ValueError('classes repeat a name or use "unknown", which is reserved')
        if not self.temperature > 0:
            raise ValueError(f'temperature is {self.temperature}, expected more than 0')
        if not 0 <= self.threshold <= 1:
            raise ValueError(f'threshold is {self.threshold}, expected 0 to 1')
        for name, share in self.promise.items():
            if not 0 <= float(share) <= 1:
                raise ValueError(f'promise.{name} is {share}, expected 0 to 1')
        if not 0 <= float(self.scores.get('macro_f1', -1)) <= 1:
            raise ValueError(f'scores.macro_f1 is {self.scores.get("macro_f1")}, expected 0 to 1')


def checksum(path: Path) -> str:
    """Return a file's SHA-256 in hexadecimal."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _verify_checksum(path: Path, expected: str | None) -> None:
    if not path.is_file():
        raise BundleError(f'{path} is missing: copy the whole bundle directory again')
    if checksum(path) != expected:
        raise BundleError(
            f'{path} does not match the SHA-256 in {MANIFEST}, it was altered or cut short: copy '
            'the bundle again'
        )
