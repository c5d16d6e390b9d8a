"""What the document says of its fields: everything, once, and nothing of what is not there."""

from collections.abc import Iterator
from typing import Any

import pytest

from gateway.app import openapi_document
from gateway.openapi.fields import TEXTS, describe, text_name
from gateway.openapi.fields.catalogue import everywhere, of, together

Json = dict[str, Any]


@pytest.fixture(scope="module")
def document() -> Json:
    return openapi_document()


def fields(document: Json) -> Iterator[tuple[str, str, Json]]:
    """Every field of every object, wherever it stands: object, name, schema."""
    for name, component in document["components"]["schemas"].items():
        for field, schema in component.get("properties", {}).items():
            yield name, field, schema


def test_every_field_of_the_document_says_what_it_is(document: Json) -> None:
    """Who builds a frontend learns from the document alone what `settled`, `held` or `feedback_at` mean."""
    assert [f"{name}.{field}" for name, field, schema in fields(document) if not schema.get("description")] == []


def test_every_parameter_of_a_query_says_what_it_does(document: Json) -> None:
    """A filter, too, has a sentence."""
    for path, methods in document["paths"].items():
        for operation in methods.values():
            silent = [
                each["name"] for each in operation["parameters"] if each["in"] == "query" and not each["description"]
            ]
            assert silent == [], path


def test_every_text_is_about_a_field_that_is_there(document: Json) -> None:
    """What is renamed or taken away leaves no text behind."""
    assert TEXTS.keys() - {text_name(name, field) for name, field, _ in fields(document)} == set()


def test_a_field_that_may_be_null_says_what_null_means(document: Json) -> None:
    """In answers: null is a fact like any other. What is sent says what happens without it by its default."""
    silent = [
        f"{name}.{field}"
        for name, field, schema in fields(document)
        if field in document["components"]["schemas"][name].get("required", ())
        and any(choice.get("type") == "null" for choice in schema.get("anyOf", ()))
        and "null" not in schema["description"].lower()
    ]
    assert silent == []


def test_texts_are_whole_sentences() -> None:
    """They begin with a capital or a word of the format, and end."""
    for name, text in TEXTS.items():
        assert text[0].isupper() or text[0] in "`1", name
        assert text.endswith((".", ")", "…")), name
        assert "  " not in text, name


def test_an_object_s_own_text_goes_before_the_one_that_all_share() -> None:
    """The `id` of an item is its author's, every other one the gateway's."""
    component: Json = {
        "properties": {"id": {"type": "string"}, "stem": {"type": "string", "description": "As it was."}}
    }
    describe("Numeric", component)
    assert component["properties"]["id"]["description"] == TEXTS["Numeric.id"] != TEXTS["id"]
    assert component["properties"]["stem"]["description"] == "As it was."


def test_no_field_is_told_twice() -> None:
    """Two topics that tell one field would differ some day."""
    with pytest.raises(ValueError, match=r"Course\.title"):
        together(everywhere(id="Who."), of("Course Preset", title="What."), of("Course", title="What else."))
