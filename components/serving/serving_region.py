"""What the models of a region share: their namespace, who their pods are, the caches, and the binding to the ALB."""

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
from pulumi_aws import eks, iam

from components import iam as documents
from components import manifest, naming

from .autoscaling import plan as autoscaling
from .plan import namespace
from .routes import plan as routes
from .weights import plan as weights


@dataclass(frozen=True, kw_only=True)
class ServingRegionArgs:
    """What other layers made for the models of a region."""

    cluster_name: pulumi.Input[str]
    bucket_arn: pulumi.Input[str]
    weight_key_arn: pulumi.Input[str]
    cache_gib: Mapping[str, int]
    """The zones that have an FSx cache, and its capacity in GiB."""
    file_systems: pulumi.Output[dict[str, dict[str, str]]]
    """The caches by zone: `id`, `dns_name` and `mount_name` of each."""
    gateway: pulumi.Input[str]
    gateway_service: pulumi.Input[str]
    gateway_port: pulumi.Input[int]
    target_group_arn: pulumi.Input[str]
    tags: Mapping[str, str]


class ServingRegion(pulumi.ComponentResource):
    """The ground on which model servers stand."""

    namespace: pulumi.Output[str]
    service_account: pulumi.Output[str]
    """The service account of engines; known only once its pods may read weights."""
    claims: Mapping[str, pulumi.Output[str]]
    """The claim on the cache of each zone that has one."""

    def __init__(self, name: str, args: ServingRegionArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("fleet:index:ServingRegion", name, None, opts)
        self.namespace = self._namespace(name)
        self.service_account = self._identity(name, args)
        self._scripts(name)
        self.claims = {zone: self._cache(name, zone, size, args) for zone, size in args.cache_gib.items()}
        self._door(name, args)
        self.register_outputs({"namespace": self.namespace, "service_account": self.service_account})

    def _namespace(self, name: str) -> pulumi.Output[str]:
        made = manifest.create(f"{name}-namespace", namespace(), pulumi.ResourceOptions(parent=self))
        return made.urn.apply(lambda _: naming.NAMESPACE_SERVING)

    def _identity(self, name: str, args: ServingRegionArgs) -> pulumi.Output[str]:
        role = iam.Role(
            f"{name}-engine-role",
            assume_role_policy=documents.pod_identity_trust(),
            description="Engine pods: they read weights",
            tags=args.tags,
            opts=pulumi.ResourceOptions(parent=self),
        )
        objects = pulumi.Output.concat(args.bucket_arn, weights.OBJECTS)
        allowed = iam.RolePolicy(
            f"{name}-engine-policy",
            role=role.name,
            policy=pulumi.Output.json_dumps(weights.policy(args.bucket_arn, objects, args.weight_key_arn)),
            opts=pulumi.ResourceOptions(parent=self),
        )
        association = eks.PodIdentityAssociation(
            f"{name}-engine-identity",
            cluster_name=args.cluster_name,
            namespace=naming.NAMESPACE_SERVING,
            service_account=naming.WEIGHTS_SERVICE_ACCOUNT,
            role_arn=role.arn,
            tags=args.tags,
            opts=pulumi.ResourceOptions(parent=self, depends_on=[allowed]),
        )
        account = manifest.create(
            f"{name}-engine", weights.service_account(self.namespace), pulumi.ResourceOptions(parent=self)
        )
        made = pulumi.Output.all(account.urn, association.urn)
        return made.apply(lambda _: naming.WEIGHTS_SERVICE_ACCOUNT)

    def _scripts(self, name: str) -> None:
        manifest.create(f"{name}-scripts", weights.scripts(self.namespace), pulumi.ResourceOptions(parent=self))

    def _cache(self, name: str, zone: str, capacity_gib: int, args: ServingRegionArgs) -> pulumi.Output[str]:
        handle = args.file_systems[zone]
        fields = {key: handle[key] for key in ("id", "dns_name", "mount_name")}
        volume = manifest.create(
            f"{name}-volume-{zone}",
            weights.cache_volume(zone, capacity_gib, fields, fields["id"]),
            pulumi.ResourceOptions(parent=self),
        )
        claim = manifest.create(
            f"{name}-claim-{zone}",
            weights.cache_claim(capacity_gib, fields["id"], self.namespace),
            pulumi.ResourceOptions(parent=self, depends_on=[volume]),
        )
        return pulumi.Output.all(fields["id"], claim.urn).apply(lambda made: made[0])

    def _door(self, name: str, args: ServingRegionArgs) -> None:
        manifest.create(
            f"{name}-binding",
            routes.target_group_binding(args.gateway_service, args.gateway_port, args.target_group_arn),
            pulumi.ResourceOptions(parent=self),
        )
        manifest.create(
            f"{name}-gateway-monitor",
            autoscaling.gateway_monitor(args.gateway),
            pulumi.ResourceOptions(parent=self),
        )
