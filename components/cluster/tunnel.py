"""The way in for people: an instance that Session Manager forwards a port through.

    aws ssm start-session --target <instance> --document-name AWS-StartPortForwardingSessionToRemoteHost
        --parameters host=<the endpoint's host>,portNumber=443,localPortNumber=443

Certificates and kubeconfigs name the real host: a hosts entry points it at the own machine.
Nothing can call the instance; it calls Session Manager. It keeps nothing and is replaced every week.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
from pulumi_aws import autoscaling, iam

from components.iam import trust
from components.order import once

from . import plan
from .client_group import ClientGroup, ClientGroupArgs
from .iam import SESSION_POLICY
from .instance_template import InstanceTemplate, InstanceTemplateArgs


@dataclass(frozen=True, kw_only=True)
class TunnelArgs:
    """Where the instance runs."""

    vpc_id: pulumi.Input[str]
    subnet_ids: Sequence[pulumi.Input[str]]
    callee_group_ids: Mapping[str, pulumi.Input[str]]
    """Security groups that must let the instance in, by what they guard."""
    key_arn: pulumi.Input[str]
    """The key of its volume."""
    tags: Mapping[str, str]


class Tunnel(pulumi.ComponentResource):
    """A group of one instance."""

    def __init__(self, name: str, args: TunnelArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("fleet:index:Tunnel", name, None, opts)
        self._group(name, self._template(name, args), args)
        self.register_outputs({})

    def _profile_arn(self, name: str, args: TunnelArgs) -> pulumi.Output[str]:
        role = iam.Role(
            f"{name}-role",
            assume_role_policy=trust("ec2.amazonaws.com"),
            tags=args.tags,
            opts=pulumi.ResourceOptions(parent=self),
        )
        session = iam.RolePolicyAttachment(
            f"{name}-session",
            role=role.name,
            policy_arn=SESSION_POLICY,
            opts=pulumi.ResourceOptions(parent=self),
        )
        profile = iam.InstanceProfile(
            f"{name}-profile", role=role.name, tags=args.tags, opts=pulumi.ResourceOptions(parent=self)
        )
        return once(profile.arn, session)

    def _client_group(self, name: str, args: TunnelArgs) -> ClientGroup:
        return ClientGroup(
            name,
            ClientGroupArgs(vpc_id=args.vpc_id, callee_group_ids=args.callee_group_ids, tags=args.tags),
            pulumi.ResourceOptions(parent=self),
        )

    def _template(self, name: str, args: TunnelArgs) -> InstanceTemplate:
        return InstanceTemplate(
            name,
            InstanceTemplateArgs(
                image_id=plan.TUNNEL_IMAGE,
                instance_type=plan.TUNNEL_TYPE,
                volume_gib=plan.TUNNEL_VOLUME_GIB,
                profile_arn=self._profile_arn(name, args),
                security_group_ids=[self._client_group(name, args).security_group_id],
                key_arn=args.key_arn,
                tags=args.tags,
            ),
            pulumi.ResourceOptions(parent=self),
        )

    def _group(self, name: str, template: InstanceTemplate, args: TunnelArgs) -> None:
        autoscaling.Group(
            f"{name}-group",
            min_size=1,
            max_size=1,
            vpc_zone_identifiers=args.subnet_ids,
            launch_template=autoscaling.GroupLaunchTemplateArgs(id=template.template_id, version=template.version),
            max_instance_lifetime=plan.TUNNEL_LIFE_SECONDS,
            tags=[
                autoscaling.GroupTagArgs(key=key, value=value, propagate_at_launch=False)
                for key, value in args.tags.items()
            ],
            opts=pulumi.ResourceOptions(parent=self),
        )
