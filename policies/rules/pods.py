"""Pod templates: where each kind of workload keeps them, and what they ask for."""

from collections.abc import Iterator, Mapping
from typing import Any

from .reading import at, items, mapping, shown
from .rule import Resource

GPU = "nvidia.com/gpu"
"""The extended resource of a whole GPU, and the key of the taint on GPU nodes."""

_MIG = "nvidia.com/mig-"

_TEMPLATES = {
    "kubernetes:core/v1:Pod": ("",),
    "kubernetes:apps/v1:DaemonSet": ("spec.template",),
    "kubernetes:apps/v1:Deployment": ("spec.template",),
    "kubernetes:apps/v1:ReplicaSet": ("spec.template",),
    "kubernetes:apps/v1:StatefulSet": ("spec.template",),
    "kubernetes:batch/v1:CronJob": ("spec.jobTemplate.spec.template",),
    "kubernetes:batch/v1:Job": ("spec.template",),
    "kubernetes:keda.sh/v1alpha1:ScaledJob": ("spec.jobTargetRef.template",),
    "kubernetes:leaderworkerset.x-k8s.io/v1:LeaderWorkerSet": (
        "spec.leaderWorkerTemplate.leaderTemplate",
        "spec.leaderWorkerTemplate.workerTemplate",
    ),
}


def has_pods(kind: str) -> bool:
    """Whether a type carries pod templates."""
    return kind in _TEMPLATES


def templates(resource: Resource) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Each pod template with the path of its spec."""
    for path in _TEMPLATES.get(resource.type, ()):
        keys = path.split(".") if path else []
        yield ".".join([*keys, "spec"]), mapping(at(resource.props, *keys))


def containers(template: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Each container of a template with the path at which it stands in the spec."""
    for kind in ("initContainers", "containers"):
        for container in items(at(template, "spec", kind)):
            yield f"{kind}[{shown(at(container, 'name'))}]", mapping(container)


def requests_gpu(template: Mapping[str, Any]) -> bool:
    """Whether any container asks for a GPU or a part of one."""
    return any(
        (name == GPU or name.startswith(_MIG)) and count not in (None, 0, "0")
        for _, container in containers(template)
        for asked in ("limits", "requests")
        for name, count in mapping(at(container, "resources", asked)).items()
    )
