"""Decisions of the control plane: add-ons and their order, who may speak to it, what interrupts a node, the build."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from components.network.plan import Rule
from components.versions import ADDONS

from . import iam

LOG_TYPES = ("api", "audit", "authenticator", "controllerManager", "scheduler")
LOG_DAYS = 90

ZONES_OF_CONTROL_PLANE = 3
"""EKS lets a cluster's subnets change only within the zones that it began with, so later zones stay out of it."""

SYSTEM_VOLUME_GIB = 80
"""Images of controllers and monitoring; models and their images are on GPU nodes."""

METADATA_HOPS = 1
"""A pod is one hop further than its node, so it cannot take the node's role."""

QUEUE_RETENTION_SECONDS = 300
"""A warning of interruption is worthless after the two minutes that it announces."""

INTERRUPTIONS = {
    "spot": ("aws.ec2", "EC2 Spot Instance Interruption Warning"),
    "rebalance": ("aws.ec2", "EC2 Instance Rebalance Recommendation"),
    "state": ("aws.ec2", "EC2 Instance State-change Notification"),
    "reservation": ("aws.ec2", "EC2 Capacity Reservation Instance Interruption Warning"),
    "health": ("aws.health", "AWS Health Event"),
}
"""Source and detail type of every event that Karpenter reads from its queue."""

RULES = (
    Rule(
        "node-from-cluster",
        "cluster",
        "node",
        "tcp",
        (1025, 65535),
        "the API server calls kubelets and webhooks, which listen on any unprivileged port",
    ),
    Rule("cluster-from-node", "node", "cluster", "tcp", (443, 443), "nodes and pods call the API server"),
)
"""Who may speak to whom across EKS's own group and the network's node group."""

TUNNEL_IMAGE = "resolve:ssm:/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-arm64"
"""EC2 resolves it at each launch. The tunnel keeps nothing, so the newest patches are worth more than sameness."""
TUNNEL_TYPE = "t4g.nano"
TUNNEL_VOLUME_GIB = 8
TUNNEL_LIFE_SECONDS = 7 * 24 * 3600
"""After a week the instance is replaced, and with it its patches."""

RUNNER_IMAGE = "aws/codebuild/amazonlinux-x86_64-standard:5.0"
RUNNER_PYTHON = "3.12"
RUNNER_MINUTES = 120
"""A first `up` of platform waits for charts, one after another."""


@dataclass(frozen=True, kw_only=True)
class Addon:
    """An EKS add-on: its configuration may carry outputs."""

    name: str
    version: str
    configuration: Mapping[str, object] | None = None
    service_account: str = ""
    """The service account that takes a role by Pod Identity; empty for an add-on that calls no AWS API."""
    policy_arn: str = ""
    """The managed policy of that role."""


def addons_before_nodes(
    kubernetes: str, *, region: str, pod_subnet_ids: Mapping[str, object], pod_group: object
) -> tuple[Addon, ...]:
    """What a node needs in order to become ready: addresses, identities and services."""
    versions = ADDONS[kubernetes]
    return (
        Addon(
            name="vpc-cni",
            version=versions["vpc-cni"],
            configuration=vpc_cni(region, pod_subnet_ids, pod_group),
            service_account="aws-node",
            policy_arn=iam.CNI_POLICY,
        ),
        Addon(name="eks-pod-identity-agent", version=versions["eks-pod-identity-agent"]),
        Addon(name="kube-proxy", version=versions["kube-proxy"]),
    )


def addons_after_nodes(kubernetes: str, tags: Mapping[str, str]) -> tuple[Addon, ...]:
    """What runs as pods, and would be reported as degraded while there is no node."""
    versions = ADDONS[kubernetes]
    return (
        Addon(name="coredns", version=versions["coredns"]),
        Addon(
            name="aws-ebs-csi-driver",
            version=versions["aws-ebs-csi-driver"],
            configuration={"controller": {"extraVolumeTags": dict(tags)}},
            service_account="ebs-csi-controller-sa",
            policy_arn=iam.EBS_POLICY,
        ),
    )


def vpc_cni(region: str, pod_subnet_ids: Mapping[str, object], pod_group: object) -> dict[str, object]:
    """Pods take addresses from the pod subnet of their zone, sixteen at a time. The add-on's schema wants strings."""
    return {
        "enableNetworkPolicy": "true",
        "env": {
            "ENABLE_PREFIX_DELEGATION": "true",
            "WARM_PREFIX_TARGET": "1",
            "AWS_VPC_K8S_CNI_CUSTOM_NETWORK_CFG": "true",
            "ENI_CONFIG_LABEL_DEF": "topology.kubernetes.io/zone",
        },
        "eniConfig": {
            "create": True,
            "region": region,
            "subnets": {
                zone: {"id": subnet_id, "securityGroups": [pod_group]} for zone, subnet_id in pod_subnet_ids.items()
            },
        },
    }


def event_pattern(source: str, detail_type: str) -> dict[str, Any]:
    """The EventBridge pattern of one row of `INTERRUPTIONS`."""
    return {"source": [source], "detail-type": [detail_type]}


def role_key(role_arn: str) -> str:
    """A role's account and name: unique, because IAM's paths do not make two roles of one name."""
    return f"{role_arn.split(':')[4]}-{role_arn.rsplit('/', 1)[-1]}"


def buildspec() -> dict[str, Any]:
    """The build: the source's locked environment, the Pulumi that its lock names, one command on one stack."""
    version = (
        "uv run --frozen --no-sync python -c 'from importlib import metadata; print(metadata.version(\"pulumi\"))'"
    )
    return {
        "version": 0.2,
        "env": {"shell": "bash", "variables": {"COMMAND": "preview"}},
        "phases": {
            "install": {
                "runtime-versions": {"python": RUNNER_PYTHON},
                "commands": [
                    "make setup",
                    'export PATH="$PWD/.uv/bin:$HOME/.pulumi/bin:$PATH"',
                    f'curl -fsSL https://get.pulumi.com | sh -s -- --version "$({version})"',
                ],
            },
            "build": {"commands": ['pulumi $COMMAND --stack "$STACK" --non-interactive']},
        },
    }
