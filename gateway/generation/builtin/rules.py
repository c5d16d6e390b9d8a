"""How a module's text is to be chosen, and what was."""

from collections.abc import Callable

from msgspec import Struct

from gateway.generation.builtin.passages import Listing, Passage
from gateway.generation.builtin.wishes import Wishes

FIRST_CEILING = 0.72


class Rules(Struct, frozen=True, kw_only=True):
    """How to choose: the share of the material's words to take, what may be taken, and what to leave behind for once:
    `used` holds the texts of earlier versions as `spoken_words` gives them.
    `ceiling` is the share of what is fit to be taken, so that a first version leaves something for the next.
    `wanted` is the share before it was cut down to what there is room for.
    `generous` takes what a first version would rather not show. Whole lists go by `list_share`, so that prose gives way to them where room is short.
    """

    share: float
    wishes: Wishes
    wanted: float = 0.0
    list_share: float = 0.42
    ceiling: float = FIRST_CEILING
    used: frozenset[str] = frozenset()
    reluctance: float = 0.35
    lists: bool = True
    plain: bool = False
    generous: bool = False
    allowed: Callable[[Passage], bool] = lambda _: True
    allowed_list: Callable[[Listing], bool] = lambda _: True


class Chosen(Struct, frozen=True):
    """What was taken: sentence indexes and list groups; `told` says that a story is among it, which can't be cut."""

    passages: frozenset[int]
    listings: frozenset[int]
    words: int
    told: bool = False
