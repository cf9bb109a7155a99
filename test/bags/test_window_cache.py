# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""The cache of windows: equal to reading the bag, and never out of date."""

from dataclasses import dataclass, replace
import json
import os
from pathlib import Path
import shutil

from dcat_ros.bags import cache_entry
from dcat_ros.bags.annotation import FILE as LABELS
from dcat_ros.bags.metadata import bag_files
from dcat_ros.bags.reader import BagError
from dcat_ros.bags.window_cache import cached_windows
from dcat_ros.bags.windows import InputSpec, windows
from dcat_ros.modalities.imu import Imu
import numpy as np
import pytest
from two_sensor_bag import (
    annotate,
    assert_same,
    CAMERA,
    camera_messages,
    change_subject,
    CHANGES,
    entries,
    IMU,
    imu_messages,
    label_messages,
    touch,
    write,
)


@pytest.fixture
def bag(tmp_path):
    return write(tmp_path / 'bag', imu_messages(6), label_messages(*CHANGES))


@pytest.fixture
def cache(tmp_path):
    return tmp_path / 'cache'


def inodes(cache):
    """Return the inode of each file of the cache; it changes when the file is written again."""
    return {path: path.stat().st_ino for path in cache.rglob('*.*') if path.is_file()}


@pytest.mark.parametrize('labelled', [False, True])
@pytest.mark.parametrize('spec', [IMU, CAMERA], ids=['imu', 'camera'])
def test_cached_windows_are_those_of_the_bag(spec, labelled, tmp_path, cache):
    bag = write(
        tmp_path / 'bag', imu_messages(6), camera_messages(6), label_messages(*CHANGES)
    )
    direct = list(windows(bag, spec, labelled))
    assert len(direct) > 10
    for _ in range(2):
        (found,) = cached_windows([bag], spec, cache, labelled=labelled)
        assert len(found) == len(direct)
        assert_same(found, direct)
        assert isinstance(found.inputs, np.memmap)
        assert found.bag == bag
        assert found.labels.tolist() == [window.label for window in direct]
        assert found.ends.tolist() == [window.end for window in direct]
    assert len(entries(cache)) == 1


def test_an_entry_that_is_up_to_date_is_not_rebuilt(bag, cache):
    cached_windows([bag], IMU, cache)
    before = inodes(cache)
    (bag / 'report.html').write_text('fit for training')
    (bag / 'report.json').write_text('{}')
    cached_windows([bag], IMU, cache)
    assert inodes(cache) == before


def rewrite_behind_its_times(bag):
    path = bag_files(bag)[0]
    found = path.stat()
    data = path.read_bytes()
    path.write_bytes(data)
    os.utime(path, ns=(found.st_atime_ns, found.st_mtime_ns))


def replace_data(bag):
    path = bag_files(bag)[0]
    shutil.copy2(path, path.with_suffix('.copy'))
    path.with_suffix('.copy').replace(path)


BAG_CHANGES = [touch, rewrite_behind_its_times, replace_data, change_subject, annotate]


@pytest.mark.parametrize('change', BAG_CHANGES)
def test_a_changed_bag_is_read_again(change, bag, cache):
    (old,) = cached_windows([bag], IMU, cache)
    change(bag)
    (new,) = cached_windows([bag], IMU, cache)
    assert new.path != old.path
    assert entries(cache) == [new.path.name]
    assert_same(new, windows(bag, IMU))
    assert (old.inputs == new.inputs).all()


def test_changed_labels_make_other_windows(bag, cache):
    annotate(bag)
    (first,) = cached_windows([bag], IMU, cache)
    assert set(first.labels) == {'', 'run'}
    (bag / LABELS).write_text('start,end,label\n0.5,2,hop\n')
    (second,) = cached_windows([bag], IMU, cache)
    assert set(second.labels) == {'', 'hop'}
    (bag / LABELS).unlink()
    (third,) = cached_windows([bag], IMU, cache)
    assert set(third.labels) == {'', 'walk', 'sit'}


