"""Names: what is named twice, and what differs here and is one object in Kubernetes, where dots become dashes."""

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import combinations

from components import naming

from ..document import Keys
from ..schema import Region
from .breach import Breach


def check(region: Region) -> Iterator[Breach]:
    """Lists that name a thing twice, and pools or models that would become the same object."""
    for path, named in _lists(region):
        doubles = [name for name, count in Counter(named).items() if count > 1]
        if doubles:
            rule = f"names {', '.join(doubles)} more than once"
            yield Breach(region.name, path, None, rule, "each becomes one thing", "Remove the double")
    for kind, named in (("pools", region.pools), ("models", region.models)):
        for first, second in combinations(named, 2):
            if naming.kubernetes(first) == naming.kubernetes(second):
                rule = f"is called {naming.kubernetes(second)} in Kubernetes, and so is {first}"
                reason = "one would replace the other"
                yield Breach(region.name, (kind, second), None, rule, reason, "Choose another name")


def _lists(region: Region) -> Iterator[tuple[Keys, Sequence[str]]]:
    yield ("cluster", "admin_role_arns"), region.cluster.admin_role_arns
    yield ("cluster", "allow_list"), region.cluster.allow_list
    yield ("network", "zones"), region.network.zones
    for name, pool in region.pools.items():
        yield ("pools", name, "instance_types"), pool.instance_types
        yield ("pools", name, "purchase"), [way.value for way in pool.purchase]
        yield ("pools", name, "reservations"), [entry.id for entry in pool.reservations]
        yield ("pools", name, "zones"), pool.zones
