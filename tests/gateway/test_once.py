"""Fingerprints: what makes two requests the same one."""

from hypothesis import given
from hypothesis import strategies as st

from gateway.briefs import PartialBrief
from gateway.features.courses.schemas import NewCourse
from gateway.features.orders.schemas import NewCenter
from gateway.once import _without_defaults


def test_a_default_that_is_spelled_out_is_no_other_request() -> None:
    """Text compares by value: a zone named as the default is the request that names none."""
    order = {"order_id": "o", "center_name": "C", "subdomain": "c", "plan_id": "pro"}
    spelled = NewCenter(**order, time_zone=bytes([85, 84, 67]).decode())
    assert _without_defaults(spelled) == _without_defaults(NewCenter(**order)) == order


@given(st.text(min_size=1), st.integers(1, 20))
def test_what_is_given_stays_in_the_fingerprint(topic: str, modules: int) -> None:
    """Whatever differs from a default is told apart, however deep it stands."""
    body = NewCourse(title=None, brief=PartialBrief(topic=topic, modules=modules))
    assert _without_defaults(body) == {"brief": {"topic": topic, "modules": modules}}
