"""The address that clients call: Global Accelerator over the load balancers of several regions, or the only one's own.

Global Accelerator is one service for all regions whose API answers in us-west-2 only; the provider of any region calls
it there (terraform-provider-aws, internal/service/globalaccelerator/service_package.go).
"""

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
from pulumi_aws import globalaccelerator, route53

from components.network.plan import DOOR_PORT


@dataclass(frozen=True, kw_only=True)
class RegionalEntry:
    """A region's load balancer, and its share of the traffic."""

    load_balancer_arn: pulumi.Input[str]
    load_balancer_dns_name: pulumi.Input[str]
    load_balancer_zone_id: pulumi.Input[str]
    traffic_dial: int
    """Percent of the traffic nearest to the region, when the region is added; later shifts are not undone."""


@dataclass(frozen=True, kw_only=True)
class FrontDoorArgs:
    """The name, and what is behind it."""

    domain: str
    zone_id: pulumi.Input[str]
    regions: Mapping[str, RegionalEntry]
    """By name. One region needs no accelerator: the name leads to its load balancer."""
    tags: Mapping[str, str]


class FrontDoor(pulumi.ComponentResource):
    """The record of the name, and the accelerator where there are several regions."""

    address: pulumi.Output[str]
    """The host name that clients call."""

    def __init__(self, name: str, args: FrontDoorArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("fleet:index:FrontDoor", name, None, opts)
        target = self._accelerated(name, args) if len(args.regions) > 1 else _direct(args)
        self.address = self._record(name, target, args)
        self.register_outputs({"address": self.address})

    def _accelerated(self, name: str, args: FrontDoorArgs) -> route53.RecordAliasArgs:
        accelerator = globalaccelerator.Accelerator(
            f"{name}-accelerator",
            ip_address_type="IPV4",
            tags=args.tags,
            opts=pulumi.ResourceOptions(parent=self),
        )
        listener = globalaccelerator.Listener(
            f"{name}-tls",
            accelerator_arn=accelerator.arn,
            protocol="TCP",
            client_affinity="NONE",
            port_ranges=[globalaccelerator.ListenerPortRangeArgs(from_port=DOOR_PORT, to_port=DOOR_PORT)],
            opts=pulumi.ResourceOptions(parent=self),
        )
        for region, entry in args.regions.items():
            self._endpoint_group(name, region, entry, listener)
        return route53.RecordAliasArgs(
            name=accelerator.dns_name, zone_id=accelerator.hosted_zone_id, evaluate_target_health=False
        )

    def _endpoint_group(
        self, name: str, region: str, entry: RegionalEntry, listener: globalaccelerator.Listener
    ) -> None:
        globalaccelerator.EndpointGroup(
            f"{name}-{region}",
            listener_arn=listener.arn,
            endpoint_group_region=region,
            traffic_dial_percentage=entry.traffic_dial,
            endpoint_configurations=[
                globalaccelerator.EndpointGroupEndpointConfigurationArgs(
                    endpoint_id=entry.load_balancer_arn, client_ip_preservation_enabled=True
                )
            ],
            # In an incident traffic is shifted by the dial, outside Pulumi; the next `up` must not shift it back.
            opts=pulumi.ResourceOptions(parent=self, ignore_changes=["trafficDialPercentage"]),
        )

    def _record(self, name: str, target: route53.RecordAliasArgs, args: FrontDoorArgs) -> pulumi.Output[str]:
        record = route53.Record(
            f"{name}-record",
            zone_id=args.zone_id,
            name=args.domain,
            type="A",
            aliases=[target],
            opts=pulumi.ResourceOptions(parent=self),
        )
        return record.fqdn


def _direct(args: FrontDoorArgs) -> route53.RecordAliasArgs:
    (entry,) = args.regions.values()
    return route53.RecordAliasArgs(
        name=entry.load_balancer_dns_name, zone_id=entry.load_balancer_zone_id, evaluate_target_health=False
    )
