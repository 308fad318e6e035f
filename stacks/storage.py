"""Layer storage: a region's keys, weights, caches and images."""

from collections.abc import Mapping

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
    caches = _caches(environment, region, network, keys, weights, tags, here)
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
    return StorageContract(
        weight_bucket=weights.bucket,
        weight_bucket_arn=weights.arn,
        weight_key_arn=keys.weight_key_arn,
        cluster_key_arn=keys.cluster_key_arn,
        file_systems=pulumi.Output.all(**caches) if caches else pulumi.Output.from_input({}),
        registry=registry.host,
    )


def _caches(
    environment: Environment,
    region: Region,
    network: NetworkContract,
    keys: Keys,
    weights: WeightBucket,
    tags: Mapping[str, str],
    options: pulumi.ResourceOptions,
) -> dict[str, pulumi.Output[dict[str, str]]]:
    """An FSx cache in each zone to which a pool with models is bound."""
    bound = ((region.pools[model.pool].zones, model.weights.size_gib) for model in region.models.values())
    return {
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
            options,
        ).handle
        for zone, capacity_gib in plan.caches(bound).items()
    }
