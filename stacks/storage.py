"""Layer storage: a region's keys, weights, caches and images."""

import pulumi

from components import naming
from components.storage import plan
from components.storage.keys import Keys, KeysArgs
from components.storage.registry import Registry, RegistryArgs
from components.storage.weight_bucket import WeightBucket, WeightBucketArgs
from components.storage.weight_cache import WeightCache, WeightCacheArgs
from components.versions import ENGINE_IMAGES

from . import contracts, labels, providers
from .contracts import NetworkContract, StorageContract
from .name import StackName
from .settings import Environment, Region


def deploy(environment: Environment, stack: StackName) -> StorageContract:
    """Two keys, the weight bucket, an FSx cache in each zone to which a pool is bound, and the image registry."""
    region = environment.regions[stack.region]
    network = contracts.read(NetworkContract, stack.sibling("network"))
    tags = labels.tags(environment, stack)
    here = pulumi.ResourceOptions(provider=providers.amazon(environment, region.name))
    kept = pulumi.ResourceOptions(provider=here.provider, protect=environment.protect)
    keys = Keys(
        "keys",
        KeysArgs(environment=environment.name, account=environment.account, region=region.name, tags=tags),
        kept,
    )
    weights = WeightBucket(
        "weights",
        WeightBucketArgs(
            bucket=naming.weight_bucket(environment.account, environment.name, region.name),
            key_arn=keys.weight_key_arn,
            noncurrent_days=region.storage.noncurrent_days,
            deletable=not environment.protect,
            tags=tags,
        ),
        kept,
    )
    caches = {
        zone: WeightCache(
            f"cache-{zone}",
            WeightCacheArgs(
                subnet_id=network.private_subnet_ids[zone],
                security_group_id=network.security_group_ids["lustre"],
                bucket=weights.bucket,
                weight_key_arn=keys.weight_key_arn,
                log_group=naming.cache_logs(environment.name, zone),
                log_key_arn=keys.cluster_key_arn,
                capacity_gib=capacity_gib,
                throughput=region.storage.lustre_throughput,
                tags=tags,
            ),
            here,
        )
        for zone, capacity_gib in _caches(region).items()
    }
    registry = Registry(
        "registry",
        RegistryArgs(
            environment=environment.name,
            account=environment.account,
            region=region.name,
            repositories=sorted({image.repository for image in ENGINE_IMAGES.values()}),
            key_arn=keys.cluster_key_arn,
            deletable=not environment.protect,
            tags=tags,
        ),
        here,
    )
    handles = {zone: cache.handle for zone, cache in caches.items()}
    return StorageContract(
        weight_bucket=weights.bucket,
        weight_bucket_arn=weights.arn,
        weight_key_arn=keys.weight_key_arn,
        cluster_key_arn=keys.cluster_key_arn,
        file_systems=pulumi.Output.all(**handles) if handles else pulumi.Output.from_input({}),
        registry=registry.host,
    )


def _caches(region: Region) -> dict[str, int]:
    """The caches of a region by zone, and their capacity in GiB."""
    return plan.caches((region.pools[model.pool].zones, model.weights.size_gib) for model in region.models.values())