@pytest.mark.parametrize('other', [
    InputSpec(replace(IMU.modality, angular_velocity_scale=4.0), IMU.window),
    InputSpec(IMU.modality, replace(IMU.window, duration=0.6)),
    InputSpec(IMU.modality, replace(IMU.window, rate=40.0)),
    InputSpec(IMU.modality, replace(IMU.window, stride=0.2)),
    InputSpec(IMU.modality, replace(IMU.window, max_gap=0.3)),
], ids=['feature', 'duration', 'rate', 'stride', 'max_gap'])
def test_other_settings_get_another_entry(other, bag, cache):
    cached_windows([bag], IMU, cache)
    before = inodes(cache)
    (found,) = cached_windows([bag], other, cache)
    assert_same(found, windows(bag, other))
    assert len(entries(cache)) == 2
    cached_windows([bag], IMU, cache)
    assert inodes(cache).items() > before.items()


def test_labelled_windows_get_an_entry_of_their_own(bag, cache):
    (all_windows,) = cached_windows([bag], IMU, cache)
    (labelled,) = cached_windows([bag], IMU, cache, labelled=True)
    assert len(all_windows) > len(labelled) == np.sum(all_windows.labels != '')
    assert len(entries(cache)) == 2


@pytest.mark.parametrize('package', [
    'dcat_ros', 'numpy', 'cv2', 'rosbags', 'rosbags-image', 'cv_bridge',
])
def test_other_code_rebuilds_the_entry(package, bag, cache, monkeypatch):
    (old,) = cached_windows([bag], IMU, cache)
    monkeypatch.setitem(cache_entry.CODE, package, 'another')
    (new,) = cached_windows([bag], IMU, cache)
    assert entries(cache) == [new.path.name]
    assert new.path != old.path


def truncate(name, size):
    return lambda path: os.truncate(path / name, size)


def overwrite(path):
    with (path / 'inputs.npy').open('r+b') as file:
        file.seek(1000)
        file.write(b'xxxx')


def foreign_key(path):
    record = json.loads((path / 'entry.json').read_text())
    (path / 'entry.json').write_text(json.dumps({**record, 'key': '0' * 64}))


DAMAGE = {
    'short inputs': truncate('inputs.npy', 5000),
    'no inputs': truncate('inputs.npy', 0),
    'short index': truncate('index.npy', 300),
    'short record': truncate('entry.json', 20),
    'no record': truncate('entry.json', 0),
    'a file is missing': lambda path: (path / 'index.npy').unlink(),
    'other bytes': overwrite,
    'a record of no entry': lambda path: (path / 'entry.json').write_text('[]'),
    'a record of another entry': foreign_key,
    'everything is missing': shutil.rmtree,
}


@pytest.mark.parametrize('name', DAMAGE)
def test_a_damaged_entry_is_rebuilt(name, bag, cache):
    (old,) = cached_windows([bag], IMU, cache)
    DAMAGE[name](old.path)
    (new,) = cached_windows([bag], IMU, cache)
    assert new.key == old.key
    assert_same(new, windows(bag, IMU))
    assert entries(cache) == [new.path.name]


def test_the_partial_entry_of_a_killed_process_is_removed(bag, cache):
    (found,) = cached_windows([bag], IMU, cache)
    stem = found.path.name.rpartition('.')[0]
    part = found.path.rename(cache / f'.{stem}.part')
    os.truncate(part / 'inputs.npy', 5000)
    (new,) = cached_windows([bag], IMU, cache)
    assert_same(new, windows(bag, IMU))
    assert not part.exists()


@dataclass(frozen=True)
class ChangingBag(Imu):
    """An IMU whose decoder changes the bag."""

    bag: str = ''

    def decoder(self, given=None):
        touch(Path(self.bag))
        return super().decoder()


def test_a_bag_that_changes_while_it_is_read_gives_no_entry(bag, cache):
    spec = InputSpec(ChangingBag(bag=str(bag)), IMU.window)
    with pytest.raises(BagError, match='changed while it was read'):
        cached_windows([bag], spec, cache)
    assert entries(cache) == []
    assert not list(cache.glob('.*.part'))
