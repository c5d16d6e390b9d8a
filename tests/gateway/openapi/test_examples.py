"""Examples in the document: each is what its schema says, and what the gateway could have taken or answered."""

import json
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

# No dependency of ours by name: schemathesis, which the fuzzing stands on, checks what it gets with it.
import jsonschema_rs
import msgspec
import pytest

from gateway.app import openapi_document
from gateway.features.trials import service as trials
from gateway.features.trials.schemas import Trial
from gateway.openapi.examples import Examples
from gateway.openapi.written import BY_KIND, BY_ROUTE

DOCUMENT = "urn:document"
RECORDS = Path(__file__).resolve().parents[3] / "docs" / "records.md"


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    document: dict[str, Any] = json.loads(msgspec.json.encode(openapi_document()))
    return document


def resolved(document: dict[str, Any], value: dict[str, Any]) -> dict[str, Any]:
    """What is referred to, or what stands here itself."""
    if "$ref" not in value:
        return value
    _, _, kind, name = value["$ref"].split("/", 3)
    found: dict[str, Any] = document["components"][kind][name]
    return found


def shown(document: dict[str, Any], value: dict[str, Any]) -> Iterator[Any]:
    """The examples of a parameter, a header or a body's form."""
    if "example" in value:
        yield value["example"]
    for example in value.get("examples", {}).values():
        yield resolved(document, example)["value"]


def examples(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any], Any]]:
    """Where an example stands, its schema, and the example."""
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            place = f"{method.upper()} {path}"
            told = [(f"{place} ?{each['name']}", each) for each in operation["parameters"]]
            told += [(f"{place} body", form) for form in operation.get("requestBody", {}).get("content", {}).values()]
            for status, answer in operation["responses"].items():
                response = resolved(document, answer)
                told += [(f"{place} {status}", form) for form in response.get("content", {}).values()]
                told += [
                    (f"{place} {status} {name}", resolved(document, header))
                    for name, header in response["headers"].items()
                ]
            for where, one in told:
                for example in shown(document, one):
                    yield where, one["schema"], example


def test_every_example_fits_its_own_schema(document: dict[str, Any]) -> None:
    """Bodies, answers, refusals, parameters and headers, their formats too."""
    validators: dict[str, Any] = {}
    wrong: set[str] = set()
    count = 0
    components = jsonschema_rs.Registry([(DOCUMENT, {"components": document["components"]})])
    for where, schema, example in examples(document):
        written = json.dumps(schema).replace('"#/components/', f'"{DOCUMENT}#/components/')
        if written not in validators:
            validators[written] = jsonschema_rs.Draft202012Validator(
                json.loads(written), registry=components, validate_formats=True
            )
        wrong |= {f"{where}: {error.message}" for error in validators[written].iter_errors(example)}
        count += 1
    assert wrong == set()
    assert count > 1000


def test_every_example_that_was_written_is_shown(document: dict[str, Any]) -> None:
    """None is of a kind or a route that is no more, and none has a field that is none."""
    schemas = document["components"]["schemas"]
    for kind, example in BY_KIND.items():
        assert example.keys() <= schemas[kind]["properties"].keys(), kind
    for (route, status), example in BY_ROUTE.items():
        method, path = route.split()
        assert document["paths"][path][method.lower()]["responses"][str(status)]["content"]["application/json"][
            "example"
        ] == json.loads(json.dumps(example)), route


@pytest.mark.parametrize(
    ("route", "status", "state"),
    [
        ("POST /v1/courses", 201, "awaiting_launch"),
        ("POST /v1/courses/{course_id}/launch", 202, "generating"),
        ("POST /v1/courses/{course_id}/cancel", 200, "canceled"),
        ("POST /v1/assessments", 201, "draft"),
        ("POST /v1/assessments/{assessment_id}/publish", 200, "published"),
        ("POST /v1/assessments/{assessment_id}/archive", 200, "archived"),
        ("POST /v1/assessments/{assessment_id}/regrade", 202, "queued"),
        ("POST /v1/assessments/{assessment_id}/submissions", 201, "in_progress"),
        ("PUT /v1/submissions/{submission_id}/answers", 200, "in_progress"),
        ("POST /v1/submissions/{submission_id}/submit", 200, "graded"),
        ("POST /v1/sessions/{session_id}/end", 200, "ended"),
        ("POST /v1/deliveries/{delivery_id}/redeliver", 202, "pending"),
        ("POST /v1/provisioning/centers/{center_id}/suspend", 200, "suspended"),
        ("POST /v1/provisioning/centers/{center_id}/end", 200, "ended"),
        ("POST /v1/members", 201, "invited"),
    ],
)
def test_a_route_that_leads_to_a_state_shows_it(document: dict[str, Any], route: str, status: int, state: str) -> None:
    """Who learns from the example what to wait for learns the truth."""
    method, path = route.split()
    answer = document["paths"][path][method.lower()]["responses"][str(status)]["content"]["application/json"]
    assert answer["example"]["status"] == state


