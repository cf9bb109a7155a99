# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""MCAP files as other readers see them, and bags that were cut short."""

import fcntl
from pathlib import Path
import resource
import shutil
import signal
import struct

from dcat_ros.bags import messages
from dcat_ros.bags.mcap import scan
from dcat_ros.bags.qos import LATCHED, SENSOR
from dcat_ros.bags.reader import BagError, BagReader
from dcat_ros.bags.recovery import recover
from dcat_ros.bags.storage import BagStorage, StorageOptions
from dcat_ros.bags.types import defined_in, typestore
from dcat_ros.commands import recover as program
from hypothesis import given, settings
from hypothesis import strategies as st
from mcap.reader import make_reader
import pytest
from rosbags.rosbag2 import Reader
import yaml

START = 1_700_000_000 * 10**9
STRING = 'std_msgs/msg/String'


def text(content):
    return bytes(typestore().serialize_cdr(messages.text(content), STRING))


def fill(files, chunks, size=3):
    """Write chunks of messages on two topics and return them all."""
    written = []
    for topic, profile in (('/label', LATCHED), ('/words', SENSOR)):
        if topic not in files:
            files.add_topic(topic, defined_in(typestore(), STRING), [profile])
    for chunk in range(chunks):
        for index in range(size):
            stamp = START + (chunk * size + index) * 10**8
            topic = '/label' if index == 0 else '/words'
            data = text(f'{chunk}.{index}')
            files.write(topic, data, stamp)
            written.append((topic, data, stamp))
        files.flush()
    return written


def record(path, options=StorageOptions(), chunks=4, size=3):  # noqa: B008
    files = BagStorage(path, path.name, {'subject': '7', 'label_topic': '/label'}, options)
    written = fill(files, chunks, size)
    return files, written


def read(bag):
    with BagReader(bag) as reader:
        return list(reader.raw())


@pytest.mark.parametrize('compression', ['', 'zstd'])
def test_the_mcap_library_reads_every_message_with_valid_checksums(tmp_path, compression):
    files, written = record(tmp_path / 'bag', StorageOptions(compression))
    files.close({'ended': 'stopped'})
    with (tmp_path / 'bag' / 'bag_0.mcap').open('rb') as file:
        reader = make_reader(file, validate_crcs=True)
        found = [
            (channel.topic, message.data, message.log_time)
            for _, channel, message in reader.iter_messages()
        ]
        summary = reader.get_summary()
        metadata = [(found.name, found.metadata) for found in reader.iter_metadata()]
    assert found == written == read(tmp_path / 'bag')
    assert summary.statistics.message_count == len(written)
    assert summary.statistics.chunk_count == len(summary.chunk_indexes) == 4
    assert metadata == [('dcat_ros', {'subject': '7', 'label_topic': '/label'})]
    schema, = summary.schemas.values()
    assert (schema.name, schema.encoding) == (STRING, 'ros2msg')
    assert b'string data' in schema.data


def test_a_split_bag_reads_as_one(tmp_path):
    files, written = record(tmp_path / 'by_size', StorageOptions(max_file_size=1100))
    files.close({})
    assert len(list((tmp_path / 'by_size').glob('by_size_*.mcap'))) == 4
    assert read(tmp_path / 'by_size') == written
    files, written = record(tmp_path / 'by_time', StorageOptions(max_file_duration=500_000_000))
    files.close({})
    facts = yaml.safe_load((tmp_path / 'by_time' / 'metadata.yaml').read_text())
    facts = facts['rosbag2_bagfile_information']
    assert [file['message_count'] for file in facts['files']] == [5, 5, 2]
    assert [file['starting_time']['nanoseconds_since_epoch'] - START for file in facts['files']
            ] == [0, 500_000_000, 1_000_000_000]
    assert facts['message_count'] == len(written)
    assert read(tmp_path / 'by_time') == written
    with Reader(tmp_path / 'by_time') as plain:
        assert {c.topic: c.ext.offered_qos_profiles for c in plain.connections} == {
            '/label': [LATCHED], '/words': [SENSOR]
        }


def test_a_closed_bag_stays_as_it_is(tmp_path):
    files, written = record(tmp_path / 'bag')
    files.close({'ended': 'stopped'})
    before = {path.name: path.read_bytes() for path in (tmp_path / 'bag').iterdir()}
    outcome, = recover(tmp_path / 'bag')
    assert (outcome.messages, outcome.torn_bytes, outcome.fault) == (len(written), 0, '')
    assert {path.name: path.read_bytes() for path in (tmp_path / 'bag').iterdir()} == before


def test_lost_metadata_are_restored_as_they_were(tmp_path):
    files, _ = record(tmp_path / 'bag', StorageOptions(max_file_size=1100))
    files.close({'ended': 'recovered'})
    before = (tmp_path / 'bag' / 'metadata.yaml').read_text()
    (tmp_path / 'bag' / 'metadata.yaml').unlink()
    recover(tmp_path / 'bag')
    assert (tmp_path / 'bag' / 'metadata.yaml').read_text() == before


def cut(tmp_path, whole, size):
    """Return a bag whose only file ends after so many bytes, as after a crash."""
    bag = tmp_path / f'cut{size}'
    bag.mkdir()
    (bag / 'bag_0.mcap').write_bytes(whole[:size])
    return bag


def chunks_of(path):
    """Return offset and end of each chunk, by its record's prefix."""
    data, offset, found = path.read_bytes(), 8, []
    while offset < len(data) - 8:
        op, size = struct.unpack_from('<BQ', data, offset)
        if op == 6:
            found.append((offset, offset + 9 + size))
        offset += 9 + size
    return found


