"""A region's cluster, its way in and its order, seen as the engine would see them."""

import json
from collections.abc import Iterable
from dataclasses import fields
from fnmatch import fnmatch

import pytest

from fleet.render import Rendered, RenderedStack, Resource, run_stack
from stacks.contracts import NetworkContract, StorageContract
from stacks.name import StackName
from stacks.settings import Environment, load
from stacks.settings.words import Access

CLUSTER = "aws:eks/cluster:Cluster"
ADDON = "aws:eks/addon:Addon"
NODES = "aws:eks/nodeGroup:NodeGroup"
ENTRY = "aws:eks/accessEntry:AccessEntry"
TEMPLATE = "aws:ec2/launchTemplate:LaunchTemplate"
INGRESS = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
QUEUE = "aws:sqs/queue:Queue"
RULE = "aws:cloudwatch/eventRule:EventRule"
TARGET = "aws:cloudwatch/eventTarget:EventTarget"
POLICY = "aws:iam/policy:Policy"
LOGS = "aws:cloudwatch/logGroup:LogGroup"
PROJECT = "aws:codebuild/project:Project"
TUNNEL = "aws:autoscaling/group:Group"

CLUSTER_KEY = "arn:aws:kms:us-east-1:123456789012:key/cluster"


def cluster_of(environment: Environment) -> RenderedStack:
    stack = StackName(environment.name, "cluster", "us-east-1")
    network = {field.name: "not read" for field in fields(NetworkContract)} | {
        "vpc_id": "vpc-fleet",
        "private_subnet_ids": {f"us-east-1{letter}": f"subnet-{letter}" for letter in "abcd"},
        "pod_subnet_ids": {f"us-east-1{letter}": f"subnet-pod-{letter}" for letter in "abcd"},
        "security_group_ids": {"node": "sg-node", "endpoints": "sg-endpoints"},
    }
    storage = {field.name: "not read" for field in fields(StorageContract)} | {"cluster_key_arn": CLUSTER_KEY}
    known = {str(stack.sibling("network")): network, str(stack.sibling("storage")): storage}
    return run_stack(environment, stack, known)


def of(stack: RenderedStack, kind: str) -> list[Resource]:
    return [resource for resource in stack.resources if resource.type == kind]


def only(stack: RenderedStack, kind: str) -> Resource:
    (resource,) = of(stack, kind)
    return resource


def named(stack: RenderedStack, kind: str, name: str) -> Resource:
    (resource,) = [resource for resource in of(stack, kind) if resource.name == name]
    return resource


def waits_for(one: Resource, others: Iterable[Resource]) -> bool:
    return {other.urn for other in others} <= set(one.dependencies)


@pytest.fixture(scope="module")
def prod() -> RenderedStack:
    return cluster_of(load("prod"))


@pytest.fixture(scope="module")
def dev() -> RenderedStack:
    return cluster_of(load("dev"))


@pytest.fixture(scope="module")
def allow_list() -> RenderedStack:
    environment = load("prod")
    region = environment.regions["us-east-1"]
    settings = region.cluster.model_copy(update={"allow_list": ("198.51.100.0/24",)})
    opened = region.model_copy(update={"access": Access.ALLOW_LIST, "cluster": settings})
    return cluster_of(environment.model_copy(update={"regions": environment.regions | {"us-east-1": opened}}))


def test_the_endpoint_is_private_and_secrets_are_under_the_cluster_s_key(prod: RenderedStack) -> None:
    cluster = only(prod, CLUSTER).inputs
    assert cluster["vpcConfig"]["endpointPrivateAccess"] is True
    assert cluster["vpcConfig"]["endpointPublicAccess"] is False
    assert cluster["encryptionConfig"] == {"provider": {"keyArn": CLUSTER_KEY}, "resources": ["secrets"]}


def test_an_allow_list_opens_the_endpoint_to_the_named_networks_only(allow_list: RenderedStack) -> None:
    reach = only(allow_list, CLUSTER).inputs["vpcConfig"]
    assert (reach["endpointPublicAccess"], reach["publicAccessCidrs"]) == (True, ["198.51.100.0/24"])
    assert reach["endpointPrivateAccess"] is True, "nodes stay inside"


