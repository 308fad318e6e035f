"""VPC endpoints: AWS APIs and S3 without a way through NAT."""

import json
from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
from pulumi_aws import ec2

from components import tags

from . import plan


@dataclass(frozen=True, kw_only=True)
class EndpointsArgs:
    """Where endpoints stand and who may use them."""

    vpc_id: pulumi.Input[str]
    region: str
    account: str
    subnet_ids: Mapping[str, pulumi.Input[str]]
    """The private subnets by zone; each interface endpoint has an address in every one."""
    route_table_ids: Mapping[str, pulumi.Input[str]]
    """The tables from which S3 is reached, by zone."""
    security_group_id: pulumi.Input[str]
    tags: Mapping[str, str]


class Endpoints(pulumi.ComponentResource):
    """The gateway endpoint of S3, and an interface endpoint for every API that a private cluster calls."""

    def __init__(self, name: str, args: EndpointsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("fleet:index:Endpoints", name, None, opts)
        self._storage(name, args)
        for service in plan.INTERFACE_ENDPOINTS:
            self._interface(name, service, args)
        self.register_outputs({})

    def _storage(self, name: str, args: EndpointsArgs) -> None:
        ec2.VpcEndpoint(
            f"{name}-s3",
            vpc_id=args.vpc_id,
            service_name=f"com.amazonaws.{args.region}.s3",
            vpc_endpoint_type="Gateway",
            route_table_ids=list(args.route_table_ids.values()),
            policy=json.dumps(plan.s3_endpoint_policy(args.region, args.account), sort_keys=True),
            tags=tags.named(args.tags, f"{name}-s3"),
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _interface(self, name: str, service: str, args: EndpointsArgs) -> None:
        ec2.VpcEndpoint(
            f"{name}-{service}",
            vpc_id=args.vpc_id,
            service_name=f"com.amazonaws.{args.region}.{service}",
            vpc_endpoint_type="Interface",
            subnet_ids=list(args.subnet_ids.values()),
            security_group_ids=[args.security_group_id],
            private_dns_enabled=True,
            tags=tags.named(args.tags, f"{name}-{service}"),
            opts=pulumi.ResourceOptions(parent=self),
        )
