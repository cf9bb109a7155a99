# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""The inference node's statuses on /diagnostics."""

from collections.abc import Collection
from statistics import median_high

from dcat_ros.inference import Engine, Source
from dcat_ros.nodes.common.messages import diagnostic_status
from dcat_ros.nodes.common.middleware import PROFILES
from dcat_ros.nodes.inference.subscriptions import SensorSubscription
from diagnostic_msgs.msg import DiagnosticStatus


def simulated_warning(source: Source) -> str:
    """Return the warning that a source's bundle was trained on simulated persons only."""
    return (
        f'{source.name} bundle {source.bundle.manifest.name} was made of simulated persons and '
        f'knows no real ones: set {source.name}.bundle to one trained on recordings'
    )


def activity_status(
    name: str, engine: Engine, latencies: Collection[float], problem: str, notice: str
) -> DiagnosticStatus:
    """Return the status of the answers: the active sensor, the latency, or why there are none.

    :param latencies: s from a window's last stamp to its publication, of the newest answers.
    :param problem: an error of the node itself, if any.
    :param notice: anything else that the operator should know.
    """
    active = engine.active_source
    if active and active.bundle.manifest.simulated:
        notice = notice or simulated_warning(active)
    level = DiagnosticStatus.OK if active and not notice else DiagnosticStatus.WARN
    if problem:
        level = DiagnosticStatus.ERROR
    names = ' and '.join(engine.voters) if engine.votes and engine.voters else ''
    state = f'recognising from {names or active.name}' if active else engine.reason
    message = problem or notice or state or 'waiting for the first window'
    seconds = list(latencies) or [0.0]
    return diagnostic_status(f'{name}: activity', level, message, {
        'sensor': active.name if active else '',
        'modality': active.sensor.modality if active else '',
        'bundle': active.bundle.manifest.name if active else '',
        **({'voters': ', '.join(engine.voters)} if active and engine.votes else {}),
        'latency_median_ms': f'{1000 * median_high(seconds):.1f}',
        'latency_worst_ms': f'{1000 * max(seconds):.1f}',
        'swaps': str(engine.swaps),
    })


def sensor_status(
    name: str, subscription: SensorSubscription, engine: Engine, now: float
) -> DiagnosticStatus:
    """Return the status of one sensor: its rate, the age of its stamps, and its drops by cause.

    :param now: s on the engine's steady clock.
    """
    source = subscription.source
    level, message = _level_and_message(subscription, engine, now)
    return diagnostic_status(f'{name}: {source.name}', level, message, {
        'rate_hz': f'{source.stream.rate:.1f}',
        'stamp_age_ms': f'{1000.0 * source.stamp_age:.1f}',
        **{f'dropped: {cause}': str(count) for cause, count in sorted(source.drops.items())},
        **({'others_in_view': str(others)} if (others := _others(source)) is not None else {}),
        'qos': subscription.mismatch or 'compatible',
        'last_error': source.last_error,
    })


def unused_status(name: str, sensor: str, reason: str) -> DiagnosticStatus:
    """Return the status of a sensor that is not used, for lack of a bundle or its weights."""
    message = f'not used, since {reason}'
    return diagnostic_status(f'{name}: {sensor}', DiagnosticStatus.OK, message, {})


def _others(source: Source) -> int | None:
    """Return how many further people a camera sees, None if nobody counts them."""
    return getattr(source.stream.decoder, 'others', None)


def _level_and_message(
    subscription: SensorSubscription, engine: Engine, now: float
) -> tuple[bytes, str]:
    source, active = subscription.source, engine.active_source
    if source not in engine.needed:
        return DiagnosticStatus.OK, f'standby behind {active.name}' if active else 'standby'
    if subscription.problem:
        return DiagnosticStatus.WARN, subscription.why_no_samples
    if subscription.mismatch:
        return DiagnosticStatus.ERROR, subscription.mismatch
    wrong = source.stream.check.problem or source.mounting.problem
    if source.alive(now) and wrong:
        return DiagnosticStatus.ERROR, source.sensor.own(wrong)
    if source.alive(now):
        rate, expected = source.stream.rate, source.bundle.manifest.window.rate
        if source.sensor.modality != 'audio' and 0 < rate < 0.5 * expected:
            return DiagnosticStatus.WARN, (
                f"{rate:.1f} Hz, the bundle was made for {expected:g} Hz: raise the driver's rate"
            )
        others = _others(source)
        people = f', others in view: {others}' if others else ''
        return DiagnosticStatus.OK, f'receiving at {rate:.1f} Hz{people}'
    if source.problem:
        return DiagnosticStatus.ERROR, source.problem
    return DiagnosticStatus.WARN, (
        'publishers, but no message: is the driver running? Large best-effort images need '
        f'{PROFILES} set to share/dcat_ros/config/fastdds.xml on both sides'
    )
