"""Names and certificates."""

from .row import Row

ROWS = {
    "aws:route53/zone:Zone": Row(
        "Z{upper}",
        {
            "zoneId": "Z{upper}",
            "nameServers": ["ns-1.awsdns-01.org", "ns-2.awsdns-02.com"],
            "arn": "arn:aws:route53:::hostedzone/Z{upper}",
        },
    ),
    "aws:route53/record:Record": Row("{in_zoneId}_{in_name}_{in_type}", {"fqdn": "{in_name}"}),
    "aws:acm/certificate:Certificate": Row(
        "arn:aws:acm:{region}:{account}:certificate/{hex}",
        {
            "arn": "arn:aws:acm:{region}:{account}:certificate/{hex}",
            "domainValidationOptions": [
                {
                    "domainName": "{in_domainName}",
                    "resourceRecordName": "_{hex}.{in_domainName}",
                    "resourceRecordType": "CNAME",
                    "resourceRecordValue": "_{hex}.acm-validations.aws",
                }
            ],
        },
    ),
    "aws:acm/certificateValidation:CertificateValidation": Row(
        "{in_certificateArn}", {"certificateArn": "{in_certificateArn}"}
    ),
}
