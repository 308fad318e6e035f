"""The VPC: its blocks, its subnets by zone and its way in. The ways out are in `egress.py`.

The default security group is adopted and emptied, so that nothing which forgets to name a group can speak to anyone.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
from pulumi_aws import ec2

from components import tags

from . import plan


@dataclass(frozen=True, kw_only=True)
class NetworkArgs:
    """Which addresses and zones the VPC has."""

    cidr: str
    pod_cidr: str
    """The secondary block, from which pods have their addresses."""
    zones: Sequence[str]
    tags: Mapping[str, str]


class Network(pulumi.ComponentResource):
    """A VPC with a public, a private and a pod subnet in each zone."""

    vpc_id: pulumi.Output[str]
    public_subnet_ids: Mapping[str, pulumi.Output[str]]
    """By zone, like all subnets."""
    private_subnet_ids: Mapping[str, pulumi.Output[str]]
    pod_subnet_ids: Mapping[str, pulumi.Output[str]]

    def __init__(self, name: str, args: NetworkArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("fleet:index:Network", name, None, opts)
        blocks = plan.subnets(args.cidr, args.pod_cidr, args.zones)
        self.vpc_id = self._vpc(name, args)
        self._empty_default_group(name, args)
        table = self._public_table(name, args)
        self.public_subnet_ids = {block.zone: self._public_subnet(name, block, table, args) for block in blocks}
        self.private_subnet_ids = {
            block.zone: self._subnet(name, "private", block.zone, block.private, args) for block in blocks
        }
        self.pod_subnet_ids = self._pod_subnets(name, blocks, args)
        self.register_outputs(
            {
                "vpc_id": self.vpc_id,
                "public_subnet_ids": self.public_subnet_ids,
                "private_subnet_ids": self.private_subnet_ids,
                "pod_subnet_ids": self.pod_subnet_ids,
            }
        )

    def _vpc(self, name: str, args: NetworkArgs) -> pulumi.Output[str]:
        vpc = ec2.Vpc(
            f"{name}-vpc",
            cidr_block=args.cidr,
            enable_dns_support=True,
            enable_dns_hostnames=True,
            tags=tags.named(args.tags, name),
            opts=pulumi.ResourceOptions(parent=self),
        )
        return vpc.id

    def _empty_default_group(self, name: str, args: NetworkArgs) -> None:
        ec2.DefaultSecurityGroup(
            f"{name}-default-group",
            vpc_id=self.vpc_id,
            tags=tags.named(args.tags, f"{name}-default"),
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _public_table(self, name: str, args: NetworkArgs) -> ec2.RouteTable:
        # Global Accelerator reaches a load balancer in private subnets only in a VPC that has an internet gateway.
        gateway = ec2.InternetGateway(
            f"{name}-gateway",
            vpc_id=self.vpc_id,
            tags=tags.named(args.tags, name),
            opts=pulumi.ResourceOptions(parent=self),
        )
        return ec2.RouteTable(
            f"{name}-public",
            vpc_id=self.vpc_id,
            routes=[ec2.RouteTableRouteArgs(cidr_block=plan.ANYWHERE, gateway_id=gateway.id)],
            tags=tags.named(args.tags, f"{name}-public"),
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _public_subnet(
        self, name: str, block: plan.ZoneSubnets, table: ec2.RouteTable, args: NetworkArgs
    ) -> pulumi.Output[str]:
        """The id is known once the subnet has its route: a NAT gateway is refused in a VPC without a way out."""
        association = ec2.RouteTableAssociation(
            f"{name}-public-{block.zone}",
            route_table_id=table.id,
            subnet_id=self._subnet(name, "public", block.zone, block.public, args),
            opts=pulumi.ResourceOptions(parent=self),
        )
        return association.subnet_id.apply(str)

    def _subnet(
        self,
        name: str,
        kind: str,
        zone: str,
        cidr: str,
        args: NetworkArgs,
        depends_on: Sequence[pulumi.Resource] = (),
    ) -> pulumi.Output[str]:
        subnet = ec2.Subnet(
            f"{name}-{kind}-{zone}",
            vpc_id=self.vpc_id,
            cidr_block=cidr,
            availability_zone=zone,
            tags=tags.named(args.tags, f"{name}-{kind}-{zone}"),
            opts=pulumi.ResourceOptions(parent=self, depends_on=depends_on),
        )
        return subnet.id

    def _pod_subnets(
        self, name: str, blocks: Sequence[plan.ZoneSubnets], args: NetworkArgs
    ) -> dict[str, pulumi.Output[str]]:
        secondary = ec2.VpcIpv4CidrBlockAssociation(
            f"{name}-pod-block",
            vpc_id=self.vpc_id,
            cidr_block=args.pod_cidr,
            opts=pulumi.ResourceOptions(parent=self),
        )
        made: dict[str, pulumi.Output[str]] = {}
        for block in blocks:
            made[block.zone] = self._subnet(name, "pod", block.zone, block.pod, args, [secondary])
            ec2.SubnetCidrReservation(
                f"{name}-prefixes-{block.zone}",
                subnet_id=made[block.zone],
                cidr_block=plan.reserved_prefix(block.pod),
                reservation_type="prefix",
                opts=pulumi.ResourceOptions(parent=self),
            )
        return made
