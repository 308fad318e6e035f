"""`fleet stacks`, the global options, and what every verb has in common."""

import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from fleet.cli import app

VERBS = ("explain", "new", "stacks")


def test_stacks_are_listed_in_the_order_in_which_they_are_built() -> None:
    result = CliRunner().invoke(app, ["stacks", "prod"])
    assert result.exit_code == 0
    layers = ("network", "storage", "cluster", "platform", "serving")
    regional = [f"prod-{region}-{layer}" for region in ("us-east-1", "us-west-2") for layer in layers]
    assert result.stdout.splitlines() == ["prod-base", *regional, "prod-global"]


def test_help_shows_one_line_for_each_verb() -> None:
    result = CliRunner().invoke(app, ["--help"])
    assert result.exit_code == 0
    for verb in VERBS:
        lines = [line for line in result.stdout.splitlines() if line.split()[:1] == [verb]]
        assert len(lines) == 1
        assert not lines[0].endswith("..."), f"{verb} says more than fits on a line"


@pytest.mark.parametrize("arguments", [["frob"], ["stacks"], ["stacks", "prod", "--frob"], ["explain"]])
def test_arguments_that_nobody_knows_are_bad_input(arguments: list[str]) -> None:
    assert CliRunner().invoke(app, arguments).exit_code == 2


def test_these_verbs_load_no_provider_sdk() -> None:
    program = (
        "import sys\n"
        "from typer.testing import CliRunner\n"
        "from fleet.cli import app\n"
        "for arguments in (['stacks', 'prod'], ['explain', 'budget'], ['new', 'prod']):\n"
        "    CliRunner().invoke(app, arguments)\n"
        "sys.exit(sum(name in sys.modules for name in ('pulumi_aws', 'pulumi_kubernetes', 'boto3')))\n"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False, cwd=_repository()).returncode == 0


def _repository() -> Path:
    return Path(__file__).parent.parent.parent
