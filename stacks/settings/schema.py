"""What an environment says: frozen models of `fleet.yaml` and `<region>.yaml`.

Every field's description is the text of `fleet explain` and of the editors' JSON Schema, and the reason in an error.
`Head` is said once, in `fleet.yaml`. `Regional` is said there for every region, and `<region>.yaml` overrides it by
deep merge. `Environment` is the outcome: every region with everything resolved.
"""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from components.nodes.catalog import Gpu
from components.versions import Engine

from .words import (
    Access,
    Cidr,
    Count,
    Gpus,
    HostName,
    LoadBalancer,
    Name,
    Nat,
    Purchase,
    RegionName,
    Role,
    RoleArn,
    SubnetId,
    Tag,
    Task,
    Zone,
)


class Frozen(BaseModel):
    """Settings never change once read, and a key that nobody knows is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False, hide_input_in_errors=True)


class Owner(Frozen):
    """Who answers for the environment and who pays."""

    team: Tag = Field(description="The team that is paged for this environment; the tag `owner`.")
    cost_center: Tag = Field(description="Where finance books it; the tag `cost-center`. Quote it: ids are text.")


class Domain(Frozen):
    """The address that clients call."""

    name: HostName = Field(description="The host name of the front door; every region's certificate carries it.")
    hosted_zone_id: Annotated[str, StringConstraints(pattern=r"^Z[A-Z0-9]{6,31}$")] | None = Field(
        default=None,
        description="The Route 53 zone that holds the name. Left out, a zone of that name is made, and its name "
        "servers must be delegated before a certificate can be validated.",
    )


class Budget(Frozen):
    """What the environment may cost."""

    monthly_usd: Annotated[float, Field(gt=0)] = Field(
        description="Dollars a month. The floor of all regions must fit (refused otherwise); a ceiling above it is "
        "a warning."
    )


class RegionHead(Frozen):
    """What `fleet.yaml` says of a region."""

    role: Role = Field(
        description="`active` serves and holds `replicas.min`; `standby` takes failover and holds `replicas.standby`."
    )


class Identity(Frozen):
    """What an environment is as a whole."""

    account: Annotated[str, StringConstraints(pattern=r"^[0-9]{12}$")] = Field(
        description="The AWS account, twelve digits in quotes. Providers refuse to work in any other."
    )
    owner: Owner = Field(description="Who answers and who pays: both become tags on everything.")
    domain: Domain = Field(description="The address that clients call.")
    budget: Budget = Field(description="What the environment may cost.")
    protect: bool = Field(
        default=True,
        description="Whether what holds data or identity (VPC, cluster, keys, weights) refuses to be deleted.",
    )


class Head(Identity):
    """What is said once, in `fleet.yaml`."""

    regions: Annotated[dict[RegionName, RegionHead], Field(min_length=1)] = Field(
        description="The regions by name; each may have a file `<region>.yaml` with what is special to it."
    )


class AdoptedNetwork(Frozen):
    """A VPC that somebody else owns, by ids. Subnets are mappings from zone to subnet id."""

    vpc_id: Annotated[str, StringConstraints(pattern=r"^vpc-[0-9a-f]{8,17}$")] = Field(description="The VPC.")
    private_subnets: dict[Zone, SubnetId] = Field(
        description="Subnets of nodes, by zone; each needs a route to the internet."
    )
    pod_subnets: dict[Zone, SubnetId] = Field(description="Subnets of pods, by zone, in the same zones.")
    public_subnets: dict[Zone, SubnetId] = Field(
        default={}, description="Subnets of an internet-facing load balancer; not needed for an internal one."
    )


class Network(Frozen):
    """Addresses, zones and the way in and out."""

    cidr: Cidr = Field(
        description="Addresses of nodes, endpoints and load balancers: /20 or wider, unique to the region."
    )
    pod_cidr: Cidr = Field(description="Addresses of pods, a secondary block: /18 or wider, unique to the region.")
    zones: tuple[Zone, ...] = Field(
        default=(), description="Availability zones, three or more. Left out: the first three of the region."
    )
    nat: Nat = Field(
        default=Nat.PER_ZONE, description="`per-zone` survives the loss of a zone; `single` is cheaper and does not."
    )
    load_balancer: LoadBalancer = Field(
        default=LoadBalancer.INTERNAL,
        description="`internal` is reachable through Global Accelerator and from the VPC; `internet-facing` from "
        "anywhere.",
    )
    adopt: AdoptedNetwork | None = Field(
        default=None,
        description="Use an existing VPC and its subnets; only security groups and the load balancer are made.",
    )


class Storage(Frozen):
    """Where weights are kept and cached."""

    lustre_throughput: int = Field(
        default=250,
        description="FSx for Lustre: MB/s per TiB, one of 125, 250, 500, 1000 (PERSISTENT_2). Without EFA one node "
        "reads at most 625 MB/s from each 2.4 TiB server, so capacity helps a single cold start more.",
    )
    noncurrent_days: Annotated[int, Field(ge=1, le=3650)] = Field(
        default=30, description="How long a replaced or deleted version of a weight file can be brought back."
    )


class SystemNodes(Frozen):
    """The managed nodes on which controllers run: Karpenter cannot run on nodes that it makes."""

    instance_type: str = Field(default="m7i.xlarge", description="Instance type of system nodes, without a GPU.")
    count: Annotated[int, Field(ge=2, le=12)] = Field(
        default=3, description="How many, over at least two zones: Karpenter's two replicas refuse to share one."
    )


class Cluster(Frozen):
    """The EKS control plane."""

    kubernetes: str = Field(default="1.35", description="Kubernetes version, in quotes. 1.35 is the newest with FSx.")
    admin_role_arns: tuple[RoleArn, ...] = Field(
        default=(), description="IAM roles of people who administer the cluster; each gets an access entry."
    )
    allow_list: tuple[Cidr, ...] = Field(
        default=(), description="Networks that may reach a public endpoint; only with `access: allow_list`."
    )
    system_nodes: SystemNodes = Field(default=SystemNodes(), description="The managed nodes on which controllers run.")


class Reservation(Frozen):
    """An On-Demand Capacity Reservation that exists: Karpenter uses reservations and never buys one."""

    id: Annotated[str, StringConstraints(pattern=r"^cr-[0-9a-f]{8,17}$")] = Field(description="The reservation's id.")
    instance_type: str = Field(description="The instance type that it holds.")
    count: Count = Field(description="How many instances it holds; all are billed, used or not.")
    zone: Zone = Field(description="The zone that it is in; the pool must include it.")


class Pool(Frozen):
    """A class of GPU capacity in a region."""

    gpu: Gpu = Field(description="The GPU class; instance sizes follow from what its models need.")
    purchase: Annotated[tuple[Purchase, ...], Field(min_length=1)] = Field(
        description="How capacity may be bought: `reserved`, `spot`, `on-demand`. Karpenter tries them in this order."
    )
    max_gpus: Count = Field(description="The most GPUs of this pool in one region: Karpenter's limit.")
    instance_types: tuple[str, ...] = Field(
        default=(),
        description="Narrows the pool to these types. Left out: every type of the class that fits each of its models.",
    )
    zones: tuple[Zone, ...] = Field(
        default=(),
        description="Narrows the pool to these zones. One zone gives its models an FSx cache; several use node NVMe.",
    )
    reservations: tuple[Reservation, ...] = Field(
        default=(), description="Capacity reservations in this region, needed where `purchase` names `reserved`."
    )
    root_volume_gib: Annotated[int, Field(ge=50, le=16384)] = Field(
        default=200, description="Root volume of a node. Images and NVMe weights live on the instance store."
    )


class Weights(Frozen):
    """Which weights, exactly."""

    source: Annotated[str, StringConstraints(pattern=r"^(hf|s3)://[^/]+/.+$")] = Field(
        description="Where the publisher found them: `hf://owner/name` or `s3://bucket/prefix`. Nodes never go there."
    )
    revision: Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z][0-9A-Za-z._-]{6,63}$")] = Field(
        description="The immutable revision (a commit, not a branch): the folder in the bucket."
    )
    size_gib: Annotated[float, Field(gt=0, le=4096)] = Field(
        description="Size on disk in GiB: decides what fits into GPU memory and how long a cold start takes."
    )


class Replicas(Frozen):
    """How many replicas, per region."""

    min: Count = Field(default=1, description="The floor in an active region.")
    max: Count = Field(description="The ceiling in any region.")
    standby: Annotated[int, Field(ge=0, le=5000)] = Field(
        default=0, description="The floor in a standby region. 0: after a failover the first request waits for a node."
    )


class Objective(Frozen):
    """What the model promises."""

    ttft_ms: Annotated[int, Field(ge=1)] = Field(description="Time to first token, milliseconds, 95th percentile.")
    itl_ms: Annotated[int, Field(ge=1)] | None = Field(
        default=None, description="Inter-token latency, milliseconds, 95th percentile; needed for a generating model."
    )


class Model(Frozen):
    """A served model: weights, engine, pool and objective."""

    weights: Weights = Field(description="Which weights, exactly.")
    engine: Engine = Field(description="The server program.")
    task: Task = Field(
        default=Task.GENERATE, description="`generate` answers with tokens; `embed` answers with a vector."
    )
    pool: Name = Field(description="The pool on which it runs.")
    gpus: Gpus = Field(default=1, description="GPUs of one replica, which is its tensor parallelism: 1, 2, 4 or 8.")
    replicas: Replicas = Field(description="How many replicas, per region.")
    objective: Objective = Field(description="What the model promises.")
    context_tokens: Annotated[int, Field(ge=256)] = Field(
        default=8192, description="The longest prompt and answer together, in tokens."
    )
    max_output_tokens: Annotated[int, Field(ge=1)] = Field(
        default=2048, description="The longest answer, in tokens: with the objective it gives the longest stream."
    )
    max_concurrency: Annotated[int, Field(ge=1, le=4096)] = Field(
        default=64, description="Requests that one replica serves at once; autoscaling aims at three quarters of it."
    )


class Regional(Frozen):
    """What `fleet.yaml` says of every region and `<region>.yaml` may override."""

    access: Access = Field(
        default=Access.RUNNER,
        description="How people and CI reach the private API endpoint: `runner` (a build project in the VPC, for CI), "
        "`tunnel` (SSM port forward, for people) or `allow_list` (public for named networks).",
    )
    network: Network = Field(description="Addresses, zones and the way in and out.")
    storage: Storage = Field(default=Storage(), description="Where weights are kept and cached.")
    cluster: Cluster = Field(default=Cluster(), description="The EKS control plane.")
    pools: Annotated[dict[Name, Pool], Field(min_length=1)] = Field(description="GPU capacity, by name.")
    models: Annotated[dict[Name, Model], Field(min_length=1)] = Field(description="Served models, by name.")


class Region(Regional):
    """One region of the environment with everything resolved."""

    name: str
    role: Role

    def floor(self, model: Model) -> int:
        """The replicas that this region holds when nobody calls."""
        return model.replicas.min if self.role is Role.ACTIVE else model.replicas.standby


class Environment(Identity):
    """A whole environment, resolved and checked."""

    name: str
    regions: dict[str, Region]

    @property
    def active(self) -> tuple[Region, ...]:
        """The regions that serve while nothing fails, in the order of `fleet.yaml`."""
        return tuple(region for region in self.regions.values() if region.role is Role.ACTIVE)
