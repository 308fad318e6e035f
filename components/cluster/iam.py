"""Policies of Karpenter, of its queue and of the runner.

The six policies of Karpenter's controller are those of its own CloudFormation file (karpenter-provider-aws v1.14.1,
`getting-started-with-karpenter/cloudformation.yaml`), statement by statement; golden files show each.
"""

from collections.abc import Mapping
from typing import Any

from components import naming
from components.iam import document, statement

CLUSTER_ADMIN = "arn:aws:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy"

NODE_POLICIES = {
    "worker": "arn:aws:iam::aws:policy/AmazonEKSWorkerNodePolicy",
    "images": "arn:aws:iam::aws:policy/AmazonEC2ContainerRegistryPullOnly",
    "session": "arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore",
}
"""What every node may do. Addresses are the CNI's own business: it has a role by Pod Identity."""

CONTROL_PLANE_POLICY = "arn:aws:iam::aws:policy/AmazonEKSClusterPolicy"
CNI_POLICY = "arn:aws:iam::aws:policy/AmazonEKS_CNI_Policy"
EBS_POLICY = "arn:aws:iam::aws:policy/service-role/AmazonEBSCSIDriverPolicy"
SESSION_POLICY = "arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore"

_POD_ROLES = ("controllers-*", "serving-*")
"""Roles of pods: Pulumi names each after the component that makes it, in the layers platform and serving."""

_MAKE_ROLES = (
    "iam:AttachRolePolicy",
    "iam:CreateRole",
    "iam:DeleteRole",
    "iam:DeleteRolePolicy",
    "iam:DetachRolePolicy",
    "iam:GetRole",
    "iam:GetRolePolicy",
    "iam:ListAttachedRolePolicies",
    "iam:ListInstanceProfilesForRole",
    "iam:ListRolePolicies",
    "iam:PutRolePolicy",
    "iam:TagRole",
    "iam:UntagRole",
    "iam:UpdateAssumeRolePolicy",
    "iam:UpdateRole",
)

_ASSOCIATE = (
    "eks:CreatePodIdentityAssociation",
    "eks:DeletePodIdentityAssociation",
    "eks:DescribeCluster",
    "eks:DescribePodIdentityAssociation",
    "eks:ListPodIdentityAssociations",
    "eks:TagResource",
    "eks:UntagResource",
    "eks:UpdatePodIdentityAssociation",
)

_LAUNCHED = ("fleet", "instance", "volume", "network-interface", "launch-template", "spot-instances-request")
_LAUNCH = ("ec2:RunInstances", "ec2:CreateFleet")
_ANY_POOL = "karpenter.sh/nodepool"
_ANY_CLASS = "karpenter.k8s.aws/ec2nodeclass"


def karpenter(
    *, cluster: str, region: str, account: str, node_role_arn: object, queue_arn: object
) -> dict[str, dict[str, Any]]:
    """The six policies of Karpenter's controller by name; the ARNs may be outputs."""
    cluster_arn = f"arn:aws:eks:{region}:{account}:cluster/{cluster}"
    return {
        "node-lifecycle": _node_lifecycle(cluster, region),
        "iam-integration": _iam_integration(cluster, region, account, node_role_arn),
        "eks-integration": document(
            statement("AllowAPIServerEndpointDiscovery", ["eks:DescribeCluster"], [cluster_arn])
        ),
        "interruption": document(
            statement(
                "AllowInterruptionQueueActions",
                ["sqs:DeleteMessage", "sqs:GetQueueUrl", "sqs:ReceiveMessage"],
                [queue_arn],
            )
        ),
        "zonal-shift": document(
            statement(
                "AllowZonalShiftStatusReadOnly",
                ["arc-zonal-shift:GetManagedResource"],
                ["*"],
                condition={"StringEquals": {"arc-zonal-shift:ResourceIdentifier": cluster_arn}},
            )
        ),
        "resource-discovery": _resource_discovery(region, account),
    }


def interruption_queue(queue_arn: object) -> dict[str, Any]:
    """The queue's policy: AWS's own events come in, over TLS."""
    senders = {"Service": ["events.amazonaws.com", "sqs.amazonaws.com"]}
    plain = {"Bool": {"aws:SecureTransport": "false"}}
    return document(
        statement("Events", ["sqs:SendMessage"], [queue_arn], principal=senders),
        statement("TlsOnly", ["sqs:*"], [queue_arn], principal="*", effect="Deny", condition=plain),
    )


