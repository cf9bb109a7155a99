# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""The recorder's statuses on /diagnostics."""

from __future__ import annotations

import time

from dcat_ros.nodes.common.messages import diagnostic_status
from dcat_ros.nodes.common.middleware import PROFILES
from dcat_ros.nodes.recorder.parameters import MEGABYTE
from dcat_ros.nodes.recorder.recorded_topic import RecordedTopic
from dcat_ros.nodes.recorder.session_manager import SessionManager
from dcat_ros.nodes.recorder.stamp_monitor import Pairing
from diagnostic_msgs.msg import DiagnosticStatus

FEW_MINUTES = 10.0
MOST_STAMP_AGE = 1.0
SEVERAL = 20  # messages after which there should be a pair


def idle_status(name: str, message: str) -> DiagnosticStatus:
    """Return the state of a node that is not active, or could not be."""
    return diagnostic_status(f'{name}: session', DiagnosticStatus.WARN, message, {})


def session_status(
    name: str, sessions: SessionManager, label: str, problem: str
) -> DiagnosticStatus:
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
        elapsed = time.monotonic() - sessions.started
        message = f'recording {session.directory.name} for {elapsed:.0f} s'
        values |= {
            'bag': str(session.directory),
            'size_mb': f'{session.size / MEGABYTE:.1f}',
            'waiting_mb': f'{session.queued / MEGABYTE:.1f}',
            'waits_for_disk': str(session.waits),
            'dropped': str(session.dropped),
        }
        if session.dropped:
            level = DiagnosticStatus.WARN
            message += f'; {session.dropped} messages dropped: the disk is too slow'
        elif session.waits:
            level = DiagnosticStatus.WARN
            message += f'; reception waited {session.waits} times for the disk'
    if minutes is not None and minutes < FEW_MINUTES:
        level = DiagnosticStatus.WARN
        message += f'; the disk is full in {minutes:.0f} minutes'
    if problem or sessions.problem:
        level, message = DiagnosticStatus.ERROR, problem or sessions.problem
    return diagnostic_status(f'{name}: session', level, message, values)


def topic_status(name: str, topic: RecordedTopic, silent_after: float) -> DiagnosticStatus:
    """Return the state of one topic: its rate, its stamps, and why nothing comes."""
    level, message = _judge(topic, silent_after)
    stamps = topic.stamps
    return diagnostic_status(f'{name}: {topic.sensor or topic.name}', level, message, {
        'topic': topic.name,
        'rate_hz': f'{topic.rates.rate:.1f}',
        'mb_per_s': f'{topic.rates.bandwidth / MEGABYTE:.2f}',
        'received': str(topic.rates.count),
        'stamped_by': 'header' if topic.has_header else 'arrival',
        'stamp_age_ms': f'{1000.0 * stamps.age:.1f}',
        'out_of_order': str(stamps.out_of_order),
        'clock_jumps': str(stamps.jumps),
        'malformed': str(stamps.malformed),
        'qos': topic.mismatch or 'compatible',
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


def silence(topic: RecordedTopic, silent_after: float) -> float:
    """Return the seconds for which a topic with expected messages has been silent, else 0.0."""
    silent = topic.rates.silence(time.monotonic())
    expected = topic.sensor or topic.rates.regular
    return silent if expected and silent > silent_after else 0.0


def _judge(topic: RecordedTopic, silent_after: float) -> tuple[bytes, str]:
    error, warning = DiagnosticStatus.ERROR, DiagnosticStatus.WARN
    if topic.mismatch:
        return error, topic.mismatch
    silent = silence(topic, silent_after)
    if silent:
        why = topic.problem or 'its publisher is there, but sends nothing: check the driver'
        return error, f'silent for {silent:.1f} s: {why}'
    if topic.problem:
        waiting = topic.problem.startswith('0 publishers')
        return (warning, f'waiting: {topic.problem}') if waiting else (error, topic.problem)
    if not topic.rates.count and not topic.sensor:
        return DiagnosticStatus.OK, 'nothing sent yet'
    if not topic.rates.count:
        return warning, (
            'publishers, but no message yet: is the driver running? Large best-effort images need '
            f'{PROFILES} set to share/dcat_ros/config/fastdds.xml on both sides'
        )
    stamps = topic.stamps
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
    if topic.plausibility is not None and topic.plausibility.problem:
        return error, topic.plausibility.problem
    return DiagnosticStatus.OK, f'receiving at {topic.rates.rate:.1f} Hz'