@pytest.mark.parametrize('compression', ['', 'zstd'])
def test_a_file_cut_at_any_byte_loses_at_most_its_last_chunk(tmp_path, compression):
    files, written = record(tmp_path / 'bag', StorageOptions(compression), chunks=3)
    files.close({})
    path = tmp_path / 'bag' / 'bag_0.mcap'
    whole = path.read_bytes()
    *_, (start, end) = chunks_of(path)
    behind = end + 300
    for size in [*range(start, behind), *range(behind, len(whole), 11)]:
        bag = cut(tmp_path, whole, size)
        outcome, = recover(bag)
        expected = written[:9] if size >= end else written[:6]
        assert read(bag) == expected, size
        assert outcome.messages == len(expected)
        assert outcome.fault
        if size % 16 == 0:
            with (bag / 'bag_0.mcap').open('rb') as file:
                found = list(make_reader(file, validate_crcs=True).iter_messages())
            assert len(found) == len(expected)
        kept = (bag / 'bag_0.mcap.torn').read_bytes() if outcome.torn_bytes else b''
        assert whole[:size].endswith(kept)
        shutil.rmtree(bag)


def test_a_file_cut_before_its_first_chunk_ends_is_refused(tmp_path):
    files, _ = record(tmp_path / 'bag', chunks=1)
    files.close({})
    path = tmp_path / 'bag' / 'bag_0.mcap'
    (_, end), = chunks_of(path)
    whole = path.read_bytes()
    for size in range(0, end, 7):
        with pytest.raises(BagError, match='no complete chunk'):
            recover(cut(tmp_path, whole, size))


@settings(max_examples=60, deadline=None)
@given(data=st.data(), closed=st.booleans())
def test_damage_anywhere_never_becomes_data(tmp_path_factory, data, closed):
    directory = tmp_path_factory.mktemp('damage')
    files, written = record(directory / 'bag', chunks=3)
    files.close({})
    path = directory / 'bag' / 'bag_0.mcap'
    whole = bytearray(path.read_bytes())
    first, *_, last = chunks_of(path)
    where = data.draw(st.integers(first[1], last[1] - 1))
    whole[where] ^= data.draw(st.integers(1, 255))
    bag = cut(directory, bytes(whole), len(whole) if closed else last[1])
    if closed:
        with pytest.raises(BagError, match='it was closed once, so its disk or a copy damaged it'):
            recover(bag)
        assert (bag / 'bag_0.mcap').read_bytes() == bytes(whole)
    else:
        recover(bag)
        found = read(bag)
        assert found == written[:len(found)]
        assert len(found) >= 3


def test_a_bag_being_recorded_is_left_alone(tmp_path):
    files, _ = record(tmp_path / 'bag')
    with pytest.raises(BagError, match='is being recorded: stop the recorder first'):
        recover(tmp_path / 'bag')
    files.abandon()
    assert recover(tmp_path / 'bag')[0].messages == 12


def test_only_the_last_of_several_files_was_cut(tmp_path):
    files, written = record(tmp_path / 'bag', StorageOptions(max_file_size=1100))
    files.abandon()
    last = tmp_path / 'bag' / 'bag_3.mcap'
    (tmp_path / 'bag' / 'bag_4.mcap').write_bytes(b'\x89MC')
    outcomes = recover(tmp_path / 'bag')
    assert [bool(outcome.fault) for outcome in outcomes] == [False, False, False, True, True]
    assert last.exists()
    assert read(tmp_path / 'bag') == written
    with BagReader(tmp_path / 'bag') as reader:
        assert reader.custom['subject'] == '7'
        assert reader.custom['ended'].startswith('recovered (bag_3.mcap: the file ends')
        assert [interval.label for interval in reader.labels()] == ['0.0', '1.0', '2.0', '3.0']


def test_the_program_names_what_cannot_be_restored(tmp_path, capsys):
    assert program.main([str(tmp_path / 'none')]) == 1
    assert 'is not a directory: name the bag' in capsys.readouterr().err
    (tmp_path / 'old').mkdir()
    (tmp_path / 'old' / 'old_0.db3').touch()
    assert program.main([str(tmp_path / 'old')]) == 1
    assert '`ros2 bag reindex`' in capsys.readouterr().err
    files, _ = record(tmp_path / 'bag')
    files.abandon()
    assert program.main([str(tmp_path / 'bag')]) == 0
    printed = capsys.readouterr()
    assert printed.out == f'{tmp_path / "bag"}\n'
    assert 'bag_0.mcap: the file ends at byte' in printed.err
    assert '12 messages kept' in printed.err


def test_a_full_disk_leaves_complete_files(tmp_path):
    """A limit of the file size stands for the full disk."""
    files, written = record(tmp_path / 'bag', chunks=2)
    path = Path(tmp_path / 'bag' / 'bag_0.mcap')
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (path.stat().st_size + 100, hard))
    try:
        files.write('/words', text('too much' * 100), START + 10**10)
        with pytest.raises(OSError, match='File too large'):
            files.flush()
        assert files.discard_pending() == {'/label': 0, '/words': 1}
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, handler)
    files.close({'ended': 'disk full'})
    assert read(tmp_path / 'bag') == written
    assert scan(path).fault == ''


def test_the_lock_ends_with_the_file(tmp_path):
    files, _ = record(tmp_path / 'bag')
    files.close({})
    with (tmp_path / 'bag' / 'bag_0.mcap').open('rb') as file:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
