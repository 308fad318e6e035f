"""`fleet new`: what it writes loads clean, overlaps nothing and overwrites nothing; and it writes all or nothing."""

import shutil
from ipaddress import IPv4Network
from itertools import combinations
from pathlib import Path

import pytest
import yaml
from jsonschema import Draft202012Validator
from typer.testing import CliRunner, Result

from fleet import new
from fleet.cli import app
from stacks import stack_names
from stacks.settings import ENVIRONMENTS, environments, load
from stacks.settings.json_schema import fleet_schema, region_schema

FLAGS = {
    "--account": "345678901234",
    "--domain": "llm.staging.example.com",
    "--hosted-zone-id": "Z0123456789ABCDEFGHIJ",
    "--team": "ml-platform",
    "--cost-center": "0042",
    "--monthly-usd": "9000",
    "--access": "tunnel",
    "--admin-role": "arn:aws:iam::111122223333:role/platform-admin",
    "--region": "us-east-2",
}


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the committed environments with Pulumi's files beside it, as in the repository."""
    shutil.copytree(ENVIRONMENTS, tmp_path / "environments")
    shutil.copytree(ENVIRONMENTS.parent / "config", tmp_path / "config")
    monkeypatch.chdir(tmp_path)
    return tmp_path / "environments"


def run(root: Path, *arguments: str, typed: str | None = None) -> Result:
    return CliRunner().invoke(app, ["--environments", str(root), "new", *arguments], input=typed)


def flags(**changes: str | None) -> list[str]:
    said = FLAGS | {f"--{key.replace('_', '-')}": value for key, value in changes.items()}
    return [part for flag, value in said.items() if value is not None for part in (flag, value)]


def content(root: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in sorted(root.parent.rglob("*")) if path.is_file()}


def refused(root: Path, *arguments: str) -> str:
    """The one line with which a call is refused that must not write anything."""
    before = content(root)
    result = run(root, *arguments)
    assert result.exit_code == 2, result.output
    assert result.stdout == ""
    assert content(root) == before, "something was written"
    (line,) = result.stderr.splitlines()
    return line


def test_a_new_environment_says_what_its_flags_say(root: Path) -> None:
    assert run(root, "staging", *flags()).exit_code == 0
    staging = load("staging", root)
    assert staging.account == "345678901234"
    assert (staging.owner.team, staging.owner.cost_center) == ("ml-platform", "0042")
    assert (staging.domain.name, staging.domain.hosted_zone_id) == ("llm.staging.example.com", "Z0123456789ABCDEFGHIJ")
    assert staging.budget.monthly_usd == 9000
    assert [(region.name, region.role, region.access) for region in staging.regions.values()] == [
        ("us-east-2", "active", "tunnel")
    ]


def test_what_is_written_is_commented_and_satisfies_its_schema(root: Path) -> None:
    run(root, "staging", *flags())
    for name, schema in {"fleet.yaml": fleet_schema(), "us-east-2.yaml": region_schema()}.items():
        text = (root / "staging" / name).read_text()
        assert text.startswith("# yaml-language-server: $schema=../../settings/")
        assert text.count("#") >= 3
        Draft202012Validator(schema).validate(yaml.safe_load(text))


def test_every_stack_of_a_new_environment_gets_its_file(root: Path) -> None:
    run(root, "staging", *flags())
    written = {path.name for path in (root.parent / "config").glob("Pulumi.staging-*")}
    assert written == {f"Pulumi.{name}.yaml" for name in stack_names(load("staging", root))}


def test_what_was_written_is_listed(root: Path) -> None:
    result = run(root, "staging", *flags())
    assert "wrote environments/staging/fleet.yaml\n" in result.stdout
    assert "wrote config/Pulumi.staging-base.yaml\n" in result.stdout
    assert result.stdout.endswith("next: fleet plan staging\n")


def test_the_first_region_serves_and_the_others_stand_by(root: Path) -> None:
    run(root, "staging", *flags(region="eu-west-1"), "--region", "eu-central-1", "--region", "us-west-2")
    roles = [region.role.value for region in load("staging", root).regions.values()]
    assert roles == ["active", "standby", "standby"]


def test_roles_belong_to_regions_in_their_order(root: Path) -> None:
    two = ["--region", "us-west-2", "--role", "standby", "--role", "active"]
    run(root, "staging", *flags(region="eu-west-1"), *two)
    roles = {region.name: region.role.value for region in load("staging", root).regions.values()}
    assert roles == {"eu-west-1": "standby", "us-west-2": "active"}


