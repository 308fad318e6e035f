"""Security groups and every rule between them, as `plan.py` lists them."""

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
from pulumi_aws import ec2, vpc

from components import tags

from . import plan


@dataclass(frozen=True, kw_only=True)
class SecurityGroupsArgs:
    """In which VPC the groups are."""

    vpc_id: pulumi.Input[str]
    tags: Mapping[str, str]


class SecurityGroups(pulumi.ComponentResource):
    """One group for each name in `plan.GROUPS`, and one rule resource for each direction of traffic."""

    ids: Mapping[str, pulumi.Output[str]]
    """Groups by name."""

    def __init__(self, name: str, args: SecurityGroupsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("fleet:index:SecurityGroups", name, None, opts)
        self.ids = {group: self._group(name, group, args) for group in plan.GROUPS}
        for rule in plan.RULES:
            self._ingress(name, rule, args)
            if rule.source in plan.CONFINED:
                self._egress(name, rule, args)
        self._nodes_call_anywhere(name, args)
        self._clients_reach_the_door(name, args)
        self.register_outputs({"ids": self.ids})

    def _group(self, name: str, group: str, args: SecurityGroupsArgs) -> pulumi.Output[str]:
        made = ec2.SecurityGroup(
            f"{name}-{group}",
            vpc_id=args.vpc_id,
            description=plan.GROUPS[group],
            tags=tags.named(args.tags, f"{name}-{group}"),
            opts=pulumi.ResourceOptions(parent=self),
        )
        return made.id

    def _ingress(self, name: str, rule: plan.Rule, args: SecurityGroupsArgs) -> None:
        vpc.SecurityGroupIngressRule(
            f"{name}-{rule.name}",
            security_group_id=self.ids[rule.target],
            referenced_security_group_id=self.ids[rule.source],
            ip_protocol=rule.protocol,
            from_port=rule.first_port,
            to_port=rule.last_port,
            description=rule.reason,
            tags=tags.named(args.tags, rule.name),
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _egress(self, name: str, rule: plan.Rule, args: SecurityGroupsArgs) -> None:
        vpc.SecurityGroupEgressRule(
            f"{name}-{rule.name}",
            security_group_id=self.ids[rule.source],
            referenced_security_group_id=self.ids[rule.target],
            ip_protocol=rule.protocol,
            from_port=rule.first_port,
            to_port=rule.last_port,
            description=rule.reason,
            tags=tags.named(args.tags, rule.name),
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _nodes_call_anywhere(self, name: str, args: SecurityGroupsArgs) -> None:
        vpc.SecurityGroupEgressRule(
            f"{name}-anywhere-from-node",
            security_group_id=self.ids["node"],
            cidr_ipv4=plan.ANYWHERE,
            ip_protocol="-1",
            description="AWS APIs, registries and other pods; network policy narrows",
            tags=tags.named(args.tags, "anywhere-from-node"),
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _clients_reach_the_door(self, name: str, args: SecurityGroupsArgs) -> None:
        # Global Accelerator keeps the client's address, so an internal load balancer too must admit every address.
        vpc.SecurityGroupIngressRule(
            f"{name}-alb-from-anywhere",
            security_group_id=self.ids["alb"],
            cidr_ipv4=plan.ANYWHERE,
            ip_protocol="tcp",
            from_port=plan.DOOR_PORT,
            to_port=plan.DOOR_PORT,
            description="clients, whose addresses Global Accelerator preserves",
            tags=tags.named(args.tags, "alb-from-anywhere"),
            opts=pulumi.ResourceOptions(parent=self),
        )
