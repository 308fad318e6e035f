"""Where settings are read: attribute accesses in `stacks/` and `fleet/`, found by following types through the code.

A name like `count` stands for many things, so an access counts only where its object is known to be the model that
the setting belongs to: by an annotation, or by the steps that lead to it from something annotated. `components/` are
blind to settings, and get plain arguments.
"""

import ast
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

from pydantic import BaseModel

import stacks
from stacks.settings import schema
from stacks.settings.describe import Setting

ROOT = Path(stacks.__file__).resolve().parent.parent

_MODELS: dict[str, type[BaseModel]] = {
    name: kind for name, kind in vars(schema).items() if isinstance(kind, type) and issubclass(kind, schema.Frozen)
}
_RESOLVED = {
    (schema.Environment, "regions"): (schema.Head, "regions"),
    (schema.Region, "role"): (schema.RegionHead, "role"),
}
"""What the resolved models say again of `fleet.yaml`."""

Field = tuple[type[BaseModel], str]
"""A field, and the class that declares it."""


@dataclass(frozen=True, order=True)
class Use:
    """A place that reads a setting; `file` is relative to the repository."""

    file: str
    line: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"

    @property
    def is_check(self) -> bool:
        """Whether settings only look at themselves here."""
        return self.file.startswith("stacks/settings/")


def uses(setting: Setting) -> tuple[Use, ...]:
    """Every place that reads a setting."""
    return tuple(sorted(_all_uses().get(_declared(setting.owner, setting.path[-1]), ())))


@cache
def _all_uses() -> Mapping[Field, frozenset[Use]]:
    files = sorted([*ROOT.glob("stacks/**/*.py"), *ROOT.glob("fleet/**/*.py")])
    modules = {str(path.relative_to(ROOT)): ast.parse(path.read_text(encoding="utf-8")) for path in files}
    bodies = [node for module in modules.values() for node in module.body]
    records = {node.name: _record(node) for node in bodies if isinstance(node, ast.ClassDef)}
    found: dict[Field, set[Use]] = {}
    for file, module in modules.items():
        reader = _Reader(records)
        reader.visit(module)
        for field, line in reader.found:
            found.setdefault(field, set()).add(Use(file, line))
    return {field: frozenset(places) for field, places in found.items()}


def _declared(model: type[BaseModel], name: str) -> Field:
    """The class that declares a field, so that a field read through a subclass is the same field."""
    owner = next(kind for kind in model.__mro__ if name in vars(kind).get("__annotations__", {}))
    return _RESOLVED.get((owner, name), (owner, name))


