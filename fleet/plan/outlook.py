"""What a plan says beyond the resources: nodes and dollars, what a failover would find, what policy says."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from components.cost.plan import Nodes, unpriced, usd_per_hour, usd_per_month
from components.nodes.catalog import catalog
from policies.rules import BUDGET, RULES, Finding, Level, judge
from stacks import capacity
from stacks.settings import Environment
from stacks.settings.words import Role

from ..render import Rendered, Resource

UNPRICED_TYPES: Mapping[str, str] = {
    "aws:ec2/natGateway:NatGateway": "NAT gateway",
    "aws:ec2/vpcEndpoint:VpcEndpoint": "VPC endpoint",
    "aws:eks/cluster:Cluster": "EKS control plane",
    "aws:eks/nodeGroup:NodeGroup": "system node group",
    "aws:fsx/lustreFileSystem:LustreFileSystem": "FSx for Lustre file system",
    "aws:globalaccelerator/accelerator:Accelerator": "Global Accelerator",
    "aws:kms/key:Key": "KMS key",
    "aws:lb/loadBalancer:LoadBalancer": "load balancer",
    "aws:s3/bucketReplicationConfig:BucketReplicationConfig": "bucket replication",
    "aws:wafv2/webAcl:WebAcl": "web ACL",
}
"""What AWS bills by the hour or the month and this plan does not price."""


@dataclass(frozen=True)
class Bill:
    """Some nodes with their dollars; `unpriced` types are in the nodes and not in the dollars."""

    nodes: tuple[Nodes, ...]

    @property
    def usd_per_hour(self) -> float:
        """Dollars an hour of what has a price."""
        return usd_per_hour(self.nodes)

    @property
    def usd_per_month(self) -> float:
        """Dollars a month of what has a price."""
        return usd_per_month(self.nodes)

    @property
    def unpriced(self) -> tuple[str, ...]:
        """Instance types without a known price in this region."""
        return unpriced(self.nodes)

    @property
    def upper_bound(self) -> bool:
        """Whether spot nodes are counted at the on-demand price."""
        return any(entry.upper_bound for entry in self.nodes)


@dataclass(frozen=True)
class PoolOutlook:
    """One pool of one region: what runs when nobody calls, and what runs at its limit."""

    region: str
    pool: str
    gpu: str
    floor: Bill
    ceiling: Bill


@dataclass(frozen=True)
class Failover:
    """What a standby region holds of a model at the minute in which it takes over."""

    region: str
    model: str
    replicas: int | None
    """None where the region does not serve the model at all."""
    active_floor: int
    """Replicas of the model in all active regions when nobody calls."""
    active_ceiling: int


@dataclass(frozen=True)
class Judged:
    """What a rule found, and in which stack; the environment's name where all stacks together are meant."""

    stack: str
    finding: Finding


@dataclass(frozen=True)
class Outlook:
    """The plan of an environment."""

    rendered: Rendered
    pools: tuple[PoolOutlook, ...]
    failovers: tuple[Failover, ...]
    findings: tuple[Judged, ...]

    @property
    def floor(self) -> Bill:
        """All pools when nobody calls."""
        return Bill(tuple(nodes for pool in self.pools for nodes in pool.floor.nodes))

    @property
    def ceiling(self) -> Bill:
        """All pools at their limits."""
        return Bill(tuple(nodes for pool in self.pools for nodes in pool.ceiling.nodes))

    @property
    def violated(self) -> bool:
        """Whether a mandatory rule is broken."""
        return any(judged.finding.level is Level.MANDATORY for judged in self.findings)

    @property
    def not_priced(self) -> Mapping[str, int]:
        """What is billed and has no price here, counted over all stacks."""
        billed = (one for one in resources(self.rendered) if one.inputs.get("vpcEndpointType") != "Gateway")
        kinds = (UNPRICED_TYPES.get(resource.type) for resource in billed)
        return dict(sorted(Counter(kind for kind in kinds if kind).items()))


def outlook(rendered: Rendered) -> Outlook:
    """Everything that the plan says of a rendered environment."""
    environment = rendered.environment
    pools = tuple(
        _pool(environment, region, pool) for region, known in environment.regions.items() for pool in known.pools
    )
    return Outlook(rendered, pools, _failovers(environment), _findings(rendered))


def resources(rendered: Rendered) -> tuple[Resource, ...]:
    """Every resource of every stack."""
    return tuple(resource for stack in rendered.stacks for resource in stack.resources)


def prices() -> tuple[str, str]:
    """The day of the prices, and where they come from."""
    known = catalog()
    return known.prices_dated, known.source


def _pool(environment: Environment, region: str, pool: str) -> PoolOutlook:
    where = environment.regions[region]
    cost = capacity.cost(where, pool)
    return PoolOutlook(region, pool, where.pools[pool].gpu.value, Bill(cost.floor), Bill(cost.ceiling))


def _failovers(environment: Environment) -> tuple[Failover, ...]:
    """Every model that an active region serves, as each standby region would take it over."""
    active = environment.active
    served = dict.fromkeys(name for region in active for name in region.models)
    return tuple(
        Failover(
            region=region.name,
            model=name,
            replicas=region.models[name].replicas.standby if name in region.models else None,
            active_floor=sum(one.models[name].replicas.min for one in active if name in one.models),
            active_ceiling=sum(one.models[name].replicas.max for one in active if name in one.models),
        )
        for region in environment.regions.values()
        if region.role is Role.STANDBY
        for name in served
    )


def _findings(rendered: Rendered) -> tuple[Judged, ...]:
    """What the rules say of each stack, and of the environment's dollars as a whole."""
    environment = rendered.environment
    by_stack = [rule for rule in RULES if rule not in BUDGET]
    config = {rule.name: {"monthlyUsd": environment.budget.monthly_usd} for rule in BUDGET}
    each = (
        Judged(str(stack.name), finding)
        for stack in rendered.stacks
        for finding in judge(map(_judged, stack.resources), {}, by_stack)
    )
    whole = judge(map(_judged, resources(rendered)), config, BUDGET)
    return (*each, *(Judged(environment.name, finding) for finding in whole))


def _judged(resource: Resource) -> tuple[str, str, Mapping[str, Any]]:
    return resource.type, resource.name, resource.outputs
