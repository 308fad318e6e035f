"""`fleet new`: a starting environment, or one more region of an existing one, written whole or not at all."""

import sys
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import typer

from components.network import catalog as geography
from stacks import settings, stack_names
from stacks.name import StackName
from stacks.settings import Environment, Problem, Region, SettingsError
from stacks.settings.describe import closest, find
from stacks.settings.document import read
from stacks.settings.load import FLEET_FILE, is_environment_name, shown_path
from stacks.settings.words import Access, Role

from . import draft
from .failure import BadInputError, bad_argument


@dataclass(frozen=True)
class Question:
    """Something that a new environment must say: its flag, the setting it becomes, and what an empty answer means."""

    flag: str
    path: str
    prompt: str
    default: str | None = None
    only_with: tuple[Access, ...] = tuple(Access)
    """The ways in with which it is asked."""

    @property
    def name(self) -> str:
        """The flag as a Python name."""
        return self.flag.removeprefix("--").replace("-", "_")

    @property
    def reason(self) -> str:
        """Why it is asked, from the setting's own description."""
        setting = find(self.path.split("."))
        return setting.description if setting else ""


REGION = Question("--region", "regions", "Regions, the active one first, with spaces between")
_BY_PEOPLE = (Access.TUNNEL, Access.ALLOW_LIST)
QUESTIONS = (
    Question("--account", "account", "AWS account"),
    Question("--domain", "domain.name", "Host name of the front door"),
    Question("--hosted-zone-id", "domain.hosted_zone_id", "Its Route 53 zone (empty: one is made)", default=""),
    Question("--team", "owner.team", "Team that answers for it"),
    Question("--cost-center", "owner.cost_center", "Cost center"),
    Question("--monthly-usd", "budget.monthly_usd", "Budget, dollars a month"),
    Question("--access", "access", f"Access, one of {', '.join(Access)}", default=Access.RUNNER),
    Question("--admin-role", "cluster.admin_role_arns", "IAM role that administers it", "", _BY_PEOPLE),
    Question("--allow-list", "cluster.allow_list", "Networks that may reach it", "", (Access.ALLOW_LIST,)),
)


def run(  # noqa: PLR0913  a flag for every question
    context: typer.Context,
    environment: Annotated[str, typer.Argument(metavar="ENV", help="The environment, for example staging.")],
    *,
    region: Annotated[list[str] | None, typer.Option(help="A region; may be repeated, the active one first.")] = None,
    role: Annotated[list[Role] | None, typer.Option(help="The role of each --region, in the same order.")] = None,
    account: Annotated[str | None, typer.Option(help="AWS account, twelve digits.")] = None,
    domain: Annotated[str | None, typer.Option(help="Host name of the front door.")] = None,
    hosted_zone_id: Annotated[
        str | None, typer.Option(help="Route 53 zone of that name; without one it is made.")
    ] = None,
    team: Annotated[str | None, typer.Option(help="The team that answers for it.")] = None,
    cost_center: Annotated[str | None, typer.Option(help="Where finance books it.")] = None,
    monthly_usd: Annotated[str | None, typer.Option(help="Budget, dollars a month.")] = None,
    access: Annotated[Access | None, typer.Option(help="How people and CI reach the API endpoint.")] = None,
    admin_role: Annotated[str | None, typer.Option(help="ARN of the IAM role of those who administer it.")] = None,
    allow_list: Annotated[str | None, typer.Option(help="Networks of a public endpoint, with spaces.")] = None,
) -> None:
    """Write a starting environment, or add a region to one."""
    given = {
        "account": account,
        "domain": domain,
        "hosted_zone_id": hosted_zone_id,
        "team": team,
        "cost_center": cost_center,
        "monthly_usd": monthly_usd,
        "access": access,
        "admin_role": admin_role,
        "allow_list": allow_list,
    }
    said = {name: str(value) for name, value in given.items() if value is not None}
    root: Path = context.obj
    if not is_environment_name(environment):
        rule = "must be one lower-case word of at most sixteen letters and digits"
        raise bad_argument("ENV", f'"{environment}"', rule, "every stack's name begins with it", "Choose another name")
    folder = root / environment
    if folder.exists() and not (folder / FLEET_FILE).exists():
        rule = f"{shown_path(folder)} exists and is no environment"
        raise bad_argument("ENV", f'"{environment}"', rule, "nothing is overwritten", "Move it, or choose another name")
    make = _added if folder.exists() else _started
    files = make(root, environment, region or [], role or [], said)
    _write(files, root / environment / FLEET_FILE)
    typer.echo("\n".join([*(f"wrote {shown_path(path)}" for path in files), f"next: fleet plan {environment}"]))


