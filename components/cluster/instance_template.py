"""A launch template as each of our instances has it: metadata by token, an encrypted volume, tags on everything."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
from pulumi_aws import ec2

from components import tags

from . import plan

TAGGED = ("instance", "volume", "network-interface")
"""What an instance brings along: tags of a group or of the template itself do not reach them."""


@dataclass(frozen=True, kw_only=True)
class InstanceTemplateArgs:
    """What differs from one kind of instance to the next."""

    instance_type: str
    volume_gib: int
    security_group_ids: Sequence[pulumi.Input[str]]
    key_arn: pulumi.Input[str]
    """The key of the volume."""
    image_id: str | None = None
    """None where EKS chooses the image."""
    profile_arn: pulumi.Input[str] | None = None
    """The instance profile; None where EKS makes one."""
    tags: Mapping[str, str]


class InstanceTemplate(pulumi.ComponentResource):
    """A launch template."""

    template_id: pulumi.Output[str]
    version: pulumi.Output[str]
    """The newest version, so that whoever launches from it follows a change."""

    def __init__(self, name: str, args: InstanceTemplateArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("fleet:index:InstanceTemplate", name, None, opts)
        template = self._template(name, args)
        self.template_id = template.id
        self.version = template.latest_version.apply(lambda version: f"{version:.0f}")
        self.register_outputs({"template_id": self.template_id, "version": self.version})

    def _template(self, name: str, args: InstanceTemplateArgs) -> ec2.LaunchTemplate:
        profile = None
        if args.profile_arn is not None:
            profile = ec2.LaunchTemplateIamInstanceProfileArgs(arn=args.profile_arn)
        return ec2.LaunchTemplate(
            f"{name}-template",
            image_id=args.image_id,
            instance_type=args.instance_type,
            iam_instance_profile=profile,
            vpc_security_group_ids=args.security_group_ids,
            update_default_version=True,
            metadata_options=ec2.LaunchTemplateMetadataOptionsArgs(
                http_endpoint="enabled", http_tokens="required", http_put_response_hop_limit=plan.METADATA_HOPS
            ),
            block_device_mappings=[
                ec2.LaunchTemplateBlockDeviceMappingArgs(
                    device_name="/dev/xvda",
                    ebs=ec2.LaunchTemplateBlockDeviceMappingEbsArgs(
                        volume_type="gp3",
                        volume_size=args.volume_gib,
                        encrypted="true",
                        kms_key_id=args.key_arn,
                        delete_on_termination="true",
                    ),
                )
            ],
            tag_specifications=[
                ec2.LaunchTemplateTagSpecificationArgs(resource_type=kind, tags=tags.named(args.tags, name))
                for kind in TAGGED
            ],
            tags=args.tags,
            opts=pulumi.ResourceOptions(parent=self),
        )
