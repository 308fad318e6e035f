"""The real engine: every stack of dev comes up, a second update changes nothing, and destroy leaves nothing."""

from live_engine import Engine, Provider

from stacks import stack_names
from stacks.settings import load

NAMES = [str(name) for name in stack_names(load("dev"))]


def test_an_environment_comes_up_stays_as_it_is_and_goes(engine: Engine, providers: dict[str, Provider]) -> None:
    for name in NAMES:
        engine.run("stack", "init", name)
        engine.run("up", "--yes", "--stack", name)
    made = {package: len(provider.alive) for package, provider in providers.items()}
    assert made["aws"] > 100
    assert made["kubernetes"] > 10
    for name in NAMES:
        engine.run("up", "--yes", "--skip-preview", "--expect-no-changes", "--stack", name)
    for name in reversed(NAMES):
        engine.run("destroy", "--yes", "--skip-preview", "--stack", name)
    assert {package: provider.alive for package, provider in providers.items()} == {"aws": {}, "kubernetes": {}}
