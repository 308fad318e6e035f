"""Flow logs: who spoke to whom in the VPC, kept in CloudWatch Logs.

The log group is encrypted with CloudWatch's own key: the region's keys are made by the storage layer, after this one.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
from pulumi_aws import cloudwatch, ec2, iam

from components import iam as documents

from . import plan

RETENTION_DAYS = 90
"""A quarter: what an incident review looks back over."""


@dataclass(frozen=True, kw_only=True)
class FlowLogsArgs:
    """Which VPC is recorded."""

    vpc_id: pulumi.Input[str]
    region: str
    account: str
    tags: Mapping[str, str]


class FlowLogs(pulumi.ComponentResource):
    """The log group, the role that writes it, and the flow log."""

    def __init__(self, name: str, args: FlowLogsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("fleet:index:FlowLogs", name, None, opts)
        group = self._group(name, args)
        role = self._role(name, args)
        permission = self._permission(name, role, group, args)
        self._flow_log(name, role, group, permission, args)
        self.register_outputs({})

    def _group(self, name: str, args: FlowLogsArgs) -> cloudwatch.LogGroup:
        return cloudwatch.LogGroup(
            f"{name}-group",
            retention_in_days=RETENTION_DAYS,
            tags=args.tags,
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _role(self, name: str, args: FlowLogsArgs) -> iam.Role:
        # Without the condition, flow logs of other accounts could be pointed at this role (the confused deputy).
        ours = {"StringEquals": {"aws:SourceAccount": args.account}}
        return iam.Role(
            f"{name}-writer",
            assume_role_policy=documents.trust("vpc-flow-logs.amazonaws.com", condition=ours),
            tags=args.tags,
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _permission(self, name: str, role: iam.Role, group: cloudwatch.LogGroup, args: FlowLogsArgs) -> iam.RolePolicy:
        streams = pulumi.Output.concat(group.arn, ":*")
        return iam.RolePolicy(
            f"{name}-write",
            role=role.name,
            policy=pulumi.Output.json_dumps(plan.flow_log_policy(streams, args.region, args.account)),
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _flow_log(
        self,
        name: str,
        role: iam.Role,
        group: cloudwatch.LogGroup,
        permission: iam.RolePolicy,
        args: FlowLogsArgs,
    ) -> None:
        ec2.FlowLog(
            f"{name}-log",
            vpc_id=args.vpc_id,
            traffic_type="ALL",
            log_destination_type="cloud-watch-logs",
            log_destination=group.arn,
            iam_role_arn=role.arn,
            tags=args.tags,
            opts=pulumi.ResourceOptions(parent=self, depends_on=[permission]),
        )
