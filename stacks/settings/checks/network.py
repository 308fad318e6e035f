"""Addresses, zones, the cluster's version and the way in."""

from collections.abc import Iterator
from ipaddress import IPv4Network

from components.network import catalog as geography
from components.network import plan as addresses
from components.nodes.catalog import SYSTEM_TYPES
from components.storage.plan import LUSTRE_THROUGHPUTS
from components.versions import AMI_ALIAS, AMIS

from ... import capacity
from ..describe import closest
from ..schema import Region
from ..words import Access, LoadBalancer
from .breach import Breach

FEWEST_ZONES = 3


def check(region: Region) -> Iterator[Breach]:
    """What is wrong with a region's network, cluster and storage."""
    yield from _blocks(region)
    yield from _zones(region)
    yield from _adoption(region)
    yield from _cluster(region)
    if region.cluster.system_nodes.instance_type not in SYSTEM_TYPES:
        given = region.cluster.system_nodes.instance_type
        meant = closest(given, SYSTEM_TYPES)
        remedy = f"Did you mean {meant}?" if meant else f"Known: {_list(SYSTEM_TYPES)}"
        rule = "no such instance type for system nodes"
        reason = "they run an x86 image without a GPU driver"
        yield Breach(region.name, ("cluster", "system_nodes", "instance_type"), given, rule, reason, remedy)
    if region.storage.lustre_throughput not in LUSTRE_THROUGHPUTS:
        rule = f"must be one of {', '.join(map(str, LUSTRE_THROUGHPUTS))}"
        yield Breach(
            region.name,
            ("storage", "lustre_throughput"),
            region.storage.lustre_throughput,
            rule,
            "FSx sells PERSISTENT_2 on SSD in these steps, MB/s per TiB",
            "250 suits most fleets",
        )


def _blocks(region: Region) -> Iterator[Breach]:
    for key, narrowest in (("cidr", addresses.NARROWEST_VPC_PREFIX), ("pod_cidr", addresses.NARROWEST_POD_PREFIX)):
        block = IPv4Network(getattr(region.network, key))
        if not addresses.WIDEST_PREFIX <= block.prefixlen <= narrowest:
            rule = f"must be between /{addresses.WIDEST_PREFIX} and /{narrowest}"
            reason = "AWS allows no wider block, and a narrower one runs out of addresses"
            yield Breach(
                region.name, ("network", key), str(block), rule, reason, f"For example /{addresses.WIDEST_PREFIX}"
            )
        if not addresses.is_ours(str(block)):
            rule = f"must lie in one of {_list(addresses.RANGES)}"
            reason = "any other block belongs to somebody, or to the machine itself"
            yield Breach(region.name, ("network", key), str(block), rule, reason, "For example 10.16.0.0/16")
    network = region.network
    if network.adopt is None:
        yield from _address_share(region)
        if not addresses.may_be_secondary(network.cidr, network.pod_cidr):
            rule = f"must lie in {addresses.SHARED}, or in the same range as network.cidr = {network.cidr}"
            reason = "AWS refuses a secondary block of another range"
            yield Breach(
                region.name, ("network", "pod_cidr"), network.pod_cidr, rule, reason, "For example 100.64.0.0/16"
            )


def _address_share(region: Region) -> Iterator[Breach]:
    zones = len(geography.chosen_zones(region.name, region.network.zones)) or FEWEST_ZONES
    offered = addresses.pod_addresses(region.network.pod_cidr, zones)
    nodes = capacity.most_nodes(region)
    taken = addresses.addresses_taken(nodes)
    if taken > offered * addresses.ADDRESS_SHARE_LIMIT:
        rule = (
            f"{nodes} nodes at the ceiling take {taken} of {offered} pod addresses, "
            f"more than {addresses.ADDRESS_SHARE_LIMIT:.0%}"
        )
        reason = "prefixes fragment, and a rollout needs room for both versions"
        remedy = "Widen `network.pod_cidr`, name more zones, or lower `max_gpus`"
        yield Breach(region.name, ("network", "pod_cidr"), region.network.pod_cidr, rule, reason, remedy)


