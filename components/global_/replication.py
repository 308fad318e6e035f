"""Copies of one region's weights in the buckets of others, each under the key of its own region.

S3 promises no order among objects, which is why a model's manifest is published last and verified where it is read.
Delete markers are not copied, so that a mistaken delete does not empty the standby.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
from pulumi_aws import iam, s3

from components import iam as documents

from . import plan

ENABLED = "Enabled"
DISABLED = "Disabled"


@dataclass(frozen=True, kw_only=True)
class WeightStore:
    """A region's weight bucket and the key of what lies in it."""

    bucket: pulumi.Input[str]
    bucket_arn: pulumi.Input[str]
    key_arn: pulumi.Input[str]


@dataclass(frozen=True, kw_only=True)
class ReplicationArgs:
    """From where, and to where."""

    region: str
    """The source's region, which is also the provider's."""
    source: WeightStore
    destinations: Mapping[str, WeightStore]
    """By region."""
    tags: Mapping[str, str]


class Replication(pulumi.ComponentResource):
    """The role that S3 assumes, and the source bucket's rules, one for each destination."""

    def __init__(self, name: str, args: ReplicationArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("fleet:index:Replication", name, None, opts)
        role = self._role(name, args)
        permission = self._permission(name, role, args)
        self._rules(name, role, permission, args)
        self.register_outputs({})

    def _role(self, name: str, args: ReplicationArgs) -> iam.Role:
        return iam.Role(
            f"{name}-role",
            assume_role_policy=documents.trust("s3.amazonaws.com"),
            tags=args.tags,
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _permission(self, name: str, role: iam.Role, args: ReplicationArgs) -> iam.RolePolicy:
        source = args.source
        read = plan.read_statements(args.region, source.bucket_arn, _weights(source), source.key_arn)
        write = [
            statement
            for region, store in args.destinations.items()
            for statement in plan.write_statements(region, _weights(store), store.key_arn)
        ]
        return iam.RolePolicy(
            f"{name}-copy",
            role=role.name,
            policy=pulumi.Output.json_dumps(documents.document(*read, *write)),
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _rules(self, name: str, role: iam.Role, permission: iam.RolePolicy, args: ReplicationArgs) -> None:
        s3.BucketReplicationConfig(
            f"{name}-rules",
            bucket=args.source.bucket,
            role=role.arn,
            rules=[
                _rule(priority, region, store)
                for priority, (region, store) in enumerate(args.destinations.items(), start=1)
            ],
            opts=pulumi.ResourceOptions(parent=self, depends_on=[permission]),
        )


def _weights(store: WeightStore) -> pulumi.Output[str]:
    return pulumi.Output.concat(store.bucket_arn, "/", plan.REPLICATED_PREFIX, "*")


def _rule(priority: int, region: str, store: WeightStore) -> s3.BucketReplicationConfigRuleArgs:
    """S3 wants every rule to have a priority of its own, although none competes for a destination."""
    return s3.BucketReplicationConfigRuleArgs(
        id=region,
        priority=priority,
        status=ENABLED,
        filter=s3.BucketReplicationConfigRuleFilterArgs(prefix=plan.REPLICATED_PREFIX),
        delete_marker_replication=s3.BucketReplicationConfigRuleDeleteMarkerReplicationArgs(status=DISABLED),
        source_selection_criteria=s3.BucketReplicationConfigRuleSourceSelectionCriteriaArgs(
            sse_kms_encrypted_objects=s3.BucketReplicationConfigRuleSourceSelectionCriteriaSseKmsEncryptedObjectsArgs(
                status=ENABLED
            )
        ),
        destination=_destination(store),
    )


def _destination(store: WeightStore) -> s3.BucketReplicationConfigRuleDestinationArgs:
    return s3.BucketReplicationConfigRuleDestinationArgs(
        bucket=store.bucket_arn,
        encryption_configuration=s3.BucketReplicationConfigRuleDestinationEncryptionConfigurationArgs(
            replica_kms_key_id=store.key_arn
        ),
        replication_time=s3.BucketReplicationConfigRuleDestinationReplicationTimeArgs(
            status=ENABLED,
            time=s3.BucketReplicationConfigRuleDestinationReplicationTimeTimeArgs(minutes=plan.REPLICATION_MINUTES),
        ),
        metrics=s3.BucketReplicationConfigRuleDestinationMetricsArgs(
            status=ENABLED,
            event_threshold=s3.BucketReplicationConfigRuleDestinationMetricsEventThresholdArgs(
                minutes=plan.REPLICATION_MINUTES
            ),
        ),
    )
