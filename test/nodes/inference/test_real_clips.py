# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Real recordings through the whole system: from the data set's files to answers on a topic."""

from dcat_ros.bags.reader import BagReader
from dcat_ros.bundles import Bundle
from dcat_ros.commands import import_utd_mhad
from inference_fixture import InferenceFixture, stamp
import numpy as np
import pytest
from repository import SHARED

UTD_MHAD = SHARED / 'data' / 'utd_mhad'
CLIPS = ('a3_s2_t1', 'a19_s4_t2', 'a27_s6_t3')

pytestmark = pytest.mark.skipif(
    not UTD_MHAD.is_dir(), reason='needs UTD-MHAD beside the clone, in ../shared/data/utd_mhad'
)


@pytest.fixture(scope='module')
def bags(tmp_path_factory):
    """Bags of a few clips of three persons, imported from the official layout."""
    folder = tmp_path_factory.mktemp('real')
    for kind in ('Inertial', 'Depth', 'Skeleton'):
        (folder / 'source' / kind).mkdir(parents=True)
        for clip in CLIPS:
            name = f'{clip}_{kind.lower()}.mat'
            (folder / 'source' / kind / name).symlink_to(UTD_MHAD / kind / name)
    assert import_utd_mhad.main([str(folder / 'source'), str(folder / 'bags')]) == 0
    return sorted((folder / 'bags').iterdir())


def answers(inference):
    """Return stamp and best class of each window's answer, without the silence between clips."""
    messages = inference.received['activity']
    return [(stamp(m), m.results[0].class_id) for m in messages if len(m.results) > 1]


@pytest.mark.parametrize(('modality', 'name'), [
    ('imu', 'imu_utd_mhad'), ('camera', 'depth_utd_mhad'), ('skeleton', 'pose_utd_mhad'),
])
def test_live_answers_equal_the_offline_evaluation_window_for_window(
    context, bags, modality, name
):
    bundle = Bundle.load(name)
    topic = '/' + bundle.modality.topic
    expected, answered = [], []
    parameters = {'modality': modality, f'{modality}.bundle': name, 'threshold': 0.0}
    inference = InferenceFixture(context, **parameters)
    try:
        inference.node.autostart()
        inference.until(lambda: inference.subscribed_to(modality))
        for bag in bags:
            stream = bundle.stream()
            with BagReader(bag) as reader:
                for _, message, _ in reader.messages([topic]):
                    for window in stream.push(message):
                        best = int(np.argmax(bundle.run(window.inputs)))
                        expected.append((window.end, bundle.manifest.classes[best]))
                for _, raw, time in reader.raw([topic]):
                    inference.tick(time)
                    inference.deliver(modality, raw)
        inference.until(lambda: len(answers(inference)) >= len(expected))
        answered = answers(inference)
    finally:
        inference.close()
    assert len(expected) > 3 * len(CLIPS)
    assert answered == expected
