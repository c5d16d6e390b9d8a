"""All structural errors of a decoded JSON value against a msgspec type: the decoder itself names only the first.

The walk judges as the decoder does in strict mode: an int is no bool, a whole float is no int, an int is a float.
Messages never repeat a value, only names of fields.
"""

import re
from collections.abc import Iterator
from functools import cache
from itertools import islice
from typing import Any, Final

import msgspec
from msgspec import inspect

from grading.faults import ERRORS_MAX, FormatError, joined, shown


def errors_of(value: Any, wanted: Any, first: msgspec.ValidationError) -> tuple[FormatError, ...]:
    """Return everything that is wrong with `value` as a `wanted`, in its order, up to `ERRORS_MAX` errors.

    `first` is what the decoder said. Should the walk find nothing where the decoder refused, the decoder's own word is passed on.
    """
    return tuple(islice(_walk(value, _info(wanted), ""), ERRORS_MAX)) or (as_told(first),)


@cache
def _info(wanted: Any) -> inspect.Type:
    return inspect.type_info(wanted)


def _walk(value: Any, wanted: inspect.Type, path: str) -> Iterator[FormatError]:
    match wanted:
        case inspect.UnionType():
            yield from _union(value, wanted, path)
        case inspect.StructType():
            yield from _struct(value, wanted, path)
        case inspect.VarTupleType() | inspect.ListType():
            yield from _list(value, wanted, path)
        case inspect.StrType():
            yield from _text(value, wanted, path)
        case inspect.IntType() | inspect.FloatType():
            yield from _number(value, wanted, path)
        case _:
            yield from _plain(value, wanted, path)


def _plain(value: Any, wanted: inspect.Type, path: str) -> Iterator[FormatError]:
    match wanted:
        case inspect.BoolType():
            if not isinstance(value, bool):
                yield _mismatch(value, bool, path)
        case inspect.NoneType():
            if value is not None:
                yield _mismatch(value, type(None), path)
        case inspect.LiteralType(values=values):
            if not any(type(value) is type(each) and value == each for each in values):
                allowed = tuple(str(each) for each in values)
                yield FormatError("type_mismatch", path, "this is none of the allowed values", allowed=allowed)
        case _:
            raise TypeError(f"no answer has a field of this type yet: {wanted}")


def _union(value: Any, wanted: inspect.UnionType, path: str) -> Iterator[FormatError]:
    """An object is judged as the struct that its tag names, anything else by the first member that takes such values."""
    structs = {each.tag: each for each in wanted.types if isinstance(each, inspect.StructType)}
    if structs and isinstance(value, dict):
        yield from _tagged(value, structs, path)
        return
    attempts = [list(_walk(value, each, path)) for each in wanted.types if not isinstance(each, inspect.StructType)]
    if structs:
        attempts.append([_mismatch(value, dict, path)])
    if all(attempts):
        yield from min(attempts, key=lambda errors: errors[0].code == "type_mismatch")


def _tagged(value: dict[Any, Any], structs: dict[Any, inspect.StructType], path: str) -> Iterator[FormatError]:
    field = next(iter(structs.values())).tag_field or "type"
    at = joined(path, field)
    tag = value.get(field)
    if field not in value:
        yield FormatError("missing_field", at, f"the field {field} is missing")
    elif not isinstance(tag, str):
        yield _mismatch(tag, str, at)
    elif tag not in structs:
        yield FormatError("type_mismatch", at, "there is no such type", allowed=tuple(sorted(structs)))
    else:
        yield from _struct(value, structs[tag], path)