def _started(
    root: Path, environment: str, regions: Sequence[str], roles: Sequence[Role], said: Mapping[str, str]
) -> dict[Path, str]:
    """The files of a new environment."""
    answers = _answered({**said, **({REGION.name: " ".join(regions)} if regions else {})})
    by_region = _roles(answers.pop(REGION.name).split(), roles, Role.ACTIVE)
    flags = {question.path: question.flag for question in QUESTIONS}
    files = {FLEET_FILE: draft.fleet_file(environment, answers, by_region)}
    texts, loaded = _drafted(root, environment, files, tuple(by_region), flags)
    return {**texts, **stack_files(root, loaded, stack_names(loaded))}


def _added(
    root: Path, environment: str, regions: Sequence[str], roles: Sequence[Role], said: Mapping[str, str]
) -> dict[Path, str]:
    """The files of an environment that change or come when it gets more regions."""
    if not regions or said:
        rule = "the environment exists and is never overwritten"
        remedy = "Give `--region` and nothing else, or edit its files"
        raise bad_argument("ENV", f'"{environment}"', rule, "only a region can be added to it", remedy)
    known = settings.load(environment, root)
    for region in regions:
        if region in known.regions:
            rule = f"{environment} has this region already"
            raise bad_argument(REGION.flag, region, rule, "nothing is overwritten", f"Edit {region}.yaml")
    by_region = _roles(regions, roles, Role.STANDBY)
    files = {path.name: _read(path) for path in sorted((root / environment).glob("*.yaml"))}
    for region, role in by_region.items():
        files[FLEET_FILE] = draft.with_region(files[FLEET_FILE], region, role)
    texts, loaded = _drafted(root, environment, files, tuple(by_region), {})
    changed = {path: text for path, text in texts.items() if not path.exists() or _read(path) != text}
    come = [name for name in stack_names(loaded) if name.region in by_region]
    return {**changed, **stack_files(root, loaded, come)}


def _answered(said: Mapping[str, str]) -> dict[str, str]:
    """Every answer: the flag's, or the one given now where somebody is there to ask, or what holds without one."""
    answers = dict(said)
    missing: list[Problem] = []
    for question in (*QUESTIONS, REGION):
        if question.name in answers:
            continue
        if _somebody_is_there() and answers.get("access", question.only_with[0]) in question.only_with:
            answers[question.name] = str(typer.prompt(question.prompt, default=question.default))
        elif question.default is not None:
            answers[question.name] = question.default
        else:
            remedy = f"Give `{question.flag}`"
            missing.append(Problem(question.flag, 0, "", "", "must be said", question.reason, remedy))
    if missing:
        raise BadInputError(missing)
    return answers


def _somebody_is_there() -> bool:
    return sys.stdin.isatty()


