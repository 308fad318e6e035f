"""Rules over everything that every committed environment renders."""

from collections import Counter
from dataclasses import fields
from typing import get_type_hints

import pytest

import stacks
from components import tags
from fleet.plan.outlook import outlook
from fleet.render import Rendered, Resource
from stacks.settings import environments

EACH = pytest.mark.parametrize("environment", environments())


def everything(rendered: Rendered) -> list[Resource]:
    return [resource for stack in rendered.stacks for resource in stack.resources]


@EACH
def test_every_custom_resource_says_its_provider(environment: str, committed: dict[str, Rendered]) -> None:
    without = [
        resource.urn
        for resource in everything(committed[environment])
        if resource.custom and not resource.type.startswith("pulumi:") and not resource.provider
    ]
    assert not without


@EACH
def test_every_resource_stands_under_a_component(environment: str, committed: dict[str, Rendered]) -> None:
    loose = [
        resource.urn
        for resource in everything(committed[environment])
        if resource.custom
        and not resource.type.startswith("pulumi:")
        and resource.parent.split("::")[2] == "pulumi:pulumi:Stack"
    ]
    assert not loose


@EACH
def test_no_two_resources_of_a_stack_share_a_urn_or_a_file(environment: str, committed: dict[str, Rendered]) -> None:
    for stack in committed[environment].stacks:
        doubles = [urn for urn, count in Counter(one.urn for one in stack.resources).items() if count > 1]
        assert not doubles


@EACH
def test_every_component_is_one_of_ours(environment: str, committed: dict[str, Rendered]) -> None:
    tokens = {resource.type for resource in everything(committed[environment]) if not resource.custom}
    assert all(token.startswith("fleet:index:") for token in tokens), tokens


@EACH
def test_every_stack_exports_its_contract_and_nothing_else(environment: str, committed: dict[str, Rendered]) -> None:
    for stack in committed[environment].stacks:
        contract = get_type_hints(stacks.LAYERS[stack.name.layer].deploy)["return"]
        assert set(stack.outputs) == {field.name for field in fields(contract)}, stack.name
        missing = [key for key, value in stack.outputs.items() if value is None]
        assert not missing, f"{stack.name} exports nothing as {missing}"


@EACH
def test_tags_name_the_stack_that_made_the_resource(environment: str, committed: dict[str, Rendered]) -> None:
    for resource in everything(committed[environment]):
        carried = resource.inputs.get("tags")
        if resource.type.startswith("aws:") and isinstance(carried, dict):
            assert set(tags.REQUIRED) <= set(carried), resource.urn
            assert carried["pulumi-stack"] == resource.stack


@EACH
def test_the_blueprint_passes_its_own_policy(environment: str, committed: dict[str, Rendered]) -> None:
    findings = outlook(committed[environment]).findings
    assert not [judged for judged in findings if judged.finding.level == "mandatory"]
