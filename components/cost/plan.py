"""Nodes and dollars: how many nodes a pool needs for its replicas, and what they cost.

Replicas are packed by GPU, CPU, memory and disk onto the type that costs least, as Karpenter does. A capacity
reservation is billed whether it is used or not, so it is part of every floor. A price that is not known stays None.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import inf

from components.nodes.catalog import InstanceType

HOURS_PER_MONTH = 730
"""AWS's own convention for monthly estimates: 365 x 24 / 12."""

DAEMONSET_CPU_MILLICORES = 400
DAEMONSET_MEMORY_MIB = 800
"""What DaemonSets ask of every GPU node: CNI, kube-proxy, Pod Identity agent, device plugin, node exporter, CSI."""


@dataclass(frozen=True, kw_only=True)
class Workload:
    """One model on a pool: what a replica asks for, and how many there are at the floor."""

    name: str
    gpus: int
    cpu_millicores: int
    memory_mib: int
    disk_mib: int
    """Instance store, for weights that are copied to the node."""
    floor: int


@dataclass(frozen=True, kw_only=True)
class Reserved:
    """Instances of one type that a capacity reservation holds."""

    instance_type: InstanceType
    count: int


@dataclass(frozen=True, kw_only=True)
class Nodes:
    """Some nodes of one type bought in one way."""

    instance_type: str
    gpus: int
    purchase: str
    count: int
    usd_per_hour: float | None
    """For all of them together; None where no price is known."""
    upper_bound: bool = False
    """True where the price is the on-demand price of nodes that are hoped to be spot."""


@dataclass(frozen=True, kw_only=True)
class PoolCost:
    """The nodes of a pool when nobody calls, and at its limit."""

    floor: tuple[Nodes, ...]
    ceiling: tuple[Nodes, ...]


def fitting(types: Iterable[InstanceType], workloads: Sequence[Workload]) -> tuple[InstanceType, ...]:
    """The types on which a replica of every workload fits beside the DaemonSets."""
    return tuple(kind for kind in types if all(_slots(kind, work) >= 1 for work in workloads))


def pool_cost(
    *,
    types: Sequence[InstanceType],
    workloads: Sequence[Workload],
    reserved: Sequence[Reserved],
    purchase: Sequence[str],
    max_gpus: int,
    region: str,
) -> PoolCost:
    """The nodes of one pool in one region. `types` are those that the pool may use, already `fitting`."""
    held = tuple(_bought(entry.instance_type, "reserved", entry.count, region) for entry in reserved)
    open_purchase = next((way for way in ("spot", "on-demand") if way in purchase), None)
    if open_purchase is None:
        return PoolCost(floor=held, ceiling=held)
    rest = _left_over(reserved, workloads)
    gpus = max_gpus - sum(entry.instance_type.gpus * entry.count for entry in reserved)
    within = [kind for kind in types if _packed(kind, rest) * kind.gpus <= gpus]
    floor = (*held, *_cheapest(within, rest, open_purchase, region))
    return PoolCost(floor=floor, ceiling=(*held, *_filled(within, gpus, open_purchase, region)))


def least_gpus(
    *,
    types: Sequence[InstanceType],
    workloads: Sequence[Workload],
    reserved: Sequence[Reserved],
    purchase: Sequence[str],
) -> int | None:
    """The fewest GPUs, in whole nodes with the reserved ones, that hold the workloads; None where none do.

    Karpenter launches no node that would go over a limit, so a limit below this leaves replicas pending.
    """
    held = sum(entry.instance_type.gpus * entry.count for entry in reserved)
    rest = _left_over(reserved, workloads)
    if not rest:
        return held
    if not types or set(purchase) == {"reserved"}:
        return None
    return held + min(_packed(kind, rest) * kind.gpus for kind in types)


def usd_per_hour(nodes: Iterable[Nodes]) -> float:
    """Dollars an hour of the nodes whose price is known."""
    return sum(entry.usd_per_hour or 0.0 for entry in nodes)


def usd_per_month(nodes: Iterable[Nodes]) -> float:
    """Dollars a month of the nodes whose price is known."""
    return usd_per_hour(nodes) * HOURS_PER_MONTH


