"""What the platform layer builds, seen as the engine would see it."""

import json
from collections.abc import Callable
from typing import Any, get_type_hints

import pytest
import yaml

from components import tags
from components.platform import plan
from components.serving.catalog import deregistration_delay_seconds
from components.versions import CHARTS
from fleet.render import RenderedStack, Resource, run_stack
from stacks import capacity
from stacks.contracts import ClusterContract, NetworkContract, StorageContract
from stacks.name import StackName
from stacks.settings import Environment, load

RELEASE = "kubernetes:helm.sh/v3:Release"
NODE_CLASS = "kubernetes:karpenter.k8s.aws/v1:EC2NodeClass"
NODE_POOL = "kubernetes:karpenter.sh/v1:NodePool"
IDENTITY = "aws:eks/podIdentityAssociation:PodIdentityAssociation"
ROLE = "aws:iam/role:Role"
POLICY = "aws:iam/rolePolicy:RolePolicy"
PROXIES = "kubernetes:gateway.envoyproxy.io/v1alpha1:EnvoyProxy"
GATEWAY = "kubernetes:gateway.networking.k8s.io/v1:Gateway"
GATEWAY_CLASS = "kubernetes:gateway.networking.k8s.io/v1:GatewayClass"

REGION = "us-east-1"
TARGETS = "arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/gateway/0123456789abcdef"
KARPENTER_ROLE = "arn:aws:iam::123456789012:role/karpenter"
CONTRACTS: dict[str, tuple[type, dict[str, Any]]] = {
    "network": (
        NetworkContract,
        {
            "vpc_id": "vpc-0123456789abcdef0",
            "private_subnet_ids": {f"{REGION}{letter}": f"subnet-private-{letter}" for letter in "abcd"},
            "security_group_ids": {"node": "sg-node", "alb": "sg-alb"},
            "target_group_arn": TARGETS,
        },
    ),
    "storage": (StorageContract, {"cluster_key_arn": "arn:aws:kms:us-east-1:123456789012:key/cluster"}),
    "cluster": (
        ClusterContract,
        {
            "name": "prod-us-east-1",
            "endpoint": "https://example.eks.amazonaws.com",
            "certificate_authority": "Y2E=",
            "node_role_name": "node",
            "karpenter_role_arn": KARPENTER_ROLE,
            "interruption_queue": "prod-us-east-1",
        },
    ),
}
"""What the layers before hand on, and what the platform reads of it."""


def platform_of(environment: Environment) -> RenderedStack:
    known = {
        f"{environment.name}-{REGION}-{layer}": {**dict.fromkeys(get_type_hints(contract), "unread"), **read}
        for layer, (contract, read) in CONTRACTS.items()
    }
    return run_stack(environment, StackName(environment.name, "platform", REGION), known)


def of(stack: RenderedStack, kind: str) -> dict[str, Resource]:
    """The resources of a type by the name that they have in the cluster or in the program."""
    found = [resource for resource in stack.resources if resource.type == kind]
    return {(one.inputs.get("metadata") or one.inputs).get("name", one.name): one for one in found}


