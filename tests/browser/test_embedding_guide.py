"""`docs/guides/embedding.md`: its servers and its page, as they stand there, let a learner take a quiz."""

import asyncio
import os
import re
import shutil
import socket
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from tests.browser.examples import BY_KIND
from tests.browser.site import Site
from tests.browser.visits import Player, Visits

GUIDE = (Path(__file__).resolve().parents[2] / "docs" / "guides" / "embedding.md").read_text(encoding="utf-8")
PROGRAMS = {"quiz_host.py": sys.executable, "quiz_host.mjs": shutil.which("node")}
LEARNER = "student-4711"

TELL = "(element, [name, detail]) => element.dispatchEvent(new CustomEvent(`coursegate:${name}`, {detail}))"


def code(name: str) -> str:
    """The block under a file's name."""
    found = re.search(rf"`{re.escape(name)}`[^\n]*:\n\n```[a-z]+\n(.*?)```", GUIDE, re.DOTALL)
    assert found is not None, name
    return found[1]


@asynccontextmanager
async def hosting(server: str, folder: Path, **environment: str) -> AsyncGenerator[str, None]:
    """The guide's server on a free port, until the end; its origin."""
    program = PROGRAMS[server]
    if program is None:
        pytest.skip("the guide's server in JavaScript can't be run: there is no node on this machine")
    for name in ("quiz.html", "quiz.js", server):
        (folder / name).write_text(code(name), encoding="utf-8")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])
    given = {"PORT": port, "NO_PROXY": "*", "no_proxy": "*"} | environment
    process = await asyncio.create_subprocess_exec(
        program, str(folder / server), stdout=asyncio.subprocess.PIPE, env={**os.environ, **given}
    )
    try:
        assert process.stdout is not None
        line = await asyncio.wait_for(process.stdout.readline(), 30)
        assert line.decode().split() == ["Open", f"http://localhost:{port}"]
        yield f"http://localhost:{port}"
    finally:
        process.kill()
        await process.wait()


def environment(site: Site, assessment_id: str) -> dict[str, str]:
    return {"COURSEGATE_URL": site.url, "COURSEGATE_KEY": site.customer.key, "ASSESSMENT_ID": assessment_id}


async def inside(page: Page) -> Player:
    frame = await (await page.wait_for_selector("coursegate-player iframe")).content_frame()
    assert frame is not None
    player = Player(frame)
    await player.becomes("ready")
    return player


@pytest.mark.parametrize("server", PROGRAMS)
async def test_a_learner_takes_the_quiz_in_the_guides_page(
    server: str, visits: Visits, site: Site, tmp_path: Path
) -> None:
    """The server puts its origin on the list and mints; the page shows the quiz and hears that it was submitted."""
    assert site._live is not None
    await site.allow("https://kept.example.com")
    questions = [BY_KIND["single_choice"].item("q1"), BY_KIND["gap_text"].item("q2")]
    assessment = await site.publish(*questions, title="Tides")
    learners = f"/v1/assessments/{assessment}/results?learner_ref={LEARNER}"
    given = environment(site, assessment) | {"COURSEGATE_SETUP_KEY": site._live.key}
    async with hosting(server, tmp_path, **given) as origin:
        allowed = (await site.ask("GET", "/v1/embed/origins"))["origins"]
        assert sorted(allowed) == sorted(["https://kept.example.com", origin])
        visit = await visits.begin()
        page = await visit.page()
        await page.goto(origin)
        player = await inside(page)
        await player.question("q1").get_by_role("radio").nth(1).check()
        await player.question("q2").get_by_role("textbox").first.fill("Moon")
        await player.saved("q1", "q2")
        await page.reload()
        player = await inside(page)
        await expect(player.question("q2").get_by_role("textbox").first).to_have_value("Moon")
        await player.submit()
        await expect(page.locator("#note")).to_have_text("Done: your answers are graded.")
        html = await page.content()
        assert site.customer.key not in html
        [result] = (await site.ask("GET", learners))["data"]
        assert (result["status"], result["source"]) == ("graded", "embed")
        assert float(result["score"]) > 0
        await page.reload()
        await expect(page.locator("#note")).to_have_text(f"Done: {result['score']} of {result['max_score']} points.")
        await expect(page.locator("coursegate-player")).to_have_count(0)
    tokens = await site.pool.fetchval("select count(*) from embed_token where assessment_id = $1", assessment)
    assert tokens == 2


