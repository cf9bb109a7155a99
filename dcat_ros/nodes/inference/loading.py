# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""From a plan to loaded sources."""

import time

from dcat_ros.bundles import Bundle
from dcat_ros.inference import Source
from dcat_ros.modalities.audio import Audio
from dcat_ros.nodes.inference.parameters import Plan


def load_sources(plan: Plan, held: dict[str, Source], renew: set[str]) -> dict[str, Source]:
    """Return the plan's sources by modality, best first, keeping those held.

    :param held: sources that are loaded already.
    :param renew: modalities whose bundle is to be loaded again, and checked even if the plan does
        not use it.
    :raises ValueError: if a bundle cannot be used.
    """
    loaded = {
        name: held[name] if name in held and name not in renew else _load(plan, name)
        for name in {*plan.modalities, *(renew & set(plan.bundles))}
    }
    order = list(plan.modalities)
    if plan.by_score:
        order.sort(key=lambda name: loaded[name].bundle.manifest.merit, reverse=True)
    return {name: loaded[name] for name in order}


def _load(plan: Plan, name: str) -> Source:
    bundle = Bundle.load(plan.bundles[name])
    if bundle.manifest.modality != name:
        raise ValueError(
            f'{name}.bundle "{plan.bundles[name]}" is for {bundle.manifest.modality}: set '
            f'{bundle.manifest.modality}.bundle to it, or choose another for {name}'
        )
    modality = bundle.modality
    decoder = modality.decoder(plan.audio) if isinstance(modality, Audio) else None
    return Source(bundle, plan.settings, time.monotonic, decoder)
