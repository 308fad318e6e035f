"""The words and the shapes of text of which settings are made."""

from enum import StrEnum
from ipaddress import IPv4Network
from typing import Annotated

from pydantic import AfterValidator, Field, StringConstraints, WithJsonSchema


def _network(value: str) -> str:
    """An IPv4 network. The error never repeats the value, which may be a secret in the wrong place."""
    try:
        IPv4Network(value)
    except ValueError:
        raise ValueError("must be an IPv4 network whose host bits are zero, for example 10.16.0.0/16") from None
    return value


Name = Annotated[str, StringConstraints(pattern=r"^[a-z]([a-z0-9.-]{0,38}[a-z0-9])?$")]
Tag = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9 _.:/=+@-]{0,127}$")]
Cidr = Annotated[
    str,
    AfterValidator(_network),
    WithJsonSchema({"type": "string", "pattern": r"^[0-9]{1,3}(\.[0-9]{1,3}){3}/[0-9]{1,2}$"}),
]
HostName = Annotated[
    str, StringConstraints(pattern=r"^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}$", max_length=253)
]
RegionName = Annotated[str, StringConstraints(pattern=r"^[a-z]{2}(-[a-z]+)+-[0-9]$")]
Zone = Annotated[str, StringConstraints(pattern=r"^[a-z]{2}(-[a-z]+)+-[0-9][a-z]$")]
RoleArn = Annotated[str, StringConstraints(pattern=r"^arn:aws[a-z-]*:iam::[0-9]{12}:role/.+$")]
SubnetId = Annotated[str, StringConstraints(pattern=r"^subnet-[0-9a-f]{8,17}$")]
Gpus = Annotated[int, Field(ge=1, le=8)]
Count = Annotated[int, Field(ge=1, le=5000)]
"""Kubernetes is built for at most 5,000 nodes in a cluster; more replicas, GPUs or instances are a slip of the hand."""


class Role(StrEnum):
    """What a region does while nothing fails."""

    ACTIVE = "active"
    STANDBY = "standby"


class Access(StrEnum):
    """How people and CI reach the private API endpoint."""

    RUNNER = "runner"
    TUNNEL = "tunnel"
    ALLOW_LIST = "allow_list"


class Nat(StrEnum):
    """How many NAT gateways a region has."""

    PER_ZONE = "per-zone"
    SINGLE = "single"


class LoadBalancer(StrEnum):
    """Who can reach the load balancer's address."""

    INTERNAL = "internal"
    INTERNET_FACING = "internet-facing"


class Purchase(StrEnum):
    """How capacity is bought, as Karpenter's capacity type spells it."""

    RESERVED = "reserved"
    SPOT = "spot"
    ON_DEMAND = "on-demand"


class Task(StrEnum):
    """What a model does for a request."""

    GENERATE = "generate"
    EMBED = "embed"
