"""What one layer hands on to the next: written by the producer, read by the consumer, one class for both.

Adding a field takes two deployments, producer first; removing one, consumer first.
"""

from dataclasses import dataclass, fields
from typing import Any, TypeVar

import pulumi

from .name import StackName


@dataclass(frozen=True, kw_only=True)
class BaseContract:
    """The name and its certificates."""

    zone_id: pulumi.Output[str]
    certificate_arns: pulumi.Output[dict[str, str]]
    """Validated certificates by region."""


@dataclass(frozen=True, kw_only=True)
class NetworkContract:
    """A region's VPC, its security groups and its one door."""

    vpc_id: pulumi.Output[str]
    private_subnet_ids: pulumi.Output[dict[str, str]]
    """Node subnets by zone."""
    pod_subnet_ids: pulumi.Output[dict[str, str]]
    """Pod subnets by zone."""
    security_group_ids: pulumi.Output[dict[str, str]]
    """Security groups by the names in `components.network.plan.GROUPS`."""
    load_balancer_arn: pulumi.Output[str]
    load_balancer_dns_name: pulumi.Output[str]
    load_balancer_zone_id: pulumi.Output[str]
    target_group_arn: pulumi.Output[str]


@dataclass(frozen=True, kw_only=True)
class StorageContract:
    """A region's weights: bucket, key, caches and images."""

    weight_bucket: pulumi.Output[str]
    weight_bucket_arn: pulumi.Output[str]
    weight_key_arn: pulumi.Output[str]
    cluster_key_arn: pulumi.Output[str]
    """The key of the cluster's secrets, node volumes and logs."""
    file_systems: pulumi.Output[dict[str, dict[str, str]]]
    """FSx caches by zone: `id`, `dns_name` and `mount_name` of each."""
    registry: pulumi.Output[str]
    """The host of the region's own image registry."""


@dataclass(frozen=True, kw_only=True)
class ClusterContract:
    """A region's control plane and what Karpenter needs of it."""

    name: pulumi.Output[str]
    endpoint: pulumi.Output[str]
    certificate_authority: pulumi.Output[str]
    """Base64, as EKS gives it."""
    security_group_id: pulumi.Output[str]
    """EKS's own group, which control plane and nodes share."""
    node_role_name: pulumi.Output[str]
    karpenter_role_arn: pulumi.Output[str]
    interruption_queue: pulumi.Output[str]
    """The queue's name."""


@dataclass(frozen=True, kw_only=True)
class PlatformContract:
    """What models find in the cluster."""

    gateway: pulumi.Output[str]
    """The Gateway to which routes attach, in `components.naming.NAMESPACE_GATEWAY`."""
    gateway_service: pulumi.Output[str]
    """The ClusterIP Service of the Gateway's proxies, in the same namespace."""
    gateway_port: pulumi.Output[int]
    prometheus_address: pulumi.Output[str]
    node_pools: pulumi.Output[dict[str, str]]
    """Karpenter's NodePool of each pool, which is also what `inference-fleet.io/pool` says on its nodes."""


@dataclass(frozen=True, kw_only=True)
class ServingContract:
    """What is served, and how much of it when nobody calls."""

    model_services: pulumi.Output[dict[str, str]]
    """The in-cluster address of each model."""
    floors: pulumi.Output[dict[str, int]]
    """Replicas of each model at this region's floor."""


@dataclass(frozen=True, kw_only=True)
class GlobalContract:
    """The fleet's front door."""

    address: pulumi.Output[str]
    """The host name that clients call."""


Contract = TypeVar("Contract")


class ContractError(pulumi.RunError):
    """A field that the producing stack does not export (yet)."""


def exported(contract: object) -> dict[str, pulumi.Output[Any]]:
    """The outputs of a contract by name, as its stack exports them."""
    return {field.name: getattr(contract, field.name) for field in fields(contract)}  # pyright: ignore[reportArgumentType]


def read(kind: type[Contract], stack: StackName) -> Contract:
    """The contract that a stack exported. Its outputs raise `ContractError` where the stack lacks a field."""
    address = f"{pulumi.get_organization()}/{pulumi.get_project()}/{stack}"
    reference = pulumi.StackReference(address)

    def field(name: str) -> pulumi.Output[Any]:
        return reference.outputs.apply(lambda outputs: _required(outputs, name, stack))

    return kind(**{name: field(name) for name in (entry.name for entry in fields(kind))})  # pyright: ignore[reportArgumentType]


def _required(outputs: dict[str, Any], name: str, stack: StackName) -> Any:
    if name not in outputs:
        raise ContractError(
            f'stack {stack}: its outputs lack "{name}". A layer reads only what the one before it exported; this one '
            f"was never deployed, or by an older release. Run `pulumi up --stack {stack}` first."
        )
    return outputs[name]
