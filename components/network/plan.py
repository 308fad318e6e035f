"""Addresses and rules: subnets that never overlap, how many addresses the ceiling takes, who may speak to whom."""

from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network
from typing import Any

from components import iam

WIDEST_PREFIX = 16
NARROWEST_VPC_PREFIX = 20
NARROWEST_POD_PREFIX = 18
"""VPC blocks are /16 to /28 by AWS's rule; narrower than these leaves too few addresses for nodes or pods."""

ADDRESS_SHARE_LIMIT = 0.7
"""Refused above this share of the pod addresses: prefixes fragment, and a rollout needs room for both versions."""

PREFIX_ADDRESSES = 16
"""Prefix delegation hands a node /28 blocks."""
PREFIXES_PER_NODE = 8
"""110 pods are the kubelet's limit, so seven blocks; the CNI keeps one more warm."""
AWS_RESERVED_ADDRESSES = 5
"""AWS keeps the first four addresses and the last of every subnet."""


_LETTERS = "abcdefg"
"""One of the VPC block's eighths is public, so seven zones fit; no region has more."""


@dataclass(frozen=True)
class ZoneSubnets:
    """The blocks of one availability zone."""

    zone: str
    public: str
    private: str
    pod: str


SHARED = "100.64.0.0/10"
"""Shared address space (RFC 6598): in no company's route tables."""
RANGES = ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", SHARED)
"""Where a VPC's addresses may come from (RFC 1918 and RFC 6598)."""


def is_ours(block: str) -> bool:
    """Whether a block lies in one of `RANGES`."""
    return _range(block) is not None


def may_be_secondary(first: str, second: str) -> bool:
    """Whether AWS lets a VPC of the first block have the second (VPC guide: CIDR block association restrictions)."""
    return _range(second) in (SHARED, _range(first))


def _range(block: str) -> str | None:
    return next((one for one in RANGES if IPv4Network(block).subnet_of(IPv4Network(one))), None)


def subnets(cidr: str, pod_cidr: str, zones: Sequence[str]) -> tuple[ZoneSubnets, ...]:
    """One public, private and pod block for each zone, by the zone's letter, so that adding a zone moves no other.

    The first eighth of the VPC block is cut into public subnets; the other seven are private subnets.
    Raises ValueError for a zone beyond the seventh letter.
    """
    public, *private = IPv4Network(cidr).subnets(prefixlen_diff=3)
    publics = tuple(public.subnets(prefixlen_diff=3))
    pods = tuple(IPv4Network(pod_cidr).subnets(prefixlen_diff=3))
    made: list[ZoneSubnets] = []
    for zone in zones:
        index = _LETTERS.find(zone[-1])
        if index < 0:
            raise ValueError(f"zone {zone}: only the letters {_LETTERS} have a block; name another zone")
        made.append(ZoneSubnets(zone, str(publics[index]), str(private[index]), str(pods[index])))
    return tuple(made)


def reserved_prefix(pod_subnet: str) -> str:
    """The upper half of a pod subnet, kept for /28 prefixes, so that single addresses never fragment it."""
    return str(tuple(IPv4Network(pod_subnet).subnets(prefixlen_diff=1))[1])


