"""Lists: what is on a page, and whom a cursor serves."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.caller import Caller, Center, Limits
from gateway.errors import InvalidCursor
from gateway.http import Listing
from gateway.keyring import Keyring
from gateway.scopes import SCOPES

KEYRING = Keyring({1: bytes(range(32))}, {1: bytes(range(32))})
NOW_MS = 1_773_576_000_000
DAY_MS = 86_400_000

LIMITS = Limits(
    requests_per_minute=100,
    generation_units_per_month=1,
    regenerations_per_month=1,
    regenerations_per_artifact=1,
    concurrent_generations=1,
    checks_per_question=0,
    alert_percents=(80,),
    courses_max=1,
    source_bytes_max=1,
    assessments_max=1,
    api_keys_max=1,
)


def caller(center_id: str = "ctr_a", env: str = "live") -> Caller:
    center = Center(
        id=center_id,
        name="A",
        status="active",
        plan_id="pro",
        time_zone="UTC",
        period_anchor_day=None,
        limits=LIMITS,
        period=None,
    )
    return Caller(
        center=center,
        env=env,  # type: ignore[arg-type]
        key_id="key_a",
        scopes=frozenset(SCOPES),
        requests_per_minute=None,
        request_id="req_a",
        facts={},
    )


def listing(
    who: Caller | None = None, route: str = "/v1/presets", now_ms: int = NOW_MS, **filters: str | None
) -> Listing:
    return Listing(KEYRING, who or caller(), route, filters, now_ms=now_ms)


def cursor_of(one: Listing, *position: int | str) -> str:
    page = one.page([0, 1], 1, show=str, position=lambda _: position)
    assert page.next_cursor is not None
    return page.next_cursor


@given(st.lists(st.integers(), max_size=25), st.integers(1, 10))
def test_a_page_holds_the_limit_and_says_whether_there_is_more(rows: list[int], limit: int) -> None:
    """The row too many is not shown; a cursor is there exactly where `has_more` is."""
    page = listing().page(rows[: limit + 1], limit, show=lambda row: row, position=lambda row: (row,))
    assert page.data == rows[:limit]
    assert page.has_more == (len(rows) > limit)
    assert (page.next_cursor is not None) == page.has_more


@given(st.integers(-(2**53), 2**53), st.text(max_size=50))
def test_a_cursor_gives_back_its_position(number: int, text: str) -> None:
    """Whatever the list put into it."""
    assert listing().position(cursor_of(listing(), number, text)) == (number, text)


def test_no_cursor_is_the_first_page() -> None:
    """None means: from the start."""
    assert listing().position(None) is None


def test_a_cursor_serves_its_own_list_alone() -> None:
    """Another center, env, route or filter: refused."""
    cursor = cursor_of(listing(status="ready"), 1)
    assert listing(status="ready").position(cursor) == (1,)
    for other in (
        listing(caller("ctr_b"), status="ready"),
        listing(caller(env="test"), status="ready"),
        listing(route="/v1/courses", status="ready"),
        listing(status="failed"),
        listing(),
    ):
        with pytest.raises(InvalidCursor):
            other.position(cursor)


def test_a_cursor_lives_for_a_day() -> None:
    """24 hours to the millisecond; a gateway whose clock is a little behind takes it too, one from the future does not."""
    cursor = cursor_of(listing(), 1)
    assert listing(now_ms=NOW_MS + DAY_MS).position(cursor) == (1,)
    assert listing(now_ms=NOW_MS - 60_000).position(cursor) == (1,)
    for now_ms in (NOW_MS + DAY_MS + 1, NOW_MS - 60_001):
        with pytest.raises(InvalidCursor):
            listing(now_ms=now_ms).position(cursor)


@given(st.text(max_size=200))
def test_whatever_is_no_cursor_is_refused(text: str) -> None:
    """Never an error of ours."""
    with pytest.raises(InvalidCursor):
        listing().position(text)


@given(st.data())
def test_one_changed_character_is_refused(data: st.DataObject) -> None:
    """The signature covers all of it."""
    cursor = cursor_of(listing(), 1_773_576_000_000_000, "prst_" + "a" * 26)
    place = data.draw(st.integers(0, len(cursor) - 2))
    letter = data.draw(st.sampled_from("ABCxyz019-_"))
    changed = cursor[:place] + letter + cursor[place + 1 :]
    if changed != cursor:
        with pytest.raises(InvalidCursor):
            listing().position(changed)
