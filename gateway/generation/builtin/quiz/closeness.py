"""Terms too close to each other for one to be a wrong option where the other is right."""

from functools import lru_cache

from gateway.generation.builtin.quiz.words import root, words_of

_ALIKE = [
    frozenset(root(word) for word in group.split())
    for group in (
        "coast shore beach seaside", "sea ocean", "error bug fault failure", "road street", "picture image", "doctor physician",
        "river stream brook", "forest wood", "earth world globe planet", "city town", "battle war fight", "king ruler monarch",
        "law rule", "function method procedure routine", "parameter argument", "folder directory", "memory storage ram",
        "data information", "speed velocity pace", "heat warmth", "pupil student learner", "illness disease sickness",
        "start beginning onset", "end finish", "pull attraction gravity", "stone rock", "plant vegetation", "people population",
        "company firm business", "worker labourer employee", "leader head chief", "size extent", "shape form", "area region zone",
        "cause reason", "aim goal purpose", "tool instrument device", "machine engine", "house home building", "wall side",
        "value amount quantity", "level height", "type kind class category", "reference pointer link", "signal pulse impulse",
    )
]  # fmt: skip


@lru_cache(maxsize=262_144)
def too_close(one: str, other: str) -> bool:
    """Whether one term may be right wherever the other is: they share a word, or mean much the same."""
    ours, others = ({root(word) for word in words_of(text)} for text in (one, other))
    return share_root(one, other) or any(ours & group and others & group for group in _ALIKE)


@lru_cache(maxsize=262_144)
def share_root(one: str, other: str) -> bool:
    """Whether two phrases share a word in any form or in a compound: `heart` and `heartbeat`. Two compounds of one head,
    such as `light sleep` and `deep sleep`, name different things and do not count.
    """
    ours, others = ([root(word) for word in words_of(text)] for text in (one, other))
    if len(ours) > 1 and len(others) > 1 and ours[-1] == others[-1] and not set(ours[:-1]) & set(others[:-1]):
        return False
    return bool(set(ours) & set(others)) or any(
        len(short) > 3 and (long.startswith(short) or long.endswith(short))
        for first in ours
        for second in others
        for short, long in ((first, second), (second, first))
    )
