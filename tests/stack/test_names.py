"""Names with dots: what refers to an object in Kubernetes spells it as the object itself does."""

import shutil
from pathlib import Path

from fleet.render import render
from stacks.settings import ENVIRONMENTS, load


def test_pods_select_the_nodes_of_a_pool_whose_name_holds_a_dot(tmp_path: Path) -> None:
    shutil.copytree(ENVIRONMENTS / "dev", tmp_path / "dev")
    fleet = tmp_path / "dev" / "fleet.yaml"
    text = fleet.read_text().replace("  l40s: {", "  l40s.big: {").replace("pool: l40s", "pool: l40s.big")
    fleet.write_text(text.replace("qwen3-8b:", "qwen3.8b:"))
    rendered = render(load("dev", tmp_path), workers=1)
    objects = [resource.inputs for stack in rendered.stacks for resource in stack.resources]
    labels = [one["spec"]["template"]["metadata"]["labels"] for one in objects if one.get("kind") == "NodePool"]
    selectors = [one["spec"]["template"]["spec"]["nodeSelector"] for one in objects if one.get("kind") == "Deployment"]
    assert selectors
    assert all(any(selector.items() <= carried.items() for carried in labels) for selector in selectors)
