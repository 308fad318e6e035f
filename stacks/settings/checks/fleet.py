"""Between regions: roles, addresses that must not overlap, models that a standby must hold, the budget."""

from collections.abc import Iterator, Mapping
from ipaddress import IPv4Network
from itertools import combinations

from components.cost.plan import usd_per_month
from components.network import catalog as geography

from ... import capacity
from ..describe import closest
from ..schema import Head, Region
from ..words import Role
from .breach import Breach


def check(head: Head, regions: Mapping[str, Region]) -> Iterator[Breach]:
    """What is wrong between the regions of an environment."""
    for name in head.regions:
        if name not in geography.ZONES:
            meant = closest(name, tuple(geography.ZONES))
            known = ", ".join(geography.ZONES)
            remedy = f"Did you mean {meant}?" if meant else f"Known: {known}"
            rule = "no such region in the catalogue"
            yield Breach("", ("regions", name), None, rule, "its zones and prices are not known", remedy)
    if not any(region.role is Role.ACTIVE for region in head.regions.values()):
        yield Breach("", ("regions",), None, "one region must be active", "nothing would serve", "Set `role: active`")
    yield from _overlaps(regions)


def check_budget(head: Head, regions: Mapping[str, Region]) -> Iterator[Breach]:
    """Whether the floor of all regions fits into the budget; nodes without a known price are not in the sum."""
    floor = sum(
        usd_per_month(capacity.cost(region, name).floor) for region in regions.values() for name in region.pools
    )
    if floor > head.budget.monthly_usd:
        rule = f"the GPU nodes of the floor alone cost ${floor:,.0f} a month"
        reason = "the floor runs when nobody calls"
        remedy = "Raise the budget, or lower `replicas.min`, `replicas.standby` or the reservations"
        yield Breach("", ("budget", "monthly_usd"), head.budget.monthly_usd, rule, reason, remedy)


def _overlaps(regions: Mapping[str, Region]) -> Iterator[Breach]:
    blocks = [
        (region.name, key, IPv4Network(getattr(region.network, key)))
        for region in regions.values()
        for key in ("cidr", "pod_cidr")
    ]
    for (first, first_key, first_block), (second, second_key, second_block) in combinations(blocks, 2):
        if first_block.overlaps(second_block):
            rule = f"overlaps network.{first_key} = {first_block} of {first}"
            reason = "networks that overlap can never be peered, and a secondary block must differ from the first"
            yield Breach(second, ("network", second_key), str(second_block), rule, reason, "Choose another block")
