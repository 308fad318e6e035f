"""Keys, buckets, file systems and registries."""

from .row import Row, named

_KEY = "{hex:.8}-0000-4000-8000-{digits:.12}"

ROWS: dict[str, Row] = {
    "aws:kms/key:Key": Row(_KEY, {"arn": "arn:aws:kms:{region}:{account}:key/{id}", "keyId": "{id}"}),
    "aws:kms/alias:Alias": named("name", "kms:{region}:{account}:{id}"),
    "aws:s3/bucket:Bucket": named(
        "bucket",
        "s3:::{id}",
        bucketDomainName="{id}.s3.amazonaws.com",
        bucketRegionalDomainName="{id}.s3.{region}.amazonaws.com",
    ),
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": Row("{in_bucket}"),
    "aws:s3/bucketVersioning:BucketVersioning": Row("{in_bucket}"),
    "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": Row("{in_bucket}"),
    "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": Row("{in_bucket}"),
    "aws:s3/bucketPolicy:BucketPolicy": Row("{in_bucket}"),
    "aws:s3/bucketOwnershipControls:BucketOwnershipControls": Row("{in_bucket}"),
    "aws:fsx/lustreFileSystem:LustreFileSystem": Row(
        "fs-{hex}",
        {
            "arn": "arn:aws:fsx:{region}:{account}:file-system/{id}",
            "dnsName": "{id}.fsx.{region}.amazonaws.com",
            "mountName": "{hex:.8}",
        },
    ),
    "aws:fsx/dataRepositoryAssociation:DataRepositoryAssociation": Row(
        "dra-{hex}",
        {"arn": "arn:aws:fsx:{region}:{account}:association/{in_fileSystemId}/{id}", "associationId": "{id}"},
    ),
    "aws:ecr/repository:Repository": named(
        "name",
        "ecr:{region}:{account}:repository/{id}",
        registryId="{account}",
        repositoryUrl="{account}.dkr.ecr.{region}.amazonaws.com/{id}",
    ),
    "aws:ecr/lifecyclePolicy:LifecyclePolicy": Row("{in_repository}", {"registryId": "{account}"}),
    "aws:ecr/pullThroughCacheRule:PullThroughCacheRule": Row("{in_ecrRepositoryPrefix}", {"registryId": "{account}"}),
    "aws:ecr/repositoryCreationTemplate:RepositoryCreationTemplate": Row("{in_prefix}", {"registryId": "{account}"}),
}
