"""A role that administers the cluster: its access entry, and EKS's own policy for administrators."""

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
from pulumi_aws import eks

from .iam import CLUSTER_ADMIN


@dataclass(frozen=True, kw_only=True)
class AdministratorArgs:
    """Who administers what."""

    cluster: pulumi.Input[str]
    role_arn: pulumi.Input[str]
    tags: Mapping[str, str]


class Administrator(pulumi.ComponentResource):
    """The right of one IAM role to do everything in the cluster."""

    def __init__(self, name: str, args: AdministratorArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("fleet:index:Administrator", name, None, opts)
        entry = eks.AccessEntry(
            f"{name}-entry",
            cluster_name=args.cluster,
            principal_arn=args.role_arn,
            type="STANDARD",
            tags=args.tags,
            opts=pulumi.ResourceOptions(parent=self),
        )
        eks.AccessPolicyAssociation(
            f"{name}-policy",
            cluster_name=args.cluster,
            principal_arn=entry.principal_arn,
            policy_arn=CLUSTER_ADMIN,
            access_scope=eks.AccessPolicyAssociationAccessScopeArgs(type="cluster"),
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.register_outputs({})
