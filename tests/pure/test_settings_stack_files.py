"""Pulumi's own file of every stack is committed, says what the settings say, and no other lies beside them."""

from pathlib import Path
from typing import Any

import yaml

from fleet.new import stack_files
from stacks import stack_names
from stacks.settings import ENVIRONMENTS, environments, load

CONFIG = ENVIRONMENTS.parent / "config"
KEPT_BY_PULUMI = "encryptedkey"
"""The data key that `pulumi stack init` adds: it is encrypted, and belongs into the repository."""


def _made(name: str) -> dict[Path, str]:
    environment = load(name)
    return stack_files(ENVIRONMENTS, environment, stack_names(environment))


def test_every_stack_of_every_environment_has_its_file_and_no_file_is_left_over() -> None:
    expected = {path: text for name in environments() for path, text in _made(name).items()}
    assert set(expected) == set(CONFIG.iterdir())
    for path, text in expected.items():
        committed: dict[str, Any] = yaml.safe_load(path.read_text())
        committed.pop(KEPT_BY_PULUMI, None)
        assert committed == yaml.safe_load(text), f"{path.name} differs from the settings"


def test_secrets_are_kept_with_a_key_in_the_first_active_region() -> None:
    assert {yaml.safe_load(text)["secretsprovider"] for text in _made("prod").values()} == {
        "awskms://alias/inference-fleet-prod?region=us-east-1"
    }


def test_only_a_regional_stack_says_its_region() -> None:
    files = {path.name: yaml.safe_load(text)["config"] for path, text in _made("prod").items()}
    assert files["Pulumi.prod-us-west-2-network.yaml"]["inference-fleet:region"] == "us-west-2"
    assert "inference-fleet:region" not in files["Pulumi.prod-base.yaml"]
    assert all(config["pulumi:disable-default-providers"] == ["*"] for config in files.values())
