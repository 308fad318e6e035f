"""The region's images: a repository for each engine, and a cache of the public registries that ECR can pull through.

nvcr.io cannot be pulled through, so engine images are mirrored by digest. Caches are warmed by the mirror too: a node
has no right to make the first pull.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
from pulumi_aws import ecr
from pulumi_aws import iam as aws_iam

from components import iam as policies
from components import naming

from . import iam, plan


@dataclass(frozen=True, kw_only=True)
class RegistryArgs:
    """Which images the registry holds."""

    environment: str
    account: str
    region: str
    repositories: Sequence[str]
    """Engine repositories, without the environment's name."""
    key_arn: pulumi.Input[str]
    deletable: bool
    """Whether deleting a repository may delete the images in it."""
    tags: Mapping[str, str]


class Registry(pulumi.ComponentResource):
    """Engine repositories and pull-through caches."""

    host: pulumi.Output[str]

    def __init__(self, name: str, args: RegistryArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("fleet:index:Registry", name, None, opts)
        for repository in args.repositories:
            self._repository(name, repository, args)
        maker_arn = self._cache_maker_arn(name, args)
        for upstream, host in plan.UPSTREAMS.items():
            self._cache(name, upstream, host, maker_arn, args)
        self.host = pulumi.Output.from_input(naming.registry(args.account, args.region))
        self.register_outputs({"host": self.host})

    def _repository(self, name: str, repository: str, args: RegistryArgs) -> None:
        made = ecr.Repository(
            f"{name}-{repository}",
            name=naming.image_repository(args.environment, repository),
            image_tag_mutability="IMMUTABLE",
            image_scanning_configuration=ecr.RepositoryImageScanningConfigurationArgs(scan_on_push=True),
            encryption_configurations=[
                ecr.RepositoryEncryptionConfigurationArgs(encryption_type="KMS", kms_key=args.key_arn)
            ],
            force_delete=args.deletable,
            tags=args.tags,
            opts=pulumi.ResourceOptions(parent=self, delete_before_replace=True),
        )
        ecr.LifecyclePolicy(
            f"{name}-{repository}-lifecycle",
            repository=made.name,
            policy=json.dumps(plan.image_lifecycle(), sort_keys=True),
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _cache_maker_arn(self, name: str, args: RegistryArgs) -> pulumi.Output[str]:
        """The role by which ECR makes the repositories of a cache, known once it may."""
        role = aws_iam.Role(
            f"{name}-cache-maker",
            assume_role_policy=policies.trust("ecr.amazonaws.com"),
            tags=args.tags,
            opts=pulumi.ResourceOptions(parent=self),
        )
        policy = aws_iam.RolePolicy(
            f"{name}-cache-maker-policy",
            role=role.name,
            policy=json.dumps(iam.image_cache(args.account, args.region, args.environment), sort_keys=True),
            opts=pulumi.ResourceOptions(parent=self),
        )
        return pulumi.Output.all(role.arn, policy.urn).apply(lambda made: made[0])

    def _cache(self, name: str, upstream: str, host: str, maker_arn: pulumi.Output[str], args: RegistryArgs) -> None:
        template = ecr.RepositoryCreationTemplate(
            f"{name}-{upstream}-template",
            prefix=naming.image_repository(args.environment, upstream),
            description=f"Repositories that cache {host}",
            applied_fors=["PULL_THROUGH_CACHE"],
            custom_role_arn=maker_arn,
            # ECR follows a tag that upstream moves; what we run is pinned.
            image_tag_mutability="MUTABLE",
            lifecycle_policy=json.dumps(plan.image_lifecycle(), sort_keys=True),
            resource_tags=args.tags,
            opts=pulumi.ResourceOptions(parent=self, delete_before_replace=True),
        )
        ecr.PullThroughCacheRule(
            f"{name}-{upstream}",
            ecr_repository_prefix=template.prefix,
            upstream_registry_url=host,
            opts=pulumi.ResourceOptions(parent=self, delete_before_replace=True),
        )
