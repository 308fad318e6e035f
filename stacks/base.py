"""Layer base: what every region stands on. One per environment, first."""

import pulumi

from components.base.front_name import FrontName, FrontNameArgs

from . import labels, providers
from .contracts import BaseContract
from .name import StackName
from .settings import Environment


def deploy(environment: Environment, stack: StackName) -> BaseContract:
    """The zone of the environment's name, and a certificate in every region."""
    regional = {region: providers.amazon(environment, region) for region in environment.regions}
    name = FrontName(
        "front",
        FrontNameArgs(
            domain=environment.domain.name,
            hosted_zone_id=environment.domain.hosted_zone_id,
            regional_providers=regional,
            tags=labels.tags(environment, stack),
        ),
        pulumi.ResourceOptions(provider=regional[environment.active[0].name], protect=environment.protect),
    )
    return BaseContract(zone_id=name.zone_id, certificate_arns=name.certificate_arns)
