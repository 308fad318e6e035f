"""Layer cluster: a region's control plane, the way in, system nodes, add-ons, and what Karpenter needs of AWS.

Order is data: what comes later reads the cluster's name from what came before.
"""

from dataclasses import dataclass

import pulumi

from components import naming
from components.cluster import plan
from components.cluster.addons import Addons, AddonsArgs
from components.cluster.administrator import Administrator, AdministratorArgs
from components.cluster.control_plane import ControlPlane, ControlPlaneArgs
from components.cluster.karpenter import Karpenter, KarpenterArgs
from components.cluster.runner import Runner, RunnerArgs
from components.cluster.system_nodes import SystemNodes, SystemNodesArgs
from components.cluster.tunnel import Tunnel, TunnelArgs
from components.network.catalog import chosen_zones
from components.versions import SYSTEM_AMI_RELEASES, SYSTEM_AMI_TYPE

from . import contracts, labels, providers
from .contracts import ClusterContract, NetworkContract, StorageContract
from .name import StackName
from .settings import Environment, Region
from .settings.words import Access


@dataclass(frozen=True, kw_only=True)
class _Site:
    """What every part of the layer is made from."""

    environment: Environment
    region: Region
    network: NetworkContract
    key_arn: pulumi.Output[str]
    tags: dict[str, str]
    options: pulumi.ResourceOptions

    @property
    def cluster(self) -> str:
        return naming.cluster(self.environment.name, self.region.name)

    @property
    def zones(self) -> tuple[str, ...]:
        return chosen_zones(self.region.name, self.region.network.zones)

    @property
    def subnet_ids(self) -> list[pulumi.Output[str]]:
        """The private subnets of the control plane, system nodes and the way in."""
        return [self.network.private_subnet_ids[zone] for zone in self.zones[: plan.ZONES_OF_CONTROL_PLANE]]


def deploy(environment: Environment, stack: StackName) -> ClusterContract:
    """The cluster of one region."""
    site = _Site(
        environment=environment,
        region=environment.regions[stack.region],
        network=contracts.read(NetworkContract, stack.sibling("network")),
        key_arn=contracts.read(StorageContract, stack.sibling("storage")).cluster_key_arn,
        tags=labels.tags(environment, stack),
        options=pulumi.ResourceOptions(provider=providers.amazon(environment, stack.region)),
    )
    control = _control_plane(site)
    for role_arn in site.region.cluster.admin_role_arns:
        Administrator(
            f"administrator-{plan.role_key(role_arn)}",
            AdministratorArgs(cluster=control.name, role_arn=role_arn, tags=site.tags),
            site.options,
        )
    _way_in(site, control)
    _nodes(site, control)
    karpenter = Karpenter(
        "karpenter",
        KarpenterArgs(
            cluster=control.name,
            cluster_name=site.cluster,
            account=environment.account,
            region=stack.region,
            tags=site.tags,
        ),
        site.options,
    )
    return ClusterContract(
        name=control.name,
        endpoint=control.endpoint,
        certificate_authority=control.certificate_authority,
        security_group_id=control.security_group_id,
        node_role_name=karpenter.node_role_name,
        karpenter_role_arn=karpenter.role_arn,
        interruption_queue=karpenter.queue,
    )


def _control_plane(site: _Site) -> ControlPlane:
    return ControlPlane(
        "control-plane",
        ControlPlaneArgs(
            cluster=site.cluster,
            kubernetes=site.region.cluster.kubernetes,
            subnet_ids=site.subnet_ids,
            node_security_group_id=site.network.security_group_ids["node"],
            key_arn=site.key_arn,
            allow_list=site.region.cluster.allow_list,
            protect=site.environment.protect,
            tags=site.tags,
        ),
        pulumi.ResourceOptions(provider=site.options.provider, protect=site.environment.protect),
    )


def _nodes(site: _Site, control: ControlPlane) -> None:
    """Add-ons that nodes need, then nodes, then add-ons that need nodes."""
    settings = site.region.cluster
    before = plan.addons_before_nodes(
        settings.kubernetes,
        region=site.region.name,
        pod_subnet_ids={zone: site.network.pod_subnet_ids[zone] for zone in site.zones},
        pod_group=site.network.security_group_ids["node"],
    )
    ready = Addons("before-nodes", AddonsArgs(cluster=control.name, addons=before, tags=site.tags), site.options)
    nodes = SystemNodes(
        "system",
        SystemNodesArgs(
            cluster=ready.cluster,
            kubernetes=settings.kubernetes,
            ami_type=SYSTEM_AMI_TYPE,
            ami_release=SYSTEM_AMI_RELEASES[settings.kubernetes],
            instance_type=settings.system_nodes.instance_type,
            count=settings.system_nodes.count,
            subnet_ids=site.subnet_ids,
            security_group_ids=[control.security_group_id, site.network.security_group_ids["node"]],
            key_arn=site.key_arn,
            tags=site.tags,
        ),
        site.options,
    )
    after = plan.addons_after_nodes(settings.kubernetes, site.tags)
    Addons("after-nodes", AddonsArgs(cluster=nodes.cluster, addons=after, tags=site.tags), site.options)


def _way_in(site: _Site, control: ControlPlane) -> None:
    """How people and CI reach the endpoint; `allow_list` is the endpoint's own business."""
    callees = {"api": control.security_group_id, "endpoints": site.network.security_group_ids["endpoints"]}
    if site.region.access is Access.RUNNER:
        Runner(
            "runner",
            RunnerArgs(
                runner=naming.runner(site.environment.name, site.region.name),
                environment=site.environment.name,
                cluster=control.name,
                cluster_name=site.cluster,
                account=site.environment.account,
                region=site.region.name,
                vpc_id=site.network.vpc_id,
                subnet_ids=site.subnet_ids,
                callee_group_ids=callees,
                key_arn=site.key_arn,
                tags=site.tags,
            ),
            site.options,
        )
    elif site.region.access is Access.TUNNEL:
        Tunnel(
            "tunnel",
            TunnelArgs(
                vpc_id=site.network.vpc_id,
                subnet_ids=site.subnet_ids,
                callee_group_ids=callees,
                key_arn=site.key_arn,
                tags=site.tags,
            ),
            site.options,
        )
