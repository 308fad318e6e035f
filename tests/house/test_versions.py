"""Pins: every one is where a bot finds it, and nothing repeats one with another value."""

import json
import re
from pathlib import Path

from components.versions import ENGINE_IMAGES, Engine

ROOT = Path(__file__).parents[2]
VERSIONS = (ROOT / "components/versions.py").read_text()


def test_the_bot_understands_every_line_that_is_written_for_it() -> None:
    (manager,) = json.loads((ROOT / "renovate.json").read_text())["customManagers"]
    pattern = re.sub(r"\(\?<", "(?P<", manager["matchStrings"][0])
    assert len(re.findall(pattern, VERSIONS)) == VERSIONS.count("\n# renovate:")


def test_the_triton_image_is_built_from_what_versions_names() -> None:
    dockerfile = (ROOT / "components/serving/engines/triton_trtllm/Dockerfile").read_text()
    (base,) = re.findall(r"^FROM (.+):\$\{TRITON_TAG\}$", dockerfile, re.MULTILINE)
    repository, tag = ENGINE_IMAGES[Engine.TRITON_TRTLLM].upstream.rsplit(":", 1)
    assert base == repository
    assert tag in (ROOT / "docs/guides/deploy.md").read_text()
