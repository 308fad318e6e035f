"""One row for each AWS resource type that we use, by the layer that uses it first."""

from . import base, cluster, global_, network, platform, serving, storage
from .row import Row

ROWS: dict[str, Row] = {
    **base.ROWS,
    **network.ROWS,
    **storage.ROWS,
    **cluster.ROWS,
    **platform.ROWS,
    **serving.ROWS,
    **global_.ROWS,
}