def unpriced(nodes: Iterable[Nodes]) -> tuple[str, ...]:
    """The instance types among the nodes for which no price is known."""
    return tuple(sorted({entry.instance_type for entry in nodes if entry.usd_per_hour is None}))


def _slots(kind: InstanceType, work: Workload) -> int:
    return min(
        kind.gpus // work.gpus,
        (kind.cpu_millicores - DAEMONSET_CPU_MILLICORES) // work.cpu_millicores,
        (kind.memory_mib - DAEMONSET_MEMORY_MIB) // work.memory_mib,
        kind.nvme_mib // work.disk_mib,
    )


def _replicas(workloads: Iterable[Workload]) -> list[Workload]:
    each = [work for work in workloads for _ in range(work.floor)]
    return sorted(each, key=lambda work: (-work.gpus, -work.memory_mib, work.name))


class _Node:
    """The room that is left on one node while replicas are packed."""

    def __init__(self, kind: InstanceType) -> None:
        self.gpus = kind.gpus
        self.cpu = kind.cpu_millicores - DAEMONSET_CPU_MILLICORES
        self.memory = kind.memory_mib - DAEMONSET_MEMORY_MIB
        self.disk = kind.nvme_mib

    def takes(self, work: Workload) -> bool:
        wants = (work.gpus, work.cpu_millicores, work.memory_mib, work.disk_mib)
        if any(left < want for left, want in zip((self.gpus, self.cpu, self.memory, self.disk), wants, strict=True)):
            return False
        self.gpus -= work.gpus
        self.cpu -= work.cpu_millicores
        self.memory -= work.memory_mib
        self.disk -= work.disk_mib
        return True


def _packed(kind: InstanceType, replicas: Sequence[Workload]) -> int:
    """How many nodes of this type hold the replicas, largest first into the first node with room."""
    nodes: list[_Node] = []
    for work in replicas:
        if not any(node.takes(work) for node in nodes):
            nodes.append(_Node(kind))
            nodes[-1].takes(work)
    return len(nodes)


def _left_over(reserved: Sequence[Reserved], workloads: Sequence[Workload]) -> list[Workload]:
    """The replicas for which the reservations have no room."""
    nodes = [_Node(entry.instance_type) for entry in reserved for _ in range(entry.count)]
    return [work for work in _replicas(workloads) if not any(node.takes(work) for node in nodes)]


def _price(kind: InstanceType, region: str) -> float:
    return kind.usd_per_hour.get(region, inf)


def _cheapest(
    types: Sequence[InstanceType], replicas: Sequence[Workload], purchase: str, region: str
) -> tuple[Nodes, ...]:
    if not replicas or not types:
        return ()
    counts = {kind.name: _packed(kind, replicas) for kind in types}

    def by_price_then_size(kind: InstanceType) -> tuple[float, int, int, str]:
        count = counts[kind.name]
        return (count * _price(kind, region), count * kind.gpus, count * kind.vcpus, kind.name)

    best = min(types, key=by_price_then_size)
    return (_bought(best, purchase, counts[best.name], region),)


def _filled(types: Sequence[InstanceType], gpus: int, purchase: str, region: str) -> tuple[Nodes, ...]:
    """As many GPUs as the limit allows, on the type that is cheapest per GPU."""
    able = [kind for kind in types if kind.gpus <= gpus]
    if not able:
        return ()
    best = min(able, key=lambda kind: (_price(kind, region) / kind.gpus, kind.gpus, kind.vcpus, kind.name))
    return (_bought(best, purchase, gpus // best.gpus, region),)


def _bought(kind: InstanceType, purchase: str, count: int, region: str) -> Nodes:
    prices: Mapping[str, float] = kind.usd_per_hour
    price = prices.get(region)
    return Nodes(
        instance_type=kind.name,
        gpus=kind.gpus * count,
        purchase=purchase,
        count=count,
        usd_per_hour=None if price is None else price * count,
        upper_bound=purchase == "spot" and price is not None,
    )
