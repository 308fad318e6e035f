"""What makes the regions one fleet, seen as the engine would see it."""

import json
from dataclasses import fields
from typing import Any

import pytest

from fleet.render import RenderedStack, Resource, run_stack
from stacks.contracts import BaseContract, NetworkContract, StorageContract
from stacks.name import StackName
from stacks.settings import Environment, load
from stacks.settings.words import Role

GROUP = "aws:globalaccelerator/endpointGroup:EndpointGroup"
ACCELERATOR = "aws:globalaccelerator/accelerator:Accelerator"
RECORD = "aws:route53/record:Record"
RULES = "aws:s3/bucketReplicationConfig:BucketReplicationConfig"
POLICY = "aws:iam/rolePolicy:RolePolicy"


def balancer(region: str) -> str:
    return f"arn:aws:elasticloadbalancing:{region}:123456789012:loadbalancer/app/door/0123456789abcdef"


def bucket(region: str) -> str:
    return f"123456789012-{region}-weights"


def key(region: str) -> str:
    return f"arn:aws:kms:{region}:123456789012:key/weights"


def contract(kind: type, **values: Any) -> dict[str, Any]:
    """A contract of which only `values` are read."""
    return {**{field.name: "not read" for field in fields(kind)}, **values}


def contracts(environment: Environment) -> dict[str, dict[str, Any]]:
    """What base, network and storage of every region hand on."""
    known = {f"{environment.name}-base": contract(BaseContract, zone_id="ZFLEET")}
    for region in environment.regions:
        known[f"{environment.name}-{region}-network"] = contract(
            NetworkContract,
            load_balancer_arn=balancer(region),
            load_balancer_dns_name=f"door.{region}.elb.amazonaws.com",
            load_balancer_zone_id="ZBALANCER",
        )
        known[f"{environment.name}-{region}-storage"] = contract(
            StorageContract,
            weight_bucket=bucket(region),
            weight_bucket_arn=f"arn:aws:s3:::{bucket(region)}",
            weight_key_arn=key(region),
        )
    return known


def global_of(environment: Environment) -> RenderedStack:
    return run_stack(environment, StackName(environment.name, "global"), contracts(environment))


def of(stack: RenderedStack, kind: str) -> list[Resource]:
    return [resource for resource in stack.resources if resource.type == kind]


def only(stack: RenderedStack, kind: str) -> Resource:
    (resource,) = of(stack, kind)
    return resource


@pytest.fixture(scope="module")
def prod() -> RenderedStack:
    return global_of(load("prod"))


@pytest.fixture(scope="module")
def dev() -> RenderedStack:
    return global_of(load("dev"))


@pytest.fixture(scope="module")
def two_active() -> RenderedStack:
    environment = load("prod")
    regions = {name: region.model_copy(update={"role": Role.ACTIVE}) for name, region in environment.regions.items()}
    return global_of(environment.model_copy(update={"regions": regions}))


def test_the_active_region_takes_all_traffic_and_the_standby_none(prod: RenderedStack) -> None:
    dials = {group.inputs["endpointGroupRegion"]: group.inputs["trafficDialPercentage"] for group in of(prod, GROUP)}
    assert dials == {"us-east-1": 100, "us-west-2": 0}


def test_a_shift_made_in_an_incident_is_not_undone(prod: RenderedStack) -> None:
    assert all(group.ignore_changes == ("trafficDialPercentage",) for group in of(prod, GROUP))


def test_every_region_s_load_balancer_is_behind_the_accelerator(prod: RenderedStack) -> None:
    for group in of(prod, GROUP):
        (endpoint,) = group.inputs["endpointConfigurations"]
        assert endpoint["endpointId"] == balancer(group.inputs["endpointGroupRegion"])
        assert endpoint["clientIpPreservationEnabled"] is True


def test_the_name_leads_to_the_accelerator(prod: RenderedStack) -> None:
    (alias,) = only(prod, RECORD).inputs["aliases"]
    assert alias["name"] == only(prod, ACCELERATOR).outputs["dnsName"]
    assert prod.outputs == {"address": "llm.example.com"}


def test_a_single_region_has_a_plain_record_and_nothing_more(dev: RenderedStack) -> None:
    assert [resource.type for resource in dev.resources if resource.type.startswith("aws:")] == [RECORD]
    (alias,) = only(dev, RECORD).inputs["aliases"]
    assert (alias["name"], alias["zoneId"]) == ("door.us-east-1.elb.amazonaws.com", "ZBALANCER")
    assert dev.outputs == {"address": "llm.dev.example.com"}


def test_weights_go_from_the_active_region_to_the_standby_under_its_own_key(prod: RenderedStack) -> None:
    rules = only(prod, RULES)
    assert rules.inputs["bucket"] == bucket("us-east-1")
    (rule,) = rules.inputs["rules"]
    assert rule["destination"]["bucket"] == f"arn:aws:s3:::{bucket('us-west-2')}"
    assert rule["destination"]["encryptionConfiguration"]["replicaKmsKeyId"] == key("us-west-2")
    assert rule["filter"] == {"prefix": "models/"}


def test_a_delete_is_not_copied(prod: RenderedStack) -> None:
    (rule,) = only(prod, RULES).inputs["rules"]
    assert rule["deleteMarkerReplication"] == {"status": "Disabled"}


def test_the_lag_of_copies_is_limited_and_measured(prod: RenderedStack) -> None:
    (rule,) = only(prod, RULES).inputs["rules"]
    assert rule["destination"]["replicationTime"] == {"status": "Enabled", "time": {"minutes": 15}}
    assert rule["destination"]["metrics"] == {"status": "Enabled", "eventThreshold": {"minutes": 15}}


def test_rules_wait_for_the_permission_to_copy(prod: RenderedStack) -> None:
    assert only(prod, POLICY).urn in only(prod, RULES).dependencies


def test_copying_decrypts_with_one_key_and_encrypts_with_the_other(prod: RenderedStack) -> None:
    statements = json.loads(only(prod, POLICY).inputs["policy"])["Statement"]
    keys = {action: statement["Resource"] for statement in statements for action in statement["Action"]}
    assert keys["kms:Decrypt"] == [key("us-east-1")]
    assert keys["kms:Encrypt"] == [key("us-west-2")]


def test_active_regions_feed_each_other_each_with_its_own_provider(two_active: RenderedStack) -> None:
    fed: dict[str, str] = {}
    for rules in of(two_active, RULES):
        (rule,) = rules.inputs["rules"]
        fed[rules.inputs["bucket"]] = rule["id"]
        source = rules.name.removeprefix("weights-").removesuffix("-rules")
        assert f"::aws-{source}::" in rules.provider
    assert fed == {bucket("us-east-1"): "us-west-2", bucket("us-west-2"): "us-east-1"}


def test_the_front_door_is_protected_in_prod(prod: RenderedStack, dev: RenderedStack) -> None:
    assert only(prod, ACCELERATOR).protect
    assert not only(dev, RECORD).protect
