"""The ways out of private and pod subnets: NAT gateways and the route tables that lead to them.

Every zone has a route table of its own, also where all of them lead to one gateway: settings change routes, not tables.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
from pulumi_aws import ec2

from components import tags

from . import plan


@dataclass(frozen=True, kw_only=True)
class EgressArgs:
    """Which subnets lead out, and through how many gateways. Subnets are given by zone."""

    vpc_id: pulumi.Input[str]
    public_subnet_ids: Mapping[str, pulumi.Input[str]]
    private_subnet_ids: Mapping[str, pulumi.Input[str]]
    pod_subnet_ids: Mapping[str, pulumi.Input[str]]
    gateway_per_zone: bool
    """False: the first zone's gateway serves all of them, and its loss is the loss of the way out."""
    tags: Mapping[str, str]


class Egress(pulumi.ComponentResource):
    """NAT gateways, and a route table in each zone."""

    route_table_ids: Mapping[str, pulumi.Output[str]]
    """The tables of private and pod subnets, by zone."""

    def __init__(self, name: str, args: EgressArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("fleet:index:Egress", name, None, opts)
        zones = tuple(args.private_subnet_ids)
        gateways = {zone: self._gateway(name, zone, args) for zone in (zones if args.gateway_per_zone else zones[:1])}
        self.route_table_ids = {
            zone: self._table(name, zone, gateways.get(zone, gateways[zones[0]]), args) for zone in zones
        }
        for zone in zones:
            self._associate(f"{name}-private-{zone}", zone, args.private_subnet_ids[zone])
            self._associate(f"{name}-pod-{zone}", zone, args.pod_subnet_ids[zone])
        self.register_outputs({"route_table_ids": self.route_table_ids})

    def _gateway(self, name: str, zone: str, args: EgressArgs) -> ec2.NatGateway:
        address = ec2.Eip(
            f"{name}-address-{zone}",
            domain="vpc",
            tags=tags.named(args.tags, f"{name}-{zone}"),
            opts=pulumi.ResourceOptions(parent=self),
        )
        return ec2.NatGateway(
            f"{name}-gateway-{zone}",
            subnet_id=args.public_subnet_ids[zone],
            allocation_id=address.allocation_id,
            tags=tags.named(args.tags, f"{name}-{zone}"),
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _table(self, name: str, zone: str, gateway: ec2.NatGateway, args: EgressArgs) -> pulumi.Output[str]:
        table = ec2.RouteTable(
            f"{name}-table-{zone}",
            vpc_id=args.vpc_id,
            routes=[ec2.RouteTableRouteArgs(cidr_block=plan.ANYWHERE, nat_gateway_id=gateway.id)],
            tags=tags.named(args.tags, f"{name}-{zone}"),
            opts=pulumi.ResourceOptions(parent=self),
        )
        return table.id

    def _associate(self, name: str, zone: str, subnet_id: pulumi.Input[str]) -> None:
        ec2.RouteTableAssociation(
            name,
            route_table_id=self.route_table_ids[zone],
            subnet_id=subnet_id,
            opts=pulumi.ResourceOptions(parent=self),
        )
