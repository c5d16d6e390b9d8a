"""Setting the quiz of one module: the first version from the plan of the whole course, later ones by a note."""

from collections.abc import Sequence

from msgspec import Struct

from gateway.generation.builtin.quiz.balance import items_of
from gateway.generation.builtin.quiz.material import material_of
from gateway.generation.builtin.quiz.plan import candidates_of, plan
from gateway.generation.builtin.quiz.reading import read
from gateway.generation.builtin.quiz.remake import remade
from gateway.generation.builtin.study import Study
from gateway.generation.model import Outline
from grading.model import Item


class Quiz(Struct, frozen=True):
    """The items of one module, and what to tell a teacher if they are fewer than asked for."""

    items: list[Item]
    note: str | None


def make_quiz(
    course_id: str,
    study: Study,
    outline: Outline,
    notes: Sequence[str],
    *,
    index: int,
    wanted: int,
    earlier: Sequence[Sequence[Item]] = (),
    wishes: Sequence[str] = (),
) -> Quiz:
    """The quiz of the module at `index`. `notes[i]` is what module i teaches; with `earlier` versions (oldest first)
    another one is made, by the last of `wishes`; raises NothingElse where the source supports no other.

    The whole course is planned every time, from the same input to the same end, so that modules made one by one, or
    again after a crash, never ask the same. Pure; linear in the source up to a bound of sentences per module.
    """
    modules = len(outline.modules)
    reading = read(material_of(course_id, study, outline, notes))
    pools = candidates_of(reading, modules)
    planned = plan(pools, wanted)
    if earlier:
        others = [candidate for module, held in enumerate(planned) if module != index for candidate in held]
        held, asked = remade(reading, pools[index], others, course_id, wanted, earlier, wishes)
        return Quiz(items_of([held], course_id, len(earlier) + 1)[0], _remark(len(held), asked))
    return Quiz(items_of(planned, course_id)[index], _remark(len(planned[index]), wanted))


def _remark(made: int, wanted: int) -> str | None:
    if made >= wanted:
        return None
    said = f"{made} of {wanted} questions" if made else "No question"
    return f"{said} could be made that the source bears out beyond doubt; doubtful ones were left out."
