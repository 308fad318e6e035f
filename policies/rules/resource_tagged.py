"""Everything that can carry tags carries the keys by which cost is allocated.

A type of AWS is taggable until it is listed here, so that a new one is judged by default. Provider default tags do not
reach what a launch template or Karpenter makes: those carry their own.
"""

from collections.abc import Iterator
from typing import Any

from .reading import at, items, mapping
from .rule import Resource, ResourceRule, Settings

REQUIRED = (
    "environment",
    "owner",
    "cost-center",
    "product",
    "component",
    "region-role",
    "managed-by",
    "pulumi-stack",
)
"""The same keys as `components/tags.py`, which the pack cannot import; a test compares the two."""

UNTAGGABLE = {
    "a relation between two resources, with no ARN of its own": (
        "aws:acm/certificateValidation:CertificateValidation",
        "aws:autoscaling/attachment:Attachment",
        "aws:ec2/eipAssociation:EipAssociation",
        "aws:ec2/internetGatewayAttachment:InternetGatewayAttachment",
        "aws:ec2/mainRouteTableAssociation:MainRouteTableAssociation",
        "aws:ec2/routeTableAssociation:RouteTableAssociation",
        "aws:ec2/volumeAttachment:VolumeAttachment",
        "aws:ec2/vpcDhcpOptionsAssociation:VpcDhcpOptionsAssociation",
        "aws:ec2/vpcEndpointRouteTableAssociation:VpcEndpointRouteTableAssociation",
        "aws:ec2/vpcEndpointSubnetAssociation:VpcEndpointSubnetAssociation",
        "aws:ec2/vpcIpv4CidrBlockAssociation:VpcIpv4CidrBlockAssociation",
        "aws:eks/accessPolicyAssociation:AccessPolicyAssociation",
        "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
        "aws:lb/listenerCertificate:ListenerCertificate",
        "aws:lb/targetGroupAttachment:TargetGroupAttachment",
        "aws:route53/zoneAssociation:ZoneAssociation",
        "aws:sns/topicSubscription:TopicSubscription",
        "aws:wafv2/webAclAssociation:WebAclAssociation",
    ),
    "a part of a resource that is tagged": (
        "aws:cloudwatch/eventTarget:EventTarget",
        "aws:cloudwatch/logMetricFilter:LogMetricFilter",
        "aws:cloudwatch/logStream:LogStream",
        "aws:cloudwatch/logSubscriptionFilter:LogSubscriptionFilter",
        "aws:codebuild/webhook:Webhook",
        "aws:ec2/route:Route",
        "aws:ec2/securityGroupRule:SecurityGroupRule",
        "aws:ec2/subnetCidrReservation:SubnetCidrReservation",
        "aws:ec2/vpcEndpointPolicy:VpcEndpointPolicy",
        "aws:ecr/lifecyclePolicy:LifecyclePolicy",
        "aws:ecr/repositoryPolicy:RepositoryPolicy",
        "aws:globalaccelerator/endpointGroup:EndpointGroup",
        "aws:globalaccelerator/listener:Listener",
        "aws:iam/rolePolicy:RolePolicy",
        "aws:kms/alias:Alias",
        "aws:kms/grant:Grant",
        "aws:kms/keyPolicy:KeyPolicy",
        "aws:route53/record:Record",
        "aws:s3/bucketIntelligentTieringConfiguration:BucketIntelligentTieringConfiguration",
        "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration",
        "aws:s3/bucketLogging:BucketLogging",
        "aws:s3/bucketMetric:BucketMetric",
        "aws:s3/bucketNotification:BucketNotification",
        "aws:s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration",
        "aws:s3/bucketOwnershipControls:BucketOwnershipControls",
        "aws:s3/bucketPolicy:BucketPolicy",
        "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock",
        "aws:s3/bucketReplicationConfig:BucketReplicationConfig",
        "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
        "aws:s3/bucketVersioning:BucketVersioning",
        "aws:s3/inventory:Inventory",
        "aws:secretsmanager/secretPolicy:SecretPolicy",
        "aws:secretsmanager/secretVersion:SecretVersion",
        "aws:sns/topicPolicy:TopicPolicy",
        "aws:sqs/queuePolicy:QueuePolicy",
        "aws:sqs/redriveAllowPolicy:RedriveAllowPolicy",
        "aws:sqs/redrivePolicy:RedrivePolicy",
        "aws:wafv2/webAclLoggingConfiguration:WebAclLoggingConfiguration",
    ),
    "a setting of the account, its registry or its bill": (
        "aws:cloudwatch/dashboard:Dashboard",
        "aws:cloudwatch/logResourcePolicy:LogResourcePolicy",
        "aws:costexplorer/costAllocationTag:CostAllocationTag",
        "aws:ecr/pullThroughCacheRule:PullThroughCacheRule",
        "aws:ecr/registryPolicy:RegistryPolicy",
        "aws:ecr/registryScanningConfiguration:RegistryScanningConfiguration",
        "aws:ecr/replicationConfiguration:ReplicationConfiguration",
        "aws:ecr/repositoryCreationTemplate:RepositoryCreationTemplate",
        "aws:s3/accountPublicAccessBlock:AccountPublicAccessBlock",
    ),
}
"""Types of pulumi_aws 7.51.1 without a `tags` argument, by the reason; those that a fleet may need."""

_UNTAGGABLE = frozenset(kind for kinds in UNTAGGABLE.values() for kind in kinds)
_LAUNCH_TEMPLATE = "aws:ec2/launchTemplate:LaunchTemplate"
_NODE_CLASS = "kubernetes:karpenter.k8s.aws/v1:EC2NodeClass"
_LAUNCHED = ("instance", "volume")


def _judges(kind: str) -> bool:
    return kind == _NODE_CLASS or (kind.startswith("aws:") and kind not in _UNTAGGABLE)


def _validate(resource: Resource, settings: Settings) -> Iterator[str]:
    del settings
    if resource.type == _NODE_CLASS:
        yield from _missing("spec.tags", at(resource.props, "spec", "tags"))
        return
    yield from _missing("tags", at(resource.props, "tags"))
    if resource.type == _LAUNCH_TEMPLATE:
        specified = {
            kind: at(entry, "tags")
            for entry in items(at(resource.props, "tagSpecifications"))
            if isinstance(kind := at(entry, "resourceType"), str)
        }
        for launched in _LAUNCHED:
            yield from _missing(f"tagSpecifications[{launched}].tags", specified.get(launched))


def _missing(path: str, tags: Any) -> Iterator[str]:
    carried = {key for key, value in mapping(tags).items() if isinstance(value, str) and value}
    carried |= {key for entry in items(tags) if at(entry, "value") and isinstance(key := at(entry, "key"), str)}
    if missing := [key for key in REQUIRED if key not in carried]:
        yield f"{path} lacks {', '.join(missing)}"


RULE = ResourceRule(
    name="resource-tagged",
    must="everything taggable carries the required tags",
    why="What is not tagged is a cost that nobody owns",
    remedy="Pass the stack's tags to it; see components/tags.py",
    judges=_judges,
    validate=_validate,
)
