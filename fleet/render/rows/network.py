"""VPC, security groups, load balancer, firewall and flow logs."""

from .row import Row, ec2, named

_ELB = "elasticloadbalancing:{region}:{account}"

ROWS = {
    "aws:ec2/vpc:Vpc": ec2("vpc", "vpc", defaultSecurityGroupId="sg-{hex}"),
    "aws:ec2/vpcIpv4CidrBlockAssociation:VpcIpv4CidrBlockAssociation": Row("vpc-cidr-assoc-{hex}"),
    "aws:ec2/subnet:Subnet": ec2("subnet", "subnet"),
    "aws:ec2/subnetCidrReservation:SubnetCidrReservation": Row("scr-{hex}", {"ownerId": "{account}"}),
    "aws:ec2/internetGateway:InternetGateway": ec2("igw", "internet-gateway"),
    "aws:ec2/eip:Eip": ec2("eipalloc", "elastic-ip", allocationId="eipalloc-{hex}"),
    "aws:ec2/natGateway:NatGateway": Row("nat-{hex}"),
    "aws:ec2/routeTable:RouteTable": ec2("rtb", "route-table"),
    "aws:ec2/routeTableAssociation:RouteTableAssociation": Row("rtbassoc-{hex}"),
    "aws:ec2/vpcEndpoint:VpcEndpoint": ec2("vpce", "vpc-endpoint"),
    "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup": ec2("sg", "security-group"),
    "aws:ec2/securityGroup:SecurityGroup": ec2("sg", "security-group"),
    "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": ec2("sgr", "security-group-rule"),
    "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule": ec2("sgr", "security-group-rule"),
    "aws:ec2/flowLog:FlowLog": ec2("fl", "vpc-flow-log"),
    "aws:cloudwatch/logGroup:LogGroup": named("name", "logs:{region}:{account}:log-group:{name}"),
    "aws:lb/loadBalancer:LoadBalancer": Row(
        "arn:aws:" + _ELB + ":loadbalancer/app/{name}/{hex}",
        {
            "arn": "{id}",
            "arnSuffix": "app/{name}/{hex}",
            "dnsName": "{name}-{digits}.{region}.elb.amazonaws.com",
            "zoneId": "Z{upper}",
        },
        "name",
    ),
    "aws:lb/targetGroup:TargetGroup": Row(
        "arn:aws:" + _ELB + ":targetgroup/{name}/{hex}",
        {"arn": "{id}", "arnSuffix": "targetgroup/{name}/{hex}"},
        "name",
    ),
    "aws:lb/listener:Listener": Row("arn:aws:" + _ELB + ":listener/app/{name}/{hex}/{hex}", {"arn": "{id}"}),
    "aws:wafv2/webAcl:WebAcl": Row(
        "{hex}",
        {"arn": "arn:aws:wafv2:{region}:{account}:regional/webacl/{name}/{hex}", "capacity": 750},
        "name",
    ),
    "aws:wafv2/webAclAssociation:WebAclAssociation": Row("{in_webAclArn},{in_resourceArn}"),
    "aws:iam/role:Role": named("name", "iam::{account}:role/{name}", uniqueId="AROA{upper}"),
    "aws:iam/rolePolicy:RolePolicy": Row("{in_role}:{name}", {}, "name"),
}