def _struct(value: Any, wanted: inspect.StructType, path: str) -> Iterator[FormatError]:
    if not isinstance(value, dict):
        yield _mismatch(value, dict, path)
        return
    for field in wanted.fields:
        at = joined(path, field.encode_name)
        if field.encode_name in value:
            yield from _walk(value[field.encode_name], field.type, at)
        elif field.required:
            yield FormatError("missing_field", at, f"the field {field.encode_name} is missing")
    if wanted.tag_field is not None and value.get(wanted.tag_field, wanted.tag) != wanted.tag:
        yield FormatError("type_mismatch", joined(path, wanted.tag_field), "another type is needed here")
    if wanted.forbid_unknown_fields:
        known = (*filter(None, [wanted.tag_field]), *(field.encode_name for field in wanted.fields))
        for unknown in (shown(name) for name in value if name not in known):
            yield FormatError("unknown_field", joined(path, unknown), f"there is no field {unknown!r}", allowed=known)


def _list(value: Any, wanted: inspect.VarTupleType | inspect.ListType, path: str) -> Iterator[FormatError]:
    if not isinstance(value, list):
        yield _mismatch(value, list, path)
        return
    most, fewest = wanted.max_length, wanted.min_length
    if most is not None and len(value) > most:
        yield FormatError("too_many", path, f"at most {most} entries", limit=most)
        value = value[:most]
    if fewest is not None and len(value) < fewest:
        yield FormatError("too_few", path, f"at least {fewest} entries", limit=fewest)
    for index, entry in enumerate(value):
        yield from _walk(entry, wanted.item_type, f"{path}[{index}]")


def _text(value: Any, wanted: inspect.StrType, path: str) -> Iterator[FormatError]:
    if not isinstance(value, str):
        yield _mismatch(value, str, path)
    elif wanted.max_length is not None and len(value) > wanted.max_length:
        yield FormatError("too_long", path, f"at most {wanted.max_length} characters", limit=wanted.max_length)
    elif wanted.min_length is not None and len(value) < wanted.min_length:
        yield FormatError("answer_required", path, "nothing is answered")
    elif wanted.pattern is not None and not re.search(wanted.pattern, value):
        yield FormatError("unknown_id", path, f"{shown(value)!r} can't be an id")


def _number(value: Any, wanted: inspect.IntType | inspect.FloatType, path: str) -> Iterator[FormatError]:
    whole = isinstance(wanted, inspect.IntType)
    if isinstance(value, bool) or not isinstance(value, int if whole else int | float):
        yield _mismatch(value, int if whole else float, path)
    elif (wanted.ge is not None and value < wanted.ge) or (wanted.gt is not None and value <= wanted.gt):
        limit = wanted.ge if wanted.ge is not None else wanted.gt
        yield FormatError("out_of_range", path, f"the number is too small: the limit is {limit}", limit=str(limit))
    elif (wanted.le is not None and value > wanted.le) or (wanted.lt is not None and value >= wanted.lt):
        limit = wanted.le if wanted.le is not None else wanted.lt
        yield FormatError("out_of_range", path, f"the number is too great: the limit is {limit}", limit=str(limit))


_NAMES: Final = {
    dict: "an object",
    list: "an array",
    str: "a string",
    bool: "a boolean",
    int: "an integer",
    float: "a number",
    type(None): "null",
}
"""JSON's names, which every client knows, for Python's types."""


def _mismatch(value: Any, wanted: type, path: str) -> FormatError:
    given = "a decimal number" if isinstance(value, float) else _NAMES[type(value)]
    return FormatError("type_mismatch", path, f"{_NAMES[wanted]} is needed, not {given}")


def as_told(error: msgspec.ValidationError) -> FormatError:
    """The decoder's own first error, as well as its wording tells: `test_shapes.py` pins that wording."""
    head, _, at = str(error).partition(" - at `$")
    path = at.rstrip("`").removeprefix(".")
    named = re.search(r"field `([^`]*)`", head)
    if head.startswith("Object missing required field") and named:
        return FormatError("missing_field", joined(path, named[1]), f"the field {named[1]} is missing")
    if head.startswith("Object contains unknown field") and named:
        field = shown(named[1])
        return FormatError("unknown_field", joined(path, field), f"there is no field {field!r}")
    if head.startswith("Number out of range"):
        return FormatError("out_of_range", path, "the number is too great")
    return FormatError("type_mismatch", path, "the value has the wrong shape")
