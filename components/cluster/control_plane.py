"""The EKS control plane: private, encrypted, logged, with no administrator but those whom access entries name."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
from pulumi_aws import cloudwatch, eks, iam, vpc

from components import naming
from components.iam import trust
from components.order import once

from . import plan
from .iam import CONTROL_PLANE_POLICY


@dataclass(frozen=True, kw_only=True)
class ControlPlaneArgs:
    """What the cluster is called, where it is and who may reach it."""

    cluster: str
    """The physical name: Karpenter, its queue and kubeconfigs are written from it."""
    kubernetes: str
    """Version, such as 1.35."""
    subnet_ids: Sequence[pulumi.Input[str]]
    """Private subnets, in which EKS puts the endpoint's interfaces."""
    node_security_group_id: pulumi.Input[str]
    key_arn: pulumi.Input[str]
    allow_list: Sequence[str]
    """Networks that may reach a public endpoint. Empty: there is none."""
    protect: bool
    """Whether EKS itself refuses to delete the cluster, whoever asks."""
    tags: Mapping[str, str]


class ControlPlane(pulumi.ComponentResource):
    """The cluster, and the rules between its own security group and the nodes'."""

    name: pulumi.Output[str]
    endpoint: pulumi.Output[str]
    certificate_authority: pulumi.Output[str]
    """Base64, as EKS gives it."""
    security_group_id: pulumi.Output[str]
    """EKS's own group, once nodes and control plane may speak to each other."""

    def __init__(self, name: str, args: ControlPlaneArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("fleet:index:ControlPlane", name, None, opts)
        cluster = self._cluster(name, self._log_group(name, args), self._role_arn(name, args), args)
        self.name = cluster.name
        self.endpoint = cluster.endpoint
        self.certificate_authority = cluster.certificate_authority.data.apply(lambda data: data or "")
        own_group = cluster.vpc_config.cluster_security_group_id.apply(lambda group: group or "")
        self.security_group_id = once(own_group, *self._rules(name, own_group, args))
        self.register_outputs(
            {
                "name": self.name,
                "endpoint": self.endpoint,
                "certificate_authority": self.certificate_authority,
                "security_group_id": self.security_group_id,
            }
        )

    def _log_group(self, name: str, args: ControlPlaneArgs) -> cloudwatch.LogGroup:
        return cloudwatch.LogGroup(
            f"{name}-logs",
            name=naming.control_plane_logs(args.cluster),
            retention_in_days=plan.LOG_DAYS,
            kms_key_id=args.key_arn,
            tags=args.tags,
            opts=pulumi.ResourceOptions(parent=self, delete_before_replace=True),
        )

    def _role_arn(self, name: str, args: ControlPlaneArgs) -> pulumi.Output[str]:
        role = iam.Role(
            f"{name}-role",
            assume_role_policy=trust("eks.amazonaws.com"),
            tags=args.tags,
            opts=pulumi.ResourceOptions(parent=self),
        )
        policy = iam.RolePolicyAttachment(
            f"{name}-role-policy",
            role=role.name,
            policy_arn=CONTROL_PLANE_POLICY,
            opts=pulumi.ResourceOptions(parent=self),
        )
        return once(role.arn, policy)

    def _cluster(
        self, name: str, logs: cloudwatch.LogGroup, role_arn: pulumi.Output[str], args: ControlPlaneArgs
    ) -> eks.Cluster:
        return eks.Cluster(
            f"{name}-cluster",
            name=args.cluster,
            version=args.kubernetes,
            role_arn=role_arn,
            bootstrap_self_managed_addons=False,
            access_config=eks.ClusterAccessConfigArgs(
                authentication_mode="API", bootstrap_cluster_creator_admin_permissions=False
            ),
            vpc_config=eks.ClusterVpcConfigArgs(
                subnet_ids=args.subnet_ids,
                endpoint_private_access=True,
                endpoint_public_access=bool(args.allow_list),
                public_access_cidrs=args.allow_list or None,
            ),
            encryption_config=eks.ClusterEncryptionConfigArgs(
                provider=eks.ClusterEncryptionConfigProviderArgs(key_arn=args.key_arn), resources=["secrets"]
            ),
            enabled_cluster_log_types=[*plan.LOG_TYPES],
            upgrade_policy=eks.ClusterUpgradePolicyArgs(support_type="STANDARD"),
            zonal_shift_config=eks.ClusterZonalShiftConfigArgs(enabled=True),
            deletion_protection=args.protect,
            tags=args.tags,
            opts=pulumi.ResourceOptions(parent=self, depends_on=[logs], delete_before_replace=True),
        )

    def _rules(
        self, name: str, own_group: pulumi.Output[str], args: ControlPlaneArgs
    ) -> list[vpc.SecurityGroupIngressRule]:
        groups = {"cluster": own_group, "node": args.node_security_group_id}
        return [
            vpc.SecurityGroupIngressRule(
                f"{name}-{rule.name}",
                security_group_id=groups[rule.target],
                referenced_security_group_id=groups[rule.source],
                ip_protocol=rule.protocol,
                from_port=rule.ports[0],
                to_port=rule.ports[1],
                description=rule.reason,
                tags=args.tags,
                opts=pulumi.ResourceOptions(parent=self),
            )
            for rule in plan.RULES
        ]
