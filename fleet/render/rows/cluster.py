"""EKS, IAM, queues and rules."""

from .row import Row, ec2, named

_EKS = "arn:aws:eks:{region}:{account}:"

ROWS: dict[str, Row] = {
    "aws:eks/cluster:Cluster": Row(
        "{name}",
        {
            "arn": _EKS + "cluster/{name}",
            "endpoint": "https://{upper}.gr7.{region}.eks.amazonaws.com",
            "certificateAuthority": {"data": "LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0t"},
            "vpcConfig": {"clusterSecurityGroupId": "sg-{hex}"},
            "status": "ACTIVE",
        },
        "name",
    ),
    "aws:eks/addon:Addon": Row(
        "{in_clusterName}:{in_addonName}", {"arn": _EKS + "addon/{in_clusterName}/{in_addonName}/{hex}"}
    ),
    "aws:eks/nodeGroup:NodeGroup": Row(
        "{in_clusterName}:{name}",
        {"arn": _EKS + "nodegroup/{in_clusterName}/{name}/{hex}", "status": "ACTIVE"},
        "nodeGroupName",
    ),
    "aws:eks/accessEntry:AccessEntry": Row(
        "{in_clusterName}:{in_principalArn}",
        {"accessEntryArn": _EKS + "access-entry/{in_clusterName}/role/{account}/{hex}"},
    ),
    "aws:eks/accessPolicyAssociation:AccessPolicyAssociation": Row("{in_clusterName}#{in_principalArn}#{in_policyArn}"),
    "aws:ec2/launchTemplate:LaunchTemplate": ec2(
        "lt", "launch-template", name="{name}", latestVersion=1, defaultVersion=1
    ),
    "aws:autoscaling/group:Group": Row(
        "{name}",
        {"arn": "arn:aws:autoscaling:{region}:{account}:autoScalingGroup:{hex}:autoScalingGroupName/{name}"},
        "name",
    ),
    "aws:iam/policy:Policy": Row(
        "arn:aws:iam::{account}:policy/{name}", {"arn": "{id}", "policyId": "ANPA{upper}"}, "name"
    ),
    "aws:iam/rolePolicyAttachment:RolePolicyAttachment": Row("{in_role}/{in_policyArn}"),
    "aws:iam/instanceProfile:InstanceProfile": named(
        "name", "iam::{account}:instance-profile/{name}", uniqueId="AIPA{upper}"
    ),
    "aws:sqs/queue:Queue": Row(
        "https://sqs.{region}.amazonaws.com/{account}/{name}",
        {"arn": "arn:aws:sqs:{region}:{account}:{name}", "url": "{id}"},
        "name",
    ),
    "aws:sqs/queuePolicy:QueuePolicy": Row("{in_queueUrl}"),
    "aws:cloudwatch/eventRule:EventRule": named("name", "events:{region}:{account}:rule/{name}"),
    "aws:cloudwatch/eventTarget:EventTarget": Row("{in_rule}-{hex}", {"targetId": "{hex}"}),
    "aws:codebuild/project:Project": Row(
        "arn:aws:codebuild:{region}:{account}:project/{name}", {"arn": "{id}"}, "name"
    ),
}
