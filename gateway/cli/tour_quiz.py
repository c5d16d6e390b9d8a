"""The part of the tour in which a quiz of the course is taken: as its author, then as the server of a learner's frontend."""

import secrets
from typing import Any, Final

import httpx

from gateway.cli import tour_answers
from gateway.cli.output import print_table
from gateway.cli.tour import expect, heading, hold, say

_WIDE: Final = 96
_ATTEMPTS: Final = 3
_CHECKS: Final = 2
_SETTINGS: Final = {
    "max_attempts": _ATTEMPTS,
    "checks_per_question": _CHECKS,
    "feedback": "parts",
    "feedback_at": "each_attempt",
}
_OWN_QUESTION: Final = {
    "type": "multiple_choice",
    "id": "own",
    "content": {
        "stem": "Which of these does each module of this course have?",
        "choices": [
            {"id": "slides", "text": "Slides"},
            {"id": "video", "text": "A video"},
            {"id": "notes", "text": "Notes"},
            {"id": "narration", "text": "A narration"},
        ],
    },
    "key": {"correct": ["slides", "notes", "narration"]},
}
"""One that can be right in part, whatever the document is about."""

_NOBODYS: Final = {"item_id": "q_of_another_quiz", "answer": {"type": "true_false", "value": True}}

Json = dict[str, Any]


def take_a_quiz(client: httpx.Client, course_id: str, title: str) -> None:
    """Open one quiz of the course for more than one try, then take it: wrong shapes, a check, an answer of each sort."""
    heading(title)
    quiz = _open(client, course_id)
    if quiz is None:
        say("   no question could be made of this text that it bears out beyond doubt: there is no quiz to take")
        return
    learner = f"demo-{secrets.token_hex(4)}"
    submission = _start(client, quiz, learner)
    _send_what_is_malformed(client, quiz, submission)
    _check(client, quiz, learner)
    _submit(client, quiz, submission)


def _open(client: httpx.Client, course_id: str) -> Json | None:
    """Choose a quiz, add a question of the author's own, and publish it with settings that let it be tried out."""
    listed = expect(client.get("/v1/assessments", params={"course_id": course_id, "limit": 100}), 200)["data"]
    say(f"   GET /v1/assessments       200  {len(listed)} of this course, published with their modules")
    if not listed:
        return None
    quizzes = [_with_keys(client, one["id"]) for one in listed]
    quiz = max(quizzes, key=lambda one: len(one["items"]))
    say(f"   GET …?include=keys        200  {quiz['id']}  “{quiz['title']}”, {len(quiz['items'])} questions")
    say("                                  with their keys, as an author sees them (write:assessments): else the tour")
    say("                                  could not know what is right. No learner's route shows them.")
    items = [*quiz["items"], _OWN_QUESTION]
    path = f"/v1/assessments/{quiz['id']}"
    expect(client.patch(path, json={"items": items, "settings": _SETTINGS}), 200)
    published = expect(client.post(f"{path}/publish"), 200)
    hold(published["published_version"] == 2, "what was edited is published as version 2")
    say("   PATCH …, POST …/publish   200  version 2 with a question of the author's own;")
    say(f"                                  {_ATTEMPTS} attempts, {_CHECKS} checks a question, feedback by parts")
    return _with_keys(client, quiz["id"])


def _with_keys(client: httpx.Client, assessment_id: str) -> Json:
    quiz: Json = expect(client.get(f"/v1/assessments/{assessment_id}", params={"include": "keys"}), 200)
    return quiz


def _start(client: httpx.Client, quiz: Json, learner: str) -> Json:
    """Begin an attempt, and print what the learner is asked."""
    path = f"/v1/assessments/{quiz['id']}/submissions"
    submission: Json = expect(client.post(path, json={"learner_ref": learner}), 201)
    hold(submission["assessment_version"] == 2, "the newest version is taken")
    say(f"   POST …/submissions        201  {submission['id']}  {learner}, attempt {submission['attempt']}")
    for number, item in enumerate(submission["items"], 1):
        hold("key" not in item, "a learner is sent no key")
        say(f"      {number}. {_cut(item['content']['stem'])}  [{item['type']}]")
    return submission