def test_the_log_group_is_there_before_eks_would_make_one_without_a_key(prod: RenderedStack) -> None:
    logs = named(prod, LOGS, "control-plane-logs")
    assert logs.inputs["name"] == "/aws/eks/prod-us-east-1/cluster"
    assert logs.inputs["kmsKeyId"] == CLUSTER_KEY
    assert waits_for(only(prod, CLUSTER), [logs])


def test_whoever_creates_the_cluster_is_no_administrator_of_it(prod: RenderedStack) -> None:
    assert only(prod, CLUSTER).inputs["accessConfig"] == {
        "authenticationMode": "API",
        "bootstrapClusterCreatorAdminPermissions": False,
    }


def test_administrators_are_the_named_roles_and_the_runner(prod: RenderedStack) -> None:
    people = [one.inputs["principalArn"] for one in of(prod, ENTRY) if one.inputs["type"] == "STANDARD"]
    assert sorted(people) == [
        "arn:aws:iam::123456789012:role/platform-admin",
        "arn:aws:iam::123456789012:role/prod-us-east-1-runner",
    ]


def test_only_karpenter_s_node_role_declares_an_access_entry(prod: RenderedStack) -> None:
    (entry,) = [one for one in of(prod, ENTRY) if one.inputs["type"] == "EC2_LINUX"]
    assert entry.inputs["principalArn"].endswith(prod.outputs["node_role_name"])
    assert only(prod, NODES).inputs["nodeRoleArn"] != entry.inputs["principalArn"]


def test_addresses_and_identities_come_before_nodes_and_pods_after(prod: RenderedStack) -> None:
    nodes = only(prod, NODES)
    addons = {one.inputs["addonName"]: one for one in of(prod, ADDON)}
    assert waits_for(nodes, [addons[name] for name in ("vpc-cni", "eks-pod-identity-agent", "kube-proxy")])
    assert all(waits_for(addons[name], [nodes]) for name in ("coredns", "aws-ebs-csi-driver"))


def test_no_node_may_hand_out_addresses_because_the_cni_has_its_own_role(prod: RenderedStack) -> None:
    attached = of(prod, "aws:iam/rolePolicyAttachment:RolePolicyAttachment")
    cni = [one.name for one in attached if one.inputs["policyArn"].endswith("AmazonEKS_CNI_Policy")]
    assert cni == ["before-nodes-vpc-cni-role-policy"]


def test_pods_take_addresses_from_the_pod_subnet_of_every_zone(prod: RenderedStack) -> None:
    (cni,) = [one for one in of(prod, ADDON) if one.inputs["addonName"] == "vpc-cni"]
    subnets = json.loads(cni.inputs["configurationValues"])["eniConfig"]["subnets"]
    assert subnets == {
        f"us-east-1{letter}": {"id": f"subnet-pod-{letter}", "securityGroups": ["sg-node"]} for letter in "abcd"
    }


def test_system_nodes_stand_in_several_zones_and_are_pinned(prod: RenderedStack) -> None:
    nodes = only(prod, NODES)
    assert len(nodes.inputs["subnetIds"]) >= 2
    assert nodes.inputs["releaseVersion"] == "1.35.6-20260714"
    assert "taints" not in nodes.inputs, "controllers need a home"
    assert nodes.ignore_changes == ("scalingConfig.desiredSize",)


def test_instances_volumes_and_interfaces_of_system_nodes_are_tagged_and_encrypted(prod: RenderedStack) -> None:
    template = only(prod, TEMPLATE).inputs
    assert template["metadataOptions"]["httpTokens"] == "required"
    assert template["metadataOptions"]["httpPutResponseHopLimit"] == 1
    assert template["blockDeviceMappings"][0]["ebs"]["kmsKeyId"] == CLUSTER_KEY
    tagged = {one["resourceType"]: one["tags"]["environment"] for one in template["tagSpecifications"]}
    assert tagged == {"instance": "prod", "volume": "prod", "network-interface": "prod"}


