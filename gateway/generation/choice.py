"""Who makes a course: the generator that the settings name, or the scripted one for test keys."""

from collections.abc import Callable
from typing import Literal

from gateway.generation.builtin import BuiltinGenerator
from gateway.generation.builtin.crew import Crew
from gateway.generation.model import Generator
from gateway.generation.sandbox import SandboxGenerator
from gateway.settings import Settings


def choose_generators(settings: Settings, crew: Crew) -> Callable[[Literal["live", "test"]], Generator]:
    """Return what names the generator of an env, both working with `crew`; raises ValueError for a kind that there is not."""
    if settings.generator != "builtin":
        raise ValueError(settings.generator)
    live, test = BuiltinGenerator(crew), SandboxGenerator(crew)

    def choose(env: Literal["live", "test"]) -> Generator:
        return live if env == "live" else test

    return choose
