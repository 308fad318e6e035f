"""The two keys of a region: one for weights, one for what the cluster keeps.

They are apart because they are let go apart: a recalled model must not take the cluster's secrets with it.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pulumi
from pulumi_aws import kms

from components import naming, tags

from . import iam, plan


@dataclass(frozen=True, kw_only=True)
class KeysArgs:
    """Whose keys they are."""

    environment: str
    account: str
    region: str
    tags: Mapping[str, str]


class Keys(pulumi.ComponentResource):
    """A key for weights and a key for the cluster, each with an alias."""

    weight_key_arn: pulumi.Output[str]
    cluster_key_arn: pulumi.Output[str]
    """The key of cluster secrets, node volumes, logs and engine images."""

    def __init__(self, name: str, args: KeysArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("fleet:index:Keys", name, None, opts)
        self.weight_key_arn = self._key(name, "weights", iam.weight_key(args.account, args.region), args)
        self.cluster_key_arn = self._key(name, "cluster", iam.cluster_key(args.account, args.region), args)
        self.register_outputs({"weight_key_arn": self.weight_key_arn, "cluster_key_arn": self.cluster_key_arn})

    def _key(self, name: str, purpose: str, policy: dict[str, Any], args: KeysArgs) -> pulumi.Output[str]:
        alias = naming.key_alias(args.environment, args.region, purpose)
        key = kms.Key(
            f"{name}-{purpose}",
            description=f"{args.environment} {args.region}: {purpose}",
            policy=json.dumps(policy, sort_keys=True),
            enable_key_rotation=True,
            deletion_window_in_days=plan.KEY_DELETION_DAYS,
            tags=tags.named(args.tags, alias.removeprefix("alias/")),
            opts=pulumi.ResourceOptions(parent=self),
        )
        kms.Alias(
            f"{name}-{purpose}-alias",
            name=alias,
            target_key_id=key.key_id,
            opts=pulumi.ResourceOptions(parent=self, delete_before_replace=True),
        )
        return key.arn
