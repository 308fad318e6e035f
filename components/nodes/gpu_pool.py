"""A pool of GPU nodes, which Karpenter fills and empties. It makes no node itself."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi

from components import manifest

from . import plan

DELETE_TIMEOUT = pulumi.CustomTimeouts(delete="30m")
"""A NodePool goes when its last node has drained, a NodeClass after it: the drain limit, and EC2's own pace."""


@dataclass(frozen=True, kw_only=True)
class GpuPoolArgs:
    """Which nodes, and where they stand."""

    pool: plan.Pool
    role_name: pulumi.Input[str]
    """The node role, which has an access entry of its own."""
    subnet_ids: Sequence[pulumi.Input[str]]
    """The node subnets of the pool's zones."""
    security_group_ids: Sequence[pulumi.Input[str]]
    volume_key_arn: pulumi.Input[str]
    tags: Mapping[str, str]


class GpuPool(pulumi.ComponentResource):
    """The EC2NodeClass and the NodePool. Make it after Karpenter, so that Karpenter is there to empty it."""

    node_pool: pulumi.Output[str]
    """The NodePool's name."""

    def __init__(self, name: str, args: GpuPoolArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("fleet:index:GpuPool", name, None, opts)
        node_class = self._node_class(name, args)
        self.node_pool = self._node_pool(name, node_class, args)
        self.register_outputs({"node_pool": self.node_pool})

    def _node_class(self, name: str, args: GpuPoolArgs) -> pulumi.CustomResource:
        drawn = plan.node_class(
            args.pool,
            role_name=args.role_name,
            subnet_ids=args.subnet_ids,
            security_group_ids=args.security_group_ids,
            volume_key_arn=args.volume_key_arn,
            tags=args.tags,
        )
        return manifest.create(
            f"{name}-class", drawn, pulumi.ResourceOptions(parent=self, custom_timeouts=DELETE_TIMEOUT)
        )

    def _node_pool(self, name: str, node_class: pulumi.CustomResource, args: GpuPoolArgs) -> pulumi.Output[str]:
        pool = manifest.create(
            f"{name}-nodes",
            plan.node_pool(args.pool),
            pulumi.ResourceOptions(parent=self, depends_on=[node_class], custom_timeouts=DELETE_TIMEOUT),
        )
        return pool.id
