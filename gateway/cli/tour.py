"""The tour of `coursegate demo`: what a course-builder frontend does, step by step, and what it sees."""

import secrets
import time
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any, Final

import httpx
import msgspec
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from gateway.cli.demo import Access
from gateway.cli.failure import CommandFailed
from gateway.cli.output import console, print_table
from gateway.clock import SystemClock

LONGEST_SECONDS: Final = 300
MODULES: Final = 4
SHOWN_LINES: Final = 9

_clock: Final = SystemClock()
_out: Final = console()


def take_tour(access: Access, source_name: str, text: str) -> None:
    """Do the main job once over; raises CommandFailed at the first thing that did not hold."""
    from gateway.cli.tour_player import visit_the_player
    from gateway.cli.tour_quiz import take_a_quiz
    from gateway.cli.tour_records import check_the_records
    from gateway.cli.tour_refusals import provoke_refusals
    from gateway.cli.tour_webhooks import receiver, register, show_deliveries

    began = _clock.monotonic_seconds()
    headers = {"Authorization": f"Bearer {access.live_key}"}
    with (
        named_failures(access.url),
        httpx.Client(base_url=access.url, headers=headers, timeout=60, trust_env=False) as client,
        receiver(access.url) as listening,
    ):
        before = usage(client)
        heading(f"1  A course is made of {source_name} ({len(text.split()):,} words)")
        course_id = make_course(client, topic_of(text, source_name), MODULES, source_name, text)
        heading("2  It is launched, once, with an Idempotency-Key; a receiver wants to hear of it")
        heard = register(client, listening)
        key = f"demo-{secrets.token_hex(6)}"
        launched = launch(client, course_id, key)
        course = follow(client, course_id)
        heading("3  What a learner gets")
        artifacts = show_course(client, course)
        heading("4  One artifact again, with a note")
        regenerate(client, artifacts)
        take_a_quiz(client, course_id, "5  A learner takes a quiz")
        heading("6  The same in a learner's browser: no key ever gets there")
        visit_the_player(client, course_id)
        heading("7  What the receiver was sent")
        show_deliveries(client, heard)
        heading("8  The launch is sent again: the same answer, nothing is charged")
        replay(client, course_id, key, launched)
        heading("9  What it cost")
        show_usage(before, usage(client), course)
        heading("10  What was decided is sealed")
        check_the_records(client, course_id)
        heading("11  One of each refusal")
        provoke_refusals(client, access, course_id, key, text)
    _out.print(f"\n[bold green]Everything held[/], in {in_words(_clock.monotonic_seconds() - began)}.")


def in_words(seconds: float) -> str:
    """Say a time in whole seconds: `1 second`, `12 seconds`."""
    whole = round(seconds)
    return f"{whole} second" if whole == 1 else f"{whole} seconds"


@contextmanager
def named_failures(url: str) -> Generator[None, None, None]:
    """Say in one line that the gateway can't be reached."""
    try:
        yield
    except httpx.TransportError as error:
        raise CommandFailed(f"{url} does not answer: {error or type(error).__name__}") from error


def heading(words: str) -> None:
    """Begin a step."""
    _out.print(f"\n[bold]{words}[/]")


def say(words: str) -> None:
    """Print a line of the product's own words, never as markup."""
    _out.print(words, markup=False)


def hold(condition: object, words: str) -> None:
    """Go on only if it is so."""
    if not condition:
        raise CommandFailed(f"the tour ends here, since this did not hold: {words}")


def expect(answer: httpx.Response, status: int) -> Any:
    """Return the body of an answer that is as it should be."""
    hold(answer.status_code == status, f"{answer.request.url.path} answers {status}; it said {answer.text[:300]}")
    return answer.json()


def topic_of(text: str, source_name: str) -> str:
    """Take the first heading or line for the topic."""
    lines = (line.strip(" #\t") for line in text.splitlines())
    return next((line for line in lines if any(map(str.isalpha, line))), source_name)[:200]


def make_course(client: httpx.Client, topic: str, modules: int, source_name: str, text: str) -> str:
    """Create the course and give it its source."""
    brief = {"topic": topic, "modules": modules, "questions_per_module": 5}
    course = expect(client.post("/v1/courses", json={"title": topic, "brief": brief}), 201)
    kind = "text/plain" if source_name.endswith(".txt") else "text/markdown"
    body = {"name": source_name, "media_type": kind, "content": text}
    source = expect(client.post(f"/v1/courses/{course['id']}/sources", json=body), 201)
    say(f"   POST /v1/courses          201  {course['id']}  “{topic}”, at most {modules} modules")
    say(f"   POST …/sources            201  {source['id']}  {source['bytes']:,} bytes, {source['status']}")
    return str(course["id"])


def launch(client: httpx.Client, course_id: str, key: str) -> httpx.Response:
    """Launch it."""
    answer = client.post(f"/v1/courses/{course_id}/launch", headers={"Idempotency-Key": key})
    body = expect(answer, 202)
    say(f"   POST …/launch             202  {body['generation']['id']}  {body['generation']['units_held']} units held")
    left = {name: answer.headers[name] for name in ("x-ratelimit-remaining", "ratelimit")}
    say(f"                                  {left}")
    return answer


