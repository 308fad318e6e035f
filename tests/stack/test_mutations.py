"""Whatever is done to the committed YAML, `fleet plan` plans it or refuses it line by line; never a traceback."""

import os
from pathlib import Path
from tempfile import TemporaryDirectory

from fleet_mutations import Mutation, mutations
from hypothesis import HealthCheck, assume, given, settings
from typer.testing import CliRunner

from fleet.cli import app
from stacks.settings import SettingsError, load

EXAMPLES = settings(
    max_examples=int(os.environ.get("FLEET_EXAMPLES", "10")),
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)


@EXAMPLES
@given(mutations())
def test_any_mutation_that_settings_accept_is_planned(mutation: Mutation) -> None:
    with TemporaryDirectory() as folder:
        root = mutation.write(Path(folder))
        try:
            load(mutation.environment, root)
        except SettingsError:
            assume(False)  # noqa: FBT003 - hypothesis' own form
        done = CliRunner().invoke(app, ["--environments", folder, "plan", mutation.environment])
        assert done.exit_code in (0, 1), done.output
        assert "Traceback" not in done.output
