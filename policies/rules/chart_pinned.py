"""Charts and EKS add-ons name one exact version."""

import re
from collections.abc import Iterator

from .reading import at, shown
from .rule import Resource, ResourceRule, Settings

_VERSIONS = {
    "aws:eks/addon:Addon": "addonVersion",
    "kubernetes:helm.sh/v3:Release": "version",
    "kubernetes:helm.sh/v4:Chart": "version",
}
"""Where each type says its version."""

_EXACT = re.compile(r"v?\d+\.\d+\.\d+([-+][0-9A-Za-z.+-]+)?")
"""Semantic versioning in full: Helm takes `1.2` and `^1.2.3` for ranges, EKS adds `-eksbuild.3`."""


def _validate(resource: Resource, settings: Settings) -> Iterator[str]:
    del settings
    key = _VERSIONS[resource.type]
    version = at(resource.props, key)
    if not isinstance(version, str) or not _EXACT.fullmatch(version):
        yield f"{key} = {shown(version)}"


RULE = ResourceRule(
    name="chart-pinned",
    must="a chart or add-on names one exact version",
    why="A range or none means something else tomorrow, and CRDs change with it",
    remedy="Pin it in components/versions.py",
    judges=_VERSIONS.__contains__,
    validate=_validate,
)
