"""Setting the quiz of one module: the first version from the plan of the whole course, later ones by a note."""

from collections.abc import Sequence
from functools import cached_property

from msgspec import Struct

from gateway.generation.builtin.quiz.balance import items_of
from gateway.generation.builtin.quiz.candidate import Candidate
from gateway.generation.builtin.quiz.gaps import propose_last
from gateway.generation.builtin.quiz.items import Lots
from gateway.generation.builtin.quiz.material import material_of
from gateway.generation.builtin.quiz.plan import candidates_of, plan
from gateway.generation.builtin.quiz.reading import Reading, read
from gateway.generation.builtin.quiz.remake import remade
from gateway.generation.builtin.study import Study
from gateway.generation.model import Outline
from grading.model import Item


class Quiz(Struct, frozen=True):
    """The items of one module, and what to tell a teacher if they are fewer than asked for."""

    items: list[Item]
    note: str | None


class Examiner(Struct, frozen=True, dict=True):
    """Sets the quizzes of one course. `lots` is what chance is drawn by, `taught[i]` is what the notes of module i say, `wanted` how many questions a module
    should have. The whole course is planned at once, from the same input to the same end, so that modules made one by
    one, or again after a crash, never ask the same. Pure; beyond a bound of sentences a module the cost no longer grows.
    """

    lots: Lots
    study: Study
    outline: Outline
    taught: Sequence[str]
    wanted: int

    def quiz(self, index: int) -> Quiz:
        """The first quiz of the module at `index`; it has no item where the source bears none out."""
        return Quiz(self._items[index], _remark(len(self._planned[index]), self.wanted))

    def another(self, index: int, earlier: Sequence[Sequence[Item]], wishes: Sequence[str]) -> Quiz:
        """A quiz of the module unlike all `earlier` ones (oldest first), by the last of `wishes`: fewer, more or other
        questions, about terms that it names. Raises NothingElse where the source supports no other.
        """
        others = [each for module, held in enumerate(self._planned) if module != index for each in held]
        held, asked = remade(self._reading, self._pools[index], others, self.lots, self.wanted, earlier, wishes)
        return Quiz(items_of([held], self.lots, len(earlier) + 1)[0], _remark(len(held), asked))

    @cached_property
    def _reading(self) -> Reading:
        return read(material_of(self.study, self.outline, self.taught))

    @cached_property
    def _pools(self) -> list[list[Candidate]]:
        return candidates_of(self._reading, len(self.outline.modules))

    @cached_property
    def _planned(self) -> list[list[Candidate]]:
        return plan(self._pools, self.wanted, lambda module: propose_last(self._reading, module))

    @cached_property
    def _items(self) -> list[list[Item]]:
        return items_of(self._planned, self.lots)


def make_quiz(
    lots: Lots,
    study: Study,
    outline: Outline,
    notes: Sequence[str],
    *,
    index: int,
    wanted: int,
    earlier: Sequence[Sequence[Item]] = (),
    wishes: Sequence[str] = (),
) -> Quiz:
    """The quiz of the module at `index`: the first version, or with `earlier` ones another. One call of an Examiner."""
    examiner = Examiner(lots, study, outline, notes, wanted)
    return examiner.another(index, earlier, wishes) if earlier else examiner.quiz(index)


def _remark(made: int, wanted: int) -> str | None:
    if made >= wanted:
        return None
    said = f"{made} of {wanted} questions" if made else "No question"
    return f"{said} could be made that the source bears out beyond doubt; doubtful ones were left out."
