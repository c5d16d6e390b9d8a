"""The player's page: alike for any token, framed by one origin alone; and its files, kept for a year under their own name."""

import gzip
import re

import httpx
import pytest

from gateway.app import Gateway
from gateway.web import player_assets
from gateway.web.page_headers import NO_ICON
from tests.clock import FrozenClock
from tests.gateway.features.embedding import allow, browser, minted
from tests.gateway.features.taking import publish, refused
from tests.running import Customer

ORIGIN = "https://learn.example.com"
BROWSER = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}
UNKNOWN = "cge_" + "A" * 43


def frames(answer: httpx.Response) -> str:
    """Who may hold the page."""
    found = re.search(r"frame-ancestors ([^;]+)\Z", answer.headers["content-security-policy"])
    assert found is not None
    return found[1]


async def test_a_page_stands_in_frames_of_its_tokens_origin_alone(
    client: httpx.AsyncClient, customer: Customer
) -> None:
    """Without an origin, or unknown: in no frame. One that was taken back may still say so where it stands."""
    await allow(client, customer, ORIGIN)
    assessment_id = await publish(client, customer)
    framed = await minted(client, customer, assessment_id, origin=ORIGIN)
    alone = await minted(client, customer, assessment_id)
    assert frames(await client.get(f"/embed/{framed['token']}")) == ORIGIN
    assert frames(await client.get(f"/embed/{alone['token']}")) == "'none'"
    assert frames(await client.get(f"/embed/{UNKNOWN}")) == "'none'"
    await client.delete(f"/v1/embed/tokens/{framed['id']}", headers=customer.headers)
    assert frames(await client.get(f"/embed/{framed['token']}")) == ORIGIN


async def test_a_spent_tokens_page_and_its_sessions_page_stand_in_the_same_frames(
    client: httpx.AsyncClient, customer: Customer, clock: FrozenClock
) -> None:
    """So a reload finds the page again, by the token's address or by the session's, and reads there that a session is over."""
    await allow(client, customer, ORIGIN)
    taker = await browser(client, customer, await publish(client, customer), origin=ORIGIN)
    page = taker.opened["page"]
    assert frames(await client.get(page)) == ORIGIN
    assert frames(await client.get(page + "x")) == "'none'"
    assert frames(await client.get(page[:-1] + ("A" if page[-1] != "A" else "Q"))) == "'none'"
    clock.advance(7_200_000)
    assert frames(await client.get(page)) == ORIGIN


async def test_an_origin_that_is_no_longer_allowed_frames_nothing(
    client: httpx.AsyncClient, customer: Customer
) -> None:
    """Taken from the list, it holds no page of a token or of a session any more."""
    await allow(client, customer, ORIGIN)
    assessment_id = await publish(client, customer)
    made = await minted(client, customer, assessment_id, origin=ORIGIN)
    taker = await browser(client, customer, assessment_id, origin=ORIGIN)
    await allow(client, customer, "https://other.example.com")
    assert frames(await client.get(f"/embed/{made['token']}")) == "'none'"
    assert frames(await client.get(taker.opened["page"])) == "'none'"


async def test_pages_are_alike_for_any_token_and_change_nothing(client: httpx.AsyncClient, customer: Customer) -> None:
    """Read ten times and asked about, a token is still good; no answer tells it from one that never was."""
    made = await minted(client, customer, await publish(client, customer))
    pages = [await client.get(f"/embed/{token}") for token in (made["token"], UNKNOWN, "junk", "ses_a.b") * 3]
    assert len({page.content for page in pages}) == 1
    assert {page.status_code for page in pages} == {200}
    kept = {"content-security-policy", "content-type", "cache-control", "referrer-policy", "x-content-type-options"}
    assert len({tuple((name, page.headers[name]) for name in sorted(kept)) for page in pages}) == 1
    asked = await client.head(f"/embed/{made['token']}")
    assert (asked.status_code, asked.content) == (200, b"")
    assert asked.headers["content-length"] == pages[0].headers["content-length"]
    opened = await client.post("/v1/embed/sessions", json={"token": made["token"]})
    assert opened.status_code == 201


async def test_a_page_carries_the_headers_of_every_page_and_no_rate(client: httpx.AsyncClient) -> None:
    """Nothing inline, nothing from elsewhere, kept by nobody, and its address goes nowhere."""
    page = await client.get(f"/embed/{UNKNOWN}")
    policy = page.headers["content-security-policy"]
    for part in ("default-src 'none'", "script-src 'self'", "base-uri 'none'", "require-trusted-types-for 'script'"):
        assert part in policy
    assert "unsafe" not in policy
    assert page.headers["cache-control"] == "no-store"
    assert page.headers["referrer-policy"] == "no-referrer"
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert "x-ratelimit-limit" not in page.headers
    assert "set-cookie" not in page.headers
    assert not [name for name in page.headers if name.startswith("access-control")]
    assert UNKNOWN not in page.text