def follow(client: httpx.Client, course_id: str) -> dict[str, Any]:
    """Watch the generation until it has ended."""
    until = _clock.monotonic_seconds() + LONGEST_SECONDS
    columns = (TextColumn("   {task.description}"), BarColumn(), TextColumn("{task.percentage:>3.0f} %"))
    with Progress(*columns, TimeElapsedColumn(), console=_out) as progress:
        task = progress.add_task("queued", total=100)
        while True:
            course: dict[str, Any] = expect(client.get(f"/v1/courses/{course_id}"), 200)
            now = course["generation"]["progress"]
            words = f"{now['phase']}: module {now['modules_done']} of {now['modules_total']}"
            progress.update(task, completed=now["percent"], description=words)
            if course["status"] != "generating":
                break
            hold(_clock.monotonic_seconds() < until, f"the course is made within {LONGEST_SECONDS} seconds")
            time.sleep(0.25)
    hold(course["status"] == "ready", f"the course becomes ready; it is {course['status']}: {course['generation']}")
    return course


def show_course(client: httpx.Client, course: dict[str, Any]) -> list[dict[str, Any]]:
    """Print the outline, and the beginning of what the first module holds."""
    outline = expect(client.get(f"/v1/courses/{course['id']}/outline"), 200)
    artifacts: list[dict[str, Any]] = expect(
        client.get(f"/v1/courses/{course['id']}/artifacts", params={"limit": 100}), 200
    )["data"]
    hold(outline["modules"], "the outline has modules")
    say(f"   {outline['description']}")
    for module in outline["modules"]:
        own = [artifact for artifact in artifacts if artifact["module_index"] == module["index"]]
        hold(own, f"module {module['index']} is not empty")
        sizes = ", ".join(f"{artifact['kind']} {artifact['bytes']:,} B" for artifact in own)
        say(f"   {module['index'] + 1}. {module['title']}\n      {sizes}")
    for artifact in artifacts:
        if artifact["module_index"] == 0 and artifact["kind"] != "quiz":
            whole = expect(client.get(f"/v1/artifacts/{artifact['id']}"), 200)
            hold(whole["content"], "an artifact has content")
            _show_text(f"{artifact['kind']} of module 1", whole["content"])
    return artifacts


def _show_text(title: str, text: str) -> None:
    lines = [line for line in text.splitlines() if line.strip()]
    _out.print(f"\n   [dim]── {title} ──[/]")
    for line in lines[:SHOWN_LINES]:
        say(f"   {line[:110]}{'…' if len(line) > 110 else ''}")
    if len(lines) > SHOWN_LINES:
        _out.print(f"   [dim]… {len(lines) - SHOWN_LINES} more lines[/]")


def regenerate(client: httpx.Client, artifacts: list[dict[str, Any]]) -> None:
    """Ask for the first module's notes again, shorter."""
    notes = next(artifact for artifact in artifacts if artifact["kind"] == "notes")
    answer = client.post(f"/v1/artifacts/{notes['id']}/notes", json={"text": "Shorter, please."})
    note = expect(answer, 202)
    until = _clock.monotonic_seconds() + LONGEST_SECONDS
    while (again := expect(client.get(f"/v1/artifacts/{notes['id']}"), 200))["status"] == "regenerating":
        hold(_clock.monotonic_seconds() < until, "the regeneration ends")
        time.sleep(0.2)
    hold(again["version"] == 2 and again["status"] == "ready", f"version 2 is ready; it is {again['status']}")
    hold(again["bytes"] < notes["bytes"], "a note that says shorter is followed")
    versions = expect(client.get(f"/v1/artifacts/{notes['id']}/versions"), 200)["data"]
    say(f"   POST …/notes              202  {note['note']['id'] if 'note' in note else note['id']}  “Shorter, please.”")
    for version in versions:
        say(f"   version {version['version']}: {version['bytes']:,} bytes")


def replay(client: httpx.Client, course_id: str, key: str, launched: httpx.Response) -> None:
    """Send the launch again."""
    again = client.post(f"/v1/courses/{course_id}/launch", headers={"Idempotency-Key": key})
    hold(again.content == launched.content, "a replay has the first answer's bytes")
    hold(again.headers.get("idempotent-replayed") == "true", "a replay says so")
    say(
        f"   POST …/launch             {again.status_code}  Idempotent-Replayed: true, {len(again.content)} equal bytes"
    )


def usage(client: httpx.Client) -> dict[str, Any]:
    """Read the quota status."""
    status: dict[str, Any] = expect(client.get("/v1/usage"), 200)
    return status


def show_usage(before: dict[str, Any], after: dict[str, Any], course: dict[str, Any]) -> None:
    """Print the quota before and after, and hold that it moved by what was made."""
    rows = []
    for meter in ("generation", "regenerations"):
        old, new = before["meters"][meter], after["meters"][meter]
        limit = "unlimited" if new["limit"] is None else new["limit"]
        rows.append((f"   {meter}", limit, old["settled"], new["settled"], new["held"]))
    print_table(("   meter", "limit", "used before", "used after", "held"), rows)
    made = course["generation"]["units_settled"]
    moved = after["meters"]["generation"]["settled"] - before["meters"]["generation"]["settled"]
    hold(moved == made, f"exactly the modules that were made are charged: {made}, not {moved}")
    say("   taking the quiz cost no unit")
    say(f"   period until {after['period']['resets_at']}, plan {after['plan']}, answered from the {after['source']}")


def pretty(body: Any) -> str:
    """Indent a body as it is shown."""
    return msgspec.json.format(msgspec.json.encode(body), indent=2).decode()
