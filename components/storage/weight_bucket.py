"""The bucket of one region's weights: versioned, encrypted, closed. `global` writes its replication, nobody else does.

It has no notification of its own: FSx installs one to follow the bucket, and another would replace it.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
from pulumi_aws import s3

from components import tags
from components.order import once

from . import iam, plan


@dataclass(frozen=True, kw_only=True)
class WeightBucketArgs:
    """What the bucket is called and how long it remembers."""

    bucket: str
    """The physical name: FSx links, replication and publishers are written from it."""
    key_arn: pulumi.Input[str]
    noncurrent_days: int
    """How long a replaced or deleted version can be brought back."""
    deletable: bool
    """Whether deleting the bucket may delete the weights in it."""
    tags: Mapping[str, str]


class WeightBucket(pulumi.ComponentResource):
    """The bucket and everything that S3 keeps as a resource beside it."""

    bucket: pulumi.Output[str]
    """The name, once encryption, policy and lifecycle hold; so with the ARN."""
    arn: pulumi.Output[str]

    def __init__(self, name: str, args: WeightBucketArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("fleet:index:WeightBucket", name, None, opts)
        bucket = self._bucket(name, args)
        versioning = self._versioning(name, bucket)
        closed = self._public_access_block(name, bucket)
        settled = (
            self._encryption(name, bucket, args),
            self._lifecycle(name, bucket, versioning, args),
            self._policy(name, bucket, closed, args),
            self._ownership(name, bucket),
        )
        self.bucket, self.arn = once(bucket.bucket, *settled), once(bucket.arn, *settled)
        self.register_outputs({"bucket": self.bucket, "arn": self.arn})

    def _bucket(self, name: str, args: WeightBucketArgs) -> s3.Bucket:
        return s3.Bucket(
            f"{name}-bucket",
            bucket=args.bucket,
            force_destroy=args.deletable,
            tags=tags.named(args.tags, args.bucket),
            opts=pulumi.ResourceOptions(parent=self, delete_before_replace=True),
        )

    def _encryption(self, name: str, bucket: s3.Bucket, args: WeightBucketArgs) -> pulumi.Resource:
        return s3.BucketServerSideEncryptionConfiguration(
            f"{name}-encryption",
            bucket=bucket.bucket,
            rules=[
                s3.BucketServerSideEncryptionConfigurationRuleArgs(
                    apply_server_side_encryption_by_default=s3.BucketServerSideEncryptionConfigurationRuleApplyServerSideEncryptionByDefaultArgs(
                        sse_algorithm="aws:kms", kms_master_key_id=args.key_arn
                    ),
                    bucket_key_enabled=True,
                    blocked_encryption_types=["SSE-C"],
                )
            ],
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _versioning(self, name: str, bucket: s3.Bucket) -> s3.BucketVersioning:
        return s3.BucketVersioning(
            f"{name}-versioning",
            bucket=bucket.bucket,
            versioning_configuration=s3.BucketVersioningVersioningConfigurationArgs(status="Enabled"),
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _lifecycle(
        self, name: str, bucket: s3.Bucket, versioning: s3.BucketVersioning, args: WeightBucketArgs
    ) -> pulumi.Resource:
        return s3.BucketLifecycleConfiguration(
            f"{name}-lifecycle",
            bucket=bucket.bucket,
            rules=[
                s3.BucketLifecycleConfigurationRuleArgs(
                    id="forget",
                    status="Enabled",
                    filter=s3.BucketLifecycleConfigurationRuleFilterArgs(prefix=""),
                    noncurrent_version_expiration=s3.BucketLifecycleConfigurationRuleNoncurrentVersionExpirationArgs(
                        noncurrent_days=args.noncurrent_days
                    ),
                    expiration=s3.BucketLifecycleConfigurationRuleExpirationArgs(expired_object_delete_marker=True),
                    abort_incomplete_multipart_upload=s3.BucketLifecycleConfigurationRuleAbortIncompleteMultipartUploadArgs(
                        days_after_initiation=plan.ABORT_UPLOAD_DAYS
                    ),
                )
            ],
            opts=pulumi.ResourceOptions(parent=self, depends_on=[versioning]),
        )

    def _public_access_block(self, name: str, bucket: s3.Bucket) -> s3.BucketPublicAccessBlock:
        return s3.BucketPublicAccessBlock(
            f"{name}-public-access-block",
            bucket=bucket.bucket,
            block_public_acls=True,
            block_public_policy=True,
            ignore_public_acls=True,
            restrict_public_buckets=True,
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _policy(
        self, name: str, bucket: s3.Bucket, closed: s3.BucketPublicAccessBlock, args: WeightBucketArgs
    ) -> pulumi.Resource:
        # S3 refuses a policy and an access block that are written at the same time.
        return s3.BucketPolicy(
            f"{name}-policy",
            bucket=bucket.bucket,
            policy=json.dumps(iam.weight_bucket(args.bucket), sort_keys=True),
            opts=pulumi.ResourceOptions(parent=self, depends_on=[closed]),
        )

    def _ownership(self, name: str, bucket: s3.Bucket) -> pulumi.Resource:
        return s3.BucketOwnershipControls(
            f"{name}-ownership",
            bucket=bucket.bucket,
            rule=s3.BucketOwnershipControlsRuleArgs(object_ownership="BucketOwnerEnforced"),
            opts=pulumi.ResourceOptions(parent=self),
        )
