"""Writes REFERENCE.md from the command line's parser and the classes of the YAML files: `make reference`."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from autograder.cli import _parser
from autograder.course_file import CourseFile
from autograder.judge.mutants import MutantEntry
from autograder.marking.rubric import Rubric
from autograder.submissions.explanation import IdeaEntry

PATH = Path(__file__).resolve().parents[2] / "REFERENCE.md"
HEAD = """\
# Reference

Written by `make reference` from the parser and from the classes that read the YAML files; a test fails where it is
stale, or where a command, an option or a key has no text. In a folder that students get, `python3 start.py` stands for
`autograder`.

Exit codes: 0 done; 1 something failed, is unproven or could not be graded; 2 a usage or course error.
"""
#: A file, the class of its entries, and how they stand in it.
FILES = {
    "course.yml": (CourseFile, "The course as data: assignments, exercises, due dates, limits, late policy."),
    "mutants.yml": (MutantEntry, "A list of an exercise's known-wrong solutions."),
    "ideas.yml": (IdeaEntry, "A list of what a good written answer may say; only for exercises with `by_hand`."),
    "rubric.yml": (Rubric, "What a person gives points for in it, with anchor answers; without it, one item."),
}


def commands(parser: argparse.ArgumentParser) -> dict[str, tuple[str, argparse.ArgumentParser]]:
    """Each command with its text and its parser; the program's own options under no name."""
    chosen = next(action for action in parser._actions if isinstance(action, argparse._SubParsersAction))
    texts = {choice.dest: choice.help or "" for choice in chosen._choices_actions}
    return {"": (parser.description or "", parser), **{n: (texts.get(n, ""), p) for n, p in chosen.choices.items()}}


def arguments(parser: argparse.ArgumentParser) -> Iterator[tuple[str, str]]:
    """What may be given, as it is written, and its text."""
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction | argparse._HelpAction):
            continue
        value = action.metavar or action.dest.upper()
        if not action.option_strings:
            yield (f"[{value}]" if action.nargs == "?" else str(value)), action.help or ""
        else:
            takes = "" if action.nargs == 0 else f" {value}"
            yield f"{', '.join(action.option_strings)}{takes}{' (required)' * action.required}", action.help or ""


def keys(schema: dict[str, Any], definitions: dict[str, Any], place: str = "") -> Iterator[tuple[str, str, str, str]]:
    """Each key below a schema: its place, what is allowed, the default, and its text."""
    for name, field in schema.get("properties", {}).items():
        here = f"{place}{name}"
        chosen = next((e for e in field.get("anyOf", ()) if e.get("type") != "null"), {})
        inner = {**field, **chosen}
        many = inner.get("type") == "array"
        items = inner["items"] if many else inner
        below = definitions.get(items.get("$ref", "").rpartition("/")[2], {})
        required = name in schema.get("required", ())
        given = field.get("default")
        default = "required" if required else "" if given is None or below or many else f"`{given}`"
        kind = below or items
        yield here, f"{'list of ' * many}{allowed(kind)}", default, field.get("description", "")
        yield from keys(below, definitions, f"{here}[]." if many else f"{here}.")


def allowed(schema: dict[str, Any]) -> str:
    """What a value may be, in words."""
    if "enum" in schema:
        return " or ".join(f"`{value}`" for value in schema["enum"])
    if "properties" in schema:
        return "mapping"
    kind = {"string": "text", "integer": "whole number", "number": "number"}.get(schema.get("type", ""), "text")
    kind = {"date-time": "date and time", "regex": "pattern"}.get(schema.get("format", ""), kind)
    words = {"minimum": "≥", "exclusiveMinimum": ">", "maximum": "≤", "exclusiveMaximum": "<"}
    bounds = [f"{sign} {schema[word]:g}" for word, sign in words.items() if word in schema]
    return ", ".join([kind, *bounds])


def entries(kind: type[Any]) -> Iterator[tuple[str, str, str, str]]:
    schema = TypeAdapter(kind).json_schema()
    return keys(schema, schema.get("$defs", {}))


def table(*rows: tuple[str, ...]) -> str:
    """A table of Markdown; the first row is its head."""
    lines = [f"| {' | '.join(cell.replace('|', '∣') for cell in row)} |" for row in rows]
    return "\n".join([lines[0], f"|{'---|' * len(rows[0])}", *lines[1:]]) + "\n"


def text() -> str:
    parts = [HEAD, "## Commands\n"]
    for name, (told, parser) in commands(_parser()).items():
        found = list(arguments(parser))
        parts.append(f"### `autograder{' ' * bool(name)}{name}`\n\n{told[:1].upper()}{told[1:].rstrip('.')}.\n")
        if found:
            parts.append(table(("argument", "meaning"), *((f"`{written}`", said) for written, said in found)))
    for file, (kind, told) in FILES.items():
        rows = [(f"`{place}`", what, default, said) for place, what, default, said in entries(kind)]
        parts.append(f"## {file}\n\n{told}\n")
        parts.append(table(("key", "allowed", "default", "meaning"), *rows))
    return "\n".join(parts)


if __name__ == "__main__":
    PATH.write_text(text(), encoding="utf-8")
