"""Who may use keys, bucket and registry. No document names a role of a later layer: KMS refuses one that is missing."""

from typing import Any

from components.iam import document, statement

_USE = ("kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:DescribeKey")


def weight_key(account: str, region: str) -> dict[str, Any]:
    """The policy of the key of weights: the account's own IAM decides, and FSx reads the bucket for its caches.

    FSx makes one service-linked role for each linked file system, so its name is known only afterwards (FSx for Lustre
    guide, "Working with server-side encrypted Amazon S3 buckets").
    """
    role = "role/aws-service-role/s3.data-source.lustre.fsx.amazonaws.com/AWSServiceRoleForFSxS3Access_*"
    caches = statement(
        "CachesReadTheBucket",
        _USE,
        ["*"],
        principal={"AWS": "*"},
        condition={
            "StringEquals": {"kms:CallerAccount": account, "kms:ViaService": f"s3.{region}.amazonaws.com"},
            "ArnLike": {"aws:PrincipalArn": f"arn:aws:iam::{account}:{role}"},
        },
    )
    return document(_account(account), caches)


def cluster_key(account: str, region: str) -> dict[str, Any]:
    """The policy of the key of cluster secrets, node volumes, logs and engine images.

    Volumes are allowed as in the policy of `aws/ebs`: to every principal of the account, but only through EC2. So
    Auto Scaling's service-linked role, Karpenter and the EBS driver need no KMS permission of their own.
    """
    volumes = statement(
        "VolumesThroughEc2",
        (*_USE, "kms:CreateGrant"),
        ["*"],
        principal={"AWS": "*"},
        condition={"StringEquals": {"kms:CallerAccount": account, "kms:ViaService": f"ec2.{region}.amazonaws.com"}},
    )
    logs = statement(
        "LogGroupsOfTheAccount",
        _USE,
        ["*"],
        principal={"Service": f"logs.{region}.amazonaws.com"},
        condition={"ArnLike": {"kms:EncryptionContext:aws:logs:arn": f"arn:aws:logs:{region}:{account}:log-group:*"}},
    )
    return document(_account(account), volumes, logs)


def weight_bucket(bucket: str) -> dict[str, Any]:
    """The bucket's policy: TLS only, 1.2 or newer. It allows nobody, so it can lock out neither FSx nor replication."""
    arns = [f"arn:aws:s3:::{bucket}", f"arn:aws:s3:::{bucket}/*"]
    plain = {"Bool": {"aws:SecureTransport": "false"}}
    old = {"NumericLessThan": {"s3:TlsVersion": "1.2"}}
    return document(
        statement("TlsOnly", ["s3:*"], arns, principal="*", effect="Deny", condition=plain),
        statement("Tls12OrNewer", ["s3:*"], arns, principal="*", effect="Deny", condition=old),
    )


def image_cache(account: str, region: str, environment: str) -> dict[str, Any]:
    """What ECR does when it makes the repository of an image that it caches: only a role of ours may tag it."""
    repositories = [f"arn:aws:ecr:{region}:{account}:repository/{environment}/*"]
    return document(
        statement("MakeAndTag", ["ecr:CreateRepository", "ecr:ReplicateImage", "ecr:TagResource"], repositories)
    )


def _account(account: str) -> dict[str, Any]:
    return statement("AccountDecides", ["kms:*"], ["*"], principal={"AWS": f"arn:aws:iam::{account}:root"})
