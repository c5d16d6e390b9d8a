"""The language between the worker and any generator: brief, sources, outline, drafts and the ways it can fail."""

from collections.abc import Sequence
from typing import Annotated, Literal, Protocol

from msgspec import Meta, Struct, field

from grading.model import Item

Level = Literal["beginner", "intermediate", "advanced"]
ArtifactKind = Literal["slides", "notes", "narration", "quiz"]
FailureCode = Literal["generator_error", "generator_timeout", "source_unreadable"]

Topic = Annotated[str, Meta(min_length=1, max_length=300, pattern=r"\S")]
Audience = Annotated[str, Meta(max_length=300)]
LANGUAGE_PATTERN = r"^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*\Z"
Language = Annotated[str, Meta(max_length=35, pattern=LANGUAGE_PATTERN)]
Objective = Annotated[str, Meta(min_length=1, max_length=300)]
Tone = Annotated[str, Meta(min_length=1, max_length=60)]


class Brief(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What the customer asks for. `modules` is the most; a thin source yields fewer."""

    topic: Topic
    audience: Audience = ""
    level: Level = "intermediate"
    language: Language = "en"
    objectives: Annotated[list[Objective], Meta(max_length=12)] = []
    modules: Annotated[int, Meta(ge=1, le=20)] = 5
    questions_per_module: Annotated[int, Meta(ge=0, le=20)] = 5
    tone: Tone = "neutral"
    artifacts: Annotated[list[ArtifactKind], Meta(min_length=1, max_length=4)] = field(
        default_factory=lambda: list[ArtifactKind](("slides", "notes", "narration", "quiz"))
    )

    def __post_init__(self) -> None:
        """Hold `artifacts` to a subset: naming a kind twice is a mistake, not a wish for two."""
        if len(set(self.artifacts)) != len(self.artifacts):
            raise ValueError("`artifacts` each kind once")


class Source(Struct, frozen=True):
    """One document as stored: `text` is what every span counts code points in."""

    id: str
    name: str
    media_type: str
    text: str


class SourceRef(Struct, frozen=True):
    """A half-open span of code points in a source's stored text."""

    source_id: str
    start: int
    end: int


class OutlineModule(Struct, frozen=True):
    """One module: what it is called, what it teaches and the very spans it is made of."""

    index: int
    title: str
    summary: str
    objectives: list[str]
    source_refs: list[SourceRef]


class Outline(Struct, frozen=True):
    """The course in order; `modules[i].index == i`."""

    title: str
    description: str
    modules: list[OutlineModule]


class ArtifactDraft(Struct, frozen=True, kw_only=True):
    """One artifact before it is stored. A quiz has `items` and no `content`; the others the reverse.
    `note` says to a teacher what was left out on purpose, such as questions too doubtful to ask.
    """

    kind: ArtifactKind
    media_type: str
    content: str | None = None
    items: list[Item] = []
    note: str | None = None


class Order(Struct, frozen=True):
    """All a generator may work from: nothing in an answer may come from elsewhere.

    `lot` is a secret of the center's that ids are made by: the same order gives the same course, and nobody else can
    reckon from the same document which ids its questions have.
    """

    course_id: str
    title: str
    brief: Brief
    sources: list[Source]
    lot: str = ""


class GenerationFailed(Exception):
    """The generator gave up; `retryable` says whether the same order may succeed later."""

    def __init__(self, code: FailureCode, message: str, *, retryable: bool = False) -> None:
        super().__init__(message)
        self.code: FailureCode = code
        self.message = message
        self.retryable = retryable


class NothingElse(GenerationFailed):
    """A regeneration could only repeat an earlier version, so it fails and gives its unit back."""

    def __init__(self, message: str = "The source holds nothing else to make this artifact of.") -> None:
        super().__init__("generator_error", message, retryable=False)


class Generator(Protocol):
    """A maker of courses. Every method may take long, may be cancelled, and raises GenerationFailed alone."""

    async def outline(self, order: Order) -> Outline:
        """Cut the order's material into modules."""
        ...

    async def module(self, order: Order, outline: Outline, index: int) -> list[ArtifactDraft]:
        """Make every artifact the brief asks for, for the module at `index`."""
        ...

    async def regenerate(
        self,
        order: Order,
        outline: Outline,
        index: int,
        kind: ArtifactKind,
        earlier: Sequence[ArtifactDraft],
        notes: Sequence[str],
    ) -> ArtifactDraft:
        """Make one artifact again, unlike every one of `earlier` (oldest first), following `notes` (oldest first).
        Raises NothingElse where nothing different can be made.
        """
        ...
