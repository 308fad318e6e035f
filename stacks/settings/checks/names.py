"""Names: two that differ here must differ in Kubernetes, where dots become dashes."""

from collections.abc import Iterator
from itertools import combinations

from components import naming

from ..schema import Region
from .breach import Breach


def check(region: Region) -> Iterator[Breach]:
    """Pools, and models, that would become the same object."""
    for kind, named in (("pools", region.pools), ("models", region.models)):
        for first, second in combinations(named, 2):
            if naming.kubernetes(first) == naming.kubernetes(second):
                rule = f"is called {naming.kubernetes(second)} in Kubernetes, and so is {first}"
                reason = "one would replace the other"
                yield Breach(region.name, (kind, second), None, rule, reason, "Choose another name")
