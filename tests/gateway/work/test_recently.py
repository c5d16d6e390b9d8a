"""What is wrong with one row is told once an hour, and remembering it takes no memory without bound."""

from gateway.work.recently import Recently


def test_a_thing_is_new_once_an_hour() -> None:
    """However often it is met within the hour; another one is new by itself."""
    recently = Recently()
    assert [recently.note("row", now) for now in (0.0, 1.0, 3599.9, 3600.0, 3601.0, 7200.0)] == [
        True,
        False,
        False,
        True,
        False,
        True,
    ]
    assert recently.note("another", 7200.0)


def test_asking_remembers_nothing() -> None:
    """A question leaves a thing as new as it was."""
    recently = Recently()
    assert recently.is_new("row", 0.0)
    assert recently.note("row", 0.0)
    assert not recently.is_new("row", 1.0)
    assert recently.is_new("row", 3600.0)


def test_the_oldest_gives_way_when_there_are_too_many() -> None:
    """The latest are remembered; what gave way is new once more."""
    recently = Recently(at_most=2)
    for now, thing in enumerate("abc"):
        assert recently.note(thing, now)
    assert [recently.is_new(thing, 3.0) for thing in "abc"] == [True, False, False]
