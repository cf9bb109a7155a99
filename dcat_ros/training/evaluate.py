"""Score a recipe on subjects that it was not trained on."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from rich.progress import Progress
from scipy.special import softmax
from sklearn.metrics import accuracy_score, f1_score

from dcat_ros.method import Network
from dcat_ros.training.config import Config
from dcat_ros.training.dataset import Dataset, Windows
from dcat_ros.training.errors import TrainingError
from dcat_ros.training.fit import fit

MISSED = -1
"""The answer for a clip without a single window."""


@dataclass(frozen=True)
class Score:
    """What one seed scored on the test subjects.

    :param key: of the settings and bags, see :func:`dcat_ros.training.provenance.key`.
    :param macro_f1: mean over the classes of the clips' F1, 0 to 1.
    :param accuracy: share of clips classified rightly.
    :param window_macro_f1: as macro_f1, of single windows.
    :param truth: class of each test clip.
    :param answers: class that was answered, `MISSED` for clips shorter than a window.
    """

    key: str
    seed: int
    macro_f1: float
    accuracy: float
    window_macro_f1: float
    truth: list[int]
    answers: list[int]


def evaluate(
    data: Dataset, config: Config, out: Path, key: str, progress: Progress
) -> list[Score]:
    """Train on the protocol's training subjects and score on its test subjects, seed by seed.

    A finished seed is kept in ``out`` and not repeated while the key stays the same.

    :raises TrainingError: if a subject or class of the protocol is missing.
    """
    train = data.clips_of(config.protocol.train)
    test = data.clips_of(config.protocol.test)
    scores = []
    for seed in range(config.protocol.seeds):
        path = out / f'seed{seed}.json'
        score = load_score(path, key)
        if score is None:
            title = f'seed {seed + 1} of {config.protocol.seeds}'
            network = fit(data, train, config, seed, progress, title)
            score = score_of(network, data, test, key, seed)
            save_score(path, score)
        progress.console.print(f'seed {seed}: macro-F1 {100 * score.macro_f1:.1f}')
        scores.append(score)
    return scores


def finished(config: Config, out: Path, key: str) -> list[Score]:
    """Return the scores of all seeds.

    :raises TrainingError: if one is missing.
    """
    scores = [load_score(out / f'seed{seed}.json', key) for seed in range(config.protocol.seeds)]
    if None in scores:
        raise TrainingError(
            f'seed {scores.index(None)} of these bags and settings is not evaluated: run '
            '`dcat train` without --only, or with --only evaluate, first'
        )
    return [score for score in scores if score is not None]


def score_of(network: Network, data: Dataset, clips: Sequence[int], key: str, seed: int) -> Score:
    """Score a network on the live windows of some clips.

    :raises TrainingError: if they have none.
    """
    windows = data.live.of(clips)
    if not windows.inputs:
        raise TrainingError('none of the clips to test on is as long as a window')
    targets, labels = data.targets, range(len(data.classes))
    logits = logits_of(network, windows)
    by_clip = answers(logits, windows.clips)
    truth = [int(targets[clip]) for clip in clips]
    answered = [by_clip.get(clip, MISSED) for clip in clips]

    def macro_f1(true: Sequence[int], found: Sequence[int]) -> float:
        return float(f1_score(true, found, labels=labels, average='macro', zero_division=0))

    of_windows = macro_f1(targets[windows.clips].tolist(), logits.argmax(axis=1).tolist())
    accuracy = float(accuracy_score(truth, answered))
    return Score(key, seed, macro_f1(truth, answered), accuracy, of_windows, truth, answered)


@torch.no_grad()
def logits_of(network: Network, windows: Windows, batch: int = 64) -> NDArray[np.float32]:
    """Return the logits (windows, classes) of a network in evaluation mode."""
    return np.concatenate([
        network(torch.from_numpy(np.stack(windows.inputs[first : first + batch]))).logits.numpy()
        for first in range(0, len(windows.inputs), batch)
    ])


def answers(logits: NDArray[np.float32], clips: Sequence[int]) -> dict[int, int]:
    """Return each clip's class: the highest mean of its windows' softmax."""
    scores, numbers = softmax(logits, axis=1), np.array(clips)
    return {
        int(clip): int(scores[numbers == clip].mean(axis=0).argmax())
        for clip in np.unique(numbers)
    }


def load_score(path: Path, key: str) -> Score | None:
    """Return a kept score, None where there is none of that key."""
    if not path.exists():
        return None
    score = Score(**json.loads(path.read_text(encoding='utf-8')))
    return score if score.key == key else None


def save_score(path: Path, score: Score) -> None:
    """Keep a score; the file appears when whole."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix('.part')
    part.write_text(json.dumps(asdict(score)), encoding='utf-8')
    part.replace(path)
