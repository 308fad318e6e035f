"""Where and how much: one Pulumi project, in which a stack is one layer of one environment.

`run()` is the whole program: the stack's name says which layer, settings say what, the layer's `deploy` draws it and
what it returns is exported.
"""

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import pulumi

from . import settings
from .contracts import exported
from .name import StackName, StackNameError


@dataclass(frozen=True)
class Layer:
    """One layer: its module in this package, and the layers whose contracts it reads."""

    name: str
    module: str
    reads: tuple[str, ...]
    regional: bool = True

    @property
    def deploy(self) -> Callable[[settings.Environment, StackName], Any]:
        """Draws the layer and returns its contract. Imported when asked for: a stack needs one layer's SDK only."""
        return import_module(f".{self.module}", __name__).deploy


LAYERS = {
    layer.name: layer
    for layer in (
        Layer("base", "base", (), regional=False),
        Layer("network", "network", ("base",)),
        Layer("storage", "storage", ("network",)),
        Layer("cluster", "cluster", ("network", "storage")),
        Layer("platform", "platform", ("network", "storage", "cluster")),
        Layer("serving", "serving", ("network", "storage", "cluster", "platform")),
        Layer("global", "global_", ("base", "network", "storage"), regional=False),
    )
}
"""Every layer, in an order in which each comes after those that it reads."""


def stack_names(environment: settings.Environment) -> tuple[StackName, ...]:
    """The stacks of an environment in dependency order: base, then region by region, then global."""
    regional = [layer for layer in LAYERS.values() if layer.regional]
    return (
        StackName(environment.name, "base"),
        *(StackName(environment.name, layer.name, region) for region in environment.regions for layer in regional),
        StackName(environment.name, "global"),
    )


def run(environment: settings.Environment | None = None) -> None:
    """Draw the stack that Pulumi names. `environment` spares reading the settings again where they are known."""
    try:
        name = StackName.parse(pulumi.get_stack())
        known = environment or settings.load(name.environment)
        _agree(name, known)
    except (StackNameError, settings.SettingsError) as error:
        raise pulumi.RunError(str(error)) from None
    for key, output in exported(LAYERS[name.layer].deploy(known, name)).items():
        pulumi.export(key, output)


def _agree(name: StackName, environment: settings.Environment) -> None:
    """Refuse a stack whose name disagrees with the settings or with its own configuration."""
    if name.region and name.region not in environment.regions:
        raise StackNameError(
            f'stack "{name}": {name.environment} has no region {name.region}, it has {", ".join(environment.regions)}. '
            f"Name one of them, or run `fleet new {name.environment} --region {name.region}`."
        )
    configured = settings.configured_region()
    if configured and name.region and configured != name.region:
        raise StackNameError(
            f'stack "{name}": stacks/config/Pulumi.{name}.yaml says region {configured}. The name decides where '
            f"a stack builds, and the two must agree. Correct the file."
        )
