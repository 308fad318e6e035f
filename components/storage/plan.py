"""Weights: where they lie in the bucket, and the file systems that cache them."""

from collections.abc import Iterable, Sequence
from math import ceil
from typing import Any

LUSTRE_THROUGHPUTS = (125, 250, 500, 1000)
"""MB/s per TiB that FSx sells for PERSISTENT_2 on SSD (botocore fsx CreateFileSystem)."""

SMALLEST_LUSTRE_GIB = 1200
LUSTRE_STEP_GIB = 2400
"""PERSISTENT_2 on SSD is sold as 1200, 2400 and then steps of 2400 GiB."""

ROOM_FOR_NEXT_REVISION = 2.0
"""A rollout holds the old and the new weights at once."""

WEIGHTS_PREFIX = "models"
"""The folder of the bucket that holds weights, and the path of the file system that is linked to it."""

MANIFEST = "manifest.sha256"
"""Written last, in the format of sha256sum: a model whose manifest does not verify does not exist."""


def lustre_capacity_gib(weights_gib: Iterable[float]) -> int:
    """The smallest legal file system that holds these weights and their next revision."""
    needed = sum(weights_gib) * ROOM_FOR_NEXT_REVISION
    if needed <= SMALLEST_LUSTRE_GIB:
        return SMALLEST_LUSTRE_GIB
    return ceil(needed / LUSTRE_STEP_GIB) * LUSTRE_STEP_GIB


def weights_path(model: str, revision: str) -> str:
    """The key prefix of one revision of a model's weights, without a slash at either end."""
    return f"{WEIGHTS_PREFIX}/{model}/{revision}"


IMPORT_CHUNK_MIB = 512
"""How much of a file FSx puts on one disk. The usual shard of 5 GB is then read from ten disks, not from five."""

IMPORT_EVENTS = ("NEW", "CHANGED", "DELETED")
"""What FSx takes over from the bucket. It exports nothing: a pod must not overwrite the source of truth."""

ABORT_UPLOAD_DAYS = 7
"""An unfinished multipart upload is billed like an object and listed like none."""

UNTAGGED_IMAGE_DAYS = 14

KEY_DELETION_DAYS = 30
"""The longest that KMS waits before it deletes a key, and with it everything that the key encrypted."""

CACHE_LOG_DAYS = 30

UPSTREAMS = {"ecr-public": "public.ecr.aws", "k8s": "registry.k8s.io"}
"""Public registries that ECR caches without credentials, by ECR's name for them. nvcr.io is none of them."""


def cached_zone(zones: Sequence[str]) -> str | None:
    """The zone whose cache a pool's models load from: its only zone, for a file system lives in one zone."""
    return zones[0] if len(zones) == 1 else None


def caches(models: Iterable[tuple[Sequence[str], float]]) -> dict[str, int]:
    """The capacity in GiB of each zone's cache, from the zones of each model's pool and the GiB of its weights."""
    held: dict[str, list[float]] = {}
    for zones, weights_gib in models:
        zone = cached_zone(zones)
        if zone is not None:
            held.setdefault(zone, []).append(weights_gib)
    return {zone: lustre_capacity_gib(held[zone]) for zone in sorted(held)}


def image_lifecycle() -> dict[str, Any]:
    """ECR's lifecycle policy: images that lost their tag go. A tagged one may be what a standby starts tomorrow."""
    selection = {
        "tagStatus": "untagged",
        "countType": "sinceImagePushed",
        "countUnit": "days",
        "countNumber": UNTAGGED_IMAGE_DAYS,
    }
    return {"rules": [{"rulePriority": 1, "selection": selection, "action": {"type": "expire"}}]}
