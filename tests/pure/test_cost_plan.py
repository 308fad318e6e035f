"""Nodes and dollars: what holds for every pool, whatever its replicas, types, reservations and limit."""

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from components.cost.plan import (
    HOURS_PER_MONTH,
    Nodes,
    PoolCost,
    Reserved,
    Workload,
    fitting,
    least_gpus,
    pool_cost,
    unpriced,
    usd_per_hour,
    usd_per_month,
)
from components.nodes.catalog import Gpu, InstanceType, catalog

REGION = "us-east-1"
EXAMPLES = settings(max_examples=500, deadline=None)
TYPES = catalog().types


def workload(gpus: int, floor: int, name: str = "model") -> Workload:
    return Workload(
        name=name, gpus=gpus, cpu_millicores=1000 + 2000 * gpus, memory_mib=16 * 1024, disk_mib=20 * 1024, floor=floor
    )


def cost(gpu: Gpu, works: list[Workload], *, limit: int, purchase: tuple[str, ...], region: str = REGION) -> PoolCost:
    types = fitting(catalog().of(gpu), works)
    return pool_cost(types=types, workloads=works, reserved=(), purchase=purchase, max_gpus=limit, region=region)


@st.composite
def pools(draw: st.DrawFn) -> tuple[tuple[InstanceType, ...], list[Workload], list[Reserved], int]:
    offered = catalog().of(draw(st.sampled_from(Gpu)))
    sizes = draw(st.lists(st.sampled_from([1, 2, 4, 8]), min_size=1, max_size=4))
    works = [workload(gpus, draw(st.integers(0, 6)), f"model-{index}") for index, gpus in enumerate(sizes)]
    types = fitting(offered, works)
    assume(types)
    kinds = draw(st.lists(st.sampled_from(types), max_size=2, unique_by=lambda kind: kind.name))
    reserved = [Reserved(instance_type=kind, count=draw(st.integers(1, 3))) for kind in kinds]
    needed = least_gpus(types=types, workloads=works, reserved=reserved, purchase=("reserved", "on-demand"))
    assert needed is not None
    return types, works, reserved, needed + draw(st.integers(0, 16))


@EXAMPLES
@given(pools())
def test_the_floor_holds_every_replica_and_never_passes_the_limit_or_the_ceiling(
    pool: tuple[tuple[InstanceType, ...], list[Workload], list[Reserved], int],
) -> None:
    types, works, reserved, limit = pool
    made = pool_cost(
        types=types,
        workloads=works,
        reserved=reserved,
        purchase=("reserved", "on-demand"),
        max_gpus=limit,
        region=REGION,
    )
    floor, ceiling = (sum(nodes.gpus for nodes in side) for side in (made.floor, made.ceiling))
    assert floor >= sum(work.gpus * work.floor for work in works)
    assert floor <= limit
    assert ceiling <= limit
    assert all(nodes.gpus == TYPES[nodes.instance_type].gpus * nodes.count for nodes in (*made.floor, *made.ceiling))
    held = sum(entry.count for entry in reserved)
    for side in (made.floor, made.ceiling):
        assert sum(nodes.count for nodes in side if nodes.purchase == "reserved") == held


@EXAMPLES
@given(pools(), st.integers(1, 4))
def test_more_replicas_never_need_fewer_gpus(
    pool: tuple[tuple[InstanceType, ...], list[Workload], list[Reserved], int], more: int
) -> None:
    types, works, reserved, _ = pool
    grown = [*works[:-1], workload(works[-1].gpus, works[-1].floor + more, works[-1].name)]
    before, after = (
        least_gpus(types=types, workloads=some, reserved=reserved, purchase=("on-demand",)) for some in (works, grown)
    )
    assert before is not None
    assert after is not None
    assert after >= before


def test_idle_reservations_are_billed() -> None:
    kind = TYPES["p5.48xlarge"]
    held = [Reserved(instance_type=kind, count=2)]
    made = pool_cost(types=(kind,), workloads=[], reserved=held, purchase=("reserved",), max_gpus=16, region=REGION)
    assert usd_per_month(made.floor) == 2 * 55.04 * HOURS_PER_MONTH
    assert made.ceiling == made.floor


def test_a_replica_of_two_gpus_takes_a_whole_node_of_the_smallest_type_that_holds_it() -> None:
    made = cost(Gpu.L40S, [workload(2, 1)], limit=8, purchase=("on-demand",))
    assert [(nodes.instance_type, nodes.count) for nodes in made.floor] == [("g6e.12xlarge", 1)]


def test_spot_is_an_upper_bound_and_on_demand_is_not() -> None:
    works = [workload(1, 2)]
    spot = cost(Gpu.L40S, works, limit=4, purchase=("spot", "on-demand"))
    plain = cost(Gpu.L40S, works, limit=4, purchase=("on-demand",))
    assert all(nodes.upper_bound for nodes in (*spot.floor, *spot.ceiling))
    assert not any(nodes.upper_bound for nodes in (*plain.floor, *plain.ceiling))
    assert usd_per_hour(spot.floor) == usd_per_hour(plain.floor)


def test_without_a_price_the_smallest_type_counts_and_is_named_as_not_priced() -> None:
    made = cost(Gpu.L40S, [workload(1, 1)], limit=3, purchase=("spot",), region="eu-west-1")
    assert made.floor == (
        Nodes(instance_type="g6e.xlarge", gpus=1, purchase="spot", count=1, usd_per_hour=None, upper_bound=False),
    )
    assert unpriced(made.ceiling) == ("g6e.xlarge",)
    assert usd_per_month(made.floor) == 0
