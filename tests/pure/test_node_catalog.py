"""The facts in gpu_instances.json: dated, sourced and consistent with each other."""

import json
from datetime import date
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest

from components.network import catalog as geography
from components.nodes import catalog as nodes
from components.nodes.catalog import Gpu, InstanceType, catalog

DOCUMENT = json.loads((Path(nodes.__file__).parent / "gpu_instances.json").read_text())
INSTANCES: dict[str, Any] = DOCUMENT["instances"]
TYPES = sorted(catalog().types.values(), key=lambda kind: kind.name)
BY_NAME = pytest.mark.parametrize("kind", TYPES, ids=lambda kind: kind.name)

MEMORY_GIB = {
    Gpu.H100: {80},
    Gpu.H200: {141},
    Gpu.B200: {179.06},
    Gpu.A100: {40, 80},  # p4d and p4de
    Gpu.L40S: {44.7},
    Gpu.L4: {22.35},
    Gpu.A10G: {22.35},
}
DEAREST_REGION = 1.6
"""Times the price in us-east-1: the dearest region of the table, Tokyo, asks 1.45 times as much."""


def test_the_facts_say_where_they_come_from_and_when_they_were_collected() -> None:
    assert "karpenter-provider-aws at " in DOCUMENT["source"]
    assert date.fromisoformat(DOCUMENT["prices_dated"]) <= date.fromisoformat(DOCUMENT["collected"])


def test_every_gpu_class_that_a_pool_can_name_has_an_instance_type() -> None:
    assert all(catalog().of(gpu) for gpu in Gpu)


def test_prices_are_known_for_the_regions_whose_zones_are_known() -> None:
    assert set(catalog().regions) == set(geography.ZONES)


@BY_NAME
def test_every_price_says_who_published_it_or_how_it_was_derived(kind: InstanceType) -> None:
    sources = INSTANCES[kind.name]["price_source"]
    assert set(sources) == set(kind.usd_per_hour)
    unlisted = set(sources.values()) - set(DOCUMENT["price_sources"])
    assert all(source.startswith("derived: ") for source in unlisted), (
        "a price that nobody published says how it was made"
    )


@BY_NAME
def test_a_price_is_a_positive_amount_in_a_listed_region(kind: InstanceType) -> None:
    assert set(kind.usd_per_hour) <= set(catalog().regions)
    assert all(price > 0 for price in kind.usd_per_hour.values())


@BY_NAME
def test_a_gpu_has_the_memory_of_its_class_in_gib_and_in_karpenter_s_label(kind: InstanceType) -> None:
    assert kind.gpu_memory_gib in MEMORY_GIB[kind.gpu]
    assert INSTANCES[kind.name]["gpu_memory_mib_label"] == pytest.approx(kind.gpu_memory_gib * 1024, rel=0.001)


@BY_NAME
def test_less_is_allocatable_than_the_machine_has_and_most_of_it_is(kind: InstanceType) -> None:
    assert 0.95 * kind.vcpus < kind.cpu_millicores / 1000 < kind.vcpus
    assert 0.8 * kind.memory_gib < kind.memory_mib / 1024 < kind.memory_gib


@BY_NAME
def test_every_type_has_an_instance_store_for_images_and_weights(kind: InstanceType) -> None:
    assert kind.nvme_mib >= 238_000


def test_more_cpu_and_memory_for_each_gpu_never_cost_less() -> None:
    for richer, poorer in permutations(TYPES, 2):
        if (richer.gpu, richer.gpu_memory_gib) != (poorer.gpu, poorer.gpu_memory_gib):
            continue
        if richer.vcpus * poorer.gpus < poorer.vcpus * richer.gpus:
            continue
        if richer.memory_gib * poorer.gpus < poorer.memory_gib * richer.gpus:
            continue
        for region in set(richer.usd_per_hour) & set(poorer.usd_per_hour):
            dear, cheap = richer.usd_per_hour[region] / richer.gpus, poorer.usd_per_hour[region] / poorer.gpus
            assert dear >= cheap * 0.999, f"{region}: a GPU of {richer.name} costs less than one of {poorer.name}"


@BY_NAME
def test_no_region_is_far_from_the_price_of_us_east_1(kind: InstanceType) -> None:
    home = kind.usd_per_hour.get("us-east-1")
    if home is None:
        # AWS lists no on-demand price of p5e: it is sold in Capacity Blocks only.
        assert kind.name == "p5e.48xlarge"
        return
    assert all(home * 0.999 <= price <= home * DEAREST_REGION for price in kind.usd_per_hour.values())
