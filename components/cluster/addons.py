"""Some EKS add-ons, each with its own identity.

Which come before the nodes and which after is the plan's business; the caller orders two of these by reading
`cluster` from one and giving it to the next.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
from pulumi_aws import eks, iam

from components.iam import pod_identity_trust
from components.order import once

from .plan import Addon


@dataclass(frozen=True, kw_only=True)
class AddonsArgs:
    """Which add-ons go into which cluster."""

    cluster: pulumi.Input[str]
    addons: Sequence[Addon]
    tags: Mapping[str, str]


class Addons(pulumi.ComponentResource):
    """Add-ons that may start side by side."""

    cluster: pulumi.Output[str]
    """The cluster's name, once every add-on is active."""

    def __init__(self, name: str, args: AddonsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("fleet:index:Addons", name, None, opts)
        made = [self._addon(name, addon, args) for addon in args.addons]
        self.cluster = once(args.cluster, *made)
        self.register_outputs({"cluster": self.cluster})

    def _addon(self, name: str, addon: Addon, args: AddonsArgs) -> eks.Addon:
        identity = None
        if addon.policy_arn:
            identity = [
                eks.AddonPodIdentityAssociationArgs(
                    role_arn=self._role_arn(name, addon, args), service_account=addon.service_account
                )
            ]
        configuration = None
        if addon.configuration is not None:
            configuration = pulumi.Output.json_dumps(addon.configuration, sort_keys=True)
        return eks.Addon(
            f"{name}-{addon.name}",
            cluster_name=args.cluster,
            addon_name=addon.name,
            addon_version=addon.version,
            configuration_values=configuration,
            pod_identity_associations=identity,
            resolve_conflicts_on_create="OVERWRITE",
            resolve_conflicts_on_update="OVERWRITE",
            tags=args.tags,
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _role_arn(self, name: str, addon: Addon, args: AddonsArgs) -> pulumi.Output[str]:
        role = iam.Role(
            f"{name}-{addon.name}-role",
            assume_role_policy=pod_identity_trust(),
            tags=args.tags,
            opts=pulumi.ResourceOptions(parent=self),
        )
        policy = iam.RolePolicyAttachment(
            f"{name}-{addon.name}-role-policy",
            role=role.name,
            policy_arn=addon.policy_arn,
            opts=pulumi.ResourceOptions(parent=self),
        )
        return once(role.arn, policy)
