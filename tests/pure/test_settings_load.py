"""How an environment comes of its files: merging, defaults, plain YAML, and what is said of a problem."""

import shutil
from pathlib import Path

import pytest
from pydantic import ValidationError

from stacks.settings import ENVIRONMENTS, Environment, SettingsError, environments, load
from stacks.settings.document import read
from stacks.settings.problems import Problem, shown


@pytest.fixture
def root(tmp_path: Path) -> Path:
    shutil.copytree(ENVIRONMENTS, tmp_path, dirs_exist_ok=True)
    return tmp_path


def replaced(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def lines(root: Path, environment: str = "prod") -> list[str]:
    with pytest.raises(SettingsError) as caught:
        load(environment, root)
    return str(caught.value).splitlines()


def test_the_committed_environments_load() -> None:
    assert environments() == ("dev", "prod")
    assert [load(name).name for name in environments()] == ["dev", "prod"]


def test_a_region_file_overrides_a_single_value_and_keeps_the_rest() -> None:
    prod = load("prod")
    assert prod.regions["us-east-1"].pools["h100"].max_gpus == 32
    assert prod.regions["us-west-2"].pools["h100"].max_gpus == 16
    assert prod.regions["us-west-2"].pools["h100"].purchase == prod.regions["us-east-1"].pools["h100"].purchase


def test_a_list_in_a_region_file_replaces_the_whole_list(root: Path) -> None:
    replaced(root / "prod/us-west-2.yaml", "pools:\n", "pools:\n  l40s: {purchase: [on-demand]}\n")
    assert [way.value for way in load("prod", root).regions["us-west-2"].pools["l40s"].purchase] == ["on-demand"]
    assert len(load("prod", root).regions["us-east-1"].pools["l40s"].purchase) == 2


def test_regions_keep_the_order_of_the_fleet_file(root: Path) -> None:
    replaced(root / "prod/fleet.yaml", "  us-east-1: {role: active}\n", "")
    replaced(root / "prod/fleet.yaml", "role: standby}\n", "role: standby}\n  us-east-1: {role: active}\n")
    assert list(load("prod", root).regions) == ["us-west-2", "us-east-1"]


def test_a_standby_holds_its_own_floor() -> None:
    prod = load("prod")
    llama = prod.regions["us-east-1"].models["llama-3.3-70b"]
    assert prod.regions["us-east-1"].floor(llama) == 2
    assert prod.regions["us-west-2"].floor(llama) == 1
    assert [region.name for region in prod.active] == ["us-east-1"]


def test_settings_never_change_once_read() -> None:
    prod: Environment = load("prod")
    with pytest.raises(ValidationError):
        prod.account = "999999999999"  # pyright: ignore[reportAttributeAccessIssue]
    with pytest.raises(ValidationError):
        prod.regions["us-east-1"].pools["h100"].max_gpus = 1  # pyright: ignore[reportAttributeAccessIssue]


def test_a_problem_stands_in_the_file_that_said_the_value(root: Path) -> None:
    replaced(root / "prod/us-west-2.yaml", "max_gpus: 16", "max_gpus: 0")
    (line,) = lines(root)
    assert line.startswith(f"{root / 'prod/us-west-2.yaml'}:9: pools.h100.max_gpus = 0: must be at least 1.")


def test_what_a_region_lacks_is_asked_for_in_its_own_file(root: Path) -> None:
    replaced(root / "prod/fleet.yaml", "role: standby}\n", "role: standby}\n  eu-west-1: {role: standby}\n")
    (network,) = (line for line in lines(root) if "network" in line)
    assert network.startswith(f"{root / 'prod/fleet.yaml'}:12: network: must be said. ")
    assert network.endswith(" Add `network:` in eu-west-1.yaml.")


def test_problems_of_all_kinds_come_at_once(root: Path) -> None:
    replaced(root / "prod/fleet.yaml", "access: runner", "access: runer")
    replaced(root / "prod/fleet.yaml", "pool: h100", "pool: h10")
    replaced(root / "prod/fleet.yaml", "ttft_ms: 150", "ttft_ms: soon")
    replaced(root / "prod/us-east-1.yaml", "10.16.0.0/16", "8.8.0.0/16")
    replaced(root / "prod/us-west-2.yaml", "max_gpus: 16", "max_gpu: 16")
    found = "\n".join(lines(root))
    for part in ('access = "runer"', 'pool = "h10"', "ttft_ms", "8.8.0.0/16", "`max_gpus`"):
        assert part in found, f"{part} is missing in:\n{found}"


def test_no_rule_speaks_of_a_default_that_stands_in_for_something_wrong(root: Path) -> None:
    replaced(root / "prod/fleet.yaml", "access: runner", "access: allow-list")
    replaced(root / "prod/fleet.yaml", "cluster:\n", 'cluster:\n  allow_list: ["203.0.113.0/24"]\n')
    (line,) = lines(root)
    assert line.split(": ")[1] == 'access = "allow-list"'


def test_a_key_that_is_misspelt_is_not_also_called_missing(root: Path) -> None:
    replaced(root / "prod/fleet.yaml", "models:\n", "model:\n")
    (line,) = lines(root)
    assert line.endswith("Did you mean `models`?")


def test_a_wrong_pool_does_not_make_its_models_wrong(root: Path) -> None:
    replaced(root / "prod/fleet.yaml", "gpu: l40s", "gpu: l41s")
    (line,) = lines(root)
    assert 'pools.l40s.gpu = "l41s": must be one of' in line


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("2026-01-01", "2026-01-01"),
        ("on", "on"),
        ("no", "no"),
        ("012", "012"),
        ("1_000", "1_000"),
        ("1e5", "1e5"),
        ("0x1F", "0x1F"),
        ("12:30:45", "12:30:45"),
        ("true", True),
        ("42", 42),
        ("-1", -1),
        ("2.5", 2.5),
        ("~", None),
        ('"42"', "42"),
        ("!!int abc", "abc"),
        ("9" * 40, "9" * 40),
    ],
)
def test_yaml_is_read_without_its_traps(text: str, value: object, tmp_path: Path) -> None:
    path = tmp_path / "x.yaml"
    path.write_text(f"key: {text}\n")
    document, problems = read(path, "x.yaml")
    assert problems == []
    assert document is not None
    assert document.data == {"key": value}


