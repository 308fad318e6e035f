"""The room: what `policies/rules` may import, and where it repeats what the repository says elsewhere."""

import ast
import re
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from components import naming, tags
from policies.rules import RULES, pools_ceiling_within_budget, pools_floor_within_budget, resource_tagged

FOLDER = Path(resource_tagged.__file__).parent
MODULES = sorted(FOLDER.glob("*.py"))


def test_every_module_with_a_rule_is_in_the_pack() -> None:
    defined = {
        path.stem
        for path in MODULES
        for node in ast.parse(path.read_text()).body
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "RULE"
    }
    assert {rule.name.replace("-", "_") for rule in RULES} == defined


def test_rule_names_are_unique() -> None:
    assert len({rule.name for rule in RULES}) == len(RULES)


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.stem)
def test_rules_import_each_other_relatively_and_else_only_python(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            absolute = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level <= 1, f"{path.name} leaves rules/"
            absolute = [] if node.level else [str(node.module)]
        else:
            continue
        assert {name.partition(".")[0] for name in absolute} <= sys.stdlib_module_names


def test_rules_load_without_pulumi() -> None:
    program = "import sys, policies.rules; print([name for name in sys.modules if name.startswith('pulumi')])"
    command = [sys.executable, "-c", program]
    asked = subprocess.run(command, cwd=FOLDER.parents[1], capture_output=True, text=True, check=True)
    assert asked.stdout.strip() == "[]"


def test_required_tags_are_those_of_the_components() -> None:
    assert resource_tagged.REQUIRED == tags.REQUIRED


def test_annotations_carry_our_prefix() -> None:
    for annotation in (pools_floor_within_budget.FLOOR, pools_ceiling_within_budget.CEILING):
        assert annotation.partition("/")[0] == naming.ANNOTATIONS


def test_what_is_called_untaggable_takes_no_tags() -> None:
    spec = find_spec("pulumi_aws")
    assert spec is not None
    assert spec.origin is not None
    for kinds in resource_tagged.UNTAGGABLE.values():
        assert list(kinds) == sorted(set(kinds))
        for kind in kinds:
            module, name = kind.split(":")[1].partition("/")[0], kind.rpartition(":")[2]
            file = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower() + ".py"
            source = (Path(spec.origin).parent / module / file).read_text()
            arguments = source.partition("def _internal_init(")[2].partition("__props__=None")[0]
            assert "opts:" in arguments, kind
            assert " tags:" not in arguments, kind
