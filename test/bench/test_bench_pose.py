# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""The bench of colour cameras: its camera, its targets, and its page."""

from contextlib import closing
import io

from bench.common.messages import SECOND
from bench.common.page import write_page
from bench.inference.trial import Usage
from bench.pose.__main__ import Row, targets_of
from bench.pose.camera import messages, SIZE
from dcat_ros.modalities.images.video import VideoWriter
import numpy as np
from rich.console import Console


def row(kind, cores, resident, latencies):
    return Row(kind, Usage(0, 10 * SECOND, 10 * cores, resident, resident), latencies)


def test_the_camera_shows_a_video_forwards_and_backwards(tmp_path):
    with closing(VideoWriter(tmp_path / 'film.mp4', 10.0)) as film:
        for index, shade in enumerate((20, 90, 160, 230)):
            picture = np.full((48, 64, 3), shade, np.uint8)
            film.write(index * SECOND // 10, picture)
    found = messages(str(tmp_path / 'film.mp4'))
    assert all((each.width, each.height) == SIZE for each in found)
    shades = [np.frombuffer(each.data, np.uint8).mean() for each in found]
    assert np.allclose(shades, [20, 90, 160, 230, 160, 90], atol=8)


def test_targets_compare_with_the_hand_written_node(tmp_path):
    peer, node = row('by hand', 0.4, 500e6, [0.02] * 9), row('ours', 0.1, 300e6, [0.01] * 9)
    cpu, memory, p99 = targets_of(node, peer)
    assert (cpu.measured, cpu.outcome) == ('0.25', 'met')
    assert (memory.measured, memory.outcome) == ('0.60', 'MISSED')
    assert (p99.measured, p99.outcome) == ('0.50', 'met')
    page = tmp_path / 'page.md'
    write_page(
        page, 'pose/page.md.j2', Console(file=io.StringIO()), peer=peer, nodes=[node],
        targets_of=targets_of, at_ten=cpu, seconds=10.0, rate=30,
    )
    text = page.read_text()
    assert '| ours | 0.100 | 300 | 10.0 | 10.0 | 9 |' in text
    assert '| ours | 0.25 met | 0.60 MISSED | 0.50 met |' in text