def plain(value: Any) -> Any:
    """Whole numbers as they were written: on the wire every number is a float."""
    if isinstance(value, dict):
        return {key: plain(entry) for key, entry in value.items()}
    if isinstance(value, list):
        return [plain(entry) for entry in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


class Readable(yaml.SafeDumper):
    """Writes text of several lines as lines."""


Readable.add_representer(
    str,
    lambda dumper, value: dumper.represent_scalar("tag:yaml.org,2002:str", value, style="|" if "\n" in value else None),
)


def text(value: Any) -> str:
    return yaml.dump(plain(value), Dumper=Readable, sort_keys=True, width=120)


def before(stack: RenderedStack, resource: Resource) -> set[str]:
    """The URNs that are made before a resource, as the engine knows them: through dependencies and through parents."""
    by_urn = {one.urn: one for one in stack.resources}
    seen: set[str] = set()
    waiting = [resource.urn]
    while waiting:
        known = by_urn.get(waiting.pop())
        for urn in (*known.dependencies, known.parent) if known else ():
            if urn not in seen:
                seen.add(urn)
                waiting.append(urn)
    return seen


@pytest.fixture(scope="module")
def prod() -> RenderedStack:
    return platform_of(load("prod"))


@pytest.fixture(scope="module")
def dev() -> RenderedStack:
    return platform_of(load("dev"))


def test_every_chart_is_installed_at_its_pin_or_not_at_all(prod: RenderedStack) -> None:
    for chart, release in of(prod, RELEASE).items():
        pinned = CHARTS[chart]
        assert (release.inputs["chart"], release.inputs["version"]) == (pinned.name, pinned.version)
        assert release.inputs["namespace"] == pinned.namespace
        assert release.inputs["atomic"] is True


def test_the_values_of_every_chart_are_as_committed(prod: RenderedStack, golden: Callable[[str, str], None]) -> None:
    for chart, release in of(prod, RELEASE).items():
        golden(f"helm/{chart}.yaml", text(release.inputs.get("values", {})))


def test_the_nodes_of_every_pool_are_as_committed(prod: RenderedStack, golden: Callable[[str, str], None]) -> None:
    for kind in (NODE_CLASS, NODE_POOL):
        for name, manifest in of(prod, kind).items():
            golden(f"nodes/{kind.rsplit(':', 1)[-1]}-{name}.yaml", text(manifest.inputs))


def test_karpenter_finds_its_kinds_and_its_identity_when_it_starts(prod: RenderedStack) -> None:
    releases = of(prod, RELEASE)
    made_before = before(prod, releases["karpenter"])
    assert releases["karpenter-crd"].urn in made_before
    assert of(prod, IDENTITY)["controllers-karpenter-identity"].urn in made_before
    assert releases["karpenter"].inputs["skipCrds"] is True


def test_monitors_are_installed_after_the_operator_that_knows_them(prod: RenderedStack) -> None:
    releases = of(prod, RELEASE)
    for chart in ("karpenter", "keda"):
        assert releases["kube-prometheus-stack"].urn in before(prod, releases[chart])


def test_pools_are_emptied_while_karpenter_still_runs(prod: RenderedStack) -> None:
    karpenter = of(prod, RELEASE)["karpenter"].urn
    for name, pool in of(prod, NODE_POOL).items():
        made_before = before(prod, pool)
        assert karpenter in made_before
        assert of(prod, NODE_CLASS)[name].urn in made_before
        assert pool.timeouts["delete"] == "30m"


def test_the_gateway_goes_before_the_controller_that_clears_it_away(prod: RenderedStack) -> None:
    made_before = before(prod, of(prod, GATEWAY)["fleet"])
    for kind, name in ((GATEWAY_CLASS, "fleet"), (PROXIES, "fleet"), (RELEASE, "gateway-helm")):
        assert of(prod, kind)[name].urn in made_before


def test_a_controller_may_change_the_members_of_the_one_target_group_and_nothing_else(prod: RenderedStack) -> None:
    (policy,) = of(prod, POLICY).values()
    look, change = json.loads(policy.inputs["policy"])["Statement"]
    assert all(action.split(":")[1].startswith("Describe") for action in look["Action"])
    assert change["Resource"] == [TARGETS]
    assert change["Action"] == [
        "elasticloadbalancing:DeregisterTargets",
        "elasticloadbalancing:RegisterTargets",
    ]


def test_controllers_take_their_roles_by_pod_identity(prod: RenderedStack) -> None:
    bound = {
        (one.inputs["namespace"], one.inputs["serviceAccount"]): one.inputs["roleArn"]
        for one in of(prod, IDENTITY).values()
    }
    (role,) = of(prod, ROLE).values()
    assert bound == {
        ("kube-system", "karpenter"): KARPENTER_ROLE,
        ("kube-system", "aws-load-balancer-controller"): role.outputs["arn"],
    }
    releases = of(prod, RELEASE)
    for _, account in bound:
        chart = releases[account].inputs["values"]
        assert chart["serviceAccount"] == {"name": account}


def test_the_gateway_is_no_second_load_balancer(prod: RenderedStack) -> None:
    service = of(prod, PROXIES)["fleet"].inputs["spec"]["provider"]["kubernetes"]["envoyService"]
    assert service == {"name": prod.outputs["gateway_service"], "type": "ClusterIP"}
    assert of(prod, GATEWAY_CLASS)["fleet"].inputs["spec"]["parametersRef"]["kind"] == "EnvoyProxy"
    gates = of(prod, RELEASE)["aws-load-balancer-controller"].inputs["values"]["controllerConfig"]["featureGates"]
    assert not any(gates.values())


def test_each_step_out_of_the_gateway_waits_longer_than_the_step_inside_it(prod: RenderedStack) -> None:
    longest = capacity.longest_answer(load("prod").regions[REGION])
    spec = of(prod, PROXIES)["fleet"].inputs["spec"]
    drain = int(spec["shutdown"]["drainTimeout"].removesuffix("s"))
    patch = spec["provider"]["kubernetes"]["envoyDeployment"]["patch"]
    grace = patch["value"]["spec"]["template"]["spec"]["terminationGracePeriodSeconds"]
    assert longest < drain < grace <= deregistration_delay_seconds(longest)


def test_only_models_may_attach_routes(prod: RenderedStack) -> None:
    (listener,) = of(prod, GATEWAY)["fleet"].inputs["spec"]["listeners"]
    assert listener["port"] == prod.outputs["gateway_port"]
    assert listener["allowedRoutes"]["namespaces"] == {
        "from": "Selector",
        "selector": {"matchLabels": {"kubernetes.io/metadata.name": "serving"}},
    }


def test_nodes_stand_in_the_zones_of_their_pool(prod: RenderedStack) -> None:
    subnets = {
        name: [term["id"] for term in one.inputs["spec"]["subnetSelectorTerms"]]
        for name, one in of(prod, NODE_CLASS).items()
    }
    assert subnets == {
        "h100": ["subnet-private-b"],
        "l40s": [f"subnet-private-{letter}" for letter in "abcd"],
    }


def test_everything_that_karpenter_makes_is_tagged(prod: RenderedStack) -> None:
    for node_class in of(prod, NODE_CLASS).values():
        assert set(tags.REQUIRED) <= set(node_class.inputs["spec"]["tags"])


def test_the_lustre_driver_is_installed_only_where_a_pool_is_bound_to_one_zone(
    prod: RenderedStack, dev: RenderedStack
) -> None:
    assert "aws-fsx-csi-driver" in of(prod, RELEASE)
    assert "aws-fsx-csi-driver" not in of(dev, RELEASE)


def test_max_gpus_changes_exactly_the_node_pool_of_its_pool(prod: RenderedStack) -> None:
    environment = load("prod")
    region = environment.regions[REGION]
    pools = {**region.pools, "h100": region.pools["h100"].model_copy(update={"max_gpus": 40})}
    wider = region.model_copy(update={"pools": pools})
    other = platform_of(environment.model_copy(update={"regions": {**environment.regions, REGION: wider}}))
    assert [one.urn for one in other.resources] == [one.urn for one in prod.resources]
    changed = [new.name for old, new in zip(prod.resources, other.resources, strict=True) if old.inputs != new.inputs]
    assert changed == ["h100-nodes"]


def test_prometheus_answers_under_the_name_that_its_chart_gives_it(prod: RenderedStack) -> None:
    values = of(prod, RELEASE)["kube-prometheus-stack"].inputs["values"]
    expected = f"http://{values['fullnameOverride']}-prometheus.monitoring.svc:{plan.PROMETHEUS_PORT}"
    assert prod.outputs["prometheus_address"] == expected
