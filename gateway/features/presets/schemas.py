"""What a preset looks like, and what a caller may say of one."""

from datetime import datetime
from typing import Annotated, Literal

from msgspec import UNSET, Meta, Struct, UnsetType

from gateway.briefs import PartialBrief
from gateway.generation.model import ArtifactKind, Audience, Language, Level, Objective, Tone, Topic
from gateway.http import Request
from gateway.http.texts import Title


class NewPreset(Request, frozen=True):
    """Body of `POST /v1/presets`; a brief without a topic leaves the topic to each course."""

    name: Title
    brief: PartialBrief = PartialBrief()


class BriefEdit(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, omit_defaults=True):
    """Fields to lay over a preset's brief; `null` takes a field out, so that the course or the default decides."""

    topic: Topic | UnsetType | None = UNSET
    audience: Audience | UnsetType | None = UNSET
    level: Level | UnsetType | None = UNSET
    language: Language | UnsetType | None = UNSET
    objectives: Annotated[list[Objective], Meta(max_length=12)] | UnsetType | None = UNSET
    modules: Annotated[int, Meta(ge=1, le=20)] | UnsetType | None = UNSET
    questions_per_module: Annotated[int, Meta(ge=0, le=20)] | UnsetType | None = UNSET
    tone: Tone | UnsetType | None = UNSET
    artifacts: Annotated[list[ArtifactKind], Meta(min_length=1, max_length=4)] | UnsetType | None = UNSET

    def __post_init__(self) -> None:
        """Hold `artifacts` to a subset, as every brief does."""
        if isinstance(self.artifacts, list) and len(set(self.artifacts)) != len(self.artifacts):
            raise ValueError("`artifacts` each kind once")


class PresetEdit(Request, frozen=True):
    """Body of `PATCH /v1/presets/{preset_id}`: what is absent stays."""

    name: Title | UnsetType = UNSET
    brief: BriefEdit | UnsetType = UNSET


class Preset(Struct, frozen=True, kw_only=True):
    """A named partial brief that courses start from."""

    object: Literal["preset"] = "preset"
    id: str
    name: str
    brief: PartialBrief
    created_at: datetime
    updated_at: datetime
