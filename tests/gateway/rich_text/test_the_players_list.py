"""The player builds what the gateway makes: the list of elements stands in both."""

import re
from importlib.resources import files

from gateway.rich_text.nodes import HTML, MATHML, MATHML_ATTRIBUTES

RICH = files("gateway").joinpath("web", "player", "rich.js").read_text(encoding="utf-8")


def listed(name: str) -> set[str]:
    """The words of one of the script's sets."""
    found = re.search(rf"const {name} = new Set\((.*?)\.split", RICH, re.DOTALL)
    assert found is not None
    return set("".join(re.findall(r'"([^"]*)"', found[1])).split())


def test_the_player_knows_every_element_and_attribute() -> None:
    """No more, no less; addresses are the player's own affair."""
    assert listed("TAGS") == set(HTML)
    assert listed("MATH_TAGS") == MATHML
    assert listed("MATH_ATTRIBUTES") == MATHML_ATTRIBUTES
    assert listed("ATTRIBUTES") == set().union(*HTML.values()) - {"href", "rel", "target", "src"}
