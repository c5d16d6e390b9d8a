"""The last step of the tour: one of each refusal, as a client sees it."""

import secrets
from typing import Any, Final

import httpx

from gateway.cli.demo import Access
from gateway.cli.tour import hold, make_course, pretty, say

_NOBODYS: Final = "/v1/courses/crs_" + "a" * 26
_KEYLESS_MOST: Final = 40


def provoke_refusals(client: httpx.Client, access: Access, course_id: str, key: str, text: str) -> None:
    """Provoke 400, 401, 404, 409, 422 and 429, and show each body."""
    _show("a launch without a key", client.post(f"/v1/courses/{course_id}/launch"), 400, "idempotency_key_required")
    typo = {"Authorization": f"Bearer {access.live_key[:-1]}{'A' if access.live_key[-1] != 'A' else 'B'}"}
    _show("a key with one letter wrong", client.get("/v1/usage", headers=typo), 401, "invalid_api_key")
    _show("a course of nobody, or of another center", client.get(_NOBODYS), 404, "course_not_found")
    again = client.post(f"/v1/courses/{course_id}/launch", headers={"Idempotency-Key": secrets.token_hex(8)})
    _show("a second launch under another key", again, 409, "already_launched")
    other = make_course(client, "Another course", 1, "again.md", text)
    reused = client.post(f"/v1/courses/{other}/launch", headers={"Idempotency-Key": key})
    _show("the first course's key for another course", reused, 422, "idempotency_key_reused")
    client.delete(f"/v1/courses/{other}")
    if access.provisioning_key is not None:
        _show("more modules than a small center has units", _exceed_a_quota(access, text), 429, "quota_exceeded")
    else:
        _show("too many calls without a key from one address", _exceed_the_address(access), 429, "retry_after_")


def _exceed_a_quota(access: Access, text: str) -> httpx.Response:
    """Provision a center with 3 units, and launch 4 modules in it."""
    partner = {"Authorization": f"Bearer {access.provisioning_key}"}
    name = f"small-{secrets.token_hex(4)}"
    order = {"order_id": name, "center_name": "A small school", "subdomain": name, "plan_id": "starter"}
    with httpx.Client(base_url=access.url, headers=partner, timeout=60, trust_env=False) as client:
        made = client.post("/v1/provisioning/centers", json=order)
        hold(made.status_code == 201, f"a partner provisions a center; it was told {made.text[:300]}")
        center: dict[str, Any] = made.json()
        limits = {"limits": {"generation_units_per_month": 3}}
        path = f"/v1/provisioning/centers/{center['center']['id']}"
        hold(client.patch(path, json=limits).is_success, "a partner changes a center's limits")
    own = {"Authorization": f"Bearer {center['api_key']['key']}"}
    with httpx.Client(base_url=access.url, headers=own, timeout=60, trust_env=False) as client:
        course = make_course(client, "Too large a course", 4, "again.md", text)
        return client.post(f"/v1/courses/{course}/launch", headers={"Idempotency-Key": "one"})


def _exceed_the_address(access: Access) -> httpx.Response:
    """Call without a key until the address has had its 30 a minute."""
    with httpx.Client(base_url=access.url, timeout=60, trust_env=False) as client:
        for _ in range(_KEYLESS_MOST):
            answer = client.get("/v1/usage")
            if answer.status_code == 429:
                break
    return answer


def _show(words: str, answer: httpx.Response, status: int, code: str) -> None:
    """Print the refusal; it must be the one that was meant."""
    hold(answer.status_code == status, f"{words} is {status}; it was {answer.status_code}: {answer.text[:300]}")
    hold(str(answer.json()["error"]["code"]).startswith(code), f"{words} is `{code}`; it was {answer.text[:300]}")
    say(f"\n   {status}  {words}: {answer.request.method} {answer.request.url.path}")
    for line in pretty(answer.json()).splitlines():
        say(f"      {line}")
