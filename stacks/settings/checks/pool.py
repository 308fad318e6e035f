"""Pools: types that exist and fit, reservations that can be used, a limit that holds."""

from collections.abc import Iterator

from components.network import catalog as geography
from components.nodes.catalog import catalog

from ... import capacity
from ..describe import closest
from ..schema import Pool, Region
from ..words import Purchase
from .breach import Breach


def check(region: Region) -> Iterator[Breach]:
    """What is wrong with each pool of a region."""
    for name, pool in region.pools.items():
        at = ("pools", name)
        yield from _types(region, at, pool)
        yield from _reservations(region, at, pool)
        if Purchase.RESERVED in pool.purchase and Purchase.SPOT in pool.purchase:
            said = [way.value for way in pool.purchase]
            rule = "reserved and spot do not go into one pool"
            reason = "work that justifies a reservation outlasts a spot warning, and one drain time holds for a pool"
            yield Breach(region.name, (*at, "purchase"), said, rule, reason, "Make two pools")


def _types(region: Region, at: tuple[str, str], pool: Pool) -> Iterator[Breach]:
    known = catalog().types
    of_class = [kind.name for kind in catalog().of(pool.gpu)]
    unknown = [name for name in pool.instance_types if name not in known]
    for index, name in enumerate(pool.instance_types):
        path = (*at, "instance_types", index)
        if name in unknown:
            meant = closest(name, of_class)
            remedy = f"Did you mean {meant}?" if meant else f"Known: {', '.join(of_class)}"
            yield Breach(region.name, path, name, "no such instance type", "its GPUs and price are not known", remedy)
        elif known[name].gpu != pool.gpu:
            rule = f"carries {known[name].gpu}, and the pool is of {pool.gpu}"
            yield Breach(region.name, path, name, rule, "a pool is one GPU class", f"Known: {', '.join(of_class)}")
    named = [known[name] for name in pool.instance_types if name in known] or list(catalog().of(pool.gpu))
    if not unknown and not capacity.instance_types(region, at[1]):
        wants = max((work.gpus for work in capacity.workloads(region, at[1])), default=0)
        rule = f"no type of the pool ({', '.join(kind.name for kind in named)}) holds a replica of each of its models"
        reason = f"one replica asks for {wants} GPUs with their CPU and memory on one node"
        remedy = "Name larger types, leave `instance_types` out, or lower the model's `gpus`"
        yield Breach(region.name, (*at, "instance_types"), None, rule, reason, remedy)


def _reservations(region: Region, at: tuple[str, str], pool: Pool) -> Iterator[Breach]:
    path = (*at, "reservations")
    wants = Purchase.RESERVED in pool.purchase
    if wants and not pool.reservations:
        rule = "`purchase` says reserved and no reservation is named"
        reason = "Karpenter uses only reservations that are selected; others would sit idle and be billed"
        remedy = f"Name them in {region.name}.yaml, or remove `reserved` for this region"
        yield Breach(region.name, (*at, "purchase"), [way.value for way in pool.purchase], rule, reason, remedy)
    if pool.reservations and not wants:
        rule = "reservations are named and `purchase` does not say reserved"
        yield Breach(
            region.name, path, None, rule, "they would be billed and never used", "Add `reserved` to `purchase`"
        )
    held = 0
    known = catalog().types
    usable = capacity.instance_types(region, at[1])
    for index, entry in enumerate(pool.reservations):
        kind = known.get(entry.instance_type)
        if kind is None or kind.gpu != pool.gpu:
            of_class = ", ".join(one.name for one in catalog().of(pool.gpu))
            rule = f"must be a type with {pool.gpu}: {of_class}"
            where = (*path, index, "instance_type")
            yield Breach(region.name, where, entry.instance_type, rule, "the pool is of that class", "Correct the type")
            continue
        held += kind.gpus * entry.count
        if usable and kind not in usable:
            able = ", ".join(one.name for one in usable)
            rule = f"no replica of each of the pool's models fits on it; only {able} can hold one"
            where = (*path, index, "instance_type")
            reason = "Karpenter would never launch it, and it is billed"
            yield Breach(region.name, where, entry.instance_type, rule, reason, "Move the reservation to another pool")
        zones = pool.zones or geography.chosen_zones(region.name, region.network.zones)
        if zones and entry.zone not in zones:
            rule = f"the pool is limited to {', '.join(zones)}"
            where = (*path, index, "zone")
            yield Breach(
                region.name, where, entry.zone, rule, "Karpenter launches only in the pool's zones", "Add the zone"
            )
    if held > pool.max_gpus:
        rule = f"the reservations hold {held} GPUs"
        reason = "Karpenter stops at the limit, and reserved GPUs above it are billed and never used"
        yield Breach(region.name, (*at, "max_gpus"), pool.max_gpus, rule, reason, f"Raise it to {held} or more")
