"""Stack names: `<environment>-<region>-<layer>`, or `<environment>-base` and `<environment>-global`."""

import re
from dataclasses import dataclass, replace

_NAME = re.compile(
    r"^(?P<environment>[a-z][a-z0-9]{0,15})-(?:(?P<shared>base|global)"
    r"|(?P<region>[a-z]{2}(?:-[a-z]+)+-[0-9])-(?P<layer>network|storage|cluster|platform|serving))$"
)


class StackNameError(ValueError):
    """A stack whose name says no environment, region and layer."""


@dataclass(frozen=True)
class StackName:
    """Which layer of which environment, and in which region; `region` is empty for base and global."""

    environment: str
    layer: str
    region: str = ""

    def __str__(self) -> str:
        return "-".join(part for part in (self.environment, self.region, self.layer) if part)

    @classmethod
    def parse(cls, name: str) -> "StackName":
        """The parts of a name. Raises `StackNameError` with the rule and examples."""
        found = _NAME.match(name)
        if not found:
            raise StackNameError(
                f'stack "{name}": a stack is named <environment>-<region>-<layer>, <environment>-base or '
                "<environment>-global, with layer one of network, storage, cluster, platform, serving. The name says "
                "what the stack builds. For example prod-us-east-1-network; `fleet stacks ENV` lists an environment's."
            )
        return cls(found["environment"], found["shared"] or found["layer"], found["region"] or "")

    def sibling(self, layer: str, region: str | None = None) -> "StackName":
        """The stack of another layer, in the same region unless one is given; "" for base and global."""
        return replace(self, layer=layer, region=self.region if region is None else region)