def test_nodes_and_control_plane_speak_before_the_first_node_starts(prod: RenderedStack) -> None:
    own = prod.outputs["security_group_id"]
    rules = {
        (one.inputs["referencedSecurityGroupId"], one.inputs["securityGroupId"]): one
        for one in of(prod, INGRESS)
        if one.name.startswith("control-plane")
    }
    assert set(rules) == {("sg-node", own), (own, "sg-node")}
    assert waits_for(only(prod, TEMPLATE), rules.values())


def test_karpenter_s_queue_has_the_cluster_s_name_and_hears_five_events(prod: RenderedStack) -> None:
    queue = only(prod, QUEUE)
    assert queue.inputs["name"] == prod.outputs["name"] == prod.outputs["interruption_queue"] == "prod-us-east-1"
    assert (queue.inputs["messageRetentionSeconds"], queue.inputs["sqsManagedSseEnabled"]) == (300, True)
    assert len(of(prod, RULE)) == 5
    assert {one.inputs["arn"] for one in of(prod, TARGET)} == {queue.outputs["arn"]}


def test_karpenter_s_controller_passes_the_node_role_and_no_other(prod: RenderedStack) -> None:
    document = json.loads(named(prod, POLICY, "karpenter-iam-integration").inputs["policy"])
    (passing,) = [one for one in document["Statement"] if one["Action"] == ["iam:PassRole"]]
    assert passing["Resource"] == [f"arn:aws:iam::123456789012:role/{prod.outputs['node_role_name']}"]


def test_the_association_of_karpenter_is_left_to_the_layer_that_installs_it(prod: RenderedStack) -> None:
    assert not of(prod, "aws:eks/podIdentityAssociation:PodIdentityAssociation")


def test_the_runner_builds_inside_the_vpc_and_is_let_in_where_it_calls(prod: RenderedStack) -> None:
    project = only(prod, PROJECT).inputs
    (group,) = project["vpcConfig"]["securityGroupIds"]
    assert project["vpcConfig"]["vpcId"] == "vpc-fleet"
    called = {one.inputs["securityGroupId"] for one in of(prod, INGRESS) if one.name.startswith("runner")}
    assert called == {prod.outputs["security_group_id"], "sg-endpoints"}
    assert not [one for one in of(prod, INGRESS) if one.inputs["securityGroupId"] == group], "nobody calls the runner"


def test_the_runner_may_make_and_pass_every_role_of_the_layers_that_it_runs(committed: dict[str, Rendered]) -> None:
    stacks = {str(stack.name): stack for stack in committed["prod"].stacks}
    policy = named(stacks["prod-us-east-1-cluster"], "aws:iam/rolePolicy:RolePolicy", "runner-policy").inputs["policy"]
    allowed = {one["Sid"]: one["Resource"] for one in json.loads(policy)["Statement"]}
    for layer in ("platform", "serving"):
        stack = stacks[f"prod-us-east-1-{layer}"]
        made = [role.outputs["arn"] for role in of(stack, "aws:iam/role:Role")]
        passed = [one.inputs["roleArn"] for one in of(stack, "aws:eks/podIdentityAssociation:PodIdentityAssociation")]
        assert made
        assert passed
        for arns, resources in ((made, allowed["PodRoles"]), (passed, allowed["PassPodRoles"])):
            assert all(any(fnmatch(arn, resource) for resource in resources) for arn in arns)


def test_the_tunnel_is_one_instance_that_nobody_can_call(dev: RenderedStack) -> None:
    assert not of(dev, PROJECT)
    group = only(dev, TUNNEL).inputs
    assert (group["minSize"], group["maxSize"]) == (1, 1)
    own = named(dev, "aws:ec2/securityGroup:SecurityGroup", "tunnel-group").id
    assert not [one for one in of(dev, INGRESS) if one.inputs["securityGroupId"] == own]


def test_an_allow_list_needs_neither_runner_nor_tunnel(allow_list: RenderedStack) -> None:
    assert not of(allow_list, PROJECT)
    assert not of(allow_list, TUNNEL)


def test_production_protects_its_control_plane_twice(prod: RenderedStack, dev: RenderedStack) -> None:
    assert only(prod, CLUSTER).protect
    assert only(prod, CLUSTER).inputs["deletionProtection"] is True
    assert not only(dev, CLUSTER).protect
    assert only(dev, CLUSTER).inputs["deletionProtection"] is False
