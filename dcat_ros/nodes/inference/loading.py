# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""Loads the bundles that the settings name, as sources."""

from collections.abc import Mapping, Set
import time

from dcat_ros.bundles import Bundle, BundleError
from dcat_ros.inference import Source
from dcat_ros.nodes.inference.parameters import Settings


def load_sources(
    settings: Settings, loaded: Mapping[str, Source], reload: Set[str]
) -> dict[str, Source]:
    """Return the sources that the settings ask for by modality, best first.

    :param loaded: sources that are loaded already, and are used again.
    :param reload: modalities whose bundle is loaded again, and checked even if it is not used.
    :raises ValueError: if a bundle cannot be used.
    """
    sources = {
        name: loaded[name] if name in loaded and name not in reload else _load(settings, name)
        for name in {*settings.modalities, *(reload & settings.bundles.keys())}
    }
    order = list(settings.modalities)
    if settings.by_score:
        order.sort(key=lambda name: sources[name].bundle.manifest.ranking, reverse=True)
    return {name: sources[name] for name in order}


def _load(settings: Settings, name: str) -> Source:
    bundle = Bundle.load(settings.bundles[name])
    try:
        bundle.serve(name)
    except BundleError as error:
        raise ValueError(
            f'{name}.bundle "{settings.bundles[name]}" is for {bundle.manifest.modality}: set '
            f'{bundle.manifest.modality}.bundle to it, or choose another for {name}'
        ) from error
    given = settings.formats.get(name)
    decoder = bundle.modality.decoder(given) if given else None
    return Source(bundle, settings.source, time.monotonic, decoder)
