"""Every Deployment with GPUs has a PodDisruptionBudget in its stack, so that a drain leaves replicas that serve."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from .pods import requests_gpu, templates
from .reading import at, items, mapping, texts
from .rule import Resource, Settings, StackRule

_DEPLOYMENT = "kubernetes:apps/v1:Deployment"
_BUDGET = "kubernetes:policy/v1:PodDisruptionBudget"


def _validate(resources: Sequence[Resource], settings: Settings) -> Iterator[tuple[Resource, str]]:
    del settings
    budgets = [resource for resource in resources if resource.type == _BUDGET]
    for resource in resources:
        if resource.type == _DEPLOYMENT:
            for _, template in templates(resource):
                if requests_gpu(template) and not any(_covers(budget, resource, template) for budget in budgets):
                    yield resource, "no PodDisruptionBudget of its namespace selects spec.template.metadata.labels"


def _covers(budget: Resource, deployment: Resource, template: Mapping[str, Any]) -> bool:
    if _namespace(budget) != _namespace(deployment) or at(budget.props, "spec", "selector") is None:
        return False
    labels = mapping(at(template, "metadata", "labels"))
    selector = at(budget.props, "spec", "selector")
    wanted = mapping(at(selector, "matchLabels"))
    return all(labels.get(key) == value for key, value in wanted.items()) and all(
        _meets(labels, expression) for expression in items(at(selector, "matchExpressions"))
    )


def _meets(labels: Mapping[str, Any], expression: Any) -> bool:
    label = labels.get(str(at(expression, "key")))
    among = label in texts(at(expression, "values"))
    return {
        "In": among,
        "NotIn": not among,
        "Exists": label is not None,
        "DoesNotExist": label is None,
    }.get(str(at(expression, "operator")), False)


def _namespace(resource: Resource) -> Any:
    return at(resource.props, "metadata", "namespace") or "default"


RULE = StackRule(
    name="gpu-deployment-protected",
    must="a Deployment with GPUs has a PodDisruptionBudget",
    why="Karpenter drains nodes for drift and consolidation, and a cold start takes minutes",
    remedy="Add a PodDisruptionBudget whose selector matches its pods",
    validate=_validate,
)
