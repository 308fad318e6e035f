"""From settings to nodes: what the models of a region ask of its pools, in the terms of `components.cost.plan`."""

from dataclasses import replace

from components.cost import plan
from components.cost.plan import PoolCost, Reserved, Workload, fitting, pool_cost
from components.nodes.catalog import InstanceType, catalog
from components.serving import catalog as engines

from .settings.schema import Model, Pool, Region
from .settings.words import Task


def workload(region: Region, name: str, model: Model) -> Workload:
    """What one replica of a model asks for, and how many there are at this region's floor."""
    return Workload(
        name=name,
        gpus=model.gpus,
        cpu_millicores=engines.cpu_millicores(model.gpus),
        memory_mib=engines.memory_mib(model.engine, model.weights.size_gib),
        disk_mib=engines.disk_mib(model.weights.size_gib),
        floor=region.floor(model),
    )


def workloads(region: Region, pool: str) -> tuple[Workload, ...]:
    """The models of one pool."""
    return tuple(workload(region, name, model) for name, model in region.models.items() if model.pool == pool)


def instance_types(region: Region, name: str) -> tuple[InstanceType, ...]:
    """The types that a pool may use: its class, narrowed by settings, on which every one of its models fits."""
    pool = region.pools[name]
    offered = catalog().of(pool.gpu)
    named = tuple(kind for kind in offered if not pool.instance_types or kind.name in pool.instance_types)
    return fitting(named, workloads(region, name))


def reserved(pool: Pool) -> tuple[Reserved, ...]:
    """The instances that a pool's reservations hold."""
    types = catalog().types
    return tuple(Reserved(instance_type=types[entry.instance_type], count=entry.count) for entry in pool.reservations)


def cost(region: Region, name: str) -> PoolCost:
    """The nodes of one pool at its floor and at its ceiling."""
    pool = region.pools[name]
    return pool_cost(
        types=instance_types(region, name),
        workloads=workloads(region, name),
        reserved=reserved(pool),
        purchase=tuple(way.value for way in pool.purchase),
        max_gpus=pool.max_gpus,
        region=region.name,
    )


def least_gpus(region: Region, name: str) -> int | None:
    """The fewest GPUs, in whole nodes, that hold every replica of a pool's models at `replicas.max`; None: none do."""
    pool = region.pools[name]
    peak = tuple(replace(work, floor=region.models[work.name].replicas.max) for work in workloads(region, name))
    return plan.least_gpus(
        types=instance_types(region, name),
        workloads=peak,
        reserved=reserved(pool),
        purchase=tuple(way.value for way in pool.purchase),
    )


def most_nodes(region: Region) -> int:
    """The most nodes that a region can have: every pool at its limit on its smallest type, and the system nodes."""
    gpu_nodes = 0
    for name, pool in region.pools.items():
        smallest = min((kind.gpus for kind in instance_types(region, name)), default=1)
        gpu_nodes += -(-pool.max_gpus // smallest)
    return gpu_nodes + region.cluster.system_nodes.count


def longest_answer(region: Region) -> int:
    """Seconds that the slowest model of a region may take for one answer; everything in front of it drains longer."""
    return max(answer_seconds(model) for model in region.models.values())


def answer_seconds(model: Model) -> int:
    """Seconds that the longest answer of a model takes while it keeps its objective; a vector comes at once."""
    itl_ms = model.objective.itl_ms if model.task is Task.GENERATE else None
    return engines.longest_answer_seconds(model.objective.ttft_ms, itl_ms, model.max_output_tokens)