def _zones(region: Region) -> Iterator[Breach]:
    known = geography.zones(region.name)
    if not known:
        return
    named = region.network.zones
    if named and len(named) < FEWEST_ZONES:
        reason = "two zones leave no choice when GPUs run out in one"
        yield Breach(
            region.name, ("network", "zones"), list(named), "three zones or more", reason, f"Known: {_list(known)}"
        )
    for index, zone in enumerate(named):
        if zone not in known:
            yield _no_zone(region, ("network", "zones", index), zone, known)
    offered = geography.chosen_zones(region.name, named)
    for name, pool in region.pools.items():
        for index, zone in enumerate(pool.zones):
            if zone not in offered:
                yield _no_zone(region, ("pools", name, "zones", index), zone, offered)


def _no_zone(region: Region, path: tuple[str | int, ...], zone: str, known: tuple[str, ...]) -> Breach:
    meant = closest(zone, known)
    remedy = f"Did you mean {meant}? Known: {_list(known)}" if meant else f"Known: {_list(known)}"
    rule = f"no such zone in the network of {region.name}"
    return Breach(region.name, path, zone, rule, "nodes can only start where there are subnets", remedy)


def _adoption(region: Region) -> Iterator[Breach]:
    adopt = region.network.adopt
    if adopt is None:
        return
    at = ("network", "adopt")
    zones = set(geography.chosen_zones(region.name, region.network.zones))
    for key in ("private_subnets", "pod_subnets"):
        missing = sorted(zones - set(getattr(adopt, key)))
        if missing:
            rule = f"names no subnet in {_list(missing)}"
            yield Breach(
                region.name, (*at, key), None, rule, "every zone of the network needs one", "Add the subnet ids"
            )
    if region.network.load_balancer is LoadBalancer.INTERNET_FACING and not zones <= set(adopt.public_subnets):
        rule = "an internet-facing load balancer needs a public subnet in every zone"
        remedy = "Add them, or use `load_balancer: internal`"
        yield Breach(region.name, (*at, "public_subnets"), None, rule, "it is placed into public subnets", remedy)


def _cluster(region: Region) -> Iterator[Breach]:
    version = region.cluster.kubernetes
    ami = AMIS.get((version, AMI_ALIAS))
    if ami is None:
        known = sorted(pair[0] for pair in AMIS)
        rule = f"no tested AMI for Kubernetes {version}; tested are {_list(known)}"
        reason = "an untested pair of Kubernetes and driver fails on the first GPU node"
        yield Breach(region.name, ("cluster", "kubernetes"), version, rule, reason, "Choose a tested version")
    elif not ami.lustre and any(len(pool.zones) == 1 for pool in region.pools.values()):
        rule = f"its nodes run kernel {ami.kernel}, for which there is no Lustre client"
        reason = "a pool in one zone caches its weights in FSx for Lustre"
        remedy = "Use 1.35, or give every pool several zones"
        yield Breach(region.name, ("cluster", "kubernetes"), version, rule, reason, remedy)
    public = region.access is Access.ALLOW_LIST
    if public and not region.cluster.allow_list:
        remedy = "Name the networks, or use `access: runner`"
        rule = "must name the networks that may reach a public endpoint"
        yield Breach(region.name, ("cluster", "allow_list"), None, rule, "`access: allow_list` opens it", remedy)
    if not public and region.cluster.allow_list:
        rule = f"has no meaning with `access: {region.access}`"
        remedy = "Remove it, or use `access: allow_list`"
        yield Breach(region.name, ("cluster", "allow_list"), None, rule, "the endpoint is private", remedy)
    if region.access is not Access.RUNNER and not region.cluster.admin_role_arns:
        rule = f"must name a role with `access: {region.access}`"
        reason = "people would reach the endpoint, and nobody could speak to it"
        remedy = "Name the IAM roles of those who administer it, or use `access: runner`"
        yield Breach(region.name, ("cluster", "admin_role_arns"), None, rule, reason, remedy)
    for index, block in enumerate(region.cluster.allow_list):
        if IPv4Network(block).prefixlen == 0:
            path = ("cluster", "allow_list", index)
            yield Breach(
                region.name, path, block, "must not be the whole internet", "it allows everyone", "Name networks"
            )


def _list(words: object) -> str:
    return ", ".join(str(word) for word in words) if isinstance(words, list | tuple) else str(words)
