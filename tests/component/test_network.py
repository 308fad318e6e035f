"""What the network layer builds, seen as the engine would see it."""

import json
from collections.abc import Mapping
from typing import Any

import pytest

from components import tags
from components.network import plan
from fleet.render import RenderedStack, Resource, run_stack
from stacks.name import StackName
from stacks.settings import Environment, load
from stacks.settings.schema import AdoptedNetwork
from stacks.settings.words import LoadBalancer

VPC = "aws:ec2/vpc:Vpc"
SUBNET = "aws:ec2/subnet:Subnet"
NAT = "aws:ec2/natGateway:NatGateway"
TABLE = "aws:ec2/routeTable:RouteTable"
ASSOCIATION = "aws:ec2/routeTableAssociation:RouteTableAssociation"
ENDPOINT = "aws:ec2/vpcEndpoint:VpcEndpoint"
FLOW_LOG = "aws:ec2/flowLog:FlowLog"
GROUP = "aws:ec2/securityGroup:SecurityGroup"
INGRESS = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
EGRESS = "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule"
BALANCER = "aws:lb/loadBalancer:LoadBalancer"
TARGETS = "aws:lb/targetGroup:TargetGroup"
LISTENER = "aws:lb/listener:Listener"
WEB_ACL = "aws:wafv2/webAcl:WebAcl"

CERTIFICATE = "arn:aws:acm:us-east-1:123456789012:certificate/of-us-east-1"
BASE = {"zone_id": "Z0123456789ABCDEFGHIJ", "certificate_arns": {"us-east-1": CERTIFICATE}}


def network_of(environment: Environment) -> RenderedStack:
    name = StackName(environment.name, "network", "us-east-1")
    return run_stack(environment, name, {f"{environment.name}-base": BASE})


def changed(environment: Environment, **network: Any) -> Environment:
    """The environment with other network settings in us-east-1."""
    region = environment.regions["us-east-1"]
    other = region.model_copy(update={"network": region.network.model_copy(update=network)})
    return environment.model_copy(update={"regions": {**environment.regions, "us-east-1": other}})


def of(stack: RenderedStack, kind: str) -> list[Resource]:
    return [resource for resource in stack.resources if resource.type == kind]


def only(stack: RenderedStack, kind: str) -> Resource:
    (resource,) = of(stack, kind)
    return resource


@pytest.fixture(scope="module")
def prod() -> RenderedStack:
    return network_of(load("prod"))


@pytest.fixture(scope="module")
def dev() -> RenderedStack:
    return network_of(load("dev"))


@pytest.fixture(scope="module")
def adopted() -> RenderedStack:
    zones = ("us-east-1a", "us-east-1b", "us-east-1c", "us-east-1d")
    theirs = AdoptedNetwork(
        vpc_id="vpc-0123456789abcdef0",
        private_subnets={zone: f"subnet-0000000{zone[-1]}" for zone in (*zones, "us-east-1f")},
        pod_subnets={zone: f"subnet-1111111{zone[-1]}" for zone in zones},
    )
    return network_of(changed(load("prod"), adopt=theirs))


def test_every_zone_has_a_public_a_private_and_a_pod_subnet(prod: RenderedStack) -> None:
    made = [(subnet.inputs["availabilityZone"], subnet.name.split("-")[1]) for subnet in of(prod, SUBNET)]
    zones = ("us-east-1a", "us-east-1b", "us-east-1c", "us-east-1d")
    assert sorted(made) == sorted((zone, kind) for zone in zones for kind in ("public", "private", "pod"))


def test_without_named_zones_there_are_three(dev: RenderedStack) -> None:
    assert len(of(dev, SUBNET)) == 9


def test_pod_subnets_wait_for_the_secondary_block(prod: RenderedStack) -> None:
    block = only(prod, "aws:ec2/vpcIpv4CidrBlockAssociation:VpcIpv4CidrBlockAssociation")
    pods = [subnet for subnet in of(prod, SUBNET) if subnet.name.startswith("network-pod-")]
    assert pods
    assert all(block.urn in subnet.dependencies for subnet in pods)


def test_half_of_every_pod_subnet_is_kept_for_prefixes(prod: RenderedStack) -> None:
    kept = of(prod, "aws:ec2/subnetCidrReservation:SubnetCidrReservation")
    pods = {subnet.id: subnet.inputs["cidrBlock"] for subnet in of(prod, SUBNET)}
    assert len(kept) == 4
    for reservation in kept:
        assert reservation.inputs["reservationType"] == "prefix"
        assert reservation.inputs["cidrBlock"] == plan.reserved_prefix(pods[reservation.inputs["subnetId"]])


