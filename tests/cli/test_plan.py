"""`fleet plan`: what it prints, what it writes, and how it ends; as a process, as a user runs it."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from itertools import count
from pathlib import Path

import pytest
import yaml

from fleet.plan.document import document
from fleet.plan.outlook import outlook
from fleet.plan.tree import MARKER, _settle, staged
from fleet.render import Rendered
from stacks.settings import ENVIRONMENTS

FLEET = str(Path(sys.executable).parent / "fleet")


BUFFERED = {key: value for key, value in os.environ.items() if key != "PYTHONUNBUFFERED"}
"""Output is held back until the end, as it is for a user; that is when a full disk or a closed pipe shows."""


def started(*arguments: str, stdout: int = subprocess.PIPE, cwd: Path | None = None) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [FLEET, *arguments],
        cwd=cwd,
        env=BUFFERED,
        stdout=stdout,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def fleet(*arguments: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    process = started(*arguments, cwd=cwd)
    said, errors = process.communicate(timeout=120)
    return subprocess.CompletedProcess(arguments, process.returncode, said, errors)


def files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("plan") / "prod"
    assert fleet("plan", "prod", "--out", str(out)).returncode == 0
    return out


def test_json_lists_all_twelve_stacks_of_two_regions() -> None:
    plan = json.loads(fleet("plan", "prod", "--json").stdout)
    assert len(plan["stacks"]) == 12
    assert [stack["name"] for stack in plan["stacks"]][0::11] == ["prod-base", "prod-global"]
    assert plan["cost"]["floor"]["usd_per_month"] == pytest.approx((2 * 55.04 + 3 * 1.861) * 730)


def test_a_pattern_narrows_the_pools_to_its_regions_and_leaves_the_cost_whole(committed: dict[str, Rendered]) -> None:
    plan = outlook(committed["prod"])
    west = [stack for stack in committed["prod"].stacks if stack.name.region == "us-west-2"]
    whole, part = document(plan, committed["prod"].stacks), document(plan, west)
    assert {pool["region"] for pool in part["pools"]} == {"us-west-2"}
    assert part["pools"] == [pool for pool in whole["pools"] if pool["region"] == "us-west-2"]
    assert part["cost"] == whole["cost"]


def test_two_trees_of_one_plan_are_identical(tree: Path, tmp_path: Path) -> None:
    fleet("plan", "prod", "--out", str(tmp_path / "again"))
    assert files(tmp_path / "again") == files(tree)


def test_every_kubernetes_object_of_the_tree_says_what_it_is(tree: Path) -> None:
    objects = [yaml.safe_load(path.read_text()) for path in tree.glob("*/kubernetes/*.yaml")]
    assert len(objects) > 50
    assert all(one["apiVersion"] and one["kind"] and one["metadata"]["name"] for one in objects)
    charts = [yaml.safe_load(path.read_text()) for path in tree.glob("*/helm/*.yaml")]
    assert all(one["chart"] and one["version"] and one["namespace"] for one in charts)


def test_the_tree_holds_no_value_that_only_the_cloud_knows(tree: Path) -> None:
    text = "\n".join(content.decode() for content in files(tree).values())
    assert "<prod-us-east-1-network.network-vpc.id>" in text
    assert "vpc-0" not in text


def test_a_smaller_limit_changes_the_node_pool_and_nothing_else(tree: Path, tmp_path: Path) -> None:
    root = shutil.copytree(ENVIRONMENTS, tmp_path / "environments")
    path = root / "prod" / "fleet.yaml"
    path.write_text(path.read_text().replace("max_gpus: 32", "max_gpus: 24"))
    fleet("--environments", str(root), "plan", "prod", "--out", str(tmp_path / "after"))
    before, after = files(tree), files(tmp_path / "after")
    changed = {name for name in {*before, *after} if before.get(name) != after.get(name)}
    assert changed == {"prod-us-east-1-platform/kubernetes/nodepool.h100.yaml"}


def test_a_pattern_narrows_what_is_printed_and_written(tmp_path: Path) -> None:
    done = fleet("plan", "dev", "--stack", "*-serving", "--out", str(tmp_path / "out"))
    assert done.returncode == 0
    assert "dev-us-east-1-serving" in done.stdout
    assert "dev-us-east-1-network" not in done.stdout
    assert {path.name for path in (tmp_path / "out").iterdir() if path.is_dir()} == {"dev-us-east-1-serving"}


@pytest.mark.parametrize(
    ("out", "said"),
    [
        ("file", "a file has this name"),
        ("file/below", "the folder cannot be written"),
        ("/proc/plan", "the folder cannot be written"),
        (".", "the folder holds something that no plan wrote"),
        ("link", "the folder cannot be written"),
        ("loop", "the folder cannot be written"),
    ],
)
def test_a_folder_that_cannot_be_used_is_refused_before_anything_is_written(
    out: str, said: str, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("mine")
    (tmp_path / "link").symlink_to("nowhere")
    (tmp_path / "loop").symlink_to("loop")
    done = fleet("plan", "dev", "--out", out, cwd=tmp_path)
    assert done.returncode == 2
    (line,) = done.stderr.strip().splitlines()
    assert line.startswith("--out: ")
    assert said in line
    assert files(tmp_path) == {"file": b"mine"}


def stacks_made(stage: Path, *names: str) -> list[str]:
    for name in names:
        (stage / name).mkdir(parents=True)
        (stage / name / "stack.json").write_text(f"of {stage.name}")
    return list(names)


def test_what_a_user_keeps_beside_a_plan_stays(tmp_path: Path) -> None:
    out = tmp_path / "out"
    with staged(out) as stage:
        assert stage
        _settle(stage, stacks_made(stage, "dev-base", "dev-global"))
    kept = (out / "notes.txt", out / ".git" / "HEAD", out / "my-base" / "a", tmp_path / "beside" / "notes.txt")
    for path in kept:
        path.parent.mkdir(exist_ok=True)
        path.write_text("mine")
    with (out / MARKER).open("a") as marker:
        marker.write("../beside\n.git\n\n")
    with staged(out) as stage:
        assert stage
        _settle(stage, stacks_made(stage, "dev-base"))
    assert all(path.read_text() == "mine" for path in kept)
    assert {path.name for path in out.iterdir()} == {MARKER, ".git", "my-base", "dev-base", "notes.txt"}


def test_a_plan_that_fails_leaves_no_folder(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError), staged(tmp_path / "out"):
        raise RuntimeError
    assert not (tmp_path / "out").exists()


def test_two_plans_into_one_folder_leave_one_whole_tree(tmp_path: Path) -> None:
    together = [started("plan", "dev", "--out", "out", cwd=tmp_path) for _ in range(2)]
    errors = [process.communicate(timeout=120)[1] for process in together]
    assert [process.returncode for process in together] == [0, 0]
    whole = len([path for path in files(tmp_path / "out") if path != MARKER])
    assert errors == [f"{whole} files below out\n"] * 2


@pytest.mark.parametrize("fails_at", range(1, 4))
def test_a_move_that_fails_leaves_the_earlier_tree(
    fails_at: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage, rename, moves = tmp_path / ".fleet-plan-new", Path.rename, count(1)
    names = stacks_made(stage, "dev-base", "dev-global")
    stacks_made(tmp_path, *names)
    (tmp_path / MARKER).write_text("dev-base\ndev-global\n")

    def failing(path: Path, target: Path) -> Path:
        if next(moves) == fails_at:
            raise OSError(5, "Input/output error", str(path))
        return rename(path, target)

    before = {path: path.read_bytes() for path in tmp_path.glob("[!.]*/*")}
    monkeypatch.setattr(Path, "rename", failing)
    with pytest.raises(OSError, match="Input/output"):
        _settle(stage, names)
    assert {path: path.read_bytes() for path in tmp_path.glob("[!.]*/*")} == before


def test_a_broken_mandatory_rule_ends_with_1(tmp_path: Path) -> None:
    root = shutil.copytree(ENVIRONMENTS, tmp_path / "environments")
    path = root / "prod" / "fleet.yaml"
    text = path.read_text().replace("access: runner", "access: allow_list")
    path.write_text(text.replace("cluster:\n", "cluster:\n  allow_list: [198.51.100.0/24]\n"))
    done = fleet("--environments", str(root), "plan", "prod")
    assert done.returncode == 1
    assert "mandatory cluster-endpoint-private" in done.stdout


def test_a_pattern_without_a_stack_is_bad_input() -> None:
    done = fleet("plan", "dev", "--stack", "nothing-*")
    assert done.returncode == 2
    assert done.stderr.startswith('--stack: "nothing-*": no stack of dev matches.')


@pytest.mark.parametrize("arguments", [["plan", "dev"], ["stacks", "dev"], ["--help"]])
def test_a_reader_that_goes_away_is_no_violation(arguments: list[str]) -> None:
    process = started(*arguments)
    assert process.stdout
    process.stdout.close()
    process.stdout = None
    _, errors = process.communicate(timeout=60)
    assert (process.returncode, errors) == (141, "")


@pytest.mark.parametrize("arguments", [["plan", "dev", "--json"], ["stacks", "dev"], ["--help"]])
def test_a_full_disk_is_said_in_one_line(arguments: list[str]) -> None:
    with Path("/dev/full").open("w") as full:
        process = started(*arguments, stdout=full.fileno())
        _, errors = process.communicate(timeout=60)
    assert process.returncode == 2
    assert errors.startswith("stdout: cannot be read or written. No space left on device.")
    assert len(errors.splitlines()) == 1


def test_a_folder_that_is_gone_is_said_in_one_line(tmp_path: Path) -> None:
    program = f"import os; os.rmdir({str(tmp_path)!r}); os.execv({FLEET!r}, ['fleet', 'plan', 'dev'])"
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 2
    (line,) = done.stderr.splitlines()
    assert line.startswith("the current folder: cannot be read or written.")


@pytest.mark.parametrize("after", [0.4, 1.5])
def test_an_interrupt_ends_quietly(after: float) -> None:
    """As a terminal does it: every process of the plan gets the signal."""
    process = started("plan", "prod")
    time.sleep(after)
    os.killpg(process.pid, signal.SIGINT)
    said, errors = process.communicate(timeout=60)
    assert process.returncode == 130
    assert said + errors == ""
