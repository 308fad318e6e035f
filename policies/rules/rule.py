"""What a rule is. `fleet plan` and the policy pack run the same objects; Pulumi itself is never imported here.

A rule's function is given resources and the rule's own settings, and yields what is wrong, as a property and its value.
It knows nothing else, never raises, and takes any missing or odd property for one that was not said.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, NamedTuple

Settings = Mapping[str, Any]


class Level(StrEnum):
    """What a violation does, as Pulumi spells it."""

    MANDATORY = "mandatory"
    """Stops the plan and the update."""
    ADVISORY = "advisory"
    """Is printed."""


class Resource(NamedTuple):
    """A resource as a rule sees it."""

    type: str
    """Pulumi's type token, such as `aws:s3/bucket:Bucket`."""
    name: str
    """The logical name."""
    props: Mapping[str, Any]
    """Properties in camelCase: inputs, and for a `StackRule` the outputs as well."""


@dataclass(frozen=True, kw_only=True)
class Rule(ABC):
    """What every rule says of itself. A violation reads `what: must. why. remedy.`; no part carries its full stop."""

    name: str
    """The module's name with dashes."""
    must: str
    """What holds where the rule is kept."""
    why: str
    remedy: str
    level: Level = Level.MANDATORY
    settings: Mapping[str, Mapping[str, Any]] = field(default_factory=dict[str, Mapping[str, Any]])
    """The keys that the rule reads from its settings, each with its JSON Schema."""

    @abstractmethod
    def breaches(self, resources: Sequence[Resource], settings: Settings) -> Iterator[tuple[Resource | None, str]]:
        """What is wrong, with the resource that is; None where it is the stack as a whole."""

    def text(self, what: str) -> str:
        """A violation in one line."""
        return f"{what}: {self.must}. {self.why}. {self.remedy}."


@dataclass(frozen=True, kw_only=True)
class ResourceRule(Rule):
    """A rule that judges each resource by itself, before it is made."""

    judges: Callable[[str], bool]
    """Whether the rule applies to a type."""
    validate: Callable[[Resource, Settings], Iterable[str]]

    def breaches(self, resources: Sequence[Resource], settings: Settings) -> Iterator[tuple[Resource | None, str]]:
        """What is wrong with each resource."""
        for resource in resources:
            if self.judges(resource.type):
                for what in self.validate(resource, settings):
                    yield resource, what


@dataclass(frozen=True, kw_only=True)
class StackRule(Rule):
    """A rule that judges the resources of a stack together. Pulumi runs it after they are made."""

    validate: Callable[[Sequence[Resource], Settings], Iterable[tuple[Resource | None, str]]]

    def breaches(self, resources: Sequence[Resource], settings: Settings) -> Iterator[tuple[Resource | None, str]]:
        """What is wrong with the stack."""
        yield from self.validate(resources, settings)


@dataclass(frozen=True, kw_only=True)
class Finding:
    """A broken rule and where. `type` and `name` are empty where it is the stack as a whole."""

    rule: str
    level: Level
    type: str
    name: str
    text: str