def test_every_zone_has_its_own_way_out_in_prod(prod: RenderedStack) -> None:
    assert len(of(prod, NAT)) == 4
    private = [table for table in of(prod, TABLE) if table.name.startswith("egress-")]
    assert len({table.inputs["routes"][0]["natGatewayId"] for table in private}) == 4


def test_dev_has_a_single_nat_gateway_and_every_zone_leads_to_it(dev: RenderedStack) -> None:
    gateway = only(dev, NAT)
    private = [table for table in of(dev, TABLE) if table.name.startswith("egress-")]
    assert len(private) == 3
    assert {table.inputs["routes"][0]["natGatewayId"] for table in private} == {gateway.id}


def test_every_subnet_is_routed_once(prod: RenderedStack) -> None:
    routed = [association.inputs["subnetId"] for association in of(prod, ASSOCIATION)]
    assert sorted(routed) == sorted(subnet.id for subnet in of(prod, SUBNET))


def test_nat_gateways_wait_for_the_way_to_the_internet(prod: RenderedStack) -> None:
    public = {entry.urn for entry in of(prod, ASSOCIATION) if entry.name.startswith("network-public-")}
    assert all(public & set(gateway.dependencies) for gateway in of(prod, NAT))


def test_every_api_of_a_private_cluster_has_an_endpoint(prod: RenderedStack) -> None:
    services = {
        endpoint.inputs["serviceName"].removeprefix("com.amazonaws.us-east-1.") for endpoint in of(prod, ENDPOINT)
    }
    assert services == {*plan.INTERFACE_ENDPOINTS, "s3"}


def test_the_s3_endpoint_serves_every_private_route_table(prod: RenderedStack) -> None:
    (gateway,) = [entry for entry in of(prod, ENDPOINT) if entry.inputs["vpcEndpointType"] == "Gateway"]
    private = [table.id for table in of(prod, TABLE) if table.name.startswith("egress-")]
    assert sorted(gateway.inputs["routeTableIds"]) == sorted(private)
    policy = json.loads(gateway.inputs["policy"])
    assert policy == plan.s3_endpoint_policy("us-east-1", "123456789012")


def test_every_rule_joins_groups_of_this_stack(prod: RenderedStack) -> None:
    groups = {group.id for group in of(prod, GROUP)}
    for rule in (*of(prod, INGRESS), *of(prod, EGRESS)):
        assert rule.inputs["securityGroupId"] in groups
        source = rule.inputs.get("referencedSecurityGroupId")
        assert source in groups or rule.inputs["cidrIpv4"] == "0.0.0.0/0"


def test_only_the_door_is_open_to_everyone_and_only_for_tls(prod: RenderedStack) -> None:
    (rule,) = [entry for entry in of(prod, INGRESS) if "cidrIpv4" in entry.inputs]
    assert rule.inputs["securityGroupId"] == prod.outputs["security_group_ids"]["alb"]
    assert (rule.inputs["fromPort"], rule.inputs["toPort"]) == (443, 443)


def test_only_nodes_may_call_anywhere(prod: RenderedStack) -> None:
    open_rules = [entry for entry in of(prod, EGRESS) if "cidrIpv4" in entry.inputs]
    assert [entry.inputs["securityGroupId"] for entry in open_rules] == [prod.outputs["security_group_ids"]["node"]]


def test_efa_speaks_to_itself_both_ways(prod: RenderedStack) -> None:
    efa = prod.outputs["security_group_ids"]["efa"]
    for kind in (INGRESS, EGRESS):
        (rule,) = [entry for entry in of(prod, kind) if entry.inputs["securityGroupId"] == efa]
        assert rule.inputs["referencedSecurityGroupId"] == efa
        assert rule.inputs["ipProtocol"] == "-1"


def test_the_door_may_reach_the_port_that_its_health_checks_ask(prod: RenderedStack) -> None:
    groups = prod.outputs["security_group_ids"]
    targets = only(prod, TARGETS).inputs
    asked = {targets["port"], int(targets["healthCheck"]["port"])}
    for kind, here, there in ((EGRESS, "alb", "node"), (INGRESS, "node", "alb")):
        opened = {
            rule.inputs["fromPort"]
            for rule in of(prod, kind)
            if (rule.inputs["securityGroupId"], rule.inputs.get("referencedSecurityGroupId"))
            == (groups[here], groups[there])
        }
        assert opened == asked