def runner(*, environment: str, cluster: str, region: str, account: str) -> dict[str, Any]:
    """What `up` of the layers platform and serving does in AWS: roles of pods, and their association with pods.

    Whoever makes roles can give them anything, so who may start the runner is an administrator. State, its key and the
    source are the account owner's, under names that everybody knows.
    """
    here = f"arn:aws:eks:{region}:{account}"
    made = [f"arn:aws:iam::{account}:role/{name}" for name in _POD_ROLES]
    karpenter_role = f"arn:aws:iam::{account}:role/karpenter-controller-*"
    to_pods = {"StringEquals": {"iam:PassedToService": "pods.eks.amazonaws.com"}}
    return document(
        *_runs_in_vpc(environment, region, account),
        *_reads_state(environment, account),
        statement(
            "PodIdentities",
            _ASSOCIATE,
            [f"{here}:cluster/{cluster}", f"{here}:podidentityassociation/{cluster}/*"],
        ),
        statement("PodRoles", _MAKE_ROLES, made),
        statement("SeePassedRoles", ["iam:GetRole"], [karpenter_role]),
        statement("PassPodRoles", ["iam:PassRole"], [*made, karpenter_role], condition=to_pods),
    )


def _reads_state(environment: str, account: str) -> tuple[dict[str, Any], ...]:
    """Pulumi's state and the secrets in it, and the source of the build."""
    bucket = f"arn:aws:s3:::{naming.state_bucket(account)}"
    alias = {"ForAnyValue:StringEquals": {"kms:ResourceAliases": naming.state_key_alias(environment)}}
    return (
        statement("FindState", ["s3:ListBucket", "s3:GetBucketLocation"], [bucket]),
        statement("State", ["s3:GetObject", "s3:GetObjectVersion", "s3:PutObject", "s3:DeleteObject"], [f"{bucket}/*"]),
        statement(
            "StateSecrets",
            ["kms:Encrypt", "kms:Decrypt", "kms:DescribeKey"],
            [f"arn:aws:kms:*:{account}:key/*"],
            condition=alias,
        ),
    )


def _runs_in_vpc(environment: str, region: str, account: str) -> tuple[dict[str, Any], ...]:
    """What CodeBuild needs to start in private subnets (CodeBuild guide: identity-based policies, VPC) and to log."""
    here = f"arn:aws:ec2:{region}:{account}"
    interfaces = f"{here}:network-interface/*"
    logs = f"arn:aws:logs:{region}:{account}:log-group:/aws/codebuild/{environment}-{region}-*"
    describe = ("DhcpOptions", "NetworkInterfaces", "SecurityGroups", "Subnets", "Vpcs")
    return (
        statement("Log", ["logs:CreateLogStream", "logs:PutLogEvents"], [logs]),
        statement("SeeNetwork", [f"ec2:Describe{noun}" for noun in describe], ["*"]),
        statement(
            "Interfaces",
            ["ec2:CreateNetworkInterface", "ec2:DeleteNetworkInterface"],
            [interfaces, f"{here}:subnet/*", f"{here}:security-group/*"],
        ),
        statement(
            "LendInterfaces",
            ["ec2:CreateNetworkInterfacePermission"],
            [interfaces],
            condition={"StringEquals": {"ec2:AuthorizedService": "codebuild.amazonaws.com"}},
        ),
    )


def _node_lifecycle(cluster: str, region: str) -> dict[str, Any]:
    launched = [f"arn:aws:ec2:{region}:*:{kind}/*" for kind in _LAUNCHED]
    templates, instances = f"arn:aws:ec2:{region}:*:launch-template/*", f"arn:aws:ec2:{region}:*:instance/*"
    owned = _when(_owned("Resource", cluster), _any("Resource", _ANY_POOL))
    requested = _owned("Request", cluster) | _cluster_tag(cluster)
    creating = {"ec2:CreateAction": ["RunInstances", "CreateFleet", "CreateLaunchTemplate"]}
    named = owned | {
        "StringEqualsIfExists": _cluster_tag(cluster),
        "ForAllValues:StringEquals": {"aws:TagKeys": ["eks:eks-cluster-name", "karpenter.sh/nodeclaim", "Name"]},
    }
    return document(
        statement("AllowScopedEC2InstanceAccessActions", _LAUNCH, _launch_inputs(region)),
        statement("AllowScopedEC2LaunchTemplateAccessActions", _LAUNCH, [templates], condition=owned),
        statement(
            "AllowScopedEC2InstanceActionsWithTags",
            [*_LAUNCH, "ec2:CreateLaunchTemplate"],
            launched,
            condition=_when(requested, _any("Request", _ANY_POOL)),
        ),
        statement(
            "AllowScopedResourceCreationTagging",
            ["ec2:CreateTags"],
            launched,
            condition=_when(requested | creating, _any("Request", _ANY_POOL)),
        ),
        statement("AllowScopedResourceTagging", ["ec2:CreateTags"], [instances], condition=named),
        statement(
            "AllowScopedDeletion",
            ["ec2:TerminateInstances", "ec2:DeleteLaunchTemplate"],
            [instances, templates],
            condition=owned,
        ),
    )


