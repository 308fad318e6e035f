"""Managed nodes over several zones, on which everything runs that is not on a GPU.

They carry no taint: controllers of many charts need a home, and GPU pools are the ones that are tainted.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
from pulumi_aws import eks

from . import plan
from .instance_template import InstanceTemplate, InstanceTemplateArgs
from .node_role import NodeRole, NodeRoleArgs


@dataclass(frozen=True, kw_only=True)
class SystemNodesArgs:
    """How many nodes of which kind, and where."""

    cluster: pulumi.Input[str]
    kubernetes: str
    ami_type: str
    ami_release: str
    """Pinned, so that no release of AWS rolls the nodes."""
    instance_type: str
    count: int
    subnet_ids: Sequence[pulumi.Input[str]]
    """One for each of at least two zones: Karpenter's two replicas refuse to share one."""
    security_group_ids: Sequence[pulumi.Input[str]]
    key_arn: pulumi.Input[str]
    tags: Mapping[str, str]


class SystemNodes(pulumi.ComponentResource):
    """A managed node group, its launch template and its role, whose access entry EKS itself makes."""

    cluster: pulumi.Output[str]
    """The cluster's name, once it has nodes."""

    def __init__(self, name: str, args: SystemNodesArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("fleet:index:SystemNodes", name, None, opts)
        self.cluster = self._node_group(name, self._template(name, args), args).cluster_name
        self.register_outputs({"cluster": self.cluster})

    def _role(self, name: str, args: SystemNodesArgs) -> NodeRole:
        return NodeRole(f"{name}-node", NodeRoleArgs(tags=args.tags), pulumi.ResourceOptions(parent=self))

    def _template(self, name: str, args: SystemNodesArgs) -> InstanceTemplate:
        return InstanceTemplate(
            name,
            InstanceTemplateArgs(
                instance_type=args.instance_type,
                volume_gib=plan.SYSTEM_VOLUME_GIB,
                security_group_ids=args.security_group_ids,
                key_arn=args.key_arn,
                tags=args.tags,
            ),
            pulumi.ResourceOptions(parent=self),
        )

    def _node_group(self, name: str, template: InstanceTemplate, args: SystemNodesArgs) -> eks.NodeGroup:
        return eks.NodeGroup(
            f"{name}-nodes",
            cluster_name=args.cluster,
            version=args.kubernetes,
            ami_type=args.ami_type,
            release_version=args.ami_release,
            node_role_arn=self._role(name, args).arn,
            subnet_ids=args.subnet_ids,
            launch_template=eks.NodeGroupLaunchTemplateArgs(id=template.template_id, version=template.version),
            # Room for an operator who adds a node by hand in an incident: `up` does not take it away.
            scaling_config=eks.NodeGroupScalingConfigArgs(
                desired_size=args.count, min_size=args.count, max_size=2 * args.count
            ),
            update_config=eks.NodeGroupUpdateConfigArgs(max_unavailable=1),
            tags=args.tags,
            opts=pulumi.ResourceOptions(parent=self, ignore_changes=["scalingConfig.desiredSize"]),
        )