def pod_addresses(pod_cidr: str, zones: int) -> int:
    """The usable pod addresses of a region with so many zones."""
    return zones * (IPv4Network(pod_cidr).num_addresses // 8 - AWS_RESERVED_ADDRESSES)


def addresses_taken(nodes: int) -> int:
    """The pod addresses that so many nodes hold, full and with the CNI's warm block."""
    return nodes * PREFIXES_PER_NODE * PREFIX_ADDRESSES


ALL_PORTS = (-1, -1)


@dataclass(frozen=True)
class Rule:
    """Traffic that is let in: from one group (or the groups themselves) to another. Ports are inclusive; -1 is all."""

    name: str
    source: str
    target: str
    protocol: str
    ports: tuple[int, int]
    reason: str
    """Becomes the rule's description: EC2 allows letters, digits, spaces and ``._-:/()#,@[]+=&;{}!$*`` in it."""

    @property
    def first_port(self) -> int | None:
        """None for all ports, which EC2 refuses to see named."""
        return None if self.ports == ALL_PORTS else self.ports[0]

    @property
    def last_port(self) -> int | None:
        """None for all ports."""
        return None if self.ports == ALL_PORTS else self.ports[1]


ANYWHERE = "0.0.0.0/0"
DOOR_PORT = 443
ENVOY_PORT = 10080
"""Envoy Gateway moves a listener's privileged port 80 to this one, where its container listens."""
ENVOY_READY_PORT = 19003
ENVOY_READY_PATH = "/ready"
"""Where Envoy says that it takes requests (Envoy Gateway, internal/xds/bootstrap); it stops saying so as it drains."""

GROUPS = {
    "node": "EKS nodes and the pods on them",
    "efa": "Nodes that speak EFA to each other",
    "lustre": "FSx for Lustre file systems",
    "alb": "The load balancer that is the one door of the region",
    "endpoints": "VPC interface endpoints",
}
"""Every security group of a region, by name. The cluster's own group is EKS's; its rules are in the cluster layer."""

RULES = (
    Rule(
        "node-from-node",
        "node",
        "node",
        "-1",
        ALL_PORTS,
        "pods of one region speak to each other; network policy narrows",
    ),
    Rule(
        "node-from-alb",
        "alb",
        "node",
        "tcp",
        (ENVOY_PORT, ENVOY_PORT),
        "requests, to the port of the Envoy container",
    ),
    Rule(
        "node-from-alb-ready",
        "alb",
        "node",
        "tcp",
        (ENVOY_READY_PORT, ENVOY_READY_PORT),
        "health checks, to the readiness port of Envoy",
    ),
    Rule("endpoints-from-node", "node", "endpoints", "tcp", (443, 443), "AWS APIs without a way through NAT"),
    Rule(
        "lustre-from-node",
        "node",
        "lustre",
        "tcp",
        (988, 988),
        "Lustre clients (FSx guide: file-system access control)",
    ),
    Rule("lustre-from-node-high", "node", "lustre", "tcp", (1018, 1023), "Lustre clients, the high ports"),
    Rule("lustre-from-lustre", "lustre", "lustre", "tcp", (988, 988), "Lustre servers among themselves"),
    Rule("lustre-from-lustre-high", "lustre", "lustre", "tcp", (1018, 1023), "Lustre servers, the high ports"),
    Rule("node-from-lustre", "lustre", "node", "tcp", (988, 988), "Lustre calls clients back"),
    Rule("node-from-lustre-high", "lustre", "node", "tcp", (1018, 1023), "Lustre calls clients back, the high ports"),
    Rule("efa-from-efa", "efa", "efa", "-1", ALL_PORTS, "EFA needs all traffic from and to its own group"),
)
"""Who may speak to whom. Each becomes an ingress rule of the target, and an egress rule of a source in `CONFINED`."""

CONFINED = ("alb", "efa", "lustre")
"""Groups that may call only those whom a rule names. EFA must have the rule to itself, even where another group of the
same interface lets everything out (EC2 guide: EFA). Nodes call AWS and registries, so they may call anywhere;
endpoints call nobody."""

INTERFACE_ENDPOINTS = (
    "ec2",
    "ecr.api",
    "ecr.dkr",
    "eks",
    "eks-auth",
    "elasticloadbalancing",
    "fsx",
    "kms",
    "logs",
    "sqs",
    "ssm",
    "ssmmessages",
    "sts",
)
"""What a private cluster calls (EKS guide: private clusters), plus what our controllers and the way in call."""


def s3_endpoint_buckets(region: str) -> tuple[str, ...]:
    """Buckets of others from which nodes read through the S3 endpoint: it carries all requests to S3 in the region."""
    return (
        f"prod-{region}-starport-layer-bucket",  # layers of ECR images
        f"al2023-repos-{region}-de612dc2",  # packages of Amazon Linux
        f"amazon-eks-{region}",  # binaries of the EKS AMI
        f"prod-registry-k8s-io-{region}",  # layers of registry.k8s.io, which sends callers in AWS to S3
        "quayio-production-s3",  # layers of quay.io, which sends callers in us-east-1 to S3 (quay storage/cloud.py)
        "docker-images-prod",  # layers of Docker Hub (Docker's allow list)
    )


def s3_endpoint_policy(region: str, account: str) -> dict[str, Any]:
    """What may pass the S3 endpoint: all requests to the account's own buckets, and reads from those of others."""
    own = {"StringEquals": {"aws:ResourceAccount": account}}
    others = [f"arn:aws:s3:::{bucket}/*" for bucket in s3_endpoint_buckets(region)]
    return iam.document(
        iam.statement("OwnBuckets", ["s3:*"], ["*"], condition=own, principal="*"),
        iam.statement("ImagesAndPackages", ["s3:GetObject"], others, principal="*"),
    )


def flow_log_policy(group_arn: object, region: str, account: str) -> dict[str, Any]:
    """What VPC flow logs may do: write streams of one log group, and find it."""
    write = ["logs:CreateLogStream", "logs:PutLogEvents", "logs:DescribeLogStreams"]
    return iam.document(
        iam.statement("Write", write, [group_arn]),
        iam.statement("Find", ["logs:DescribeLogGroups"], [f"arn:aws:logs:{region}:{account}:log-group:*"]),
    )