def _launch_inputs(region: str) -> list[str]:
    """What a launch reads: public kinds have no account in their ARN."""
    public = [f"arn:aws:ec2:{region}::{kind}/*" for kind in ("image", "snapshot")]
    kinds = ("security-group", "subnet", "capacity-reservation", "placement-group")
    return public + [f"arn:aws:ec2:{region}:*:{kind}/*" for kind in kinds]


def _iam_integration(cluster: str, region: str, account: str, node_role_arn: object) -> dict[str, Any]:
    profiles = [f"arn:aws:iam::{account}:instance-profile/*"]
    request = _owned("Request", cluster) | _cluster_tag(cluster) | _region_tag("Request", region)
    resource = _owned("Resource", cluster) | _region_tag("Resource", region)
    request_class, resource_class = _any("Request", _ANY_CLASS), _any("Resource", _ANY_CLASS)
    to_ec2 = {"StringEquals": {"iam:PassedToService": ["ec2.amazonaws.com", "ec2.amazonaws.com.cn"]}}
    return document(
        statement("AllowPassingInstanceRole", ["iam:PassRole"], [node_role_arn], condition=to_ec2),
        statement(
            "AllowScopedInstanceProfileCreationActions",
            ["iam:CreateInstanceProfile"],
            profiles,
            condition=_when(request, request_class),
        ),
        statement(
            "AllowScopedInstanceProfileTagActions",
            ["iam:TagInstanceProfile"],
            profiles,
            condition=_when(resource | request, resource_class | request_class),
        ),
        statement(
            "AllowScopedInstanceProfileActions",
            ["iam:AddRoleToInstanceProfile", "iam:RemoveRoleFromInstanceProfile", "iam:DeleteInstanceProfile"],
            profiles,
            condition=_when(resource, resource_class),
        ),
    )


def _resource_discovery(region: str, account: str) -> dict[str, Any]:
    nouns = (
        "CapacityReservations",
        "Images",
        "Instances",
        "InstanceStatus",
        "InstanceTypeOfferings",
        "InstanceTypes",
        "LaunchTemplates",
        "PlacementGroups",
        "SecurityGroups",
        "SpotPriceHistory",
        "Subnets",
    )
    regional = {"StringEquals": {"aws:RequestedRegion": region}}
    parameters = f"arn:aws:ssm:{region}::parameter/aws/service/*"
    profiles = f"arn:aws:iam::{account}:instance-profile/*"
    return document(
        statement("AllowRegionalReadActions", [f"ec2:Describe{noun}" for noun in nouns], ["*"], condition=regional),
        statement("AllowSSMReadActions", ["ssm:GetParameter"], [parameters]),
        statement("AllowPricingReadActions", ["pricing:GetProducts"], ["*"]),
        statement("AllowUnscopedInstanceProfileListAction", ["iam:ListInstanceProfiles"], ["*"]),
        statement("AllowInstanceProfileReadActions", ["iam:GetInstanceProfile"], [profiles]),
    )


def _when(equal: Mapping[str, object], like: Mapping[str, object]) -> dict[str, Any]:
    return {"StringEquals": dict(equal), "StringLike": dict(like)}


def _owned(whose: str, cluster: str) -> dict[str, object]:
    return {f"aws:{whose}Tag/kubernetes.io/cluster/{cluster}": "owned"}


def _cluster_tag(cluster: str) -> dict[str, object]:
    return {"aws:RequestTag/eks:eks-cluster-name": cluster}


def _region_tag(whose: str, region: str) -> dict[str, object]:
    return {f"aws:{whose}Tag/topology.kubernetes.io/region": region}


def _any(whose: str, key: str) -> dict[str, object]:
    return {f"aws:{whose}Tag/{key}": "*"}