@pytest.mark.parametrize("server", PROGRAMS)
async def test_a_reload_after_submitting_begins_the_next_attempt_while_there_is_one(
    server: str, visits: Visits, site: Site, tmp_path: Path
) -> None:
    """And shows no more of the last one than the assessment's `feedback` allows."""
    assert site._live is not None
    item = BY_KIND["single_choice"].item("q1")
    assessment = await site.publish(item, max_attempts=2, feedback="none")
    given = environment(site, assessment) | {"COURSEGATE_SETUP_KEY": site._live.key, "ATTEMPTS": "2"}
    async with hosting(server, tmp_path, **given) as origin:
        visit = await visits.begin()
        page = await visit.page()
        await page.goto(origin)
        for _ in range(2):
            player = await inside(page)
            await player.question("q1").get_by_role("radio").nth(1).check()
            await player.submit()
            await expect(page.locator("#note")).to_have_text("Done: your answers are graded.")
            await page.reload()
        await expect(page.locator("coursegate-player")).to_have_count(0)
        await expect(page.locator("#note")).to_have_text("Done: your answers are graded.")


@pytest.mark.parametrize("server", PROGRAMS)
async def test_a_session_that_ended_is_opened_again_by_a_button(
    server: str, visits: Visits, site: Site, tmp_path: Path
) -> None:
    """The page offers it, a new token brings the attempt back as it was saved."""
    assert site._live is not None
    assessment = await site.publish(BY_KIND["single_choice"].item("q1"))
    given = environment(site, assessment) | {"COURSEGATE_SETUP_KEY": site._live.key}
    async with hosting(server, tmp_path, **given) as origin:
        visit = await visits.begin()
        page = await visit.page()
        await page.goto(origin)
        player = await inside(page)
        await player.question("q1").get_by_role("radio").nth(1).check()
        await player.saved("q1")
        session = await site.pool.fetchval("select id from learner_session where assessment_id = $1", assessment)
        visits.forgive("401")
        await site.ask("POST", f"/v1/sessions/{session}/end")
        await player.question("q1").get_by_role("radio").nth(2).check()
        await page.get_by_role("button", name="Open the quiz again").click()
        await expect(page.locator("#again")).to_be_hidden()
        await expect(page.locator("#note")).to_have_text("")
        player = await inside(page)
        await expect(player.question("q1").get_by_role("radio").nth(1)).to_be_checked()


async def test_the_guides_page_says_closed_only_of_what_is(visits: Visits, site: Site, tmp_path: Path) -> None:
    """A gateway that is away for a moment closes nothing; and a quiz that goes on, or is submitted, needs no opening."""
    assert site._live is not None
    assessment = await site.publish(BY_KIND["single_choice"].item("q1"))
    given = environment(site, assessment) | {"COURSEGATE_SETUP_KEY": site._live.key}
    async with hosting("quiz_host.py", tmp_path, **given) as origin:
        visit = await visits.begin()
        page = await visit.page()
        await page.goto(origin)
        player = await inside(page)
        await page.route("**/submit", lambda route: route.fulfill(status=503))
        await player.press_submit()
        await player.frame.locator(".problems [role=alert]").wait_for()
        await page.unroute("**/submit")
        note, again = page.locator("#note"), page.locator("#again")
        await expect(note).to_have_text("")
        await expect(again).to_be_hidden()
        element = page.locator("coursegate-player")
        for name in ("ready", "submitted"):  # such as after 20 seconds in which it was slow
            await element.evaluate(TELL, ["error", {"code": "not_ready"}])
            await expect(again).to_be_visible()
            await element.evaluate(TELL, [name, {"status": "expired"}])
            await expect(again).to_be_hidden()
        await expect(note).to_have_text("Done: your answers are graded.")


@pytest.mark.parametrize("server", PROGRAMS)
async def test_the_guides_server_mints_for_its_own_page_alone(
    server: str, visits: Visits, site: Site, tmp_path: Path
) -> None:
    """Another page's request gets nothing; where the gateway refuses, the page says so and no key leaves the server."""
    await site.allow()
    assessment = await site.publish(BY_KIND["single_choice"].item("q1"))
    async with hosting(server, tmp_path, **environment(site, assessment)) as origin:
        forged = await site._client.post(f"{origin}/quiz/token", headers={"Origin": "https://elsewhere.example"})
        assert forged.status_code == 403
        refused = await site._client.post(f"{origin}/quiz/token", headers={"Origin": origin})
        assert refused.status_code == 502
        assert site.customer.key not in forged.text + refused.text
        visits.forgive("502")
        visit = await visits.begin()
        page = await visit.page()
        await page.goto(origin)
        await expect(page.locator("#note")).to_have_text("The quiz can't be opened now.")
        await expect(page.get_by_role("button", name="Open the quiz again")).to_be_visible()
