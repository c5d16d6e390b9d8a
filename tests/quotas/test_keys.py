"""The names in Redis."""

import pytest
from redis.crc import key_slot

from quotas import keys


def test_names_are_those_of_the_contract() -> None:
    """`cg:<env>:{c:<center>}:…`, and `{a:<address>}` or `{login}` where there is no center."""
    assert keys.minute("live", "ctr_a") == "cg:live:{c:ctr_a}:window:minute"
    assert keys.key("test", "ctr_a", "key_b") == "cg:test:{c:ctr_a}:window:key:key_b"
    assert keys.session("live", "ctr_a", "ses_b") == "cg:live:{c:ctr_a}:window:session:ses_b"
    assert keys.mirror("live", "ctr_a", "generation", "2026-11") == "cg:live:{c:ctr_a}:quota:generation:2026-11"
    assert keys.running("live", "ctr_a") == "cg:live:{c:ctr_a}:running"
    assert keys.address("2001:db8::7") == "cg:{a:2001:db8::7}:window:address"
    assert keys.login("login_pair", "9f86d0") == "cg:{login}:window:login_pair:9f86d0"


def test_all_that_one_decision_touches_shares_a_slot() -> None:
    """So a decision is one call, on a cluster too."""
    of_a_center = [
        keys.minute("live", "ctr_a"),
        keys.key("live", "ctr_a", "key_b"),
        keys.session("live", "ctr_a", "ses_b"),
        keys.mirror("live", "ctr_a", "regenerations", "2026-11"),
        keys.running("live", "ctr_a"),
        keys.probe(keys.minute("live", "ctr_a")),
    ]
    assert len({key_slot(name.encode()) for name in of_a_center}) == 1
    logins = [keys.login(policy, "x") for policy in ("login_pair", "login_address", "login_email")]
    assert len({key_slot(name.encode()) for name in logins}) == 1


def test_live_and_test_count_apart() -> None:
    """Every name carries the env."""
    assert keys.minute("live", "ctr_a") != keys.minute("test", "ctr_a")
    assert keys.running("live", "ctr_a") != keys.running("test", "ctr_a")


@pytest.mark.parametrize("forged", ["}:x{", "1.2.3.4}", "a b", "a\r\nFLUSHALL", "a\0", "\ud800"])
def test_a_forged_address_is_no_key(forged: str) -> None:
    """Braces would move the window to a slot of the caller's choice."""
    with pytest.raises(ValueError, match="client address"):
        keys.address(forged)
