# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""What the inference node says of itself on /diagnostics."""

from collections import deque

from dcat_ros.inference import Engine, Source
from dcat_ros.nodes.common.messages import diagnostic_status
from dcat_ros.nodes.common.middleware import PROFILES
from dcat_ros.nodes.inference.subscriptions import Input
from diagnostic_msgs.msg import DiagnosticStatus


class Latency:
    """Seconds from a window's last stamp to its publication, over the newest answers."""

    def __init__(self) -> None:
        self._seconds: deque[float] = deque(maxlen=50)

    def add(self, seconds: float) -> None:
        """Take one answer's latency."""
        self._seconds.append(seconds)

    @property
    def worst_ms(self) -> float:
        """Return the largest latency in ms, 0 where there is none yet."""
        return 1000.0 * max(self._seconds, default=0.0)

    @property
    def median_ms(self) -> float:
        """Return the median latency in ms, 0 where there is none yet."""
        ordered = sorted(self._seconds)
        return 1000.0 * ordered[len(ordered) // 2] if ordered else 0.0


def made_of_simulations(source: Source) -> str:
    """Return the warning that a source has a bundle which never met a real person."""
    return (
        f'{source.name} bundle {source.bundle.manifest.name} was made of simulated persons and '
        f'knows no real ones: set {source.name}.bundle to one trained on recordings'
    )


def activity_status(
    name: str, engine: Engine, latency: Latency, problem: str, notice: str
) -> DiagnosticStatus:
    """Return the state of the answers: the active sensor, their latency, and why there are none.

    :param problem: an error of the node's own, if any.
    :param notice: what else the operator should know, if anything.
    """
    active = engine.active_source
    if active and active.bundle.manifest.simulated:
        notice = notice or made_of_simulations(active)
    message = f'recognising from {active.name}' if active else engine.reason
    level = DiagnosticStatus.OK if active and not notice else DiagnosticStatus.WARN
    if problem:
        level = DiagnosticStatus.ERROR
    message = problem or notice or message or 'waiting for the first window'
    return diagnostic_status(f'{name}: activity', level, message, {
        'modality': active.name if active else '',
        'bundle': active.bundle.manifest.name if active else '',
        'latency_median_ms': f'{latency.median_ms:.1f}',
        'latency_worst_ms': f'{latency.worst_ms:.1f}',
        'swaps': str(engine.swaps),
    })


def source_status(name: str, feed: Input, engine: Engine, now: float) -> DiagnosticStatus:
    """Return the state of one sensor: its rate, its stamps' age, and its drops by cause."""
    source = feed.source
    level, message = _judge(feed, engine, now)
    return diagnostic_status(f'{name}: {source.name}', level, message, {
        'rate_hz': f'{source.rate:.1f}',
        'stamp_age_ms': f'{1000.0 * source.stamp_age:.1f}',
        **{f'dropped: {cause}': str(count) for cause, count in sorted(source.drops.items())},
        'qos': feed.mismatch or 'compatible',
        'last_error': source.error,
    })


def _judge(feed: Input, engine: Engine, now: float) -> tuple[bytes, str]:
    source = feed.source
    if source not in engine.wanted:
        return DiagnosticStatus.OK, f'standby behind {engine.active_source.name}' if (
            engine.active_source
        ) else 'standby'
    if feed.problem:
        return DiagnosticStatus.WARN, feed.obstacle
    if feed.mismatch:
        return DiagnosticStatus.ERROR, feed.mismatch
    if source.alive(now):
        wanted, found = source.bundle.manifest.window.rate, source.rate
        if source.bundle.modality.name != 'audio' and 0 < found < 0.5 * wanted:
            return DiagnosticStatus.WARN, (
                f"{found:.1f} Hz, the bundle was made for {wanted:g} Hz: raise the driver's rate"
            )
        return DiagnosticStatus.OK, f'receiving at {found:.1f} Hz'
    if source.obstacle:
        return DiagnosticStatus.ERROR, source.obstacle
    return DiagnosticStatus.WARN, (
        'publishers, but no message: is the driver running? Large best-effort images need '
        f'{PROFILES} set to share/dcat_ros/config/fastdds.xml on both sides'
    )
