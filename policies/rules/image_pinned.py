"""Images of containers and of nodes are pinned: the same commit runs the same bytes."""

from collections.abc import Iterator

from .pods import containers, has_pods, templates
from .reading import at, items, said, shown
from .rule import Resource, ResourceRule, Settings

_FLOATING = frozenset({"", "edge", "latest", "main", "master", "nightly", "stable"})
"""Tags that publishers move; no tag means `latest`."""

_NODE_CLASS = "kubernetes:karpenter.k8s.aws/v1:EC2NodeClass"


def _judges(kind: str) -> bool:
    return kind == _NODE_CLASS or has_pods(kind)


def _validate(resource: Resource, settings: Settings) -> Iterator[str]:
    del settings
    if resource.type == _NODE_CLASS:
        yield from _node_images(resource)
    for path, template in templates(resource):
        for where, container in containers(template):
            image = at(container, "image")
            if not isinstance(image, str) or _floats(image):
                yield f"{path}.{where}.image = {shown(image)}"


def _node_images(resource: Resource) -> Iterator[str]:
    """Karpenter resolves a name, a tag and `@latest` again and again; an id and a dated alias stay."""
    for term in items(at(resource.props, "spec", "amiSelectorTerms")):
        alias = at(term, "alias")
        dated = isinstance(alias, str) and "@" in alias and not alias.endswith("@latest")
        if not dated and not said(term, "id"):
            yield f"spec.amiSelectorTerms.alias = {shown(alias)}"


def _floats(image: str) -> bool:
    return "@sha256:" not in image and image.rpartition("/")[2].partition(":")[2] in _FLOATING


RULE = ResourceRule(
    name="image-pinned",
    must="an image names a fixed tag, a digest or a dated AMI",
    why="A tag that moves changes what runs without a commit, and one replica at a time",
    remedy="Pin it in components/versions.py",
    judges=_judges,
    validate=_validate,
)