class _Reader(ast.NodeVisitor):
    """Reads one module. Each `visit` returns the type of its node as the schema annotates it, None where unknown."""

    def __init__(self, records: Mapping[str, "_Record"]) -> None:
        self.found: set[tuple[Field, int]] = set()
        self._records = records
        self._returns: dict[str, ast.expr | None] = {}
        self._scope: dict[str, Any] = {}

    def generic_visit(self, node: ast.AST) -> Any:
        for child in ast.iter_child_nodes(node):
            self.visit(child)

    def visit_Module(self, node: ast.Module) -> None:
        self._returns = {inner.name: inner.returns for inner in node.body if isinstance(inner, ast.FunctionDef)}
        self.generic_visit(node)

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        outside = dict(self._scope)
        self._scope["self"] = self._records.get(node.name)
        self.generic_visit(node)
        self._scope = outside

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        outside = dict(self._scope)
        arguments = node.args
        for argument in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs):
            if argument.annotation is not None:
                self._scope[argument.arg] = self._annotated(argument.annotation)
        self.generic_visit(node)
        self._scope = outside

    def visit_Assign(self, node: ast.Assign) -> None:
        kind = self.visit(node.value)
        for target in node.targets:
            self._bind(target, kind)

    def visit_For(self, node: ast.For) -> None:
        self._bind(node.target, _element(self.visit(node.iter)))
        for statement in (*node.body, *node.orelse):
            self.visit(statement)

    def visit_ListComp(self, node: ast.ListComp) -> Any:
        return self._elements(node)

    def visit_SetComp(self, node: ast.SetComp) -> Any:
        return self._elements(node)

    def visit_GeneratorExp(self, node: ast.GeneratorExp) -> Any:
        return self._elements(node)

    def visit_DictComp(self, node: ast.DictComp) -> Any:
        self._bind_generators(node.generators)
        self.visit(node.key)
        return dict[str, self.visit(node.value)]

    def visit_BoolOp(self, node: ast.BoolOp) -> Any:
        return self._either(node)

    def visit_IfExp(self, node: ast.IfExp) -> Any:
        return self._either(node)

    def visit_Name(self, node: ast.Name) -> Any:
        return self._scope.get(node.id)

    def visit_Subscript(self, node: ast.Subscript) -> Any:
        self.visit(node.slice)
        return _element(self.visit(node.value), mapped=True)

    def visit_Attribute(self, node: ast.Attribute) -> Any:
        model = self.visit(node.value)
        if isinstance(model, _Record):
            return self._annotated(model.fields.get(node.attr))
        if not (isinstance(model, type) and issubclass(model, schema.Frozen)):
            return None
        if node.attr in model.model_fields:
            self.found.add((_declared(model, node.attr), node.lineno))
            return _plain(model.model_fields[node.attr].annotation)
        getter = getattr(vars(model).get(node.attr), "fget", None)
        return get_type_hints(getter).get("return") if getter else None

    def visit_Call(self, node: ast.Call) -> Any:
        given = [self.visit(argument) for argument in (*node.args, *(keyword.value for keyword in node.keywords))]
        match node.func:
            case ast.Attribute(value=mapping, attr="values" | "items" | "get" as method):
                held = _element(self.visit(mapping), mapped=True)
                return {"values": tuple[held, ...], "items": tuple[tuple[str, held], ...], "get": held}[method]
            case ast.Attribute(attr="load") | ast.Name(id="load"):
                return schema.Environment
            case ast.Name(id=name) if name in self._records:
                return self._records[name]
            case ast.Name(id=name) if name in self._returns:
                return self._annotated(self._returns[name])
            case ast.Name(id=name) if given:
                return _built_in(name, given[0])
            case _:
                self.visit(node.func)
                return None

    def _annotated(self, node: ast.AST | None) -> Any:
        """The type that an annotation in the code names, as far as it leads to settings."""
        match node:
            case ast.Name(id=name) | ast.Attribute(attr=name):
                return _MODELS.get(name) or self._records.get(name)
            case ast.Subscript(slice=ast.Tuple(elts=[_, ast.Name() | ast.Attribute() as held])):
                return dict[str, self._annotated(held)]
            case ast.Subscript(slice=ast.Tuple(elts=[held, *_]) | held):
                return tuple[self._annotated(held), ...]
            case ast.BinOp(left=left, right=right):
                return self._annotated(left) or self._annotated(right)
            case _:
                return None

    def _elements(self, node: ast.ListComp | ast.SetComp | ast.GeneratorExp) -> Any:
        self._bind_generators(node.generators)
        return tuple[self.visit(node.elt), ...]

    def _either(self, node: ast.AST) -> Any:
        kinds = [self.visit(child) for child in ast.iter_child_nodes(node)]
        return next((kind for kind in kinds if kind is not None), None)

    def _bind_generators(self, generators: Sequence[ast.comprehension]) -> None:
        for generator in generators:
            self._bind(generator.target, _element(self.visit(generator.iter)))
            for condition in generator.ifs:
                self.visit(condition)

    def _bind(self, target: ast.AST, kind: Any) -> None:
        if isinstance(target, ast.Name):
            self._scope[target.id] = kind
        elif isinstance(target, ast.Tuple):
            parts = get_args(kind) if get_origin(kind) is tuple else ()
            for part, inner in zip(target.elts, parts, strict=False):
                self._bind(part, inner)


@dataclass(frozen=True)
class _Record:
    """A class of ours that may carry settings: the annotations of its fields and of what its properties return."""

    fields: Mapping[str, ast.expr | None]


def _record(node: ast.ClassDef) -> _Record:
    fields: dict[str, ast.expr | None] = {}
    for entry in node.body:
        match entry:
            case ast.AnnAssign(target=ast.Name(id=name), annotation=kind):
                fields[name] = kind
            case ast.FunctionDef(name=name, returns=kind, decorator_list=[_, *_]):
                fields[name] = kind
            case _:
                pass
    return _Record(fields)


def _built_in(name: str, given: Any) -> Any:
    """What a built-in function returns for its first argument."""
    if name in ("sorted", "list", "tuple", "set", "reversed", "iter"):
        return given
    if name in ("next", "min", "max"):
        return _element(given)
    return tuple[tuple[int, _element(given)], ...] if name == "enumerate" else None


def _plain(annotation: Any) -> Any:
    """The annotation without `None` and without constraints."""
    if get_origin(annotation) in (Union, UnionType):
        return next(_plain(part) for part in get_args(annotation) if part is not type(None))
    return annotation


def _element(kind: Any, *, mapped: bool = False) -> Any:
    """What a sequence holds; of a mapping its values where `mapped`, and nothing known where its keys are walked."""
    arguments = get_args(kind)
    if get_origin(kind) is dict:
        return arguments[1] if mapped else None
    return arguments[0] if arguments and arguments[0] is not type(None) else None