def test_no_block_of_addresses_overlaps_any_other(root: Path) -> None:
    run(root, "staging", *flags(), "--region", "us-west-2")
    run(root, "prod", "--region", "eu-west-1")
    blocks = [
        IPv4Network(block)
        for name in environments(root)
        for region in load(name, root).regions.values()
        for block in (region.network.cidr, region.network.pod_cidr)
    ]
    assert len(blocks) == 12
    assert not [pair for pair in combinations(blocks, 2) if pair[0].overlaps(pair[1])]


def test_answers_that_look_like_something_else_stay_text(root: Path) -> None:
    run(root, "staging", *flags(team="true", cost_center="4e2"))
    owner = load("staging", root).owner
    assert (owner.team, owner.cost_center) == ("true", "4e2")


def test_without_a_zone_one_is_made(root: Path) -> None:
    run(root, "staging", *flags(hosted_zone_id=None))
    assert load("staging", root).domain.hosted_zone_id is None


def test_every_missing_flag_is_named_where_nobody_can_be_asked(root: Path) -> None:
    before = content(root)
    result = run(root, "staging")
    assert result.exit_code == 2
    named = [line.partition(": ")[0] for line in result.stderr.splitlines()]
    assert named == ["--account", "--domain", "--team", "--cost-center", "--monthly-usd", "--region"]
    assert all(line.endswith(f"Give `{flag}`.") for line, flag in zip(result.stderr.splitlines(), named, strict=True))
    assert content(root) == before


