"""The one shape of a Helm release: a pinned chart under its own name, all of it or nothing."""

from collections.abc import Mapping
from typing import Any

import pulumi
from pulumi_kubernetes.helm import v3 as helm

from components.naming import NAMESPACE_SYSTEM
from components.versions import CHARTS

TIMEOUT_SECONDS = 600
"""Two replicas, whose images are pulled for the first time, one after the other."""


CRDS_APART = ("karpenter",)
"""Charts whose CRDs are a chart of their own: Helm never upgrades those that lie inside."""


def release(name: str, chart: str, values: Mapping[str, Any], opts: pulumi.ResourceOptions) -> helm.Release:
    """A chart of `components.versions.CHARTS`, in its namespace.

    The release is called like its chart, because Services and selectors take their names from it. One that fails is
    undone, so that the next `up` finds either the old state or none, never half of the new.
    """
    pinned = CHARTS[chart]
    return helm.Release(
        name,
        name=chart,
        chart=pinned.name,
        version=pinned.version,
        repository_opts=helm.RepositoryOptsArgs(repo=pinned.repository) if pinned.repository else None,
        namespace=pinned.namespace,
        create_namespace=pinned.namespace != NAMESPACE_SYSTEM,
        values=values,
        skip_crds=chart in CRDS_APART,
        atomic=True,
        cleanup_on_fail=True,
        timeout=TIMEOUT_SECONDS,
        opts=opts,
    )
