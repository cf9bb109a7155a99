# Copyright 2026 dcat_ros maintainers
# SPDX-License-Identifier: Apache-2.0

"""What a study's numbers were made of."""

from __future__ import annotations

from dcat_ros.evaluation.results import Results
from dcat_ros.training import provenance


def origin(results: Results) -> list[str]:
    """Return bags, recipes and versions in sentences."""
    bags, source_bags = results.inputs.sums
    recipes = ', '.join(results.inputs.recipes)
    said = [
        _bags('Bags', bags), _bags('Bags of the source', source_bags) if source_bags else '',
        f'Recipes: {recipes}, in results.json with all settings.',
        f'Versions: {", ".join(f"{name} {number}" for name, number in versions().items())}.',
    ]
    return [sentence for sentence in said if sentence]


def versions() -> dict[str, str]:
    """Return the versions of the packages that results depend on."""
    return provenance.versions()


def _bags(title: str, sums: dict[str, str]) -> str:
    listed = ', '.join(f'{name} {digest[:12]}' for name, digest in sums.items())
    return f'{title}, with the first digits of their SHA-256: {listed}.'
