# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""How an audio bundle answers to the real sounds of ESC-50, clip by clip.

    dcat import_esc50 ESC-50 BAGS
    python3 bench/esc50.py audio_sim BAGS

A clip's answer is the highest mean of its windows' calibrated scores, `unknown` below the bundle's
threshold. ESC-50 is for evaluation only (CC BY-NC 3.0): no shipped weights have seen it.
"""

from collections import Counter, defaultdict
from pathlib import Path
import sys

from dcat_ros.bags.labels import Interval
from dcat_ros.bags.reader import BagReader
from dcat_ros.bags.windows import interval_of
from dcat_ros.bundles import Bundle
import numpy as np
from rich.console import Console
from rich.table import Table
from scipy.special import softmax

TOPICS = ['/audio/audio_stamped', '/audio/audio_info']


def scores(bundle: Bundle, bag: Path) -> dict[Interval, np.ndarray]:
    """Return the mean calibrated scores of each clip of a bag, shape (classes,)."""
    windows = defaultdict(list)
    stream = bundle.stream()
    with BagReader(bag) as reader:
        clips = reader.labels()
        for _, message, _ in reader.messages(TOPICS):
            for window in stream.push(message):
                clip = interval_of(window, bundle.manifest.window, clips)
                if clip is not None:
                    logits = bundle.run(window.inputs)
                    windows[clip].append(softmax(logits / bundle.manifest.temperature))
    return {clip: np.mean(each, axis=0) for clip, each in windows.items()}


def main() -> None:
    """Print a row for each category of sound."""
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    bundle = Bundle.load(sys.argv[1])
    answers = defaultdict(Counter)
    for bag in sorted(Path(sys.argv[2]).iterdir()):
        for clip, mean in scores(bundle, bag).items():
            sure = mean.max() >= bundle.manifest.threshold
            answer = bundle.manifest.classes[mean.argmax()] if sure else 'unknown'
            answers[clip.label][answer] += 1
    table = Table('sound', 'clips', 'answers', title=f'{bundle.manifest.name} on ESC-50')
    for label, counts in sorted(answers.items()):
        named = ', '.join(f'{name} {count}' for name, count in counts.most_common())
        table.add_row(label, str(counts.total()), named)
    Console().print(table)


if __name__ == '__main__':
    main()
