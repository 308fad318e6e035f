"""Whatever is done to the committed YAML, it loads or is refused line by line; nothing else is ever raised."""

from pathlib import Path
from tempfile import TemporaryDirectory

from fleet_mutations import Mutation, mutations
from hypothesis import HealthCheck, given, settings

from stacks.settings import Problem, SettingsError, load

EXAMPLES = settings(max_examples=600, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@EXAMPLES
@given(mutations())
def test_any_mutation_loads_or_is_refused_with_places_that_exist(mutation: Mutation) -> None:
    with TemporaryDirectory() as folder:
        problems = _problems(mutation.environment, mutation.write(Path(folder)))
        assert problems is None or problems, "refused without saying why"
        for problem in problems or ():
            path = Path(problem.file)
            assert path.exists(), f"{problem.file} does not exist: {problem}"
            assert problem.rule, f"no rule: {problem!r}"
            assert str(problem).isprintable(), f"more than one printable line: {problem!r}"
            count = len(path.read_bytes().split(b"\n"))
            assert problem.line <= count, f"line {problem.line} of {count}: {problem}"


def _problems(environment: str, root: Path) -> tuple[Problem, ...] | None:
    try:
        load(environment, root)
    except SettingsError as error:
        return error.problems
    return None
