"""Bad settings end with lines of one shape, exit code 2, and nothing written or changed."""

import re
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from typer.testing import CliRunner

from fleet.cli import app
from stacks.settings import ENVIRONMENTS

FLEET = "prod/fleet.yaml"
EAST = "prod/us-east-1.yaml"
WEST = "prod/us-west-2.yaml"

RESERVED = "{id: cr-0a1b2c3d4e5f60718, instance_type: p5.48xlarge, count: 1, zone: us-east-1b}"
LINE = re.compile(r"prod/\S+\.ya?ml(:[1-9][0-9]*)?: (\S.*: )?\S.*[.?]")
"""File and line, path and value, rule, reason, remedy; a whole file has no line, and an unreadable one no path."""


@dataclass(frozen=True)
class Edit:
    """What somebody did to a committed file: one text replaced or, without `old`, the whole."""

    file: str
    old: str
    new: str | bytes

    def make(self, root: Path) -> None:
        path = root / self.file
        if not self.old:
            path.write_bytes(self.new if isinstance(self.new, bytes) else self.new.encode())
            return
        text = path.read_text()
        assert text.count(self.old) == 1, f"{self.old!r} must stand once in {self.file}"
        path.write_text(text.replace(self.old, str(self.new)))


CASES: dict[str, list[Edit]] = {
    "a misspelt key": [Edit(FLEET, "max_gpus: 32", "max_gpu: 32")],
    "an unknown key at the top": [Edit(FLEET, "budget:", "bugdet:")],
    "an empty file": [Edit(FLEET, "", "")],
    "a file of comments": [Edit(EAST, "", "# nothing yet\n")],
    "a list instead of a mapping": [Edit(FLEET, "", "- account\n")],
    "text that is not UTF-8": [Edit(EAST, "", b"\xff\xfe\x00")],
    "a wrong type": [Edit(FLEET, "max_gpus: 32", "max_gpus: many")],
    "an account without quotes": [Edit(FLEET, '"123456789012"\nowner', "123456789012\nowner")],
    "a mapping where a list belongs": [Edit(FLEET, "purchase: [spot, on-demand]", "purchase: {spot: true}")],
    "a word outside the vocabulary": [Edit(FLEET, "purchase: [spot, on-demand]", "purchase: [spott, on-demand]")],
    "a number out of range": [Edit(FLEET, "replicas: {min: 2,", "replicas: {min: 0,")],
    "something that must be said": [Edit(FLEET, "account:", "# account:")],
    "YAML that is no YAML": [Edit(FLEET, "owner: {team: ml-platform", "owner: {team: ml-platform}}")],
    "a tab": [Edit(EAST, "  cidr", "\tcidr")],
    "a key that stands twice": [Edit(FLEET, "access: runner", "access: runner\naccess: tunnel")],
    "an alias": [Edit(FLEET, "budget: {monthly_usd: 250000}", "budget: &b {monthly_usd: 250000}\nstorage: *b")],
    "a tag": [Edit(FLEET, "access: runner", "access: !!python/name:os.system runner")],
    "nesting without end": [Edit(EAST, "", "network: " + "[" * 50_000)],
    "regions whose addresses overlap": [Edit(WEST, "cidr: 10.32.0.0/16", "cidr: 10.16.128.0/17")],
    "pod addresses inside node addresses": [Edit(EAST, "pod_cidr: 100.64.0.0/16", "pod_cidr: 10.16.0.0/17")],
    "an address with host bits": [Edit(EAST, "cidr: 10.16.0.0/16", "cidr: 10.16.0.1/16")],
    "too few pod addresses": [Edit(EAST, "pod_cidr: 100.64.0.0/16", "pod_cidr: 100.64.0.0/20")],
    "an instance type that does not exist": [Edit(FLEET, "gpu: l40s,", "gpu: l40s, instance_types: [g6e.xlarg],")],
    "an instance type of another GPU": [
        Edit(FLEET, "gpu: l40s,", "gpu: l40s, instance_types: [p5.48xlarge, g6e.xlarge],")
    ],
    "a zone that does not exist": [Edit(WEST, "zones: [us-west-2b]", "zones: [us-west-2z]")],
    "a zone of another region": [Edit(EAST, "us-east-1c, us-east-1d", "us-east-1c, us-west-2a")],
    "a region that does not exist": [Edit(FLEET, "us-west-2: {role: standby}", "us-west-9: {role: standby}")],
    "a model that names a missing pool": [Edit(FLEET, "pool: h100", "pool: h10")],
    "a pool too small for its models": [Edit(WEST, "max_gpus: 16", "max_gpus: 8")],
    "a standby without a pool": [
        Edit(FLEET, "  l40s: {gpu: l40s, purchase: [spot, on-demand], max_gpus: 24}\n", ""),
        Edit(EAST, "pools:\n", "pools:\n  l40s: {gpu: l40s, purchase: [spot, on-demand], max_gpus: 24}\n"),
    ],
    "a budget below the floor": [Edit(FLEET, "monthly_usd: 250000", "monthly_usd: 1000")],
    "a reservation on which no model fits": [Edit(EAST, "instance_type: p5.48xlarge", "instance_type: p5.4xlarge")],
    "an embedding that takes minutes": [Edit(FLEET, "objective: {ttft_ms: 150}", "objective: {ttft_ms: 400000}")],
    "two models that are one in Kubernetes": [Edit(FLEET, "  bge-m3:\n", "  qwen3.8b:\n")],
    "a tunnel to a cluster that nobody administers": [
        Edit(FLEET, "access: runner", "access: tunnel"),
        Edit(FLEET, 'admin_role_arns: ["arn:aws:iam::123456789012:role/platform-admin"]', "admin_role_arns: []"),
    ],
    "a limit that whole nodes overshoot": [
        Edit(WEST, "max_gpus: 16", "max_gpus: 17"),
        Edit(FLEET, "max: 8, standby: 1}", "max: 9, standby: 1}"),
    ],
    "reservations too small for a pool that buys nothing else": [
        Edit(FLEET, "purchase: [reserved, on-demand]", "purchase: [reserved]")
    ],
    "a reservation named twice": [
        Edit(
            EAST,
            "    reservations:\n",
            f"    reservations:\n      - {RESERVED}\n",
        )
    ],
    "a reservation where the pool has no subnet": [
        Edit(EAST, "    zones: [us-east-1b] # the", "    # the"),
        Edit(EAST, "count: 1, zone: us-east-1b", "count: 1, zone: us-east-1f"),
    ],
    "addresses of the machine itself": [Edit(EAST, "cidr: 10.16.0.0/16", "cidr: 127.0.0.0/16")],
    "pod addresses of a range that AWS refuses": [Edit(EAST, "pod_cidr: 100.64.0.0/16", "pod_cidr: 172.20.0.0/16")],
    "system nodes of a type that does not exist": [
        Edit(FLEET, "cluster:\n", "cluster:\n  system_nodes: {instance_type: m7i.xlarg}\n")
    ],
    "an administrator named twice": [
        Edit(
            FLEET,
            'admin_role_arns: ["arn:aws:iam::123456789012:role/platform-admin"]',
            'admin_role_arns: ["arn:aws:iam::123456789012:role/a", "arn:aws:iam::123456789012:role/a"]',
        )
    ],
    "a boolean that is none": [Edit(FLEET, "access: runner", "protect: !!bool maybe\naccess: runner")],
    "a region file without its region": [Edit("prod/eu-west-1.yaml", "", "access: runner\n")],
    "a file that nobody reads": [Edit("prod/us-west-2.yml", "", "access: runner\n")],
    "what is said once in the file of a region": [Edit(EAST, "network:\n", "account: '999999999999'\nnetwork:\n")],
    "no region that serves": [Edit(FLEET, "us-east-1: {role: active}", "us-east-1: {role: standby}")],
    "purchase that says reserved without a reservation": [
        Edit(
            WEST,
            "      - {id: cr-0b2c3d4e5f6071829, instance_type: p5.48xlarge, count: 1, zone: us-west-2b}",
            "",
        )
    ],
    "too many GPUs for anyone": [Edit(FLEET, "max_gpus: 32", "max_gpus: 1000000000000")],
    "a budget without end": [Edit(FLEET, "monthly_usd: 250000", "monthly_usd: 1.0e999")],
    "two mistakes in two files": [
        Edit(FLEET, "access: runner", "access: runer"),
        Edit(EAST, "cidr: 10.16.0.0/16", "cidr: 8.8.0.0/16"),
    ],
}


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the committed environments, and the folder from which errors show files."""
    shutil.copytree(ENVIRONMENTS, tmp_path, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("title", CASES)
def test_bad_settings_are_refused_in_lines_that_say_where_what_and_why(
    title: str, root: Path, golden: Callable[[str, str], None]
) -> None:
    for edit in CASES[title]:
        edit.make(root)
    before = _content(root)
    result = CliRunner().invoke(app, ["--environments", str(root), "stacks", "prod"])
    assert result.exit_code == 2
    assert result.stdout == ""
    for line in result.stderr.splitlines():
        assert LINE.fullmatch(line), f"not of the shape of a problem: {line}"
    assert _content(root) == before, "something was written"
    golden(f"bad_input/{title.replace(' ', '_')}.txt", result.stderr)


def test_a_misspelt_key_takes_one_line_that_says_where_and_what_was_meant(root: Path) -> None:
    Edit(FLEET, "max_gpus: 32", "max_gpu: 32").make(root)
    result = CliRunner().invoke(app, ["--environments", str(root), "stacks", "prod"])
    (line,) = result.stderr.splitlines()
    assert line.startswith("prod/fleet.yaml:18: pools.h100.max_gpu: ")
    assert line.endswith("Did you mean `max_gpus`?")


@pytest.mark.parametrize("key", ["AKIA" + "A" * 16, "hf_" + "a" * 30, "wJalrXUtnFEMI/K7MDENG/bPxRfiCYzzzzzzzzZZ"])
def test_a_secret_in_a_value_is_never_shown(key: str, root: Path) -> None:
    for edit in (Edit(FLEET, "access: runner", f'access: "{key}"'), Edit(WEST, "10.32.0.0/16", f'"{key}"')):
        edit.make(root)
    result = CliRunner().invoke(app, ["--environments", str(root), "stacks", "prod"])
    assert result.exit_code == 2
    assert key not in result.output
    assert result.stderr.count("(hidden: it looks like a secret)") == 2


@pytest.mark.parametrize("name", ["prd", "", ".", "..", "../environments/prod", "prod/", "PROD"])
def test_an_environment_that_does_not_exist_is_one_line(name: str, root: Path) -> None:
    result = CliRunner().invoke(app, ["--environments", str(root), "stacks", name])
    assert result.exit_code == 2
    (line,) = result.stderr.splitlines()
    assert "no such environment. There are dev, prod" in line


def test_a_missing_file_is_named(root: Path) -> None:
    (root / FLEET).unlink()
    result = CliRunner().invoke(app, ["--environments", str(root), "stacks", "prod"])
    assert result.exit_code == 2
    assert result.stderr.startswith("prod/fleet.yaml: the file must exist and be readable. No such file or directory.")


def test_an_environment_after_which_no_stack_can_be_named_is_refused(root: Path) -> None:
    (root / "prod").rename(root / "my-prod")
    result = CliRunner().invoke(app, ["--environments", str(root), "stacks", "my-prod"])
    assert result.exit_code == 2
    assert '"my-prod": must be one lower-case word' in result.stderr


def _content(root: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in sorted(root.rglob("*")) if path.is_file()}
