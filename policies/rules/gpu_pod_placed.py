"""A pod that asks for a GPU tolerates the taint of GPU nodes and says which nodes it means."""

from collections.abc import Iterator, Mapping
from typing import Any

from .pods import GPU, has_pods, requests_gpu, templates
from .reading import at, items, mapping
from .rule import Resource, ResourceRule, Settings


def _validate(resource: Resource, settings: Settings) -> Iterator[str]:
    del settings
    for path, template in templates(resource):
        if requests_gpu(template):
            spec = mapping(at(template, "spec"))
            if not any(map(_tolerates, items(at(spec, "tolerations")))):
                yield f"{path}.tolerations has none for {GPU}"
            if not _says_where(spec):
                yield f"{path} has neither nodeSelector nor a required nodeAffinity"


def _tolerates(toleration: Any) -> bool:
    key, effect = at(toleration, "key"), at(toleration, "effect")
    named = key == GPU or (not key and at(toleration, "operator") == "Exists")
    return named and effect in (None, "", "NoSchedule")


def _says_where(spec: Mapping[str, Any]) -> bool:
    required = at(spec, "affinity", "nodeAffinity", "requiredDuringSchedulingIgnoredDuringExecution")
    return bool(mapping(at(spec, "nodeSelector"))) or bool(mapping(required))


RULE = ResourceRule(
    name="gpu-pod-placed",
    must="a pod that asks for a GPU tolerates GPU nodes and selects its pool",
    why="It would stay pending for ever, or take a node of another model's pool",
    remedy=f"Add a toleration for {GPU} and a nodeSelector on karpenter.sh/nodepool",
    judges=has_pods,
    validate=_validate,
)
