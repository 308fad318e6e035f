"""What makes a cluster serve: nodes on demand, GPUs that pods can ask for, autoscaling, and targets of the one door.

Each controller that calls AWS gets its identity before it starts: a pod that starts without one keeps failing until it
is restarted.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pulumi
from pulumi_aws import eks, iam

from components.iam import pod_identity_trust
from components.naming import KARPENTER_SERVICE_ACCOUNT, LOAD_BALANCER_SERVICE_ACCOUNT, NAMESPACE_SYSTEM

from . import plan
from .release import release


@dataclass(frozen=True, kw_only=True)
class ControllersArgs:
    """The cluster that the controllers run in, and what they may touch."""

    region: str
    cluster_name: pulumi.Input[str]
    vpc_id: pulumi.Input[str]
    karpenter_role_arn: pulumi.Input[str]
    """Made with the cluster, so that it outlives the controller."""
    interruption_queue: pulumi.Input[str]
    """The queue's name."""
    target_group_arn: pulumi.Input[str]
    """The one target group whose members may be changed."""
    lustre: bool
    """Whether a pool of the region reads weights from FSx for Lustre."""
    tags: Mapping[str, str]


class Controllers(pulumi.ComponentResource):
    """Karpenter, NVIDIA's device plugin, KEDA, the load balancer controller and, where used, the FSx CSI driver."""

    def __init__(self, name: str, args: ControllersArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("fleet:index:Controllers", name, None, opts)
        self._karpenter(name, args)
        self._load_balancer_controller(name, args)
        self._install(name, "nvidia-device-plugin", plan.device_plugin_values())
        self._install(name, "keda", plan.keda_values())
        if args.lustre:
            self._install(name, "aws-fsx-csi-driver", plan.lustre_driver_values(args.region))
        self.register_outputs({})

    def _karpenter(self, name: str, args: ControllersArgs) -> None:
        crds = self._install(name, "karpenter-crd", {})
        identity = self._identity(name, "karpenter", KARPENTER_SERVICE_ACCOUNT, args.karpenter_role_arn, args)
        values = plan.karpenter_values(cluster_name=args.cluster_name, interruption_queue=args.interruption_queue)
        self._install(name, "karpenter", values, after=(crds, identity))

    def _load_balancer_controller(self, name: str, args: ControllersArgs) -> None:
        role = iam.Role(
            f"{name}-load-balancer",
            description="AWS Load Balancer Controller: registers gateway pods with the load balancer",
            assume_role_policy=pod_identity_trust(),
            tags=args.tags,
            opts=pulumi.ResourceOptions(parent=self),
        )
        rights = iam.RolePolicy(
            f"{name}-load-balancer-rights",
            role=role.name,
            policy=pulumi.Output.json_dumps(plan.target_registration(args.target_group_arn), sort_keys=True),
            opts=pulumi.ResourceOptions(parent=self),
        )
        identity = self._identity(name, "load-balancer", LOAD_BALANCER_SERVICE_ACCOUNT, role.arn, args)
        values = plan.load_balancer_controller_values(
            cluster_name=args.cluster_name, region=args.region, vpc_id=args.vpc_id, tags=args.tags
        )
        self._install(name, "aws-load-balancer-controller", values, after=(rights, identity))

    def _identity(
        self, name: str, role: str, service_account: str, role_arn: pulumi.Input[str], args: ControllersArgs
    ) -> pulumi.Resource:
        """The right of a service account to be a role."""
        return eks.PodIdentityAssociation(
            f"{name}-{role}-identity",
            cluster_name=args.cluster_name,
            namespace=NAMESPACE_SYSTEM,
            service_account=service_account,
            role_arn=role_arn,
            tags=args.tags,
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _install(
        self, name: str, chart: str, values: Mapping[str, Any], after: Sequence[pulumi.Resource] = ()
    ) -> pulumi.Resource:
        return release(f"{name}-{chart}", chart, values, pulumi.ResourceOptions(parent=self, depends_on=list(after)))
