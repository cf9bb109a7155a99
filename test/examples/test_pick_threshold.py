# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Thresholds and smoothing compared: the same answers as live, and what the program prints."""

from functools import partial
from itertools import islice

from dcat_ros.bags import messages
from dcat_ros.bags.reader import BagReader
from dcat_ros.bags.writer import BagWriter
from dcat_ros.bundles import Bundle
from dcat_ros.commands import import_utd_mhad
from dcat_ros.commands.simulate_bags import write_person
from dcat_ros.inference import Source, SourceSettings, UNKNOWN
from dcat_ros.inference.source import SerializedMessage
import pick_threshold
import pytest
from repository import SHARED
from tiny_bundles import write_bundle
import trade_off

UTD_MHAD = SHARED / 'data' / 'utd_mhad'
TRAINED_ON = 1003
EPOCH = 1_700_000_000 * 10**9
RATE = 50
LOW, UNSURE, HIGH = 0.0, 9.8, 30.0


@pytest.fixture(scope='module')
def person(tmp_path_factory):
    """Write a bag of a simulated person whom the shipped bundle has not met."""
    bag = tmp_path_factory.mktemp('bags') / 'sim77'
    write_person(bag, 77, 60.0, [], ['imu'])
    return bag


def write_levels(path, *clips, pause=0):
    """Write clips of 2 s, each a label and the acceleration that an IMU measures meanwhile.

    :param pause: s of nothing after each clip.
    """
    with BagWriter(path, {'subject': 'seven'}) as bag:
        stamps = iter(range(EPOCH, EPOCH + 3600 * 10**9, 10**9 // RATE))
        for label, level in clips:
            bag.write('/label', messages.text(label), next(stamps))
            for stamp in islice(stamps, 2 * RATE):
                values = [level, level, level, 0.0, 0.0, 0.0]
                bag.write('/imu/data', messages.imu(stamp, 'wrist', values), stamp)
            next(islice(stamps, pause * RATE, None))
        bag.write('/label', messages.text(''), next(stamps))
    return path


def live_answers(bundle, bag, threshold, smoothing):
    """Return what the inference node's source answers to a bag's messages, one at a time."""
    time = 0
    settings = SourceSettings(0.0, threshold, smoothing, 1.0, 0.0)
    source = Source(bundle, settings, lambda: time / 1e9)
    answers = []
    with BagReader(bag) as reader:
        for topic, raw, time in reader.raw(['/imu/data']):
            deserialize = partial(reader.deserialize, topic)
            source.enqueue(SerializedMessage(raw, deserialize, has_header=True))
            answers += [source.classify(window)[0].label for window in source.process(time)]
    return answers


@pytest.mark.parametrize(('threshold', 'smoothing'), [(0.3, 0.0), (0.97, 0.0), (0.97, 0.8)])
def test_answers_are_those_of_the_live_node(person, threshold, smoothing):
    bundle = Bundle.load('imu_sim')
    recording = trade_off.classify_bag(bundle, person)
    labels = list(trade_off.labels(bundle, recording, threshold, smoothing))
    assert labels == live_answers(bundle, person, threshold, smoothing)
    assert len(labels) > 200
    assert (UNKNOWN in labels) == (threshold > 0.3)


def test_after_a_hole_the_past_counts_no_more_as_live(tiny, tmp_path):
    bag = write_levels(tmp_path / 'bag', ('low', LOW), ('high', HIGH), pause=3)
    recording = trade_off.classify_bag(tiny, bag)
    labels = list(trade_off.labels(tiny, recording, 0.6, 0.9))
    assert labels == live_answers(tiny, bag, 0.6, 0.9)
    assert set(labels) == {'low', 'high'}


def test_a_higher_threshold_is_less_often_wrong_and_more_often_unknown(person):
    bundle = Bundle.load('imu_sim')
    recordings = [trade_off.classify_bag(bundle, person)]
    row = [
        trade_off.evaluate(bundle, recordings, each, 0.0) for each in (0.3, 0.99, 0.99999)
    ]
    for name, sign in (('unknown', 1), ('wrong', -1), ('delay', 1), ('late', 1), ('missed', 1)):
        values = [sign * getattr(option, name) for option in row]
        assert values == sorted(values)
    assert row[0].delay < row[2].delay


def test_smoothing_is_paid_for_with_delay(person):
    bundle = Bundle.load('imu_sim')
    recordings = [trade_off.classify_bag(bundle, person)]
    smooth, rough = (trade_off.evaluate(bundle, recordings, 0.5, each) for each in (0.9, 0.0))
    assert smooth.delay > rough.delay + 0.5


@pytest.fixture
def tiny(tmp_path):
    """Make a bundle with windows of 0.5 s, one in 0.1 s, never wrong on `low` and `high`."""
    return Bundle(write_bundle(tmp_path / 'tiny', 'imu'))


def evaluated(bundle, bag, threshold=0.6):
    return trade_off.evaluate(bundle, [trade_off.classify_bag(bundle, bag)], threshold, 0.0)


def test_shares_and_delays_of_a_bag_that_can_be_counted(tiny, tmp_path):
    option = evaluated(tiny, write_levels(tmp_path / 'bag', ('low', LOW), ('high', HIGH)))
    assert (option.unknown, option.wrong, option.missed) == (0.0, 0.0, 0.0)
    assert option.late == pytest.approx(0.5)  # a window is full with its 25th sample
    assert 0.0 < option.delay < 0.5


def test_a_name_for_an_activity_that_the_model_does_not_know_is_wrong(tiny, tmp_path):
    option = evaluated(tiny, write_levels(tmp_path / 'bag', ('low', LOW), ('other', HIGH)))
    assert option.unknown == 0.0
    assert option.wrong == pytest.approx(0.5, abs=0.05)
    assert option.missed == 0.0


def test_a_clip_without_a_correct_window_is_missed(tiny, tmp_path):
    option = evaluated(tiny, write_levels(tmp_path / 'bag', ('low', LOW), ('high', UNSURE)))
    assert option.unknown == pytest.approx(0.5, abs=0.05)
    assert (option.wrong, option.missed, option.late) == (0.0, 0.5, float('inf'))


def option(threshold, unknown, wrong, late=1.0):
    return trade_off.TradeOff(threshold, 0.0, unknown, wrong, late, late, 0.0)


def test_the_best_pair_keeps_to_the_limits():
    options = [option(0.3, 0.0, 0.2), option(0.5, 0.1, 0.04, 3.0), option(0.6, 0.1, 0.04, 2.0),
               option(0.9, 0.4, 0.0)]
    assert trade_off.best(options, 1.0, 9.0).threshold == 0.3
    assert trade_off.best(options, 0.05, 9.0).threshold == 0.6
    assert trade_off.best(options, 0.05, 1.5).threshold == 0.9
    assert trade_off.best(options, 0.05, 0.5) is None


def run_program(capsys, *arguments):
    status = pick_threshold.main([str(argument) for argument in arguments])
    captured = capsys.readouterr()
    return status, captured.out, captured.err


def rows(output):
    """Return the words of each row of numbers."""
    lines = [line.split() for line in output.splitlines()]
    return [words for words in lines if words and words[0].replace('.', '').isdigit()]


def test_the_program_prints_a_row_for_each_pair_and_plots_them(capsys, person, tmp_path):
    plot = tmp_path / 'plot.svg'
    status, out, _ = run_program(
        capsys, 'imu_sim', person, '--thresholds', 0.5, 0.9, '--smoothing', 0, 0.6, '--plot', plot
    )
    assert status == 0
    assert [words[0] for words in rows(out)] == ['0'] * 3 + ['0.6'] * 3
    assert 'own 0.3' in out
    assert 'ros2 param set /inference threshold' in out
    assert 'smoothing 0.6' in plot.read_text()


def test_people_that_the_model_was_trained_on_are_named(capsys, tmp_path, person):
    too_good = 'On people that the model was trained on, the numbers are too good'
    known = tmp_path / f'sim{TRAINED_ON}'
    write_person(known, TRAINED_ON, 20.0, ['walk', 'idle'], ['imu'])
    out = run_program(capsys, 'imu_sim', known, person)[1]
    assert too_good in out
    assert f'was trained on sim{TRAINED_ON} of the subjects here' in out
    out = run_program(capsys, 'imu_sim', person)[1]
    assert too_good in out
    assert 'was trained on none of the subjects here' in out


def test_the_limits_of_the_recordings_are_named(capsys, person, tiny, tmp_path):
    known, gap = 'All clips show activities that the model knows', 'Most clips begin after a gap'
    one = write_levels(tmp_path / 'one', ('low', LOW))
    two = write_levels(tmp_path / 'two', ('low', LOW), ('other', HIGH))
    for bundle, bag, expected in (
        ('imu_sim', person, (True, False)),
        (tmp_path / 'tiny', two, (False, False)),
        (tmp_path / 'tiny', one, (True, True)),
    ):
        out = run_program(capsys, bundle, bag)[1]
        assert (known in out, gap in out) == expected


def test_it_says_when_no_pair_is_within_the_limits(capsys, person):
    status, out, _ = run_program(capsys, 'imu_sim', person, '--most-delay', 0.1)
    assert status == 0
    assert 'No pair is within the limits' in out


@pytest.mark.parametrize(('bundle', 'bag', 'words'), [
    ('nothing', 'person', 'no shipped bundle is named "nothing"'),
    ('imu_sim', 'gone', 'there is no bag at'),
    ('depth_utd_mhad', 'person', 'has no camera topic'),
    ('imu_utd_mhad', 'foreign', 'no clip is of a class of imu_utd_mhad'),
    ('imu_sim', 'unlabelled', 'has no labels: add some with `dcat annotate`'),
])
def test_invalid_input_is_refused_in_one_sentence(
    capsys, person, tmp_path, bundle, bag, words
):
    bags = {
        'person': person, 'gone': tmp_path / 'gone',
        'foreign': write_levels(tmp_path / 'foreign', ('low', LOW)),
        'unlabelled': write_levels(tmp_path / 'unlabelled'),
    }
    status, out, err = run_program(capsys, bundle, bags[bag])
    assert (status, out) == (1, '')
    assert err.splitlines()[-1].startswith('error: ')
    assert words in err


@pytest.mark.parametrize('arguments', [
    ('--thresholds', '1.2'), ('--smoothing', '1.0'), ('--most-wrong', 'few'),
])
def test_invalid_numbers_are_refused(capsys, arguments):
    with pytest.raises(SystemExit) as ended:
        pick_threshold.main(['imu_sim', 'bag', *arguments])
    assert ended.value.code == 2
    assert arguments[0] in capsys.readouterr().err


@pytest.mark.skipif(
    not UTD_MHAD.is_dir(), reason='needs UTD-MHAD beside the clone, in ../shared/data/utd_mhad'
)
@pytest.mark.parametrize(('name', 'kind', 'suffix'), [
    ('imu_utd_mhad', 'Inertial', 'inertial'), ('depth_utd_mhad', 'Depth', 'depth'),
])
def test_real_clips_are_evaluated(capsys, tmp_path, name, kind, suffix):
    for folder, ending in (('Inertial', 'inertial'), ('Depth', 'depth')):
        (tmp_path / 'source' / folder).mkdir(parents=True)
        for clip in ('a3_s2_t1', 'a19_s2_t2', 'a27_s2_t3', 'a22_s2_t1'):
            file = f'{clip}_{ending}.mat'
            (tmp_path / 'source' / folder / file).symlink_to(UTD_MHAD / folder / file)
    assert import_utd_mhad.main([str(tmp_path / 'source'), str(tmp_path / 'bags')]) == 0
    capsys.readouterr()
    (bag,) = (tmp_path / 'bags').iterdir()
    status, out, _ = run_program(
        capsys, name, bag, '--thresholds', 0.3, '--smoothing', 0.3
    )
    assert status == 0
    assert f'{name} was trained on 2 of the subjects here' in out
    assert 'Most clips begin after a gap' in out
    bundle = Bundle.load(name)
    option = evaluated(bundle, bag, 0.3)
    assert option.missed == 0.0
    assert option.wrong < 0.2
    window = bundle.manifest.window.duration
    assert window - 0.1 < option.delay < window + 1.0