def _roles(regions: Sequence[str], roles: Sequence[Role], first: Role) -> dict[str, Role]:
    """Regions with their roles; where none is given, `first` for the first and standby for the others."""
    for region in regions:
        if region not in geography.ZONES:
            meant = closest(region, tuple(geography.ZONES))
            remedy = f"Did you mean {meant}?" if meant else f"Known: {', '.join(geography.ZONES)}"
            rule = "no such region in the catalogue"
            raise bad_argument(REGION.flag, f'"{region}"', rule, "its zones and prices are not known", remedy)
    if not regions:
        raise bad_argument(
            REGION.flag, "", "must name a region", REGION.reason, f"For example {next(iter(geography.ZONES))}"
        )
    if len(set(regions)) < len(regions):
        raise bad_argument(REGION.flag, " ".join(regions), "a region may be named once", "", "Remove the double")
    if len(roles) > len(regions):
        reason = "roles belong to regions in the order in which both are given"
        raise bad_argument("--role", " ".join(roles), "more roles than regions", reason, "Give one `--region` for each")
    assumed = (first, *(Role.STANDBY for _ in regions))
    return dict(zip(regions, (*roles, *assumed[len(roles) :]), strict=False))


def _drafted(
    root: Path, environment: str, files: Mapping[str, str], regions: Sequence[str], flags: Mapping[str, str]
) -> tuple[dict[Path, str], Environment]:
    """Every settings file of the environment with its new regions, and what they load as: clean, or nothing is made."""
    blocks = draft.Blocks(_regions(root))
    with TemporaryDirectory() as folder:
        staged = Path(folder) / environment
        staged.mkdir()
        for name, text in files.items():
            _put(staged / name, text)
        fleet, problems = read(staged / FLEET_FILE, FLEET_FILE)
        if fleet is None:
            raise SettingsError(problems)
        for region in regions:
            _put(staged / f"{region}.yaml", draft.region_file(region, blocks, fleet.data))
        try:
            loaded = settings.load(environment, Path(folder))
        except SettingsError as error:
            raise BadInputError([_as_argument(problem, flags) for problem in error.problems]) from None
        texts = {root / environment / path.name: _read(path) for path in sorted(staged.iterdir())}
    return texts, loaded


def stack_files(root: Path, environment: Environment, names: Iterable[StackName]) -> dict[Path, str]:
    """Pulumi's own file of each of these stacks, in `config` beside the folder of environments."""
    config = root.parent / "config"
    return {config / f"Pulumi.{name}.yaml": draft.stack_file(environment, name) for name in names}


def _regions(root: Path) -> list[Region]:
    """Every region of every environment: addresses are chosen so that any two can be peered."""
    return [region for name in settings.environments(root) for region in settings.load(name, root).regions.values()]


def _as_argument(problem: Problem, flags: Mapping[str, str]) -> Problem:
    """A problem with files that were never written, as one with the argument that caused it."""
    for path, flag in flags.items():
        if f"{problem.path}.".startswith(f"{path}."):
            return replace(problem, file=flag, line=0, path="")
    return replace(problem, file=REGION.flag, line=0)


def _write(files: Mapping[Path, str], replaced: Path) -> None:
    """Write all files or none; only `replaced` may exist already."""
    for path in files:
        if path.exists() and path != replaced:
            raise bad_argument(shown_path(path), "", "the file exists", "nothing is overwritten", "Remove it first")
    before = _read(replaced) if replaced.exists() else None
    folder = replaced.parent.exists()
    done: list[Path] = []
    try:
        for path, text in files.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            done.append(path)
            _put(path, text)
    except OSError as error:
        for path in done:
            if path == replaced and before is not None:
                _put(path, before)
            else:
                path.unlink(missing_ok=True)
        if not folder:
            with suppress(OSError):
                replaced.parent.rmdir()
        reason = f"{error.strerror}; nothing was written"
        where = shown_path(Path(error.filename or replaced))
        remedy = "Look at its permissions and at the room on its disk"
        raise bad_argument(where, "", "the file must be writable", reason, remedy) from None


def _read(path: Path) -> str:
    """The text with its own line endings."""
    with path.open(encoding="utf-8", newline="") as file:
        return file.read()


def _put(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8", newline="")
