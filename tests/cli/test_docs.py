"""What the documents show is what happens: every example is run, or compared with what the code makes."""

import io
import json
import re
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml
from rich.console import Console
from typer.main import get_command

from fleet.cli import app
from fleet.plan.outlook import outlook
from fleet.plan.text import WIDTH, show
from fleet.render import Rendered, render
from stacks.settings import ENVIRONMENTS, SettingsError, load

ROOT = Path(__file__).parents[2]
README = ROOT / "README.md"
DOCUMENTS = sorted(path for path in (README, *(ROOT / "docs").rglob("*.md")))


def between(text: str, name: str) -> str:
    """The text block between `<!-- name … -->` and `<!-- /name -->`."""
    found = re.search(rf"<!-- {name}:.*?-->\n```text\n(.*?)```\n<!-- /{name} -->", text, re.DOTALL)
    assert found, f"README has no block {name}"
    return found[1]


def blocks(path: Path, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", path.read_text(), re.DOTALL | re.MULTILINE)


def same_as_in_readme(request: pytest.FixtureRequest, name: str, made: str) -> None:
    text = README.read_text()
    if request.config.getoption("--update-golden"):
        README.write_text(
            text.replace(f"```text\n{between(text, name)}```\n<!-- /{name}", f"```text\n{made}```\n<!-- /{name}")
        )
    assert between(README.read_text(), name) == made, "README is out of date; `make golden` rewrites it"


def test_the_readme_shows_the_plan_of_production(
    request: pytest.FixtureRequest, committed: dict[str, Rendered]
) -> None:
    written = io.StringIO()
    rendered = committed["prod"]
    show(outlook(rendered), rendered.stacks, Console(file=written, width=WIDTH, highlight=False))
    made = "\n".join(line.rstrip() for line in written.getvalue().splitlines()) + "\n"
    same_as_in_readme(request, "plan", made)


def test_the_readme_shows_how_a_misspelt_setting_is_refused(request: pytest.FixtureRequest, tmp_path: Path) -> None:
    prod = shutil.copytree(ENVIRONMENTS / "prod", tmp_path / "prod")
    fleet = prod / "fleet.yaml"
    fleet.write_text(fleet.read_text().replace("max_gpus: 32", "max_gpu: 32"))
    with pytest.raises(SettingsError) as refused:
        load("prod", tmp_path)
    same_as_in_readme(request, "refused", str(refused.value).replace(f"{tmp_path}/", "stacks/environments/") + "\n")


def test_the_change_that_the_readme_proposes_can_be_planned(tmp_path: Path) -> None:
    shutil.copytree(ENVIRONMENTS / "prod", tmp_path / "prod")
    fleet = tmp_path / "prod" / "fleet.yaml"
    (change,) = blocks(README, "diff")
    before, after = ([line[1:] for line in change.splitlines() if line.startswith(sign)] for sign in ("-", "+"))
    for old, new in zip(before, after, strict=True):
        assert old in fleet.read_text()
        fleet.write_text(fleet.read_text().replace(old, new))
    changed = load("prod", tmp_path)
    assert changed != load("prod")
    assert not outlook(render(changed, workers=1)).violated


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_data_in_the_documents_can_be_read(path: Path) -> None:
    for text in blocks(path, "json"):
        json.loads(text)
    for text in blocks(path, "yaml"):
        yaml.safe_load(text)


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_link_within_the_project_leads_somewhere(path: Path) -> None:
    links = re.findall(r"\]\((?!https?://|#)([^)#]+)", path.read_text())
    broken = [link for link in links if not (path.parent / link).exists()]
    assert not broken


def test_every_fleet_command_in_the_documents_is_one_that_there_is() -> None:
    verbs = set(getattr(get_command(app), "commands", {}))
    used = {
        shlex.split(line)[1]
        for path in DOCUMENTS
        for block in blocks(path, "sh")
        for line in block.splitlines()
        if line.startswith("fleet ")
    } | {word for path in DOCUMENTS for word in re.findall(r"`fleet ([a-z]+)", path.read_text())}
    assert used <= verbs, used - verbs


def test_every_make_verb_in_the_documents_is_one_that_there_is() -> None:
    known = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    text = "\n".join(path.read_text() for path in DOCUMENTS)
    used = set(re.findall(r"(?:^|`)make ([a-z]+)", text, re.MULTILINE))
    assert used <= known, used - known


def test_the_manifest_that_the_guide_writes_is_one_that_sha256sum_accepts(tmp_path: Path) -> None:
    guide = (ROOT / "docs/guides/deploy.md").read_text()
    found = re.search(r"<!-- run: manifest -->\n```sh\n(.*?)```", guide, re.DOTALL)
    assert found
    weights = tmp_path / "weights"
    (weights / ".cache").mkdir(parents=True)
    for name in ("config.json", "model 1.safetensors", ".cache/lock"):
        (weights / name).write_text(name)
    subprocess.run(["bash", "-c", found[1]], cwd=tmp_path, check=True, timeout=30)
    listed = (weights / "manifest.sha256").read_text()
    assert "model 1.safetensors" in listed
    assert ".cache" not in listed
    subprocess.run(["sha256sum", "--check", "--strict", "manifest.sha256"], cwd=weights, check=True, timeout=30)
