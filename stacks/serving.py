"""Layer serving: the models of a region, from their weights to the load balancer."""

import pulumi

from components import naming
from components.serving.model_server import ModelServer, ModelServerArgs
from components.serving.plan import Model as Served
from components.serving.serving_region import ServingRegion, ServingRegionArgs
from components.storage.plan import cached_zone, caches

from . import labels, providers
from .contracts import ClusterContract, NetworkContract, PlatformContract, ServingContract, StorageContract, read
from .name import StackName
from .settings import Environment, Region
from .settings.schema import Model
from .settings.words import Task


def deploy(environment: Environment, stack: StackName) -> ServingContract:
    """The models of one region."""
    region = environment.regions[stack.region]
    network = read(NetworkContract, stack.sibling("network"))
    storage = read(StorageContract, stack.sibling("storage"))
    cluster = read(ClusterContract, stack.sibling("cluster"))
    platform = read(PlatformContract, stack.sibling("platform"))
    options = pulumi.ResourceOptions(
        providers=[providers.amazon(environment, region.name), providers.cluster(cluster, region.name)]
    )
    weighed = ((region.pools[model.pool].zones, model.weights.size_gib) for model in region.models.values())
    ground = ServingRegion(
        "serving",
        ServingRegionArgs(
            cluster_name=cluster.name,
            bucket_arn=storage.weight_bucket_arn,
            weight_key_arn=storage.weight_key_arn,
            cache_gib=caches(weighed),
            file_systems=storage.file_systems,
            gateway=platform.gateway,
            gateway_service=platform.gateway_service,
            gateway_port=platform.gateway_port,
            target_group_arn=network.target_group_arn,
            tags=labels.tags(environment, stack),
        ),
        options,
    )
    served = {name: _served(region, name, model) for name, model in region.models.items()}
    servers = {
        name: ModelServer(
            name,
            ModelServerArgs(
                model=model,
                environment=environment.name,
                region=region.name,
                namespace=ground.namespace,
                service_account=ground.service_account,
                registry=storage.registry,
                bucket=storage.weight_bucket,
                claim=ground.claims[model.cache_zone] if model.cache_zone else None,
                gateway=platform.gateway,
                prometheus_address=platform.prometheus_address,
            ),
            options,
        )
        for name, model in served.items()
    }
    return ServingContract(
        model_services=pulumi.Output.from_input({name: server.address for name, server in servers.items()}),
        floors=pulumi.Output.from_input({name: model.floor for name, model in served.items()}),
    )


def _served(region: Region, name: str, model: Model) -> Served:
    """A model's settings in the terms of `components.serving`."""
    embeds = model.task is Task.EMBED
    return Served(
        name=name,
        engine=model.engine,
        embeds=embeds,
        source=model.weights.source,
        revision=model.weights.revision,
        weights_gib=model.weights.size_gib,
        cache_zone=cached_zone(region.pools[model.pool].zones),
        pool=naming.kubernetes(model.pool),
        gpus=model.gpus,
        floor=region.floor(model),
        ceiling=model.replicas.max,
        ttft_ms=model.objective.ttft_ms,
        itl_ms=None if embeds else model.objective.itl_ms,
        context_tokens=model.context_tokens,
        max_output_tokens=model.max_output_tokens,
        max_concurrency=model.max_concurrency,
    )
