"""Addresses, rules and policies of the network."""

import re
from ipaddress import IPv4Network
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.network import catalog, plan

ZONES = st.lists(st.sampled_from([f"us-east-1{letter}" for letter in "abcdefg"]), min_size=1, unique=True)
VPC_BLOCKS = st.builds(
    lambda second, prefix: str(IPv4Network(f"10.{second}.0.0/{prefix}")),
    st.integers(0, 255),
    st.integers(plan.WIDEST_PREFIX, plan.NARROWEST_VPC_PREFIX),
)
POD_BLOCKS = st.builds(
    lambda second, prefix: str(IPv4Network(f"100.{second}.0.0/{prefix}")),
    st.integers(64, 127),
    st.integers(plan.WIDEST_PREFIX, plan.NARROWEST_POD_PREFIX),
)
DESCRIPTION = re.compile(r"^[a-zA-Z0-9 ._\-:/()#,@\[\]+=&;{}!$*]{1,255}$")


@given(VPC_BLOCKS, POD_BLOCKS, ZONES)
def test_subnets_never_overlap(cidr: str, pod_cidr: str, zones: list[str]) -> None:
    made = plan.subnets(cidr, pod_cidr, zones)
    blocks = [IPv4Network(block) for entry in made for block in (entry.public, entry.private, entry.pod)]
    assert not [pair for pair in combinations(blocks, 2) if pair[0].overlaps(pair[1])]


@given(VPC_BLOCKS, POD_BLOCKS, ZONES)
def test_subnets_lie_in_their_blocks(cidr: str, pod_cidr: str, zones: list[str]) -> None:
    made = plan.subnets(cidr, pod_cidr, zones)
    assert [entry.zone for entry in made] == zones
    for entry in made:
        assert IPv4Network(entry.public).subnet_of(IPv4Network(cidr))
        assert IPv4Network(entry.private).subnet_of(IPv4Network(cidr))
        assert IPv4Network(entry.pod).subnet_of(IPv4Network(pod_cidr))


@given(VPC_BLOCKS, POD_BLOCKS, ZONES)
def test_adding_removing_or_reordering_zones_moves_no_subnet(cidr: str, pod_cidr: str, zones: list[str]) -> None:
    few = plan.subnets(cidr, pod_cidr, zones)
    every = plan.subnets(cidr, pod_cidr, [f"us-east-1{letter}" for letter in "gfedcba"])
    assert set(few) <= set(every)


@given(POD_BLOCKS)
def test_the_reserved_prefix_is_the_upper_half_of_a_pod_subnet(pod_cidr: str) -> None:
    (entry,) = plan.subnets("10.0.0.0/16", pod_cidr, ["us-east-1a"])
    subnet, reserved = IPv4Network(entry.pod), IPv4Network(plan.reserved_prefix(entry.pod))
    assert reserved.subnet_of(subnet)
    assert reserved.num_addresses * 2 == subnet.num_addresses
    assert reserved.broadcast_address == subnet.broadcast_address


def test_the_narrowest_vpc_has_room_for_a_load_balancer_in_every_zone() -> None:
    (entry,) = plan.subnets(f"10.0.0.0/{plan.NARROWEST_VPC_PREFIX}", "100.64.0.0/18", ["us-east-1a"])
    assert IPv4Network(entry.public).prefixlen <= 27
    assert IPv4Network(entry.private).prefixlen <= 27


def test_a_zone_without_a_block_is_refused_with_its_name() -> None:
    with pytest.raises(ValueError, match="us-east-1h"):
        plan.subnets("10.0.0.0/16", "100.64.0.0/16", ["us-east-1a", "us-east-1h"])


def test_every_zone_that_is_known_has_a_block() -> None:
    for region in catalog.ZONES:
        zones = catalog.zones(region)
        assert len(plan.subnets("10.0.0.0/16", "100.64.0.0/16", zones)) == len(zones)


@given(POD_BLOCKS, ZONES)
def test_pod_addresses_are_those_of_the_subnets_without_what_aws_keeps(pod_cidr: str, zones: list[str]) -> None:
    made = plan.subnets("10.0.0.0/16", pod_cidr, zones)
    usable = sum(IPv4Network(entry.pod).num_addresses - 5 for entry in made)
    assert plan.pod_addresses(pod_cidr, len(zones)) == usable


def test_a_full_node_takes_eight_prefixes_of_sixteen_addresses() -> None:
    assert plan.addresses_taken(1) == 128
    assert plan.addresses_taken(10) == 1280


def test_without_named_zones_a_region_uses_its_first_three() -> None:
    assert catalog.chosen_zones("us-west-2", ()) == ("us-west-2a", "us-west-2b", "us-west-2c")
    assert catalog.chosen_zones("us-west-2", ("us-west-2d",)) == ("us-west-2d",)


def test_the_groups_of_every_rule_exist() -> None:
    for rule in plan.RULES:
        assert {rule.source, rule.target} <= set(plan.GROUPS)
    assert set(plan.CONFINED) <= set(plan.GROUPS)


def test_rules_have_names_of_their_own() -> None:
    assert len({rule.name for rule in plan.RULES}) == len(plan.RULES)


@pytest.mark.parametrize("text", [*plan.GROUPS.values(), *(rule.reason for rule in plan.RULES)])
def test_descriptions_hold_only_what_ec2_allows(text: str) -> None:
    assert DESCRIPTION.match(text)


def test_a_rule_for_all_traffic_names_no_ports() -> None:
    (rule,) = [rule for rule in plan.RULES if rule.name == "efa-from-efa"]
    assert (rule.protocol, rule.first_port, rule.last_port) == ("-1", None, None)


def test_the_s3_endpoint_admits_own_buckets_and_reading_of_images_and_packages() -> None:
    own, others = plan.s3_endpoint_policy("us-east-1", "123456789012")["Statement"]
    assert own["Condition"] == {"StringEquals": {"aws:ResourceAccount": "123456789012"}}
    assert others["Action"] == ["s3:GetObject"]
    assert "arn:aws:s3:::prod-us-east-1-starport-layer-bucket/*" in others["Resource"]
    assert all(resource.startswith("arn:aws:s3:::") and resource.endswith("/*") for resource in others["Resource"])