async def test_a_page_is_in_the_readers_language(client: httpx.AsyncClient) -> None:
    """As the browser asks for it, else English."""
    arabic = await client.get("/embed/x", headers={"Accept-Language": "ar-EG, en;q=0.5"})
    assert '<html lang="ar" dir="rtl"' in arabic.text
    other = await client.get("/embed/x", headers={"Accept-Language": "tlh"})
    assert '<html lang="en" dir="ltr"' in other.text


async def test_every_file_of_a_page_is_kept_for_a_year(client: httpx.AsyncClient) -> None:
    """Whatever the page names is there, of the right kind, compressed for who takes it, and nobody guesses its kind."""
    page = (await client.get("/embed/x")).text
    named = sorted(set(re.findall(r'(?:src|href)="(assets/[^"]+)"', page)))
    assert named
    sizes = 0
    for path in named:
        plain = await client.get(f"/embed/{path}", headers={"Accept-Encoding": "identity"})
        assert plain.status_code == 200, path
        assert plain.headers["cache-control"] == "public, max-age=31536000, immutable"
        assert plain.headers["x-content-type-options"] == "nosniff"
        kind = {"js": "text/javascript", "css": "text/css", "json": "application/json"}[path.rsplit(".", 1)[1]]
        assert plain.headers["content-type"].partition(";")[0] == kind
        packed = await client.get(f"/embed/{path}", headers={"Accept-Encoding": "gzip, br"})
        assert packed.headers["content-encoding"] == "gzip"
        assert packed.content == plain.content
        sizes += int(packed.headers["content-length"])
    assert sizes <= 60 * 1024


async def test_files_of_another_release_are_kept_by_nobody(client: httpx.AsyncClient) -> None:
    """A page of the release before finds them all the same."""
    found = await client.get("/embed/assets/0000000000000000/main.js")
    assert (found.status_code, found.headers["cache-control"]) == (200, "no-store")


@pytest.mark.parametrize(
    "path", ["main.py", "../player_page.py", "..%2f..%2fapp.py", "texts", "", "kinds/", "/etc/passwd"]
)
async def test_nothing_but_the_players_files_is_served(client: httpx.AsyncClient, path: str) -> None:
    """What is no file of the player's is no path."""
    assert refused(await client.get(f"/embed/assets/0000000000000000/{path}"))[0] == 404


@pytest.mark.parametrize("path", ["/embed", "/embed/a/b", "/embed/assets/x", "/embed/assets/x/none.js"])
async def test_a_person_reads_a_page_and_a_program_the_envelope(client: httpx.AsyncClient, path: str) -> None:
    """A wrong address below the player's says what to do to who looks at it, and its code to a program."""
    page = await client.get(path, headers=BROWSER | {"X-Request-Id": "mine-1"})
    assert page.status_code == 404
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert page.headers["referrer-policy"] == "no-referrer"
    assert "<h1>" in page.text
    assert NO_ICON in page.text
    assert "mine-1" in page.text
    arabic = await client.get(path, headers=BROWSER | {"Accept-Language": "ar"})
    assert 'dir="rtl"' in arabic.text
    for accept in ("application/json", "*/*", "application/problem+json", "text/html;q=0.1, application/json"):
        told = await client.get(path, headers={"Accept": accept})
        assert told.status_code == 404
        assert told.headers["content-type"].startswith("application/")


async def test_other_methods_are_refused_as_everywhere(client: httpx.AsyncClient) -> None:
    """The page is read and asked about, no more."""
    refusal = await client.post(f"/embed/{UNKNOWN}")
    assert refused(refusal) == (405, "method_not_allowed")
    assert set(refusal.headers["allow"].split(", ")) == {"GET", "HEAD"}
    html = await client.delete(f"/embed/{UNKNOWN}", headers=BROWSER)
    assert (html.status_code, html.headers["content-type"]) == (405, "text/html; charset=utf-8")


async def test_junk_addresses_ask_nobody(app: Gateway, client: httpx.AsyncClient) -> None:
    """With the database away, junk gets its page; only a name that we made is looked up."""
    await app.services.sql.close()
    for name in (UNKNOWN, "x" * 900, "ses_aaaaaaaaaaaaaaaaaaaaaaaaaa.AAAAAAAAAAAAAAAAAAAAAA", "%E2%80%AE"):
        assert (await client.get(f"/embed/{name}")).status_code == 200


def test_files_are_compressed_alike_every_time() -> None:
    """Two processes serve the same bytes under the same name."""
    first, second = player_assets.load(), player_assets.load()
    assert first == second
    assert all(gzip.decompress(one.compressed) == one.plain for one in first.by_path.values())
