"""A row: the shape of one resource type's id and of the outputs that programs read.

Words in braces: `name` (the physical name), `hex` (17 digits), `upper` (13 capitals), `digits`, `region`, `account`,
`id`, and `in_<input>` for an input that is text. Shapes are those of the AWS service authorization reference.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Row:
    """What one type answers. `physical` is the input that holds its physical name, where it has one."""

    id: str
    outputs: Mapping[str, Any] = field(default_factory=dict[str, Any])
    physical: str = ""


def ec2(prefix: str, noun: str, **more: Any) -> Row:
    """An EC2 resource with an id such as `vpc-0a1b…` and an ARN."""
    return Row(prefix + "-{hex}", {"arn": "arn:aws:ec2:{region}:{account}:" + noun + "/{id}", **more})


def named(physical: str, arn: str, **more: Any) -> Row:
    """A type whose id is its name: `arn` is what follows `arn:aws:`."""
    return Row("{name}", {"arn": "arn:aws:" + arn, **more}, physical)
