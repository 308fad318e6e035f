"""Identities of controllers."""

from .row import Row

ROWS = {
    "aws:eks/podIdentityAssociation:PodIdentityAssociation": Row(
        "a-{hex}",
        {
            "associationId": "a-{hex}",
            "associationArn": "arn:aws:eks:{region}:{account}:podidentityassociation/{in_clusterName}/a-{hex}",
        },
    ),
}
