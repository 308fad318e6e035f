"""The text of `fleet.yaml` with one more region: everything that somebody typed stays."""

import pytest

from fleet import draft


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (
            "regions:\n  a-b-1: {role: x} # why\nmore: 1\n",
            "regions:\n  a-b-1: {role: x} # why\n  c-d-1: {role: y}\nmore: 1\n",
        ),
        (
            "regions:\n    a-b-1:\n        role: x\n\n# end\n",
            "regions:\n    a-b-1:\n        role: x\n    c-d-1: {role: y}\n\n# end\n",
        ),
        ("regions: {a-b-1: {role: x}}\n", "regions: {a-b-1: {role: x}, c-d-1: {role: y}}\n"),
        ("regions: {a-b-1: {role: x},}\n", "regions: {a-b-1: {role: x}, c-d-1: {role: y},}\n"),
        ("regions:\n  a-b-1: {role: x}", "regions:\n  a-b-1: {role: x}\n  c-d-1: {role: y}\n"),
        (
            "regions:\r\n  a-b-1: {role: x}\r\nm: 1\r\n",
            "regions:\r\n  a-b-1: {role: x}\r\n  c-d-1: {role: y}\r\nm: 1\r\n",
        ),
        ("regions:\n  a-b-1: {\n    role: x\n  }\n", "regions:\n  a-b-1: {\n    role: x\n  }\n  c-d-1: {role: y}\n"),
        ("regions: {\n  a-b-1: {role: x}\n}\n", "regions: {\n  a-b-1: {role: x}, c-d-1: {role: y}\n}\n"),
    ],
)
def test_a_region_is_typed_after_the_last_in_the_style_of_the_file(before: str, after: str) -> None:
    assert draft.with_region(before, "c-d-1", "y") == after
