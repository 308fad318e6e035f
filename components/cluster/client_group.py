"""The security group of whatever calls the API server from inside the VPC without being a node."""

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
from pulumi_aws import ec2, vpc

from components import tags

HTTPS = 443


@dataclass(frozen=True, kw_only=True)
class ClientGroupArgs:
    """Whom a client may call."""

    vpc_id: pulumi.Input[str]
    callee_group_ids: Mapping[str, pulumi.Input[str]]
    """Security groups that let the client in, by what they guard: the API server, the VPC's interface endpoints."""
    tags: Mapping[str, str]


class ClientGroup(pulumi.ComponentResource):
    """A group that nobody can call, that may call HTTPS anywhere, and that its callees let in."""

    security_group_id: pulumi.Output[str]

    def __init__(self, name: str, args: ClientGroupArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("fleet:index:ClientGroup", name, None, opts)
        group = ec2.SecurityGroup(
            f"{name}-group",
            description="Calls the Kubernetes API from inside the VPC",
            vpc_id=args.vpc_id,
            tags=tags.named(args.tags, name),
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.security_group_id = group.id
        vpc.SecurityGroupEgressRule(
            f"{name}-out",
            security_group_id=group.id,
            cidr_ipv4="0.0.0.0/0",
            ip_protocol="tcp",
            from_port=HTTPS,
            to_port=HTTPS,
            description="AWS APIs, registries and the Kubernetes API",
            tags=args.tags,
            opts=pulumi.ResourceOptions(parent=self),
        )
        for callee, group_id in args.callee_group_ids.items():
            vpc.SecurityGroupIngressRule(
                f"{name}-to-{callee}",
                security_group_id=group_id,
                referenced_security_group_id=group.id,
                ip_protocol="tcp",
                from_port=HTTPS,
                to_port=HTTPS,
                description=f"{name} calls {callee}",
                tags=args.tags,
                opts=pulumi.ResourceOptions(parent=self),
            )
        self.register_outputs({"security_group_id": self.security_group_id})
