"""Answers of the tour's learner, made from items with their keys, which only an author ever sees.

Kinds are those that generated quizzes have.
"""

from typing import Any, Final, TypeAlias

Item: TypeAlias = dict[str, Any]
Answer: TypeAlias = dict[str, Any]

_NOT_A_TEXT: Final = 7


def right(item: Item) -> Answer:
    """Return the key as an answer."""
    key = item["key"]
    match item["type"]:
        case "single_choice":
            answer: Answer = {"choice": key["correct"]}
        case "multiple_choice":
            answer = {"choices": key["correct"]}
        case "true_false":
            answer = {"value": key["value"]}
        case "short_text":
            answer = {"text": key["answers"][0]["text"]}
        case "numeric":
            answer = {"value": key["answers"][0]["value"]}
        case "gap_text":
            answer = {"gaps": [{"gap": gap, "text": texts[0]["text"]} for gap, texts in key["gaps"].items()]}
        case "gap_select":
            answer = {"gaps": [{"gap": gap, "option": option} for gap, option in key["gaps"].items()]}
        case "matching":
            answer = {"pairs": [{"stem": stem, "choice": choice} for stem, choice in key["pairs"].items()]}
        case "ordering":
            answer = {"order": key["order"]}
        case other:
            raise ValueError(f"no generated quiz has the type {other!r}")
    return {"type": item["type"]} | answer


def partly_right(item: Item) -> Answer | None:
    """Return an answer of which a part is right; None for a kind that is right or wrong as a whole."""
    answer = right(item)
    match item["type"]:
        case "multiple_choice" if len(answer["choices"]) > 1:
            return answer | {"choices": answer["choices"][:-1]}
        case "matching" if len(answer["pairs"]) > 1:
            return answer | {"pairs": answer["pairs"][:-1]}
        case "ordering" if len(answer["order"]) > 2:
            return answer | {"order": [*answer["order"][1:], answer["order"][0]]}
        case _:
            return None


def wrong(item: Item) -> Answer:
    """Return an answer of the right shape that earns nothing."""
    content, answer = item["content"], right(item)
    match item["type"]:
        case "single_choice":
            return answer | {"choice": _other(content["choices"], answer["choice"])}
        case "multiple_choice":
            return answer | {"choices": [_other(content["choices"], *answer["choices"])]}
        case "true_false":
            return answer | {"value": not answer["value"]}
        case "short_text":
            return answer | {"text": "I do not know"}
        case "numeric":
            return answer | {"value": "-1"}
        case "gap_text":
            return answer | {"gaps": [gap | {"text": "I do not know"} for gap in answer["gaps"]]}
        case "gap_select":
            options = {gap["id"]: gap["options"] for gap in content["gaps"]}
            return answer | {
                "gaps": [gap | {"option": _other(options[gap["gap"]], gap["option"])} for gap in answer["gaps"]]
            }
        case "matching":
            choices = [pair["choice"] for pair in answer["pairs"]]
            moved = zip(answer["pairs"], [*choices[1:], choices[0]], strict=True)
            return answer | {"pairs": [pair | {"choice": choice} for pair, choice in moved]}
        case _:
            return answer | {"order": answer["order"][::-1]}


def malformed(item: Item) -> Answer:
    """Return an answer that no key is needed to refuse: a wrong shape, an id that is not there, no number."""
    match item["type"]:
        case "single_choice":
            answer: Answer = {"choice": "nowhere"}
        case "multiple_choice":
            answer = {"choices": ["nowhere", item["content"]["choices"][0]["id"], item["content"]["choices"][0]["id"]]}
        case "true_false":
            answer = {"value": "yes"}
        case "short_text":
            answer = {"text": _NOT_A_TEXT}
        case "numeric":
            answer = {"value": "about ten"}
        case "gap_text":
            answer = {"gaps": [{"gap": "nowhere", "text": _NOT_A_TEXT}]}
        case "gap_select":
            answer = {"gaps": [{"gap": "nowhere", "option": "nowhere"}]}
        case "matching":
            answer = {"pairs": [{"stem": item["content"]["stems"][0]["id"], "choice": "nowhere"}, {"stem": "nowhere"}]}
        case _:
            answer = {"order": ["nowhere"]}
    return {"type": item["type"]} | answer


def in_words(item: Item, answer: Answer) -> str:
    """Return the answer as a learner sees it on the page."""
    content = item["content"]
    named = content.get("choices", []) + content.get("stems", []) + content.get("items", [])
    named += [option for gap in content.get("gaps", []) for option in gap.get("options", [])]
    text = {entry["id"]: entry["text"] for entry in named}
    match item["type"]:
        case "true_false":
            return "true" if answer["value"] else "false"
        case "matching":
            return "; ".join(f"{text[pair['stem']]} - {text[pair['choice']]}" for pair in answer["pairs"])
        case "gap_text":
            return ", ".join(gap["text"] for gap in answer["gaps"])
        case "gap_select":
            return ", ".join(text[gap["option"]] for gap in answer["gaps"])
        case "multiple_choice":
            return "; ".join(text[choice] for choice in answer["choices"])
        case "ordering":
            return "; ".join(text[entry] for entry in answer["order"])
        case "single_choice":
            return str(text[answer["choice"]])
        case _:
            return str(answer.get("text", answer.get("value")))


def _other(entries: list[dict[str, Any]], *ids: str) -> str:
    """Return the id of an entry that is none of these."""
    return next(str(entry["id"]) for entry in entries if entry["id"] not in ids)
