# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Building the cache of windows: in several processes, in little memory, with clear errors."""

from dataclasses import dataclass
import os
import pickle
import shutil
import signal
import tracemalloc

from dcat_ros.bags import messages
from dcat_ros.bags.metadata import bag_files
from dcat_ros.bags.npy_writer import RowWriter
from dcat_ros.bags.reader import BagError
from dcat_ros.bags.window_cache import cached_windows
from dcat_ros.bags.windows import InputSpec, windows
from dcat_ros.bags.writer import BagWriter
from dcat_ros.modalities import create
from dcat_ros.modalities.imu import Imu
from dcat_ros.training.provenance import fingerprint
from dcat_ros.windows import WindowSpec
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes
import numpy as np
import pytest
from two_sensor_bag import (
    annotate,
    assert_same,
    change_subject,
    CHANGES,
    entries,
    IMU,
    imu_messages,
    label_messages,
    SECOND,
    START,
    touch,
    write,
)
import yaml


@pytest.fixture
def bag(tmp_path):
    return write(tmp_path / 'bag', imu_messages(6), label_messages(*CHANGES))


@pytest.fixture
def cache(tmp_path):
    return tmp_path / 'cache'


def folder_of_bags(folder, count=3):
    return [
        write(folder / f'bag{number}', imu_messages(4 + number), label_messages(*CHANGES))
        for number in range(count)
    ]


def use_processes(monkeypatch, workers):
    """Let so many processes read, even if the bags are short."""
    monkeypatch.setattr('dcat_ros.bags.window_cache.SECONDS_PER_PROCESS', 1)
    monkeypatch.setattr(os, 'cpu_count', lambda: workers)


def test_several_processes_build_the_same_entries(tmp_path, monkeypatch):
    bags = folder_of_bags(tmp_path)
    done = []
    serial = cached_windows(bags, IMU, tmp_path / 'one')
    use_processes(monkeypatch, 2)
    parallel = cached_windows(bags, IMU, tmp_path / 'two', advance=done.append)
    assert sorted(done) == bags
    assert [found.bag for found in parallel] == bags
    for expected, found in zip(serial, parallel, strict=True):
        assert_same(found, expected)
        for name in ('inputs.npy', 'index.npy'):
            assert (found.path / name).read_bytes() == (expected.path / name).read_bytes()


@pytest.mark.parametrize('workers', [1, 2])
def test_an_error_names_its_bag_and_the_others_are_kept(workers, tmp_path, cache, monkeypatch):
    use_processes(monkeypatch, workers)
    bags = folder_of_bags(tmp_path)
    os.truncate(bag_files(bags[2])[0], 5000)
    with pytest.raises(BagError, match=str(bags[2])):
        cached_windows(bags, IMU, cache)
    assert [name.split('.')[0] for name in entries(cache)] == ['bag0', 'bag1']


@dataclass(frozen=True)
class KillingProcess(Imu):
    """An IMU whose decoder kills the process, as the system does when memory runs out."""

    def decoder(self, given=None):
        os.kill(os.getpid(), signal.SIGKILL)


def test_a_killed_process_is_an_error(tmp_path, cache, monkeypatch):
    use_processes(monkeypatch, 2)
    bags = folder_of_bags(tmp_path, 2)
    with pytest.raises(BagError, match=f'a process died while it read {tmp_path}'):
        cached_windows(bags, InputSpec(KillingProcess(), IMU.window), cache)
    assert entries(cache) == []


def test_a_place_that_cannot_be_written_is_named_with_the_bag(bag, cache):
    (found,) = cached_windows([bag], IMU, cache)
    stem = found.path.name.rpartition('.')[0]
    shutil.rmtree(found.path)
    (cache / f'.{stem}.part').write_text('in the way')
    with pytest.raises(BagError, match=f'windows of {bag} cannot be cached in {cache}'):
        cached_windows([bag], IMU, cache)


