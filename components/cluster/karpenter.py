"""What Karpenter needs of AWS: a role for its controller, entry for its nodes, and a queue that warns it.

The association of the role with the controller's service account is made by the layer that installs the controller.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
from pulumi_aws import cloudwatch, eks, iam, sqs

from components.iam import pod_identity_trust
from components.order import once

from . import plan
from .iam import interruption_queue, karpenter
from .node_role import NodeRole, NodeRoleArgs


@dataclass(frozen=True, kw_only=True)
class KarpenterArgs:
    """Which cluster Karpenter serves."""

    cluster: pulumi.Input[str]
    """The cluster's name, once it exists."""
    cluster_name: str
    """The same name as plain text: policies and the queue are written from it."""
    account: str
    region: str
    tags: Mapping[str, str]


class Karpenter(pulumi.ComponentResource):
    """Identity and interruption queue of Karpenter."""

    node_role_name: pulumi.Output[str]
    """The role of the nodes that Karpenter makes."""
    role_arn: pulumi.Output[str]
    """The controller's role, once it has its six policies."""
    queue: pulumi.Output[str]
    """The queue's name, once events arrive in it."""

    def __init__(self, name: str, args: KarpenterArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("fleet:index:Karpenter", name, None, opts)
        nodes = self._node_role(name, args)
        queue = self._queue(name, args)
        self.node_role_name = nodes.name
        self.role_arn = self._controller(name, queue, nodes.arn, args)
        self.queue = once(queue.name, *self._events(name, queue, args))
        self.register_outputs({"node_role_name": self.node_role_name, "role_arn": self.role_arn, "queue": self.queue})

    def _node_role(self, name: str, args: KarpenterArgs) -> NodeRole:
        role = NodeRole(f"{name}-node", NodeRoleArgs(tags=args.tags), pulumi.ResourceOptions(parent=self))
        eks.AccessEntry(
            f"{name}-node-entry",
            cluster_name=args.cluster,
            principal_arn=role.arn,
            type="EC2_LINUX",
            tags=args.tags,
            opts=pulumi.ResourceOptions(parent=self),
        )
        return role

    def _queue(self, name: str, args: KarpenterArgs) -> sqs.Queue:
        # SQS's own key: with one of KMS, EventBridge and the controller would need rights that upstream does not give.
        queue = sqs.Queue(
            f"{name}-queue",
            name=args.cluster_name,
            message_retention_seconds=plan.QUEUE_RETENTION_SECONDS,
            sqs_managed_sse_enabled=True,
            tags=args.tags,
            opts=pulumi.ResourceOptions(parent=self, delete_before_replace=True),
        )
        sqs.QueuePolicy(
            f"{name}-queue-policy",
            queue_url=queue.url,
            policy=pulumi.Output.json_dumps(interruption_queue(queue.arn), sort_keys=True),
            opts=pulumi.ResourceOptions(parent=self),
        )
        return queue

    def _events(self, name: str, queue: sqs.Queue, args: KarpenterArgs) -> list[cloudwatch.EventTarget]:
        return [self._event(name, role, queue, args) for role in plan.INTERRUPTIONS]

    def _event(self, name: str, role: str, queue: sqs.Queue, args: KarpenterArgs) -> cloudwatch.EventTarget:
        source, detail_type = plan.INTERRUPTIONS[role]
        rule = cloudwatch.EventRule(
            f"{name}-{role}",
            description=f"{detail_type} to Karpenter of {args.cluster_name}",
            event_pattern=json.dumps(plan.event_pattern(source, detail_type), sort_keys=True),
            tags=args.tags,
            opts=pulumi.ResourceOptions(parent=self),
        )
        return cloudwatch.EventTarget(
            f"{name}-{role}-target", rule=rule.name, arn=queue.arn, opts=pulumi.ResourceOptions(parent=self)
        )

    def _controller(
        self, name: str, queue: sqs.Queue, node_role_arn: pulumi.Output[str], args: KarpenterArgs
    ) -> pulumi.Output[str]:
        role = iam.Role(
            f"{name}-controller",
            assume_role_policy=pod_identity_trust(),
            tags=args.tags,
            opts=pulumi.ResourceOptions(parent=self),
        )
        documents = karpenter(
            cluster=args.cluster_name,
            region=args.region,
            account=args.account,
            node_role_arn=node_role_arn,
            queue_arn=queue.arn,
        )
        granted = [self._grant(name, purpose, document, role, args) for purpose, document in documents.items()]
        return once(role.arn, *granted)

    def _grant(
        self, name: str, purpose: str, document: Mapping[str, object], role: iam.Role, args: KarpenterArgs
    ) -> iam.RolePolicyAttachment:
        policy = iam.Policy(
            f"{name}-{purpose}",
            policy=pulumi.Output.json_dumps(document, sort_keys=True),
            tags=args.tags,
            opts=pulumi.ResourceOptions(parent=self),
        )
        return iam.RolePolicyAttachment(
            f"{name}-{purpose}-grant",
            role=role.name,
            policy_arn=policy.arn,
            opts=pulumi.ResourceOptions(parent=self),
        )
