"""The Kubernetes API is reached over private addresses, or from named networks only."""

from collections.abc import Iterator
from ipaddress import ip_network

from .reading import at, mapping, said, shown, texts
from .rule import Resource, ResourceRule, Settings

_CLUSTERS = frozenset({"aws:eks/cluster:Cluster"})

_WIDEST_PREFIX = 8
"""No registry hands anyone a wider block: a shorter prefix is (part of) the whole internet."""

_PRIVATE_ENVIRONMENTS = ("prod",)


def _validate(resource: Resource, settings: Settings) -> Iterator[str]:
    access = mapping(at(resource.props, "vpcConfig"))
    if at(access, "endpointPrivateAccess") is not True:
        yield "vpcConfig.endpointPrivateAccess is not true, so nodes reach the API over the internet"
    if at(access, "endpointPublicAccess") is False:
        return
    environment = at(resource.props, "tags", "environment")
    private = texts(settings["privateEnvironments"]) if said(settings, "privateEnvironments") else _PRIVATE_ENVIRONMENTS
    if environment in private:
        yield f"vpcConfig.endpointPublicAccess is not false in {environment}"
    networks = texts(at(access, "publicAccessCidrs"))
    if not networks:
        yield "vpcConfig.publicAccessCidrs is empty, which EKS takes for 0.0.0.0/0"
    for network in networks:
        if _too_wide(network):
            yield f"vpcConfig.publicAccessCidrs has {shown(network)}"


def _too_wide(network: str) -> bool:
    try:
        return ip_network(network, strict=False).prefixlen < _WIDEST_PREFIX
    except ValueError:
        return True


RULE = ResourceRule(
    name="cluster-endpoint-private",
    must="an EKS endpoint is private, or open to named networks outside production",
    why="A public endpoint lets everyone try credentials, and every flaw of the API server, on the cluster",
    remedy="Set `access: runner` or `tunnel`, or name your own networks; production is exempted by "
    "`privateEnvironments` in this rule's configuration",
    settings={
        "privateEnvironments": {
            "type": "array",
            "items": {"type": "string"},
            "description": "Environments, by the tag, whose endpoint may not be public at all. Default: prod.",
        }
    },
    judges=_CLUSTERS.__contains__,
    validate=_validate,
)
