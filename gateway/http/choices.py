"""What a field may be, where it may be one of a few: found in the type, by the path that msgspec names."""

import re
from typing import Any, Final

from msgspec import inspect

_STEP: Final = re.compile(r"\.?([^.\[]+)|\[([^\]]*)\]")


def allowed(kind: Any, path: str) -> str | None:
    """``allowed(NewCourse, "brief.artifacts[1]") == "one of: narration, notes, quiz, slides"``; None where all may be."""
    values = sorted({str(value) for one in _at(kind, path) for value in _values(one)})
    return f"one of: {', '.join(values)}" if values else None


def fields_at(kind: Any, path: str) -> list[str]:
    """The names that the object at `path` of `kind` may hold, as they are declared; [] where that depends on what it is."""
    structs = [one for one in _at(kind, path) if isinstance(one, inspect.StructType)]
    if len(structs) != 1:
        return []
    tag_field = structs[0].tag_field
    return [*filter(None, [tag_field]), *(field.encode_name for field in structs[0].fields)]


def _at(kind: Any, path: str) -> list[inspect.Type]:
    """What stands at `path` of `kind`; [] where that can't be told."""
    found = [inspect.type_info(kind)]
    for name, _ in _STEP.findall(path):
        if name and _of_several_kinds(found, name):
            return []
        found = [inner for one in found for inner in _into(one, name)]
    return _flat(found)


def _of_several_kinds(found: list[inspect.Type], name: str) -> bool:
    """Whether `name` is a field of kinds that only their tag tells apart: the path does not say which one was given."""
    tagged = [one for one in _flat(found) if isinstance(one, inspect.StructType) and one.tag_field is not None]
    return len(tagged) > 1 and name != tagged[0].tag_field


def _flat(kinds: list[inspect.Type]) -> list[inspect.Type]:
    """The kinds with unions and added bounds taken apart."""
    flat: list[inspect.Type] = []
    for kind in kinds:
        match kind:
            case inspect.UnionType(types=types):
                flat += _flat(list(types))
            case inspect.Metadata(type=inner):
                flat += _flat([inner])
            case _:
                flat.append(kind)
    return flat


def _into(kind: inspect.Type, name: str) -> list[inspect.Type]:
    """One step down the path: a field by its name, an item by its place."""
    inner: list[inspect.Type] = []
    for one in _flat([kind]):
        match one:
            case inspect.StructType(tag=tag, tag_field=name_of_tag) if name and name == name_of_tag:
                inner.append(inspect.LiteralType((tag,)))
            case inspect.StructType(fields=fields) if name:
                inner += [field.type for field in fields if field.encode_name == name]
            case inspect.ListType(item_type=item) if not name:
                inner.append(item)
            case inspect.VarTupleType(item_type=item) if not name:
                inner.append(item)
            case inspect.DictType(value_type=item) if not name:
                inner.append(item)
    return inner


def _values(kind: inspect.Type) -> list[Any]:
    match kind:
        case inspect.LiteralType(values=values):
            return list(values)
        case inspect.EnumType(cls=cls):
            return [member.value for member in cls]
        case inspect.StructType(tag=tag) if tag is not None:
            return [tag]
        case _:
            return []
