"""What a program asked for: one record for each resource, as plain data."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Resource:
    """A registered resource: inputs as the engine would see them (camelCase), outputs as the renderer answered."""

    stack: str
    urn: str
    type: str
    name: str
    parent: str
    """URN of the parent; the stack's own URN for a resource at the top."""
    custom: bool
    """False for a component."""
    id: str
    inputs: Mapping[str, Any]
    outputs: Mapping[str, Any]
    made_up: Mapping[str, str]
    """Outputs that only the cloud knows, and the plausible value that stands for each."""
    provider: str
    dependencies: tuple[str, ...]
    protect: bool
    ignore_changes: tuple[str, ...]
    delete_before_replace: bool
    timeouts: Mapping[str, str]

    @property
    def label(self) -> str:
        """How a person names it: type and logical name."""
        return f"{self.type}::{self.name}"
