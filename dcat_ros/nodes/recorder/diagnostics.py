# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""What the recorder says of itself on /diagnostics."""

from __future__ import annotations

import time

from dcat_ros.nodes.common.messages import diagnostic_status
from dcat_ros.nodes.common.middleware import PROFILES
from dcat_ros.nodes.recorder.pairing import Pairing
from dcat_ros.nodes.recorder.parameters import MEGABYTE
from dcat_ros.nodes.recorder.recorded_topic import Feed
from dcat_ros.nodes.recorder.sessions import Sessions
from diagnostic_msgs.msg import DiagnosticStatus

FEW_MINUTES = 10.0
MOST_STAMP_AGE = 1.0
SEVERAL = 20  # messages after which a pair should have been found


def idle_status(name: str, message: str) -> DiagnosticStatus:
    """Return the state of a node that is not active, or could not be."""
    return diagnostic_status(f'{name}: session', DiagnosticStatus.WARN, message, {})


def session_status(name: str, sessions: Sessions, label: str, problem: str) -> DiagnosticStatus:
    """Return the state of the session: how long, how large, how much longer.

    :param label: the running one.
    :param problem: an error of the node's own, if any.
    """
    session = sessions.current
    minutes = sessions.minutes_left
    level, message = DiagnosticStatus.OK, 'ready: call ~/start'
    values = {
        'label': label,
        'minutes_left': '' if minutes is None else f'{minutes:.0f}',
    }
    if session is not None:
        elapsed = time.monotonic() - sessions.began
        message = f'recording {session.plan.directory.name} for {elapsed:.0f} s'
        values |= {
            'bag': str(session.plan.directory),
            'size_mb': f'{session.size / MEGABYTE:.1f}',
            'waiting_mb': f'{session.waiting / MEGABYTE:.1f}',
            'waits_for_disk': str(session.waited),
            'dropped': str(session.dropped),
        }
        if session.dropped:
            level = DiagnosticStatus.WARN
            message += f'; {session.dropped} messages dropped: the disk cannot follow'
        elif session.waited:
            level = DiagnosticStatus.WARN
            message += f'; reception waited {session.waited} times for the disk'
    if minutes is not None and minutes < FEW_MINUTES:
        level = DiagnosticStatus.WARN
        message += f'; the disk is full in {minutes:.0f} minutes'
    if problem or sessions.problem:
        level, message = DiagnosticStatus.ERROR, problem or sessions.problem
    return diagnostic_status(f'{name}: session', level, message, values)


def feed_status(name: str, feed: Feed, silent_after: float) -> DiagnosticStatus:
    """Return the state of one topic: its rate, its stamps, and why nothing comes."""
    level, message = _judge(feed, silent_after)
    stamps = feed.stamps
    return diagnostic_status(f'{name}: {feed.sensor or feed.name}', level, message, {
        'topic': feed.name,
        'rate_hz': f'{feed.beat.rate:.1f}',
        'mb_per_s': f'{feed.beat.bandwidth / MEGABYTE:.2f}',
        'received': str(feed.beat.count),
        'stamped_by': 'header' if feed.has_header else 'arrival',
        'stamp_age_ms': f'{1000.0 * stamps.age:.1f}',
        'out_of_order': str(stamps.out_of_order),
        'clock_jumps': str(stamps.jumps),
        'malformed': str(stamps.malformed),
        'qos': feed.mismatch or 'compatible',
    })


def pairing_status(name: str, pairing: Pairing) -> DiagnosticStatus:
    """Return how well two sensors pair."""
    level, message = DiagnosticStatus.OK, f'{pairing.matches} pairs'
    if not pairing.matches and min(pairing.unmatched.values()) > SEVERAL:
        level, message = DiagnosticStatus.WARN, (
            f'no pairs: the stamps of both differ by more than {pairing.slop:g} s (slop), or one '
            'comes half a second after the other: compare their stamp_age_ms'
        )
    if pairing.error:
        level, message = DiagnosticStatus.WARN, f'pairing began anew after {pairing.error}'
    first, second = pairing.topics
    worst = pairing.worst
    return diagnostic_status(f'{name}: {first} + {second}', level, message, {
        'matches': str(pairing.matches),
        **{f'unmatched: {topic}': str(count) for topic, count in pairing.unmatched.items()},
        'offset_worst_ms': '' if worst is None else f'{1000.0 * worst:.1f}',
        'restarts': str(pairing.restarts),
    })


def silence(feed: Feed, silent_after: float) -> float:
    """Return the seconds for which a topic that ought to speak has been silent, else 0.0."""
    silent = feed.beat.silence(time.monotonic())
    expected = feed.sensor or feed.beat.regular
    return silent if expected and silent > silent_after else 0.0


def _judge(feed: Feed, silent_after: float) -> tuple[bytes, str]:
    error, warning = DiagnosticStatus.ERROR, DiagnosticStatus.WARN
    if feed.mismatch:
        return error, feed.mismatch
    silent = silence(feed, silent_after)
    if silent:
        why = feed.problem or 'its publisher is there, but sends nothing: check the driver'
        return error, f'silent for {silent:.1f} s: {why}'
    if feed.problem:
        waiting = feed.problem.startswith('0 publishers')
        return (warning, f'waiting: {feed.problem}') if waiting else (error, feed.problem)
    if not feed.beat.count and not feed.sensor:
        return DiagnosticStatus.OK, 'nothing sent yet'
    if not feed.beat.count:
        return warning, (
            'publishers, but no message yet: is the driver running? Large best-effort images need '
            f'{PROFILES} set to share/dcat_ros/config/fastdds.xml on both sides'
        )
    stamps = feed.stamps
    if stamps.unset:
        return error, f'{stamps.unset} messages without a stamp: let the driver stamp them'
    if abs(stamps.age) > MOST_STAMP_AGE:
        where = 'behind' if stamps.age > 0 else 'ahead of'
        return error, (
            f"stamps are {abs(stamps.age):.1f} s {where} this node's clock: synchronise the "
            'clocks (chrony), or set use_sim_time when a bag is played with --clock'
        )
    if stamps.jumps:
        return warning, f'stamps jumped back {stamps.jumps} times: is a bag looping?'
    if stamps.malformed:
        return error, f'{stamps.malformed} messages are malformed: check the driver'
    return DiagnosticStatus.OK, f'receiving at {feed.beat.rate:.1f} Hz'
