"""The name that clients call: its zone, and the certificates of all regions, validated by one record."""

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws
from pulumi_aws import acm, route53

VALIDATION_TIMEOUT = pulumi.CustomTimeouts(create="45m")
"""ACM looks for the record for up to half an hour; a zone that is not delegated yet never validates."""


@dataclass(frozen=True, kw_only=True)
class FrontNameArgs:
    """What the name is and where it must have certificates."""

    domain: str
    """The host name of the front door."""
    hosted_zone_id: str | None
    """An existing zone, or None to make one of the domain's name."""
    regional_providers: Mapping[str, aws.Provider]
    """The provider of every region that needs a certificate. Certificates live in the region of their load balancer."""
    tags: Mapping[str, str]


class FrontName(pulumi.ComponentResource):
    """The zone and the certificates."""

    zone_id: pulumi.Output[str]
    certificate_arns: pulumi.Output[dict[str, str]]
    """Validated certificates by region."""

    def __init__(self, name: str, args: FrontNameArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("fleet:index:FrontName", name, None, opts)
        self.zone_id = self._zone(name, args)
        certificates = {region: self._certificate(name, region, args) for region in args.regional_providers}
        record = self._validation_record(name, next(iter(certificates.values())))
        arns = {
            region: self._validated(name, region, certificate, record, args)
            for region, certificate in certificates.items()
        }
        self.certificate_arns = pulumi.Output.all(**arns)
        self.register_outputs({"zone_id": self.zone_id, "certificate_arns": self.certificate_arns})

    def _zone(self, name: str, args: FrontNameArgs) -> pulumi.Output[str]:
        if args.hosted_zone_id is not None:
            return pulumi.Output.from_input(args.hosted_zone_id)
        zone = route53.Zone(
            f"{name}-zone",
            name=args.domain,
            comment="Delegate this zone's name servers before certificates can be validated",
            tags=args.tags,
            opts=pulumi.ResourceOptions(parent=self),
        )
        return zone.zone_id

    def _certificate(self, name: str, region: str, args: FrontNameArgs) -> acm.Certificate:
        return acm.Certificate(
            f"{name}-certificate-{region}",
            domain_name=args.domain,
            validation_method="DNS",
            tags=args.tags,
            opts=pulumi.ResourceOptions(parent=self, provider=args.regional_providers[region]),
        )

    def _validation_record(self, name: str, certificate: acm.Certificate) -> route53.Record:
        # ACM asks for the same record in every region of an account, so a second one would only collide.
        option = certificate.domain_validation_options[0]
        return route53.Record(
            f"{name}-validation",
            zone_id=self.zone_id,
            name=option.resource_record_name,
            type=option.resource_record_type,
            records=[option.resource_record_value],
            ttl=300,
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _validated(
        self, name: str, region: str, certificate: acm.Certificate, record: route53.Record, args: FrontNameArgs
    ) -> pulumi.Output[str]:
        validation = acm.CertificateValidation(
            f"{name}-validated-{region}",
            certificate_arn=certificate.arn,
            validation_record_fqdns=[record.fqdn],
            opts=pulumi.ResourceOptions(
                parent=self, provider=args.regional_providers[region], custom_timeouts=VALIDATION_TIMEOUT
            ),
        )
        return validation.certificate_arn
