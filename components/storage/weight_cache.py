"""A cache of weights in one zone: FSx for Lustre, linked to the region's own bucket.

Only names and sizes come at once; bytes come when a file is first read. Losing the cache loses nothing, so it has no
backup (FSx allows none on a linked file system) and no protection.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
from pulumi_aws import cloudwatch, fsx

from components import tags

from . import plan

FILE_SYSTEM_TIMEOUTS = pulumi.CustomTimeouts(create="30m", update="4h", delete="30m")
"""Creation takes 2 to 8 minutes and deletion 6. Growing moves data, so it may take hours."""

ASSOCIATION_TIMEOUTS = pulumi.CustomTimeouts(create="30m", update="30m", delete="30m")
"""Creation takes up to 7 minutes and deletion 8 to 10 (measured by others; AWS states none)."""


@dataclass(frozen=True, kw_only=True)
class WeightCacheArgs:
    """Where the cache is, how large and how fast."""

    subnet_id: pulumi.Input[str]
    security_group_id: pulumi.Input[str]
    bucket: pulumi.Input[str]
    weight_key_arn: pulumi.Input[str]
    log_group: str
    """Name of the log group of failed imports, under `/aws/fsx/`."""
    log_key_arn: pulumi.Input[str]
    capacity_gib: int
    throughput: int
    """MB/s per TiB."""
    tags: Mapping[str, str]


class WeightCache(pulumi.ComponentResource):
    """A file system and its link to the bucket's `models/`."""

    handle: pulumi.Output[dict[str, str]]
    """What a volume needs of it: `id`, `dns_name` and `mount_name`."""

    def __init__(self, name: str, args: WeightCacheArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("fleet:index:WeightCache", name, None, opts)
        logs = self._log_group(name, args)
        file_system = self._file_system(name, logs, args)
        self._association(name, file_system, args)
        self.handle = pulumi.Output.all(
            id=file_system.id, dns_name=file_system.dns_name, mount_name=file_system.mount_name
        )
        self.register_outputs({"handle": self.handle})

    def _log_group(self, name: str, args: WeightCacheArgs) -> cloudwatch.LogGroup:
        return cloudwatch.LogGroup(
            f"{name}-logs",
            name=args.log_group,
            retention_in_days=plan.CACHE_LOG_DAYS,
            kms_key_id=args.log_key_arn,
            tags=args.tags,
            opts=pulumi.ResourceOptions(parent=self, delete_before_replace=True),
        )

    def _file_system(self, name: str, logs: cloudwatch.LogGroup, args: WeightCacheArgs) -> fsx.LustreFileSystem:
        return fsx.LustreFileSystem(
            f"{name}-file-system",
            subnet_ids=args.subnet_id,
            security_group_ids=[args.security_group_id],
            deployment_type="PERSISTENT_2",
            storage_type="SSD",
            storage_capacity=args.capacity_gib,
            per_unit_storage_throughput=args.throughput,
            file_system_type_version="2.15",
            metadata_configuration=fsx.LustreFileSystemMetadataConfigurationArgs(mode="AUTOMATIC"),
            # Weights are close to random numbers: LZ4 would cost the servers' CPU and save nothing.
            data_compression_type="NONE",
            kms_key_id=args.weight_key_arn,
            automatic_backup_retention_days=0,
            skip_final_backup=True,
            log_configuration=fsx.LustreFileSystemLogConfigurationArgs(level="WARN_ERROR", destination=logs.arn),
            tags=tags.named(args.tags, name),
            opts=pulumi.ResourceOptions(parent=self, custom_timeouts=FILE_SYSTEM_TIMEOUTS),
        )

    def _association(self, name: str, file_system: fsx.LustreFileSystem, args: WeightCacheArgs) -> None:
        fsx.DataRepositoryAssociation(
            f"{name}-association",
            file_system_id=file_system.id,
            file_system_path=f"/{plan.WEIGHTS_PREFIX}",
            data_repository_path=pulumi.Output.format("s3://{0}/{1}", args.bucket, plan.WEIGHTS_PREFIX),
            batch_import_meta_data_on_create=True,
            imported_file_chunk_size=plan.IMPORT_CHUNK_MIB,
            s3=fsx.DataRepositoryAssociationS3Args(
                auto_import_policy=fsx.DataRepositoryAssociationS3AutoImportPolicyArgs(events=[*plan.IMPORT_EVENTS])
            ),
            tags=args.tags,
            opts=pulumi.ResourceOptions(parent=self, custom_timeouts=ASSOCIATION_TIMEOUTS),
        )
