"""Who may import whom: the table of docs/design, read off every import statement."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PURE = {"plan.py", "catalog.py", "naming.py", "tags.py", "iam.py", "versions.py"}
SDKS = {"pulumi", "pulumi_aws", "pulumi_kubernetes"}
CODE = sorted(
    path.relative_to(ROOT)
    for room in ("stacks", "components", "policies", "fleet")
    for path in (ROOT / room).rglob("*.py")
)
IN_IMAGES = {Path("components/serving/engines/triton_trtllm/model.py")}
"""Files that are shipped into a container and run there, with what that has."""


def imports(path: Path) -> Iterator[str]:
    """The modules that a file imports, whole: `stacks.settings.schema` for a relative one, too."""
    package = path.with_suffix("").parts[:-1]
    for node in ast.walk(ast.parse((ROOT / path).read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) - node.level + 1] if node.level else ()
            base = ".".join((*above, *filter(None, [node.module])))
            for alias in node.names:
                inner = ROOT.joinpath(*base.split("."), f"{alias.name}.py")
                yield f"{base}.{alias.name}" if inner.exists() else base


def allowed(path: Path) -> set[str]:
    """The rooms and libraries that a file may import, besides the standard library and its own room."""
    room = path.parts[0]
    if room == "stacks":
        settings = {"pydantic", "pydantic_core", "yaml", "deepmerge"} if path.parts[1] == "settings" else set[str]()
        return {"stacks", "components", *SDKS, *settings}
    if room == "components":
        return {"components"} if path.name in PURE else {"components", *SDKS}
    if room == "policies":
        return {"rules", "pulumi_policy"} if path.name == "__main__.py" else {"policies"}
    return {"fleet", "stacks", "components", "policies", "pulumi", "boto3", "pydantic", "typer", "rich", "yaml"}


@pytest.mark.parametrize("path", [path for path in CODE if path not in IN_IMAGES], ids=str)
def test_a_file_imports_only_what_its_room_may(path: Path) -> None:
    strangers = {
        module
        for module in imports(path)
        if module.split(".")[0] not in allowed(path) | set(sys.stdlib_module_names) and module
    }
    assert not strangers, f"{path} imports {sorted(strangers)}"


@pytest.mark.parametrize("path", [path for path in CODE if path.parts[0] == "components"], ids=str)
def test_a_component_knows_only_its_own_room_and_what_is_pure(path: Path) -> None:
    shared = {"components.manifest", "components.order"}
    foreign = [
        module
        for module in imports(path)
        if module.startswith("components.")
        and module not in shared
        and module.split(".")[1] != path.parts[1]
        and f"{module.rsplit('.', 1)[-1]}.py" not in PURE
    ]
    assert not foreign, f"{path} imports the resources of {foreign}; take their outputs instead"


@pytest.mark.parametrize("path", [path for path in CODE if path.parts[0] == "fleet"], ids=str)
def test_the_command_line_takes_only_pure_files_of_components_and_rules_of_policies(path: Path) -> None:
    taken = [module for module in imports(path) if module.split(".")[0] in ("components", "policies")]
    drawn = [
        module
        for module in taken
        if not module.startswith("policies.rules") and f"{module.rsplit('.', 1)[-1]}.py" not in PURE
    ]
    assert not drawn, f"{path} imports {drawn}"


def test_the_program_is_a_docstring_and_one_call() -> None:
    tree = ast.parse((ROOT / "__main__.py").read_text())
    kinds = [type(node).__name__ for node in tree.body]
    assert kinds == ["Expr", "Import", "Expr"]
    assert ast.unparse(tree.body[-1]) == "stacks.run()"


def test_only_run_exports_and_only_providers_makes_providers() -> None:
    exports = [path for path in CODE if "pulumi.export(" in (ROOT / path).read_text()]
    assert exports == [Path("stacks/__init__.py")]
    makers = [
        path
        for path in CODE
        if path.parts[0] in ("stacks", "components")
        for node in ast.walk(ast.parse((ROOT / path).read_text()))
        if isinstance(node, ast.Call) and ast.unparse(node.func).endswith(".Provider")
    ]
    assert set(makers) == {Path("stacks/providers.py")}


def test_nothing_in_components_reads_configuration_or_the_process_environment() -> None:
    forbidden = ("pulumi.Config", "os.environ", "get_stack(", "getenv(")
    found = [
        (str(path), word)
        for path in CODE
        if path.parts[0] == "components" and path not in IN_IMAGES
        for word in forbidden
        if word in (ROOT / path).read_text()
    ]
    assert not found


def test_every_file_among_the_tests_is_collected_or_known() -> None:
    helpers = {"conftest.py", "fleet_mutations.py", "live_engine.py"}
    strays = [
        str(path.relative_to(ROOT))
        for path in (ROOT / "tests").rglob("*.py")
        if not path.name.startswith("test_")
        and path.name not in helpers
        and path.parent.name not in ("bench", "golden")
    ]
    assert not strays
    assert not list((ROOT / "tests").rglob("__init__.py"))
