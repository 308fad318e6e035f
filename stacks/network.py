"""Layer network: a region's VPC, its security groups and its one door; or the groups and the door in an adopted VPC."""

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi

from components.network import catalog as geography
from components.network.egress import Egress, EgressArgs
from components.network.endpoints import Endpoints, EndpointsArgs
from components.network.firewall import Firewall, FirewallArgs
from components.network.flow_logs import FlowLogs, FlowLogsArgs
from components.network.network import Network, NetworkArgs
from components.network.regional_door import RegionalDoor, RegionalDoorArgs
from components.network.security_groups import SecurityGroups, SecurityGroupsArgs
from components.serving.catalog import deregistration_delay_seconds

from . import capacity, labels, providers
from .contracts import BaseContract, NetworkContract, read
from .name import StackName
from .settings import Environment, Region
from .settings.words import LoadBalancer, Nat


@dataclass(frozen=True, kw_only=True)
class _Ground:
    """The VPC on which everything stands, made or adopted. Subnets are given by zone."""

    vpc_id: pulumi.Input[str]
    public: Mapping[str, pulumi.Input[str]]
    private: Mapping[str, pulumi.Input[str]]
    pod: Mapping[str, pulumi.Input[str]]


def deploy(environment: Environment, stack: StackName) -> NetworkContract:
    """The network of one region."""
    region = environment.regions[stack.region]
    certificates = read(BaseContract, stack.sibling("base", "")).certificate_arns
    tags = labels.tags(environment, stack)
    provider = providers.amazon(environment, region.name)
    options = pulumi.ResourceOptions(provider=provider)
    protected = pulumi.ResourceOptions(provider=provider, protect=environment.protect)
    ground = _adopted(region) or _made(region, tags, protected)
    groups = SecurityGroups("groups", SecurityGroupsArgs(vpc_id=ground.vpc_id, tags=tags), options)
    if region.network.adopt is None:
        _ways_out(environment, region, ground, groups.ids["endpoints"], tags, options)
    internal = region.network.load_balancer is LoadBalancer.INTERNAL
    door = RegionalDoor(
        "door",
        RegionalDoorArgs(
            vpc_id=ground.vpc_id,
            internal=internal,
            subnet_ids=ground.private if internal else ground.public,
            security_group_id=groups.ids["alb"],
            certificate_arn=certificates[region.name],
            deregistration_delay_seconds=deregistration_delay_seconds(capacity.longest_answer(region)),
            deletion_protection=environment.protect,
            tags=tags,
        ),
        protected,
    )
    Firewall(
        "firewall",
        FirewallArgs(load_balancer_arn=door.load_balancer_arn, host=environment.domain.name, tags=tags),
        options,
    )
    return NetworkContract(
        vpc_id=pulumi.Output.from_input(ground.vpc_id),
        private_subnet_ids=pulumi.Output.all(**ground.private),
        pod_subnet_ids=pulumi.Output.all(**ground.pod),
        security_group_ids=pulumi.Output.all(**groups.ids),
        load_balancer_arn=door.load_balancer_arn,
        load_balancer_dns_name=door.load_balancer_dns_name,
        load_balancer_zone_id=door.load_balancer_zone_id,
        target_group_arn=door.target_group_arn,
    )


def _zones(region: Region) -> tuple[str, ...]:
    return geography.chosen_zones(region.name, region.network.zones)


def _adopted(region: Region) -> _Ground | None:
    """The VPC that somebody else owns, where settings name one, narrowed to the zones of the network."""
    adopt = region.network.adopt
    if adopt is None:
        return None
    zones = _zones(region)
    return _Ground(
        vpc_id=adopt.vpc_id,
        public={zone: adopt.public_subnets[zone] for zone in zones if zone in adopt.public_subnets},
        private={zone: adopt.private_subnets[zone] for zone in zones},
        pod={zone: adopt.pod_subnets[zone] for zone in zones},
    )


def _made(region: Region, tags: Mapping[str, str], protected: pulumi.ResourceOptions) -> _Ground:
    """A VPC of our own."""
    network = Network(
        "network",
        NetworkArgs(cidr=region.network.cidr, pod_cidr=region.network.pod_cidr, zones=_zones(region), tags=tags),
        protected,
    )
    return _Ground(
        vpc_id=network.vpc_id,
        public=network.public_subnet_ids,
        private=network.private_subnet_ids,
        pod=network.pod_subnet_ids,
    )


def _ways_out(
    environment: Environment,
    region: Region,
    ground: _Ground,
    endpoints_group: pulumi.Input[str],
    tags: Mapping[str, str],
    options: pulumi.ResourceOptions,
) -> None:
    """What a VPC of our own has besides subnets: NAT, endpoints, and a record of the traffic."""
    egress = Egress(
        "egress",
        EgressArgs(
            vpc_id=ground.vpc_id,
            public_subnet_ids=ground.public,
            private_subnet_ids=ground.private,
            pod_subnet_ids=ground.pod,
            gateway_per_zone=region.network.nat is Nat.PER_ZONE,
            tags=tags,
        ),
        options,
    )
    Endpoints(
        "endpoints",
        EndpointsArgs(
            vpc_id=ground.vpc_id,
            region=region.name,
            account=environment.account,
            subnet_ids=ground.private,
            route_table_ids=egress.route_table_ids,
            security_group_id=endpoints_group,
            tags=tags,
        ),
        options,
    )
    FlowLogs(
        "flow-logs",
        FlowLogsArgs(vpc_id=ground.vpc_id, region=region.name, account=environment.account, tags=tags),
        options,
    )
