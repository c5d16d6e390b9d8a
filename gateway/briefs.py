"""Briefs as customers give them: partial ones, overlaid field by field until a whole one stands.

Defaults < preset < given; lists count as one field and are replaced whole.
"""

from typing import Annotated

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType

from gateway.generation.model import ArtifactKind, Audience, Brief, Language, Level, Objective, Tone, Topic


class PartialBrief(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, omit_defaults=True):
    """Any fields of a `Brief`; what is not given is left to the preset and the defaults."""

    topic: Topic | UnsetType = UNSET
    audience: Audience | UnsetType = UNSET
    level: Level | UnsetType = UNSET
    language: Language | UnsetType = UNSET
    objectives: Annotated[list[Objective], Meta(max_length=12)] | UnsetType = UNSET
    modules: Annotated[int, Meta(ge=1, le=20)] | UnsetType = UNSET
    questions_per_module: Annotated[int, Meta(ge=0, le=20)] | UnsetType = UNSET
    tone: Tone | UnsetType = UNSET
    artifacts: Annotated[list[ArtifactKind], Meta(min_length=1, max_length=4)] | UnsetType = UNSET

    def __post_init__(self) -> None:
        """Hold `artifacts` to a subset, as the whole brief does."""
        if self.artifacts is not UNSET and len(set(self.artifacts)) != len(self.artifacts):
            raise ValueError("`artifacts` each kind once")


def overlay(*layers: PartialBrief | Brief | None) -> Brief | None:
    """Lay later layers over earlier ones and the defaults; None where no layer names a topic."""
    fields: dict[str, object] = {}
    for layer in layers:
        if layer is not None:
            fields.update((name, value) for name, value in msgspec.structs.asdict(layer).items() if value is not UNSET)
    return msgspec.convert(fields, Brief) if "topic" in fields else None
