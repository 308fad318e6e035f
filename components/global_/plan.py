"""The regions made one fleet: who takes how much traffic, whose weights go where, and what copying them may do."""

from collections.abc import Mapping
from typing import Any

from components import iam
from components.storage.plan import WEIGHTS_PREFIX

ACTIVE = "active"
"""The role of a region that serves while nothing fails; every other role waits."""

REPLICATED_PREFIX = f"{WEIGHTS_PREFIX}/"

REPLICATION_MINUTES = 15
"""S3 Replication Time Control sells this one limit (S3 guide: replication time control)."""


def traffic_dial(role: str) -> int:
    """Percent of the traffic nearest to a region that it takes. At 0 it still takes what the others cannot."""
    return 100 if role == ACTIVE else 0


def destinations(roles: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    """The regions to which each active region's weights go: every other one, so that active regions feed each other."""
    return {
        source: others
        for source, role in roles.items()
        if role == ACTIVE and (others := tuple(sorted(region for region in roles if region != source)))
    }


def read_statements(region: str, bucket_arn: object, objects_arn: object, key_arn: object) -> list[dict[str, Any]]:
    """What S3 may do in the bucket that it copies from. `objects_arn` are the objects that are copied."""
    read = ["s3:GetObjectVersionForReplication", "s3:GetObjectVersionAcl", "s3:GetObjectVersionTagging"]
    return [
        iam.statement("List", ["s3:GetReplicationConfiguration", "s3:ListBucket"], [bucket_arn]),
        iam.statement("Read", read, [objects_arn]),
        iam.statement("Decrypt", ["kms:Decrypt"], [key_arn], condition=_through_s3(region)),
    ]


def write_statements(region: str, objects_arn: object, key_arn: object) -> list[dict[str, Any]]:
    """What S3 may do in one region that it copies to. It may not delete: a loss must not be copied."""
    place = "".join(part.capitalize() for part in region.split("-"))
    return [
        iam.statement(f"Write{place}", ["s3:ReplicateObject", "s3:ReplicateTags"], [objects_arn]),
        iam.statement(
            f"Encrypt{place}", ["kms:Encrypt", "kms:GenerateDataKey"], [key_arn], condition=_through_s3(region)
        ),
    ]


def _through_s3(region: str) -> dict[str, Any]:
    return {"StringEquals": {"kms:ViaService": f"s3.{region}.amazonaws.com"}}
