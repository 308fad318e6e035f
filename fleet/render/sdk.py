"""Imports of the provider SDKs, which load their modules lazily, module by module."""

import sys
from importlib import import_module
from types import ModuleType

import stacks

_SDKS = ("pulumi_aws", "pulumi_kubernetes")


def load_sdks() -> tuple[str, ...]:
    """Import every SDK module that our layers name, and return their names.

    A lazy module loads itself when any attribute but those of introspection is asked for.
    """
    for layer in stacks.LAYERS.values():
        import_module(f"stacks.{layer.module}")
    named: set[str] = set()
    for key, module in list(sys.modules.items()):
        if key.startswith(("stacks.", "components.")):
            for value in list(vars(module).values()):
                if isinstance(value, ModuleType) and value.__name__.startswith(_SDKS):
                    getattr(value, "__all__", None)
                    named.add(value.__name__)
    return tuple(sorted(named))