def test_a_course_and_its_generation_agree() -> None:
    """Launched: all units held, nothing made. Ready: all settled, all made. Canceled: all given back."""
    launched = BY_ROUTE["POST /v1/courses/{course_id}/launch", 202]
    canceled = BY_ROUTE["POST /v1/courses/{course_id}/cancel", 200]
    for course, where in ((launched, "held"), (BY_KIND["Course"], "settled"), (canceled, "released")):
        generation, modules = course["generation"], course["brief"]["modules"]
        units = {name: generation[f"units_{name}"] for name in ("held", "settled", "released")}
        assert units == {"held": 0, "settled": 0, "released": 0} | {where: modules}
        progress = generation["progress"]
        assert progress["modules_total"] == modules
        assert progress["percent"] == progress["modules_done"] * 100 // modules
        assert generation["failure"] is None
        assert generation["finished_at"] == course["finished_at"]


def test_usage_adds_up() -> None:
    """What is settled, held and left is the limit; the percentage is that of settled and held, rounded down."""
    for meter in BY_KIND["Usage"]["meters"].values():
        assert meter["settled"] + meter["held"] + meter["remaining"] == meter["limit"]
        assert meter["percent"] == (meter["settled"] + meter["held"]) * 100 // meter["limit"]


async def test_the_grade_is_what_the_answers_earn() -> None:
    """The graded attempt's points, percentage and parts are the engine's own for these items and answers."""
    given = BY_KIND["Trial"]
    trial = Trial(
        items=msgspec.convert({**given, "answers": msgspec.Raw(b"[]")}, Trial).items,
        answers=msgspec.Raw(json.dumps(given["answers"]).encode()),
    )
    graded = json.loads(msgspec.json.encode(await trials.grade(trial)))
    assert graded == BY_KIND["Grading"]
    attempt = BY_KIND["SubmissionInFull"]
    assert attempt["answers"] == given["answers"]
    assert attempt["results"] == graded["results"]
    assert {name: attempt[name] for name in ("score", "max_score", "percent")} == {
        name: graded[name] for name in ("score", "max_score", "percent")
    }


def test_the_record_is_the_one_that_is_explained() -> None:
    """Its hash and its commitment can be reckoned from it, as docs/records.md says how."""
    record = BY_KIND["WholeDpu"]
    assert record["record"] in RECORDS.read_text(encoding="utf-8")
    assert sha256(record["record"].encode()).hexdigest() == record["hash"]
    body = msgspec.json.encode(record["inputs"])
    assert sha256(bytes.fromhex(record["salt"]) + body).hexdigest() == record["commitment"]
    sealed = json.loads(record["record"])
    for name in ("id", "seq", "type", "subject", "actor", "critical", "policy", "outcome", "prev_hash"):
        assert record[name] == sealed[name], name


EVENT = {"type": "object", "properties": {"id": {"type": "string"}}, "required": ["id"]}


@pytest.mark.parametrize(
    ("name", "schema", "example"),
    [
        ("events", {"type": "array", "items": {"type": "string"}}, ["course.ready", "course.failed"]),
        ("events", {"type": "array", "items": EVENT}, [{"id": "a"}]),
        ("events", {"type": "array", "items": {"$ref": "#/components/schemas/Event"}}, [{"id": "written"}]),
        ("new", {"type": "string", "minLength": 12}, "staple under the lamp"),
        ("unheard_of", {"type": "string", "minLength": 12}, "textxxxxxxxx"),
        ("title", {"type": "string", "examples": ["Declared"]}, "Declared"),
        ("title", {"anyOf": [{"type": "string", "examples": ["Declared"]}, {"type": "null"}]}, "Declared"),
        ("failure", {"anyOf": [EVENT, {"type": "null"}]}, None),
        ("failure", EVENT, {"id": "a"}),
        ("status", {"enum": ["archived", "draft", "published"]}, "published"),
        ("status", {"type": "integer", "minimum": 200}, 200),
    ],
)
def test_words_for_a_name_count_only_where_they_fit(name: str, schema: dict[str, Any], example: Any) -> None:
    """What was declared or written wins; a name's words are no example of what the schema refuses."""
    assert Examples({"Event": EVENT}, {"Event": {"id": "written"}}).of(schema, name) == example
