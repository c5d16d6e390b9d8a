"""What the properties of every kind are tested on."""

from hypothesis import strategies as st
from msgspec import Struct

from grading.model import Answer, Item


class Case(Struct, frozen=True, kw_only=True):
    """An authored item, the answer that is its key, some valid answer, and the same item with another key.

    Texts that the key alone holds have the word `sentinel` in them, so that a test can look for them in what is told.
    `once` names the lists of the answer in which nothing may stand twice; `ordered` says that the order of the answer's
    lists matters; `mark` is what the perfect answer earns (None: a person must judge).
    """

    item: Item
    perfect: Answer
    answer: Answer
    twin: Item
    once: tuple[str, ...] = ()
    ordered: bool = False
    mark: int | None = 1


def ids(prefix: str, least: int, most: int) -> st.SearchStrategy[list[str]]:
    """A list of distinct ids, in telling order."""
    return st.integers(least, most).map(lambda count: [f"{prefix}{number}" for number in range(1, count + 1)])


def some_of(values: list[str], least: int = 1, most: int | None = None) -> st.SearchStrategy[list[str]]:
    """Some of the values, each at most once, in any order."""
    count = len(values) if most is None else most
    return st.permutations(values).flatmap(lambda mixed: st.integers(least, count).map(lambda n: list(mixed[:n])))


points = st.sampled_from(["0.00", "0.50", "1.00", "2.50", "3.33", "10.00"])
floors = st.sampled_from([0.0, 0.0, -0.25, -1.0])
shares = st.sampled_from([-1.0, -0.5, -0.25, 0.0, 0.1, 0.25, 0.3333333, 0.5, 0.75])
weights = st.sampled_from([0.5, 1.0, 1.5, 2.0, 3.0])
