"""The way in for CI: a build project in the private subnets, which runs Pulumi on one stack.

It has no source of its own. Whoever starts a build names the source, the stack and the command:

    aws codebuild start-build --project-name prod-us-east-1-runner
        --source-type-override S3 --source-location-override <state bucket>/<commit>.zip
        --environment-variables-override name=STACK,value=prod-us-east-1-platform
            name=COMMAND,value="up --yes" name=PULUMI_BACKEND_URL,value=s3://<state bucket>

The command is `preview` unless one is named. The role may use the state bucket and the key of its secrets under the
names that `components/naming.py` gives them. The layers before `platform` need no way in and are run from outside.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
from pulumi_aws import cloudwatch, codebuild
from pulumi_aws import iam as aws_iam

from components.iam import trust
from components.order import once

from . import plan
from .administrator import Administrator, AdministratorArgs
from .client_group import ClientGroup, ClientGroupArgs
from .iam import runner


@dataclass(frozen=True, kw_only=True)
class RunnerArgs:
    """Where the build runs and what it may do."""

    runner: str
    """Physical name of the project and its role."""
    environment: str
    cluster: pulumi.Input[str]
    """The cluster's name, once it exists."""
    cluster_name: str
    """The same name as plain text: the role's policy is written from it."""
    account: str
    region: str
    vpc_id: pulumi.Input[str]
    subnet_ids: Sequence[pulumi.Input[str]]
    callee_group_ids: Mapping[str, pulumi.Input[str]]
    """Security groups that must let the build in, by what they guard."""
    key_arn: pulumi.Input[str]
    """The key of the build's log."""
    tags: Mapping[str, str]


class Runner(pulumi.ComponentResource):
    """A CodeBuild project, its role, which administers the cluster, and its log."""

    role_arn: pulumi.Output[str]

    def __init__(self, name: str, args: RunnerArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("fleet:index:Runner", name, None, opts)
        self.role_arn = self._role_arn(name, args)
        self._administrator(name, args)
        self._project(name, self._client_group(name, args), self._log_group(name, args), args)
        self.register_outputs({"role_arn": self.role_arn})

    def _role_arn(self, name: str, args: RunnerArgs) -> pulumi.Output[str]:
        role = aws_iam.Role(
            f"{name}-role",
            name=args.runner,
            assume_role_policy=trust(
                "codebuild.amazonaws.com", condition={"StringEquals": {"aws:SourceAccount": args.account}}
            ),
            tags=args.tags,
            opts=pulumi.ResourceOptions(parent=self, delete_before_replace=True),
        )
        document = runner(
            environment=args.environment, cluster=args.cluster_name, region=args.region, account=args.account
        )
        # CodeBuild looks for these rights when the project is made.
        policy = aws_iam.RolePolicy(
            f"{name}-policy",
            role=role.name,
            policy=json.dumps(document, sort_keys=True),
            opts=pulumi.ResourceOptions(parent=self),
        )
        return once(role.arn, policy)

    def _administrator(self, name: str, args: RunnerArgs) -> None:
        Administrator(
            name,
            AdministratorArgs(cluster=args.cluster, role_arn=self.role_arn, tags=args.tags),
            pulumi.ResourceOptions(parent=self),
        )

    def _client_group(self, name: str, args: RunnerArgs) -> ClientGroup:
        return ClientGroup(
            name,
            ClientGroupArgs(vpc_id=args.vpc_id, callee_group_ids=args.callee_group_ids, tags=args.tags),
            pulumi.ResourceOptions(parent=self),
        )

    def _log_group(self, name: str, args: RunnerArgs) -> cloudwatch.LogGroup:
        return cloudwatch.LogGroup(
            f"{name}-logs",
            name=f"/aws/codebuild/{args.runner}",
            retention_in_days=plan.LOG_DAYS,
            kms_key_id=args.key_arn,
            tags=args.tags,
            opts=pulumi.ResourceOptions(parent=self, delete_before_replace=True),
        )

    def _project(self, name: str, client: ClientGroup, logs: cloudwatch.LogGroup, args: RunnerArgs) -> None:
        codebuild.Project(
            f"{name}-project",
            name=args.runner,
            description="Runs Pulumi on one stack, inside the VPC",
            service_role=self.role_arn,
            build_timeout=plan.RUNNER_MINUTES,
            concurrent_build_limit=1,
            encryption_key=args.key_arn,
            source=codebuild.ProjectSourceArgs(
                type="NO_SOURCE", buildspec=json.dumps(plan.buildspec(), indent=2, sort_keys=True)
            ),
            artifacts=codebuild.ProjectArtifactsArgs(type="NO_ARTIFACTS"),
            environment=codebuild.ProjectEnvironmentArgs(
                type="LINUX_CONTAINER", compute_type="BUILD_GENERAL1_MEDIUM", image=plan.RUNNER_IMAGE
            ),
            vpc_config=codebuild.ProjectVpcConfigArgs(
                vpc_id=args.vpc_id, subnets=args.subnet_ids, security_group_ids=[client.security_group_id]
            ),
            logs_config=codebuild.ProjectLogsConfigArgs(
                cloudwatch_logs=codebuild.ProjectLogsConfigCloudwatchLogsArgs(status="ENABLED", group_name=logs.name)
            ),
            tags=args.tags,
            opts=pulumi.ResourceOptions(parent=self, delete_before_replace=True),
        )
