"""Each committed stack runs as Pulumi runs it: alone, in a preview, with nothing before it, and with a wrong name."""

from collections.abc import Mapping
from typing import Any

import pulumi
import pytest

import stacks
from fleet.render import ProgramError, Rendered, run_stack
from fleet.render.monitor import RecordingMonitor
from fleet.render.program import offline
from stacks.name import StackName
from stacks.settings import environments, load

NAMES = [str(name) for environment in environments() for name in stacks.stack_names(load(environment))]


def outputs(rendered: Rendered) -> Mapping[str, Mapping[str, Any]]:
    return {str(stack.name): stack.outputs for stack in rendered.stacks}


@pytest.mark.parametrize("name", NAMES)
def test_a_stack_previews_while_its_own_outputs_are_unknown(name: str, committed: dict[str, Rendered]) -> None:
    parsed = StackName.parse(name)
    rendered = committed[parsed.environment]
    previewed = run_stack(rendered.environment, parsed, outputs(rendered), preview=True)
    final = next(stack for stack in rendered.stacks if stack.name == parsed)
    assert [one.urn for one in previewed.resources] == [one.urn for one in final.resources]


@pytest.mark.parametrize("name", [name for name in NAMES if not name.endswith("-base")])
def test_a_stack_without_the_one_before_it_says_which_to_run_first(name: str) -> None:
    parsed = StackName.parse(name)
    with pytest.raises(ProgramError, match=r"its outputs lack .*pulumi up --stack") as failure:
        run_stack(load(parsed.environment), parsed, {})
    assert name in str(failure.value)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("prod-eu-west-1-network", "prod has no region eu-west-1"),
        ("prod-us-east-1-netwrk", "a stack is named <environment>-<region>-<layer>"),
        ("nowhere-base", "no such environment"),
    ],
)
def test_a_stack_named_against_its_settings_is_refused_in_one_line(name: str, said: str) -> None:
    with (
        offline(RecordingMonitor(StackName("prod", "base"), "123456789012", {}), name, preview=False),
        pytest.raises(pulumi.RunError, match=said) as failure,
    ):
        stacks.run()
    assert "\n" not in str(failure.value)


def test_a_stack_whose_configuration_says_another_region_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stacks.settings, "configured_region", lambda: "us-west-2")
    rendered = load("prod")
    with pytest.raises(ProgramError, match=r"Pulumi.prod-us-east-1-network.yaml says region us-west-2"):
        run_stack(rendered, StackName.parse("prod-us-east-1-network"), {})


def test_a_program_that_fails_says_where_and_at_which_resource(
    committed: dict[str, Rendered], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise ValueError("no such block")

    monkeypatch.setattr("components.network.plan.reserved_prefix", broken)
    with pytest.raises(ProgramError) as failure:
        run_stack(load("dev"), StackName.parse("dev-us-east-1-network"), outputs(committed["dev"]))
    said = str(failure.value)
    assert said.startswith("components/network/network.py:")
    assert ": stack dev-us-east-1-network: network: ValueError: no such block" in said
