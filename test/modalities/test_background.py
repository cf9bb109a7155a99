# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""A depth camera in a room: only the person is left, whatever happens in the room."""

from dcat_ros.bags import messages
from dcat_ros.commands.import_utd_mhad import load_depth
from dcat_ros.modalities import create
from dcat_ros.modalities.images.background import ABSORBED, Background, LEARNING
import numpy as np
import pytest
from repository import SHARED

START, PERIOD = 10**18, 10**9 // 15
SHAPE = (120, 160)
BODY = np.s_[30:110, 60:90]
CHAIR = np.s_[60:110, 120:150]


class Room:
    """A wall 4 m away, with noise and missing readings as a Kinect has them."""

    def __init__(self, seed=0):
        self.random = np.random.default_rng(seed)
        self.walls = np.linspace(3.8, 4.2, SHAPE[1]) * np.ones(SHAPE)
        self.holes = self.random.random(SHAPE) < 0.02
        self.background, self.now = Background(), START

    def seen(self, *things):
        """Return what is left of the next image, with things at (place, distance) in it."""
        self.now += PERIOD
        image = self.walls.copy()
        for place, distance in things:
            image[place] = distance
        image += self.random.normal(0, 0.002, SHAPE) * image**2
        image[self.holes | (self.random.random(SHAPE) < 0.01)] = 0
        return self.background.person(image.astype(np.float32), self.now)

    def after(self, seconds, *things):
        """Return the last of the images of some seconds."""
        return [self.seen(*things) for _ in range(round(seconds * 15))][-1]


def covered(seen, place):
    """Return the share of a place that is left, and that of all else."""
    rest = np.ones(SHAPE, bool)
    rest[place] = False
    return np.mean(seen[place] > 0), np.mean(seen[rest] > 0)


@pytest.fixture
def room():
    found = Room()
    found.after(LEARNING + 1)
    return found


def test_an_empty_room_is_empty(room):
    assert not room.after(1).any()


def test_a_person_who_comes_in_is_left_and_nothing_else(room):
    seen = room.seen((BODY, 2.5))
    inside, outside = covered(seen, BODY)
    assert inside > 0.95 and outside < 0.005
    assert np.median(seen[BODY]) == pytest.approx(2.5, abs=0.02)


def test_a_person_who_only_moves_an_arm_now_and_then_is_left(room):
    for _ in range(4):
        room.after(0.3 * ABSORBED, (BODY, 2.5))
        room.after(1, (BODY, 2.5), (np.s_[35:55, 60:90], 2.1))
    assert covered(room.seen((BODY, 2.5)), BODY)[0] > 0.95


def test_a_person_who_was_there_from_the_beginning_appears_with_the_first_steps():
    room = Room()
    assert not room.after(LEARNING + 1, (BODY, 2.5)).any()
    beside = np.s_[30:110, 95:125]
    inside, outside = covered(room.after(2, (beside, 2.5)), beside)
    assert inside > 0.95 and outside < 0.01
    assert covered(room.after(1, (BODY, 2.5)), BODY)[0] > 0.95, 'and back'


def test_a_chair_that_is_put_down_becomes_a_part_of_the_room(room):
    assert room.seen((CHAIR, 3.0))[CHAIR].any()
    assert not room.after(ABSORBED + 5, (CHAIR, 3.0)).any()
    inside, outside = covered(room.seen((CHAIR, 3.0), (BODY, 2.5)), BODY)
    assert inside > 0.95 and outside < 0.005
    assert not room.after(3).any(), 'the chair is taken away'


def test_something_farther_away_is_no_part_of_the_person(room):
    inside, outside = covered(room.seen((BODY, 2.2), (CHAIR, 3.3)), BODY)
    assert inside > 0.95 and outside < 0.005


def test_a_camera_that_was_moved_learns_the_new_room(room):
    room.walls = room.walls - 1.0
    assert room.seen().any()
    room.after(2 + LEARNING)
    assert not room.after(1).any()
    assert covered(room.seen((BODY, 2.0)), BODY)[0] > 0.95


def test_an_image_without_background_passes_unchanged():
    image = np.zeros(SHAPE, np.float32)
    image[BODY] = 2.5
    background = Background()
    for index in range(100):
        assert background.person(image, START + index * PERIOD) is image


@pytest.mark.skipif(not (SHARED / 'data').is_dir(), reason='needs recordings in ../shared/data')
def test_a_recorded_person_in_a_room_is_the_person_without_one():
    clip = next((SHARED / 'data' / 'utd_mhad' / 'Depth').glob('a1_s2_t1_*.mat'))
    frames = load_depth(clip)
    random = np.random.default_rng(0)
    wall = np.full(frames.shape[1:], 4000.0)

    def samples(rooms):
        decoder, stamp = create('camera', {'kind': 'depth'}).decoder(), START
        found = []
        for image in rooms:
            stamp += PERIOD
            pixels = np.asarray(image, '<u2')
            message = messages.image(stamp, 'camera', '16UC1', pixels)
            found.append(decoder.decode(message).values[0] > 0)
        return np.array(found[-len(frames):])

    noise = [wall + random.normal(0, 20, wall.shape) for _ in range(40 + len(frames))]
    pairs = zip(frames, noise[40:], strict=True)
    rooms = [*noise[:40], *(np.where(frame > 0, frame, behind) for frame, behind in pairs)]
    alone, in_room = samples(frames), samples(rooms)
    assert (alone & in_room).sum() / (alone | in_room).sum() > 0.95
