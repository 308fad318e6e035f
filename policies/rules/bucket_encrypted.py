"""Every bucket has a configuration of its own that encrypts with KMS. S3 makes that a resource beside the bucket."""

from collections.abc import Iterator, Sequence

from .reading import at, items
from .rule import Resource, Settings, StackRule

_BUCKET = "aws:s3/bucket:Bucket"
_CONFIGURATION = "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration"
_KMS = ("aws:kms", "aws:kms:dsse")


def _validate(resources: Sequence[Resource], settings: Settings) -> Iterator[tuple[Resource, str]]:
    del settings
    encrypted = [
        at(resource.props, "bucket") for resource in resources if resource.type == _CONFIGURATION and _by_kms(resource)
    ]
    for resource in resources:
        if resource.type == _BUCKET and at(resource.props, "bucket") not in encrypted:
            yield resource, "no BucketServerSideEncryptionConfiguration with sseAlgorithm aws:kms names this bucket"


def _by_kms(resource: Resource) -> bool:
    return any(
        at(entry, "applyServerSideEncryptionByDefault", "sseAlgorithm") in _KMS
        for entry in items(at(resource.props, "rules"))
    )


RULE = StackRule(
    name="bucket-encrypted",
    must="a bucket's objects are encrypted with a KMS key",
    why="With S3's own key whoever may read the bucket may read the weights, and no log tells who did",
    remedy="Add the configuration with a key of the storage layer",
    validate=_validate,
)