def test_the_door_is_internal_and_ends_tls_with_the_region_s_certificate(prod: RenderedStack) -> None:
    balancer, listener = only(prod, BALANCER).inputs, only(prod, LISTENER).inputs
    assert balancer["internal"] is True
    assert sorted(balancer["subnets"]) == sorted(prod.outputs["private_subnet_ids"].values())
    assert (listener["port"], listener["protocol"]) == (443, "HTTPS")
    assert listener["certificateArn"] == CERTIFICATE
    assert "TLS13" in listener["sslPolicy"]


def test_an_internet_facing_door_stands_in_public_subnets() -> None:
    stack = network_of(changed(load("dev"), load_balancer=LoadBalancer.INTERNET_FACING))
    public = [subnet.id for subnet in of(stack, SUBNET) if subnet.name.startswith("network-public-")]
    balancer = only(stack, BALANCER).inputs
    assert balancer["internal"] is False
    assert sorted(balancer["subnets"]) == sorted(public)


def test_targets_stay_until_the_slowest_model_has_answered(prod: RenderedStack) -> None:
    # llama-3.3-70b: 0.8 s and 4096 tokens at 40 ms are 165 s, and three margins of 15 s.
    assert only(prod, TARGETS).inputs["deregistrationDelay"] == 210


def test_the_firewall_guards_the_door_and_never_blocks_by_the_body(prod: RenderedStack) -> None:
    association = only(prod, "aws:wafv2/webAclAssociation:WebAclAssociation").inputs
    assert association["resourceArn"] == only(prod, BALANCER).outputs["arn"]
    rules = {rule["name"]: rule for rule in only(prod, WEB_ACL).inputs["rules"]}
    assert "count" in rules["bodies"]["overrideAction"]
    assert all("block" in rules[name]["action"] for name in ("host", "headers", "rate"))
    assert len({rule["priority"] for rule in rules.values()}) == len(rules)


def test_the_default_security_group_is_emptied(prod: RenderedStack) -> None:
    inputs = only(prod, "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup").inputs
    assert not inputs.get("ingress")
    assert not inputs.get("egress")


def test_all_traffic_is_recorded(prod: RenderedStack) -> None:
    assert only(prod, FLOW_LOG).inputs["trafficType"] == "ALL"


def test_vpc_and_load_balancer_are_protected_in_prod_and_not_in_dev(prod: RenderedStack, dev: RenderedStack) -> None:
    for stack, protected in ((prod, True), (dev, False)):
        assert only(stack, VPC).protect is protected
        assert only(stack, BALANCER).protect is protected
        assert only(stack, BALANCER).inputs["enableDeletionProtection"] is protected


def test_everything_that_can_carry_tags_carries_all_of_them(prod: RenderedStack) -> None:
    untaggable = ("Association", "SubnetCidrReservation", "RolePolicy")
    for resource in prod.resources:
        if resource.custom and resource.type.startswith("aws:") and not resource.type.endswith(untaggable):
            assert set(tags.REQUIRED) <= set(resource.inputs["tags"]), resource.label


def test_an_adopted_vpc_gets_groups_and_a_door_and_nothing_else(adopted: RenderedStack) -> None:
    kinds = {resource.type for resource in adopted.resources if resource.type.startswith("aws:")}
    association = "aws:wafv2/webAclAssociation:WebAclAssociation"
    assert kinds == {GROUP, INGRESS, EGRESS, BALANCER, TARGETS, LISTENER, WEB_ACL, association}
    assert {group.inputs["vpcId"] for group in of(adopted, GROUP)} == {"vpc-0123456789abcdef0"}


def test_an_adopted_vpc_is_handed_on_like_a_made_one(adopted: RenderedStack, prod: RenderedStack) -> None:
    assert set(adopted.outputs) == set(prod.outputs)
    assert adopted.outputs["vpc_id"] == "vpc-0123456789abcdef0"
    for kind in ("private_subnet_ids", "pod_subnet_ids"):
        handed: Mapping[str, str] = adopted.outputs[kind]
        assert set(handed) == set(prod.outputs[kind])
