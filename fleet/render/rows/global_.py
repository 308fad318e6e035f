"""Front door and replication."""

from .row import Row

ROWS = {
    "aws:globalaccelerator/accelerator:Accelerator": Row(
        "arn:aws:globalaccelerator::{account}:accelerator/{hex}",
        {
            "arn": "{id}",
            "dnsName": "a{hex}.awsglobalaccelerator.com",
            # One zone for all accelerators (Elastic Load Balancing and Global Accelerator endpoints, AWS reference).
            "hostedZoneId": "Z2BJ6XQ5FK7U4H",
            "ipSets": [{"ipFamily": "IPv4", "ipAddresses": ["192.0.2.1", "198.51.100.1"]}],
        },
        "name",
    ),
    "aws:globalaccelerator/listener:Listener": Row("{in_acceleratorArn}/listener/{hex}", {"arn": "{id}"}),
    "aws:globalaccelerator/endpointGroup:EndpointGroup": Row("{in_listenerArn}/endpoint-group/{hex}", {"arn": "{id}"}),
    "aws:s3/bucketReplicationConfig:BucketReplicationConfig": Row("{in_bucket}"),
}
