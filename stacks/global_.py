"""Layer global: the regions made one fleet. One per environment, last; it never waits for a model."""

import pulumi

from components.global_ import plan
from components.global_.front_door import FrontDoor, FrontDoorArgs, RegionalEntry
from components.global_.replication import Replication, ReplicationArgs, WeightStore

from . import labels, providers
from .contracts import BaseContract, GlobalContract, NetworkContract, StorageContract, read
from .name import StackName
from .settings import Environment, Region


def deploy(environment: Environment, stack: StackName) -> GlobalContract:
    """The front door, and the ways of weights between regions."""
    tags = labels.tags(environment, stack)
    regional = {region.name: providers.amazon(environment, region.name) for region in environment.active}
    door = FrontDoor(
        "front",
        FrontDoorArgs(
            domain=environment.domain.name,
            zone_id=read(BaseContract, stack.sibling("base")).zone_id,
            regions={region.name: _entry(stack, region) for region in environment.regions.values()},
            tags=tags,
        ),
        pulumi.ResourceOptions(provider=regional[environment.active[0].name], protect=environment.protect),
    )
    flows = plan.destinations({region.name: region.role.value for region in environment.regions.values()})
    stores = {name: _store(stack, name) for name in environment.regions} if flows else {}
    for source, others in flows.items():
        Replication(
            f"weights-{source}",
            ReplicationArgs(
                region=source,
                source=stores[source],
                destinations={region: stores[region] for region in others},
                tags=tags,
            ),
            pulumi.ResourceOptions(provider=regional[source]),
        )
    return GlobalContract(address=door.address)


def _entry(stack: StackName, region: Region) -> RegionalEntry:
    network = read(NetworkContract, stack.sibling("network", region.name))
    return RegionalEntry(
        load_balancer_arn=network.load_balancer_arn,
        load_balancer_dns_name=network.load_balancer_dns_name,
        load_balancer_zone_id=network.load_balancer_zone_id,
        traffic_dial=plan.traffic_dial(region.role.value),
    )


def _store(stack: StackName, region: str) -> WeightStore:
    storage = read(StorageContract, stack.sibling("storage", region))
    return WeightStore(
        bucket=storage.weight_bucket, bucket_arn=storage.weight_bucket_arn, key_arn=storage.weight_key_arn
    )
