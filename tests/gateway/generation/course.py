"""A generated course as it would be exported, and how a test makes one."""

from msgspec import Struct

from gateway.generation.model import ArtifactDraft, Generator, Order, Outline, OutlineModule, SourceRef


class Course(Struct, frozen=True):
    """A generated course as it would be exported."""

    order: Order
    outline: Outline
    modules: list[list[ArtifactDraft]]

    def content(self, index: int, kind: str) -> str:
        """The text of one artifact."""
        return next((d.content or "" for d in self.modules[index] if d.kind == kind), "")

    def cited(self, module: OutlineModule) -> str:
        """All source text that a module cites."""
        return "\n".join(self.source(ref)[ref.start : ref.end] for ref in module.source_refs)

    def source(self, ref: SourceRef) -> str:
        """The text that a citation points into."""
        return next(source.text for source in self.order.sources if source.id == ref.source_id)

    def everything(self) -> str:
        """All sources, one after the other."""
        return "\n\n".join(source.text for source in self.order.sources)


async def generated(generator: Generator, order: Order) -> Course:
    """Make a whole course, module by module, as a worker does."""
    outline = await generator.outline(order)
    return Course(order, outline, [await generator.module(order, outline, module.index) for module in outline.modules])
