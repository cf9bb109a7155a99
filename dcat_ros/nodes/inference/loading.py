# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Loads the bundles that the settings name, as sources."""

from collections.abc import Mapping, Set
import time
from typing import NamedTuple

from dcat_ros.bundles import Bundle, BundleError
from dcat_ros.inference import Source
from dcat_ros.modalities.images.pose_weights import WeightsError
from dcat_ros.nodes.inference.parameters import Settings


class Loaded(NamedTuple):
    """Sources by sensor, best first, and why others are left out."""

    sources: dict[str, Source]
    left_out: dict[str, str]


def load_sources(
    settings: Settings, loaded: Mapping[str, Source], reload: Set[str]
) -> Loaded:
    """Return the sources that the settings ask for.

    Where the node chooses among sensors, one that lacks the weights of pose is left out.

    :param loaded: sources that are loaded already, and are used again.
    :param reload: sensors whose bundle is loaded again, and checked even if it is not used.
    :raises ValueError: if a bundle cannot be used.
    """
    sources, left_out = {}, {}
    for name in {*settings.used, *(reload & settings.bundles.keys())}:
        kept = loaded.get(name) if name not in reload else None
        try:
            sources[name] = kept or _load(settings, name)
        except WeightsError as error:
            if name in reload or settings.used == (name,):
                raise
            left_out[name] = str(error)
    order = [name for name in settings.used if name in sources]
    if settings.by_score:
        order.sort(key=lambda name: sources[name].bundle.manifest.ranking, reverse=True)
    if not order:
        raise ValueError('; '.join(left_out.values()))
    return Loaded({name: sources[name] for name in order}, left_out)


def _load(settings: Settings, name: str) -> Source:
    sensor = settings.sensors[name]
    bundle = Bundle.load(settings.bundles[name])
    try:
        bundle.serve(sensor.modality)
    except BundleError as error:
        raise ValueError(
            f'{name}.bundle "{settings.bundles[name]}" is for {bundle.manifest.modality}: set '
            f'{bundle.manifest.modality}.bundle to it, or choose another for {name}'
        ) from error
    given = settings.formats.get(name)
    decoder = bundle.modality.decoder(given) if given else None
    return Source(bundle, settings.source, time.monotonic, decoder, sensor)
