# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""The ESC-50 importer, on a small data set in the official layout and on the real one."""

import csv
import json

from dcat_ros.bags.reader import BagReader
from dcat_ros.commands import import_esc50
from dcat_ros.commands.import_esc50 import DAY, EPOCH
import numpy as np
import pytest
from repository import SHARED
from scipy.io import wavfile

REAL = SHARED / 'data' / 'esc50_human'
SECOND = 10**9
ROWS = [  # filename, fold, category, src_file
    ('1-20-B-22.wav', '1', 'clapping', '20'),
    ('1-10-A-22.wav', '1', 'clapping', '10'),
    ('1-10-B-30.wav', '1', 'door_wood_knock', '10'),
    ('2-30-A-22.wav', '2', 'clapping', '30'),
]


def write_table(source, rows):
    (source / 'meta').mkdir(exist_ok=True)
    with (source / 'meta' / 'esc50.csv').open('w', newline='') as file:
        table = csv.writer(file)
        table.writerow(['filename', 'fold', 'target', 'category', 'esc10', 'src_file', 'take'])
        table.writerows((name, fold, 0, label, False, src, 'A') for name, fold, label, src in rows)


@pytest.fixture
def source(tmp_path):
    (tmp_path / 'audio').mkdir()
    rng = np.random.default_rng(0)
    for name, *_ in ROWS:
        samples = rng.integers(-2**15, 2**15, 44100 + 100, dtype=np.int16)
        wavfile.write(tmp_path / 'audio' / name, 44100, samples)
    write_table(tmp_path, ROWS)
    return tmp_path


def run(source, out, *options):
    return import_esc50.main([str(source), str(out), *options])


def sound_of(reader, start, end):
    chunks = reader.messages(['/audio/audio_stamped'], start, end)
    return np.concatenate([chunk.audio.data for _, chunk, _ in chunks]).view('<i2')


def test_each_fold_gets_a_bag_whose_groups_follow_the_recordings(source, tmp_path, capsys):
    assert run(source, tmp_path / 'out') == 0
    assert 'CC BY-NC 3.0' in capsys.readouterr().out
    with BagReader(tmp_path / 'out' / 'fold1') as reader:
        labels, custom = reader.labels(), reader.custom
    assert [(interval.label, interval.group) for interval in labels] == [
        ('clapping', '10'), ('door_wood_knock', '10'), ('clapping', '20')
    ]
    assert json.loads(custom['clips']) == ['1-10-A-22.wav', '1-10-B-30.wav', '1-20-B-22.wav']
    assert (custom['fold'], custom['source']) == ('1', 'ESC-50')
    assert 'CC BY-NC 3.0' in custom['license']
    with BagReader(tmp_path / 'out' / 'fold2') as reader:
        assert reader.start == EPOCH + DAY
        assert len(reader.labels()) == 1


def test_every_sample_is_imported_in_20_ms_chunks(source, tmp_path):
    run(source, tmp_path / 'out', '--fold', '1')
    assert [path.name for path in (tmp_path / 'out').iterdir()] == ['fold1']
    _, recorded = wavfile.read(source / 'audio' / '1-10-A-22.wav')
    with BagReader(tmp_path / 'out' / 'fold1') as reader:
        first = reader.labels()[0]
        info, *_ = (message for _, message, _ in reader.messages(['/audio/audio_info']))
        stamps = [stamp for *_, stamp in reader.raw(['/audio/audio_stamped'], stop=first.end)]
        assert np.array_equal(sound_of(reader, first.start, first.end), recorded)
    assert (info.coding_format, info.sample_format) == ('wave', 'S16LE')
    assert (info.sample_rate, info.channels, info.bitrate) == (44100, 1, 44100 * 16)
    assert np.allclose(np.diff(stamps), 0.02 * SECOND, atol=1)
    assert first.end - first.start == pytest.approx(44200 / 44100 * SECOND, abs=1)


def test_stereo_is_interleaved(source, tmp_path):
    samples = np.arange(2 * 8000, dtype=np.int16).reshape(8000, 2)
    wavfile.write(source / 'audio' / ROWS[3][0], 16000, samples)
    run(source, tmp_path / 'out', '--fold', '2')
    with BagReader(tmp_path / 'out' / 'fold2') as reader:
        info = next(reader.messages(['/audio/audio_info']))[1]
        assert (info.channels, info.sample_rate) == (2, 16000)
        assert np.array_equal(sound_of(reader, None, None), samples.ravel())


def test_unreadable_clips_are_reported_and_all_others_imported(source, tmp_path, capsys):
    (source / 'audio' / '1-10-A-22.wav').write_bytes(b'RIFF')
    (source / 'audio' / '1-10-B-30.wav').unlink()
    wavfile.write(source / 'audio' / '2-30-A-22.wav', 16000, np.zeros(100, np.float32))
    assert run(source, tmp_path / 'out') == 1
    report = capsys.readouterr().err
    for name in ('1-10-A-22.wav', '1-10-B-30.wav', '2-30-A-22.wav'):
        assert f'{name} cannot be read' in report
    with BagReader(tmp_path / 'out' / 'fold1') as reader:
        assert [interval.group for interval in reader.labels()] == ['20']
    assert not (tmp_path / 'out' / 'fold2').exists()


def test_invalid_arguments_are_refused(source, tmp_path, capsys):
    assert run(tmp_path / 'nowhere', tmp_path / 'out') == 1
    assert 'esc50.csv' in capsys.readouterr().err
    assert run(source, tmp_path / 'out', '--fold', '7') == 1
    assert 'has no fold 7; it has 1, 2' in capsys.readouterr().err
    (source / 'meta' / 'esc50.csv').write_text('filename,fold\n')
    assert run(source, tmp_path / 'out') == 1
    assert 'has no column category, src_file' in capsys.readouterr().err
    assert not (tmp_path / 'out').exists()


def test_nothing_is_written_if_a_bag_exists(source, tmp_path, capsys):
    (tmp_path / 'out' / 'fold2').mkdir(parents=True)
    assert run(source, tmp_path / 'out') == 1
    assert 'fold2 exists already, not overwriting' in capsys.readouterr().err
    assert [path.name for path in (tmp_path / 'out').iterdir()] == ['fold2']


@pytest.mark.skipif(not REAL.is_dir(), reason=f'no recordings at {REAL} (set DCAT_SHARED)')
def test_the_real_fold_is_imported_completely(tmp_path):
    assert run(REAL, tmp_path / 'out') == 0
    with BagReader(tmp_path / 'out' / 'fold4') as reader:
        labels = reader.labels()
        assert len(labels) == 136
        assert len({interval.label for interval in labels}) == 17
        assert len(list(reader.raw(['/audio/audio_stamped']))) == 136 * 250