def test_refused_messages_are_counted_in_the_cache(tmp_path, cache):
    def with_invalid_messages():
        for arrival, topic, message in imu_messages(2):
            invalid = arrival == START
            yield arrival, topic, messages.imu(0, '', np.ones(6)) if invalid else message

    bag = write(tmp_path / 'bag', with_invalid_messages())
    for _ in range(2):
        (found,) = cached_windows([bag], IMU, cache)
        assert found.refused == 1
        assert 'stamp is 0' in found.reason


def test_a_bag_without_a_window_gives_an_empty_entry_of_the_right_shape(tmp_path, cache):
    bag = write(tmp_path / 'bag', imu_messages(0.3))
    (found,) = cached_windows([bag], IMU, cache)
    assert (len(found), found.inputs.shape, found.labels.shape) == (0, (0, 25, 6), (0,))


def test_a_single_file_is_a_bag_too(bag, cache):
    file = bag_files(bag)[0]
    (found,) = cached_windows([file], IMU, cache)
    assert len(found) == len(list(windows(bag, IMU)))
    touch(bag)
    (again,) = cached_windows([file], IMU, cache)
    assert again.path != found.path


def test_cached_windows_are_pickled_as_a_path(bag, cache):
    (found,) = cached_windows([bag], IMU, cache)
    data = pickle.dumps(found)
    assert len(data) < 1000
    assert_same(pickle.loads(data), found)


@given(array_shapes(min_dims=0, max_dims=4, max_side=3), st.integers(0, 5))
def test_rows_make_an_array_that_numpy_loads(tmp_path_factory, shape, count):
    path = tmp_path_factory.mktemp('rows') / 'rows.npy'
    rows = [np.full(shape, index, np.float32) for index in range(count)]
    with RowWriter(path, '<f4', shape) as writer:
        for row in rows:
            writer.append(row)
    for mode in (None, 'r'):
        found = np.load(path, mmap_mode=mode)
        assert found.shape == (count, *shape)
        assert found.dtype == np.float32
        assert all(map(np.array_equal, found, rows))


def test_a_row_of_another_shape_is_refused(tmp_path):
    wrong = pytest.raises(ValueError, match=r'shape \(4,\) among rows of \(3,\)')
    with RowWriter(tmp_path / 'rows.npy', '<f4', (3,)) as writer, wrong:
        writer.append(np.zeros(4, np.float32))


def test_fingerprints_depend_on_data_labels_and_metadata_only(bag):
    before = fingerprint(bag)
    (bag / 'report.html').write_text('fit for training')
    os.utime(bag_files(bag)[0])
    assert fingerprint(bag) == before
    annotate(bag)
    after = fingerprint(bag)
    assert after != before
    change_subject(bag)
    assert fingerprint(bag) not in (before, after)


def test_files_of_a_bag_are_those_that_metadata_names(bag):
    path = bag / 'metadata.yaml'
    record = yaml.safe_load(path.read_text())
    names = record['rosbag2_bagfile_information']['relative_file_paths']
    assert [file.name for file in bag_files(bag)] == [*names, 'metadata.yaml']
    path.write_text('rosbag2_bagfile_information: {}')
    with pytest.raises(BagError, match=r'metadata\.yaml cannot be read'):
        bag_files(bag)


def test_memory_of_building_does_not_grow_with_the_bag(tmp_path, cache):
    spec = InputSpec(create('camera', {}), WindowSpec(2.0, 15.0, 0.2, 0.5))
    grey = np.random.default_rng(0).integers(0, 255, (240, 320, 3), np.uint8)
    peaks = []
    for seconds in (10, 40):
        path = tmp_path / f'{seconds}s'
        with BagWriter(path) as writer:
            for index in range(seconds * 15):
                stamp = START + index * SECOND // 15
                image = messages.image(stamp, 'camera', 'bgr8', grey)
                writer.write('/camera/image_raw', image, stamp)
        tracemalloc.start()
        try:
            (found,) = cached_windows([path], spec, cache)
            peaks.append(tracemalloc.get_traced_memory()[1])
        finally:
            tracemalloc.stop()
        assert found.inputs.nbytes > seconds * 3_000_000
    short, long = peaks
    assert long < short + 2**20