def test_every_line_is_known_also_inside_lists(tmp_path: Path) -> None:
    path = tmp_path / "x.yaml"
    path.write_text("a:\n  b:\n    - 1\n    - c: 2\n")
    document, _ = read(path, "x.yaml")
    assert document is not None
    assert {keys: line for keys, (_, line) in document.lines.items() if keys} == {
        ("a",): 1,
        ("a", "b"): 2,
        ("a", "b", 0): 3,
        ("a", "b", 1): 4,
        ("a", "b", 1, "c"): 4,
    }


def test_a_problem_is_one_printable_line_whatever_was_given() -> None:
    value = shown("access", "red\x1b[31m\nand\u2028more" + "x" * 200)
    problem = Problem("a.yaml", 3, "access\n", value, "must be plain", "terminals obey", "Which one?")
    assert str(problem).isprintable()
    assert len(value) <= 80
    assert str(problem).endswith("must be plain. Terminals obey. Which one?")


@pytest.mark.parametrize(
    ("path", "value", "hidden"),
    [
        ("hf_token", "abc", True),
        ("db.password", "abc", True),
        ("models.x.max_output_tokens", 4096, False),
        ("models.x.weights.revision", "b968826d9c46dd6066d109eabc6255188de91218", False),
        ("access", "AKIA" + "B" * 16, True),
        ("access", ["fine", "ghp_" + "a" * 36], True),
        ("domain.name", "https://me:hunter2@example.com", True),
        ("domain.name", "-----BEGIN PRIVATE KEY-----", True),
        ("domain.name", "eyJhbGciOiJI.eyJzdWIi.x", True),
        ("domain.name", "llm.example.com", False),
    ],
)
def test_what_looks_like_a_secret_is_hidden(path: str, value: object, hidden: bool) -> None:  # noqa: FBT001
    assert (shown(path, value) == "(hidden: it looks like a secret)") is hidden


def test_a_line_is_counted_as_editors_count_it(root: Path) -> None:
    west = root / "prod" / "us-west-2.yaml"
    west.write_text("network:\n  cidr: '\x85\u2028'\n  pod_cidr: 100.65.0.0/16\npools: null\n")
    assert any("us-west-2.yaml:4: pools" in line for line in lines(root))
