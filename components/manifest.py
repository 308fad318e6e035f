"""Kubernetes manifests, drawn as they are written: every key of a manifest reaches the cluster exactly as it stands."""

import re
from collections.abc import Mapping
from types import ModuleType
from typing import Any

import pulumi
from pulumi_kubernetes import apiextensions
from pulumi_kubernetes.apps import v1 as apps
from pulumi_kubernetes.core import v1 as core
from pulumi_kubernetes.networking import v1 as networking
from pulumi_kubernetes.policy import v1 as policy
from pulumi_kubernetes.rbac import v1 as rbac
from pulumi_kubernetes.scheduling import v1 as scheduling

BUILT_IN: Mapping[str, ModuleType] = {
    "v1": core,
    "apps/v1": apps,
    "networking.k8s.io/v1": networking,
    "policy/v1": policy,
    "rbac.authorization.k8s.io/v1": rbac,
    "scheduling.k8s.io/v1": scheduling,
}
"""The built-in API groups that we use, and the SDK module of each. Every other group is a custom resource."""

_CAPITAL = re.compile(r"(?=[A-Z])")


def create(name: str, manifest: Mapping[str, Any], opts: pulumi.ResourceOptions) -> pulumi.CustomResource:
    """The object that a manifest describes. It may carry outputs anywhere below its kind.

    Raises TypeError for a top-level key that the kind does not have.
    """
    fields = {key: value for key, value in manifest.items() if key not in ("apiVersion", "kind")}
    group, kind = manifest["apiVersion"], manifest["kind"]
    if group in BUILT_IN:
        # A constructor's own arguments are the only names that the SDK spells its own way.
        arguments = {_CAPITAL.sub("_", key).lower(): value for key, value in fields.items()}
        return getattr(BUILT_IN[group], kind)(name, opts=opts, **arguments)
    return apiextensions.CustomResource(name, api_version=group, kind=kind, opts=opts, **fields)
