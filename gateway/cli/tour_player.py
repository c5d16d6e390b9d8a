"""The part of the tour in which a learner's browser comes: what a frontend puts into its page, and what it gets."""

import re
import secrets
from typing import Any, Final
from urllib.parse import urljoin

import httpx

from gateway.cli.tour import expect, hold, say

_LINKED: Final = re.compile(rb'(?:src|href)="?(assets/[^"\s>]+)')

Json = dict[str, Any]


def visit_the_player(client: httpx.Client, course_id: str) -> None:
    """Mint a token, fetch the page and all that it links without a key, spend the token, and see it spent."""
    quizzes = expect(client.get("/v1/assessments", params={"course_id": course_id, "limit": 1}), 200)["data"]
    if not quizzes:
        say("   there is no quiz to show")
        return
    body = {"assessment_id": quizzes[0]["id"], "learner_ref": f"demo-{secrets.token_hex(4)}"}
    minted = expect(client.post("/v1/embed/token", json=body), 201)
    say(f"   POST /v1/embed/token      201  {minted['id']}  for one learner and one quiz, spent once, 300 s")
    with httpx.Client(base_url=client.base_url, timeout=60, trust_env=False) as browser:
        _fetch_the_page(browser, f"/embed/{minted['token']}")
        _take_a_seat(browser, minted["token"])


def _fetch_the_page(browser: httpx.Client, path: str) -> None:
    page = browser.get(path)
    hold(page.status_code == 200, f"the player's page answers 200, not {page.status_code}")
    policy = page.headers["content-security-policy"]
    hold("default-src 'none'" in policy and "frame-ancestors 'none'" in policy, "the page's policy is strict")
    linked = sorted({urljoin(path, found.decode()) for found in _LINKED.findall(page.content)})
    hold(linked, "the page has a script")
    weight = page.num_bytes_downloaded
    for file in linked:
        asset = browser.get(file)
        hold(asset.status_code == 200, f"{file} answers 200, not {asset.status_code}")
        weight += asset.num_bytes_downloaded
    say(
        f"   GET /embed/cge_…          200  the player: {len(linked)} files and the page, {weight / 1024:.1f} KiB as sent;"
    )
    say("                                  no key, no cookie, nothing from elsewhere, nothing inline")


def _take_a_seat(browser: httpx.Client, token: str) -> None:
    opened = expect(browser.post("/v1/embed/sessions", json={"token": token}), 201)
    seat = {"Authorization": f"Bearer {opened['credential']}"}
    attempt = opened["player"]["submission"]
    hold(all("key" not in item for item in attempt["items"]), "a learner's browser is sent no key")
    say(f"   POST /v1/embed/sessions   201  {opened['id']}  {attempt['id']}, {len(attempt['items'])} questions")
    again = expect(browser.post("/v1/embed/sessions", json={"token": token}), 401)
    say(f"   POST /v1/embed/sessions   401  {again['error']['code']}: a token opens one session")
    saved = expect(
        browser.put(f"/v1/submissions/{attempt['id']}/answers", json={"sequence": 1, "answers": []}, headers=seat), 200
    )
    say(f"   PUT …/answers             200  sequence {saved['sequence']}, by the session's own credential")
    ended = expect(browser.post(f"/v1/sessions/{opened['id']}/end", headers=seat), 200)
    hold(ended["status"] == "ended", "the session ends when it is told")
    code = expect(browser.get(f"/v1/submissions/{attempt['id']}", headers=seat), 401)["error"]["code"]
    say(f"   POST …/end                200  and from then on 401 {code}")
