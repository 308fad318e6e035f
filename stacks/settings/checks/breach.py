"""A broken rule, before anyone looked up its file and line."""

from dataclasses import dataclass

from ..document import Keys


@dataclass(frozen=True)
class Breach:
    """A rule that some settings break together. `region` is "" where `fleet.yaml` alone is meant."""

    region: str
    path: Keys
    value: object
    rule: str
    reason: str
    remedy: str