def _send_what_is_malformed(client: httpx.Client, quiz: Json, submission: Json) -> None:
    """Send answers of which none can be graded: all that is wrong is told, and nothing is counted."""
    answers = [{"item_id": item["id"], "answer": tour_answers.malformed(item)} for item in quiz["items"]]
    answers += [answers[0], _NOBODYS]
    path = f"/v1/submissions/{submission['id']}"
    error = expect(client.post(f"{path}/submit", json={"answers": answers}), 422)["error"]
    hold(error["code"] == "invalid_answer_format", "answers of a wrong shape are `invalid_answer_format`")
    told = error["details"]["errors"]
    places = {one["param"].partition("]")[0] for one in told}
    hold(places == {f"answers[{n}" for n in range(len(answers))}, "every answer that is wrong is named")
    hold(error["param"] == told[0]["param"], "`param` is the first of them")
    say(
        f"   POST …/submit             422  {len(answers)} malformed answers, {len(told)} places that are wrong, all at once:"
    )
    rows = [(f"      {one['param']}", one["code"], _cut(one["message"], 64)) for one in told]
    print_table(("      param", "code", "message"), rows)
    after = expect(client.get(path), 200)
    hold((after["status"], after["attempt"]) == ("in_progress", 1), "a 422 costs no attempt")
    say("   GET /v1/submissions/…     200  still in_progress: a 422 costs nothing")


def _check(client: httpx.Client, quiz: Json, learner: str) -> None:
    """Try an answer out before it is submitted."""
    item = quiz["items"][0]
    body = {"learner_ref": learner, "item_id": item["id"], "answer": tour_answers.right(item)}
    checked = expect(client.post(f"/v1/assessments/{quiz['id']}/check", json=body), 200)
    hold(checked["correct"] is True and checked["state"] == "right", "the key is right when it is checked")
    hold(checked["checks_left"] == _CHECKS - 1, "the check was counted, and nothing before it")
    score = f"{checked['score']} of {checked['max_score']}"
    say(
        f"   POST …/check              200  {item['type']}: {checked['state']}, {score}, checks left: {checked['checks_left']}"
    )


def _submit(client: httpx.Client, quiz: Json, submission: Json) -> None:
    """Submit one answer that is right, one that is right in part, and wrong ones."""
    given = _answers_of_each_sort(quiz["items"])
    answers = [{"item_id": item["id"], "answer": answer} for item, answer, _ in given]
    path = f"/v1/submissions/{submission['id']}"
    graded = expect(client.post(f"{path}/submit", json={"answers": answers}), 200)
    hold(graded["status"] == "graded", "the attempt is graded at once")
    results = {one["item_id"]: one for one in graded["results"]}
    hold(all(results[item["id"]]["state"] == state for item, _, state in given), "each answer earns what it should")
    passed = "passed" if graded["passed"] else "not passed"
    points = f"{graded['score']} of {graded['max_score']} points, {graded['percent']} %, {passed}"
    say(f"   POST …/submit             200  {graded['status']}: {points}")
    rows = [_row(item, answer, results[item["id"]]) for item, answer, _ in given]
    print_table(("      question", "answer", "result", "points"), rows)
    kept = expect(client.get(path), 200)
    hold((kept["score"], kept["results"]) == (graded["score"], graded["results"]), "what was graded is what is kept")
    again = client.post(f"{path}/submit", json={"answers": answers})
    hold(again.status_code == 409, f"an attempt is graded once; a second submit is 409, not {again.status_code}")
    code = again.json()["error"]["code"]
    say(f"   POST …/submit             409  {code}: an attempt is graded once")


def _answers_of_each_sort(items: list[Json]) -> list[tuple[Json, Json, str]]:
    """Each question with an answer and what that should earn: right once, right in part once, else wrong."""
    parts = {item["id"]: tour_answers.partly_right(item) for item in items}
    in_part = next(item_id for item_id, answer in parts.items() if answer is not None)
    in_whole = next(item["id"] for item in items if item["id"] != in_part)
    given = []
    for item in items:
        partly = parts[item["id"]]
        if partly is not None and item["id"] == in_part:
            given.append((item, partly, "partial"))
        elif item["id"] == in_whole:
            given.append((item, tour_answers.right(item), "right"))
        else:
            given.append((item, tour_answers.wrong(item), "wrong"))
    return given


def _row(item: Json, answer: Json, result: Json) -> tuple[str, str, str, str]:
    words = tour_answers.in_words(item, answer)
    parts = [part["state"] for part in result.get("parts") or []]
    state = f"{result['state']} ({', '.join(parts)})" if len(parts) > 1 else result["state"]
    return f"      {item['type']}", _cut(words, 40), state, f"{result['score']} of {result['max_score']}"


def _cut(text: str, longest: int = _WIDE) -> str:
    line = " ".join(text.split())
    return line if len(line) <= longest else f"{line[: longest - 1]}…"
