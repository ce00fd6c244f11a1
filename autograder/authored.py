"""The YAML files that authors write, as values. Each problem is a line: file:line: place: found, allowed.

What holds for an entry stands in its class: a wrong type, a wrong value and an unknown key are told alike in all files.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, TypeVar
from zoneinfo import ZoneInfo

import yaml
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, TypeAdapter, ValidationError

from autograder.errors import CourseError

T = TypeVar("T")
Place = tuple[str | int, ...]

#: "5" and `yes` are no numbers, and neither are .inf and .nan.
Number = Annotated[float, Field(strict=True, allow_inf_nan=False)]
Whole = Annotated[int, Field(strict=True)]
Text = Annotated[str, Field(min_length=1)]


def _no_number(value: object) -> object:
    if not isinstance(value, str | datetime):  # pydantic takes 20270115 for seconds since 1970
        raise ValueError("a date and time with a time zone, as in 2027-01-15T23:59:00+00:00")
    return value


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (LookupError, ValueError, OSError):
        raise ValueError("a zone of the IANA's list, as in America/New_York") from None
    return name


When = BeforeValidator(_no_number)
Zone = Annotated[str, AfterValidator(_zone)]


class Entry(BaseModel):
    """A mapping in such a file."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def read_text(path: Path) -> str:
    """A file of the author's. Raises CourseError."""
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise CourseError(f"{path}: no such file") from None
    except (OSError, UnicodeDecodeError) as problem:
        raise CourseError(f"{path}: cannot be read as UTF-8 text: {problem}") from None


def read_entries(path: Path, kind: type[T], further: Callable[[T], Iterable[tuple[Place, str]]] = lambda _: ()) -> T:
    """A YAML file as `kind`. `further` tells places and problems that no single entry can.

    Raises CourseError with every problem as a line: file:line: place: found, allowed.
    """
    text = read_text(path)
    try:
        loader = yaml.SafeLoader(text)
        node = loader.get_single_node()
        data = loader.construct_document(node) if node is not None else None
        problems = list(_duplicate_keys(node, "")) if node is not None else []
    except RecursionError:
        raise CourseError(f"{path}: an entry that holds itself, or nested too deep") from None
    except (yaml.YAMLError, ValueError) as problem:
        where = getattr(problem, "problem_mark", None)
        line = f":{where.line + 1}" if where else ""
        what = getattr(problem, "problem", None) or str(problem)
        raise CourseError(f"{path}{line}: not valid YAML: {what}") from None
    entries: T | None = None
    try:
        entries = TypeAdapter(kind).validate_python(data)
    except ValidationError as invalid:
        problems += [(_line(node, e["loc"]), _place(e["loc"]), _describe(dict(e))) for e in _own_errors(invalid)]
    if entries is not None:
        problems += [(_line(node, loc), _place(loc), told) for loc, told in further(entries)]
    if problems or entries is None:
        raise CourseError("\n".join(f"{path}:{line}: {place}: {told}" for line, place, told in sorted(problems)))
    return entries


def _own_errors(invalid: ValidationError) -> list[Any]:
    """pydantic's errors, less those of a list that is “too short” only because its entries are wrong."""
    return [error for error in invalid.errors() if not (error["type"] == "too_short" and error["input"])]


def _describe(error: dict[str, Any]) -> str:
    given = error["input"]
    shown = repr(given) if isinstance(given, str | int | float | bool | None) else type(given).__name__
    allowed = error["msg"].removeprefix("Value error, ")
    if error["type"] == "missing":
        return f"found nothing, allowed: the key {error['loc'][-1]!r} is required"
    if error["type"] == "extra_forbidden":
        return f"found the unknown key {error['loc'][-1]!r}, allowed: the keys that REFERENCE.md lists"
    return f"found {shown}, allowed: {allowed[0].lower()}{allowed[1:]}"


def _place(loc: Place) -> str:
    place = ""
    for part in loc:
        place += f"[{part}]" if isinstance(part, int) else f".{part}"
    return place.lstrip(".") or "the file"


def _line(node: yaml.Node | None, loc: Place) -> int:
    """The line of the deepest node on the way to `loc`, from 1."""
    line = 1
    for part in loc:
        if node is None:
            break
        below: yaml.Node | None = None
        if isinstance(node, yaml.MappingNode):
            for key, value in node.value:
                if key.value == part:
                    line, below = key.start_mark.line + 1, value
        elif isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
            below = node.value[part]
            line = below.start_mark.line + 1
        node = below
    return line


def _duplicate_keys(node: yaml.Node, place: str) -> Iterator[tuple[int, str, str]]:
    if isinstance(node, yaml.MappingNode):
        seen: set[str] = set()
        for key, value in node.value:
            name = str(key.value)
            if name in seen:
                yield (
                    key.start_mark.line + 1,
                    f"{place}.{name}".lstrip("."),
                    "found the key twice, allowed: once",
                )
            seen.add(name)
            yield from _duplicate_keys(value, f"{place}.{name}")
    elif isinstance(node, yaml.SequenceNode):
        for i, value in enumerate(node.value):
            yield from _duplicate_keys(value, f"{place}[{i}]")
