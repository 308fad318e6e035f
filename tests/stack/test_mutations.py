"""Whatever is done to the committed YAML, it is refused line by line or planned to the end; nothing else is raised."""

import io
import json
import os
from pathlib import Path
from tempfile import TemporaryDirectory

from fleet_mutations import Mutation, mutations
from hypothesis import HealthCheck, assume, given, settings
from rich.console import Console

from fleet.plan.document import document
from fleet.plan.outlook import outlook
from fleet.plan.text import WIDTH, show
from fleet.render import render
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
            environment = load(mutation.environment, root)
        except SettingsError:
            assume(False)  # noqa: FBT003 - hypothesis' own form
            raise
        rendered = render(environment, workers=1)
        plan = outlook(rendered)
        show(plan, rendered.stacks, Console(file=io.StringIO(), width=WIDTH))
        json.dumps(document(plan, rendered.stacks))
