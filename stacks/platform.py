"""Layer platform: what runs in a region's cluster so that models can, and the pools that Karpenter fills for them."""

from collections.abc import Mapping

import pulumi

from components import naming
from components.network import catalog as geography
from components.nodes.gpu_pool import GpuPool, GpuPoolArgs
from components.nodes.plan import Pool
from components.platform.controllers import Controllers, ControllersArgs
from components.platform.gateway import Gateway, GatewayArgs
from components.platform.monitoring import Monitoring
from components.serving.catalog import grace_seconds

from . import capacity, labels, providers
from .contracts import ClusterContract, NetworkContract, PlatformContract, StorageContract, read
from .name import StackName
from .settings import Environment, Region


def deploy(environment: Environment, stack: StackName) -> PlatformContract:
    """Controllers, gateway, monitoring and pools of one region."""
    region = environment.regions[stack.region]
    network = read(NetworkContract, stack.sibling("network"))
    storage = read(StorageContract, stack.sibling("storage"))
    cluster = read(ClusterContract, stack.sibling("cluster"))
    tags = labels.tags(environment, stack)
    both = {
        "aws": providers.amazon(environment, region.name),
        "kubernetes": providers.cluster(cluster, region.name),
    }

    def after(*made: pulumi.Resource) -> pulumi.ResourceOptions:
        return pulumi.ResourceOptions(providers=both, depends_on=list(made))

    pools = {name: _pool(region, name) for name in region.pools}
    monitoring = Monitoring("monitoring", after())
    controllers = Controllers(
        "controllers",
        ControllersArgs(
            region=region.name,
            cluster_name=cluster.name,
            vpc_id=network.vpc_id,
            karpenter_role_arn=cluster.karpenter_role_arn,
            interruption_queue=cluster.interruption_queue,
            target_group_arn=network.target_group_arn,
            lustre=any(pool.lustre for pool in pools.values()),
            tags=tags,
        ),
        after(monitoring),
    )
    gateway = Gateway("gateway", GatewayArgs(longest_answer=capacity.longest_answer(region)), after())
    nodes = {
        name: _gpu_pool(name, pool, network, storage, cluster, tags, after(controllers)) for name, pool in pools.items()
    }
    return PlatformContract(
        gateway=gateway.gateway,
        gateway_service=gateway.service,
        gateway_port=gateway.port,
        prometheus_address=monitoring.prometheus_address,
        node_pools=pulumi.Output.all(**{name: pool.node_pool for name, pool in nodes.items()}),
    )


def _pool(region: Region, name: str) -> Pool:
    """A pool as settings and models make it."""
    said = region.pools[name]
    return Pool(
        name=naming.kubernetes(name),
        instance_types=tuple(kind.name for kind in capacity.instance_types(region, name)),
        purchase=tuple(way.value for way in said.purchase),
        zones=said.zones or geography.chosen_zones(region.name, region.network.zones),
        max_gpus=said.max_gpus,
        reservation_ids=tuple(entry.id for entry in said.reservations),
        root_volume_gib=said.root_volume_gib,
        pod_grace_seconds=grace_seconds(capacity.longest_answer(region)),
        cost=capacity.cost(region, name),
    )


def _gpu_pool(
    name: str,
    pool: Pool,
    network: NetworkContract,
    storage: StorageContract,
    cluster: ClusterContract,
    tags: Mapping[str, str],
    options: pulumi.ResourceOptions,
) -> GpuPool:
    return GpuPool(
        name,
        GpuPoolArgs(
            pool=pool,
            role_name=cluster.node_role_name,
            subnet_ids=[network.private_subnet_ids[zone] for zone in pool.zones],
            security_group_ids=[network.security_group_ids["node"]],
            volume_key_arn=storage.cluster_key_arn,
            tags=tags,
        ),
        options,
    )
