"""Pools as Karpenter reads them."""

from dataclasses import replace
from email import message_from_string
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from components.cost.plan import Nodes, PoolCost
from components.nodes import plan


def nodes(usd_per_hour: float | None) -> Nodes:
    return Nodes(instance_type="p5.48xlarge", gpus=8, purchase="on-demand", count=1, usd_per_hour=usd_per_hour)


POOL = plan.Pool(
    name="h100",
    instance_types=("p5.4xlarge", "p5.48xlarge"),
    purchase=("reserved", "on-demand"),
    zones=("us-east-1b",),
    max_gpus=32,
    reservation_ids=("cr-0a1b2c3d4e5f60718",),
    root_volume_gib=200,
    pod_grace_seconds=200,
    cost=PoolCost(floor=(nodes(55.04),), ceiling=(nodes(55.04), nodes(100.0))),
)
WIDE = replace(POOL, zones=("us-east-1a", "us-east-1b"), purchase=("spot", "on-demand"), reservation_ids=())


def node_class(pool: plan.Pool) -> dict[str, Any]:
    made = plan.node_class(
        pool,
        role_name="node",
        subnet_ids=["subnet-b"],
        security_group_ids=["sg-node"],
        volume_key_arn="arn:aws:kms:us-east-1:123456789012:key/cluster",
        tags={"owner": "ml"},
    )
    return made["spec"]


def node_pool(pool: plan.Pool) -> dict[str, Any]:
    return plan.node_pool(pool)["spec"]


def template(pool: plan.Pool) -> dict[str, Any]:
    return node_pool(pool)["template"]["spec"]


def required(pool: plan.Pool) -> dict[str, list[str]]:
    return {entry["key"]: entry["values"] for entry in template(pool)["requirements"]}


def annotations(pool: plan.Pool) -> dict[str, str]:
    return plan.node_pool(pool)["metadata"]["annotations"]


def test_the_ami_is_pinned() -> None:
    (term,) = node_class(POOL)["amiSelectorTerms"]
    assert "@v20" in term["alias"]


def test_subnets_and_groups_are_selected_by_id_and_never_by_tag() -> None:
    made = node_class(POOL)
    assert made["subnetSelectorTerms"] == [{"id": "subnet-b"}]
    assert made["securityGroupSelectorTerms"] == [{"id": "sg-node"}]


def test_a_pod_cannot_take_the_role_of_its_node() -> None:
    assert node_class(POOL)["metadataOptions"] == {
        "httpEndpoint": "enabled",
        "httpTokens": "required",
        "httpPutResponseHopLimit": 1,
    }


def test_reservations_are_selected_by_id() -> None:
    assert node_class(POOL)["capacityReservationSelectorTerms"] == [{"id": "cr-0a1b2c3d4e5f60718"}]
    assert "capacityReservationSelectorTerms" not in node_class(WIDE)


def test_the_limit_and_the_ways_of_buying_are_those_of_the_settings() -> None:
    assert node_pool(POOL)["limits"] == {"nvidia.com/gpu": 32}
    assert required(POOL)["karpenter.sh/capacity-type"] == ["reserved", "on-demand"]
    assert required(WIDE)["karpenter.sh/capacity-type"] == ["spot", "on-demand"]
    assert required(WIDE)["topology.kubernetes.io/zone"] == ["us-east-1a", "us-east-1b"]


def test_the_device_plugin_finds_the_nodes_and_nothing_else_does() -> None:
    assert node_pool(POOL)["template"]["metadata"]["labels"] == {
        "nvidia.com/gpu.present": "true",
        "inference-fleet.io/pool": "h100",
    }
    assert template(POOL)["taints"] == [{"key": "nvidia.com/gpu", "value": "present", "effect": "NoSchedule"}]


def test_a_model_server_never_expires() -> None:
    assert template(POOL)["expireAfter"] == "Never"


def test_a_pool_in_one_zone_gets_the_lustre_client_and_waits_for_its_driver() -> None:
    _, script, config = message_from_string(node_class(POOL)["userData"]).walk()
    assert "dnf install -y lustre-client" in str(script)
    assert config.get_content_type() == "application/node.eks.aws"
    assert yaml.safe_load(str(config.get_payload()))["kind"] == "NodeConfig"
    assert [taint["key"] for taint in template(POOL)["startupTaints"]] == ["fsx.csi.aws.com/agent-not-ready"]


def test_a_pool_over_several_zones_has_nothing_of_lustre() -> None:
    config = yaml.safe_load(node_class(WIDE)["userData"])
    assert config["spec"]["featureGates"] == {"FastImagePull": True}
    assert "startupTaints" not in template(WIDE)


def test_dollars_are_text_with_two_decimals() -> None:
    assert annotations(POOL) == {
        "inference-fleet.io/floor-usd-per-month": "40179.20",
        "inference-fleet.io/ceiling-usd-per-month": "113179.20",
    }


def test_a_pool_with_a_node_of_unknown_price_has_unknown_dollars() -> None:
    unpriced = replace(POOL, cost=PoolCost(floor=(), ceiling=(nodes(55.04), nodes(None))))
    assert annotations(unpriced) == {
        "inference-fleet.io/floor-usd-per-month": "0.00",
        "inference-fleet.io/ceiling-usd-per-month": "unknown",
    }


@given(st.integers(0, plan.RESERVED_DRAIN_LIMIT_SECONDS))
def test_a_node_outlasts_its_pods_and_leaves_a_capacity_block_in_time(grace: int) -> None:
    reserved = plan.drain_limit_seconds(replace(POOL, pod_grace_seconds=grace))
    assert grace <= reserved <= plan.RESERVED_DRAIN_LIMIT_SECONDS
    assert plan.drain_limit_seconds(replace(WIDE, pod_grace_seconds=grace)) > grace


def test_a_reserved_pool_whose_pods_stop_too_slowly_is_refused_with_the_way_out() -> None:
    with pytest.raises(ValueError, match=r"pool h100: a pod takes 601 s.*Lower `max_output_tokens`"):
        plan.drain_limit_seconds(replace(POOL, pod_grace_seconds=601))


def test_working_nodes_are_replaced_one_at_a_time_in_the_maintenance_window_and_empty_ones_at_once() -> None:
    at_once, one_by_one, closed = node_pool(POOL)["disruption"]["budgets"]
    assert at_once == {"nodes": "100%", "reasons": ["Empty"]}
    assert one_by_one == {"nodes": "1", "reasons": ["Underutilized", "Drifted"]}
    assert closed["nodes"] == "0"
    assert closed["reasons"] == one_by_one["reasons"]


def test_the_maintenance_window_and_the_time_around_it_make_a_day() -> None:
    closed = node_pool(POOL)["disruption"]["budgets"][-1]
    minute, hour, *every = closed["schedule"].split()
    assert (minute, every) == ("0", ["*", "*", "*"])
    assert int(hour) == plan.MAINTENANCE_START_UTC + plan.MAINTENANCE_HOURS
    assert (int(hour) + int(closed["duration"].removesuffix("h"))) % 24 == plan.MAINTENANCE_START_UTC
