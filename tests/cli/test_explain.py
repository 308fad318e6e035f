"""`fleet explain`: every setting has a page, and every setting is read by something."""

import pytest
from typer.testing import CliRunner, Result

from fleet.cli import app
from fleet.uses import uses
from stacks.settings.describe import Setting, settings

SETTINGS = tuple(settings())

ONLY_COMPARED = {("pools", "*", "reservations", "*", "zone")}
"""Settings that describe what exists: compared with the pool, so that nothing is billed that no node can reach."""


def explain(path: str) -> Result:
    return CliRunner().invoke(app, ["explain", path])


@pytest.mark.parametrize("setting", SETTINGS, ids=lambda setting: ".".join(setting.path))
def test_every_setting_is_explained(setting: Setting) -> None:
    result = explain(".".join(setting.path))
    assert result.exit_code == 0
    title, *page = result.stdout.splitlines()
    assert title == ".".join(setting.path)
    assert setting.description.split()[0] in page[0]
    labels = [line.split()[0] for line in page if line.startswith("  ")]
    assert {"default", "said"} <= set(labels)


@pytest.mark.parametrize("setting", SETTINGS, ids=lambda setting: ".".join(setting.path))
def test_every_setting_is_read_by_something_besides_its_own_checks(setting: Setting) -> None:
    readers = [use for use in uses(setting) if setting.path in ONLY_COMPARED or not use.is_check]
    assert readers, "an option that nothing reads"


@pytest.mark.parametrize("path", ["pools.h100.max_gpus", "pools.*.max_gpus"])
def test_a_name_of_the_user_stands_for_any_name(path: str) -> None:
    assert explain(path).stdout == explain("pools.l40s.max_gpus").stdout


@pytest.mark.parametrize("path", ["models.llama-3.3-70b.gpus", "models.qwen2.5-7b.gpus"])
def test_a_name_may_hold_a_dot_between_digits(path: str) -> None:
    assert explain(path).stdout == explain("models.*.gpus").stdout


def test_an_entry_of_a_list_is_found_by_its_position() -> None:
    assert explain("pools.h100.reservations.0.zone").stdout == explain("pools.*.reservations.*.zone").stdout


@pytest.mark.parametrize("path", ["pools.h100.zones.0", "pools.l40s.purchase.0", "cluster.allow_list.0"])
def test_a_position_in_a_list_of_plain_values_explains_the_list(path: str) -> None:
    result = explain(path)
    assert result.exit_code == 0
    assert result.stdout == explain(path.removesuffix(".0")).stdout


def test_words_ranges_and_defaults_are_said() -> None:
    assert "list, each one of reserved, spot, on-demand" in explain("pools.*.purchase").stdout
    assert "whole number, at least 2, at most 12" in explain("cluster.system_nodes.count").stdout
    assert "default   none: must be said" in explain("pools.*.gpu").stdout
    assert "default   runner" in explain("access").stdout
    assert "said in   fleet.yaml\n" in explain("budget.monthly_usd").stdout
    assert "said in   fleet.yaml, <region>.yaml" in explain("network.nat").stdout


def test_a_section_lists_its_keys() -> None:
    assert "keys      role" in explain("regions.us-east-1").stdout
    assert "keys      vpc_id, private_subnets, pod_subnets, public_subnets" in explain("network.adopt").stdout


@pytest.mark.parametrize(
    ("path", "end"),
    [
        ("pools.h100.max_gpu", "Did you mean pools.h100.max_gpus?"),
        ("models.llama-3.3-70b.replica.min", "Did you mean models.*.replicas.min?"),
        ("bugdet", "Did you mean budget?"),
        ("access.0", "Did you mean access?"),
        ("xyzzy", "cluster, pools, models."),
        ("0", "cluster, pools, models."),
        ("", "cluster, pools, models."),
    ],
)
def test_a_path_that_names_no_setting_is_bad_input(path: str, end: str) -> None:
    result = explain(path)
    assert result.exit_code == 2
    assert result.stdout == ""
    (line,) = result.stderr.splitlines()
    assert line.startswith(f'PATH: "{path}": no such setting.')
    assert line.endswith(end)


def test_uses_are_those_of_the_setting_and_not_of_a_namesake() -> None:
    (domain,) = (setting for setting in SETTINGS if setting.path == ("domain", "name"))
    files = {use.file for use in uses(domain)}
    assert "stacks/base.py" in files
    assert "stacks/__init__.py" not in files, "the name of an environment is no setting"