def test_on_a_terminal_what_is_missing_is_asked(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(new, "_somebody_is_there", lambda: True)
    answers = "345678901234\nllm.example.org\n\nml\n77\n9000\n\neu-west-1 us-west-2\n"
    result = run(root, "staging", typed=answers)
    assert result.exit_code == 0, result.output
    staging = load("staging", root)
    assert list(staging.regions) == ["eu-west-1", "us-west-2"]
    assert staging.regions["eu-west-1"].access == "runner"


def test_nothing_is_asked_when_every_flag_is_given(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(new, "_somebody_is_there", lambda: True)
    assert run(root, "staging", *flags(), typed="").exit_code == 0


def test_who_ends_the_questions_ends_everything_and_writes_nothing(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(new, "_somebody_is_there", lambda: True)
    before = content(root)
    assert run(root, "staging", typed="345678901234\n").exit_code == 130
    assert content(root) == before


@pytest.mark.parametrize(
    ("changes", "start"),
    [
        ({"account": "12"}, '--account: "12": must match ^[0-9]{12}$.'),
        ({"account": '1"\nprotect: false'}, "--account: "),
        ({"domain": "no dots"}, '--domain: "no dots": must match'),
        ({"hosted_zone_id": "z1"}, '--hosted-zone-id: "z1": must match'),
        ({"team": ""}, '--team: "": must match'),
        ({"monthly_usd": "plenty"}, '--monthly-usd: "plenty": must be a number.'),
        ({"monthly_usd": "5"}, "--monthly-usd: 5: the GPU nodes of the floor alone cost $1,359 a month."),
        ({"monthly_usd": "1}\nprotect: false\nx: {y: 2"}, "--monthly-usd: "),
        ({"team": "\udcff"}, "arguments: must be UTF-8 text."),
        ({"admin_role": "nobody"}, '--admin-role: "nobody": must match ^arn:aws'),
        ({"admin_role": None}, "--admin-role: must name a role with `access: tunnel`."),
        ({"allow_list": "198.51.100.0/24"}, "--allow-list: has no meaning with `access: tunnel`."),
        ({"access": "allow_list", "allow_list": "everyone"}, '--allow-list: "everyone": must be an IPv4 network'),
        ({"access": "allow_list"}, "--allow-list: must name the networks that may reach a public endpoint."),
        ({"region": ""}, "--region: must name a region."),
        ({"region": "us-est-2"}, '--region: "us-est-2": no such region in the catalogue.'),
        ({"region": "../../x"}, '--region: "../../x": no such region in the catalogue.'),
    ],
)
def test_an_answer_that_cannot_be_used_is_refused_by_its_flag(changes: dict[str, str], start: str, root: Path) -> None:
    assert refused(root, "staging", *flags(**changes)).startswith(start)


@pytest.mark.parametrize("name", ["", ".", "..", "Staging", "my-env", "../x", "a" * 17, "1st"])
def test_a_name_that_no_stack_can_begin_with_is_refused(name: str, root: Path) -> None:
    assert refused(root, name, *flags()).startswith(f'ENV: "{name}": must be one lower-case word')


@pytest.mark.parametrize("kind", ["file", "folder"])
def test_what_has_the_name_and_is_no_environment_is_not_taken_for_one(kind: str, root: Path) -> None:
    path = root / "staging"
    path.touch() if kind == "file" else path.mkdir()
    assert refused(root, "staging", *flags()).startswith(
        'ENV: "staging": environments/staging exists and is no environment. Nothing is overwritten. Move it'
    )


def test_a_region_named_twice_is_refused(root: Path) -> None:
    assert "a region may be named once" in refused(root, "staging", *flags(), "--region", "us-east-2")


def test_more_roles_than_regions_are_refused(root: Path) -> None:
    assert "more roles than regions" in refused(root, "staging", *flags(), "--role", "active", "--role", "standby")


def test_without_a_region_that_serves_nothing_is_written(root: Path) -> None:
    assert "one region must be active" in refused(root, "staging", *flags(), "--role", "standby")


def test_an_environment_is_never_overwritten(root: Path) -> None:
    assert refused(root, "prod", *flags()).startswith('ENV: "prod": the environment exists and is never overwritten.')
    assert refused(root, "prod").startswith('ENV: "prod": the environment exists and is never overwritten.')


def test_a_stack_file_is_never_overwritten(root: Path) -> None:
    (root.parent / "config/Pulumi.staging-base.yaml").write_text("config: {}\n")
    assert refused(root, "staging", *flags()).startswith("config/Pulumi.staging-base.yaml: the file exists.")


def test_a_broken_environment_beside_it_is_named(root: Path) -> None:
    (root / "dev/us-east-1.yaml").write_text("network: {cidr: 10.64.0.0/16}\n")
    assert "dev/us-east-1.yaml:1: network.pod_cidr: must be said." in refused(root, "staging", *flags())


def test_a_disk_that_fails_half_way_leaves_nothing_behind(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = content(root)
    write = Path.write_text

    def failing(path: Path, text: str, **how: str) -> int:
        if path.name == "Pulumi.prod-eu-west-1-cluster.yaml":
            raise OSError(28, "No space left on device", str(path))
        return write(path, text, **how)

    monkeypatch.setattr(Path, "write_text", failing)
    result = run(root, "prod", "--region", "eu-west-1")
    assert result.exit_code == 2
    assert "No space left on device; nothing was written" in result.stderr
    assert content(root) == before


def test_a_region_is_added_and_everything_else_stays_as_it_was_typed(root: Path) -> None:
    before = (root / "prod/fleet.yaml").read_text().splitlines()
    known = load("prod", root)
    assert run(root, "prod", "--region", "eu-west-1").exit_code == 0
    after = (root / "prod/fleet.yaml").read_text().splitlines()
    assert [line for line in after if line not in before] == ["  eu-west-1: {role: standby}"]
    assert [line for line in after if line != "  eu-west-1: {role: standby}"] == before
    loaded = load("prod", root)
    assert list(loaded.regions) == [*known.regions, "eu-west-1"]
    assert {name: loaded.regions[name] for name in known.regions} == known.regions


def test_a_new_region_does_not_stand_on_reservations_of_another(root: Path) -> None:
    run(root, "prod", "--region", "eu-west-1")
    pool = load("prod", root).regions["eu-west-1"].pools["h100"]
    assert [way.value for way in pool.purchase] == ["on-demand"]
    assert (pool.reservations, pool.zones) == ((), ())


def test_the_files_of_old_stacks_are_not_touched_when_a_region_comes(root: Path) -> None:
    kept = root.parent / "config/Pulumi.prod-base.yaml"
    kept.write_text(kept.read_text() + "encryptedkey: AQICAHg=\n")
    before = content(root)
    assert run(root, "prod", "--region", "eu-west-1").exit_code == 0
    after = content(root)
    changed = {path for path, data in before.items() if after[path] != data}
    assert changed == {str(root / "prod/fleet.yaml")}
    assert len(after) - len(before) == 6


def test_a_region_may_serve_from_the_start(root: Path) -> None:
    run(root, "prod", "--region", "eu-west-1", "--role", "active")
    assert [region.name for region in load("prod", root).active] == ["us-east-1", "eu-west-1"]


def test_a_region_that_breaks_the_budget_is_refused(root: Path) -> None:
    path = root / "dev/fleet.yaml"
    path.write_text(path.read_text().replace("monthly_usd: 6000", "monthly_usd: 2000"))
    line = refused(root, "dev", "--region", "us-west-2", "--role", "active")
    assert line.startswith("--region: budget.monthly_usd = 2000: the GPU nodes of the floor alone cost")


def test_a_region_that_is_there_is_refused(root: Path) -> None:
    assert "prod has this region already" in refused(root, "prod", "--region", "us-west-2")
