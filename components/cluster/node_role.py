"""The role of a kind of node. System nodes and Karpenter's each have their own, because EKS makes the access entry of
the first and would refuse to make one that exists.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
from pulumi_aws import iam

from components.iam import trust
from components.order import once

from .iam import NODE_POLICIES


@dataclass(frozen=True, kw_only=True)
class NodeRoleArgs:
    """Nothing but tags: nodes may all do the same."""

    tags: Mapping[str, str]


class NodeRole(pulumi.ComponentResource):
    """A role that EC2 instances take in order to join the cluster and to pull images."""

    name: pulumi.Output[str]
    arn: pulumi.Output[str]
    """Known, like the name, once the role has its policies."""

    def __init__(self, name: str, args: NodeRoleArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("fleet:index:NodeRole", name, None, opts)
        role = iam.Role(
            f"{name}-role",
            assume_role_policy=trust("ec2.amazonaws.com"),
            tags=args.tags,
            opts=pulumi.ResourceOptions(parent=self),
        )
        policies = [
            iam.RolePolicyAttachment(
                f"{name}-{purpose}", role=role.name, policy_arn=arn, opts=pulumi.ResourceOptions(parent=self)
            )
            for purpose, arn in NODE_POLICIES.items()
        ]
        self.name, self.arn = once(role.name, *policies), once(role.arn, *policies)
        self.register_outputs({"name": self.name, "arn": self.arn})
