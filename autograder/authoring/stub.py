"""Stubs from reference solutions: what stands between the solution markers gives way to a raise.

A region may say what the stub holds instead, in lines that start with `### STUB: ` (for constants and the like).
"""

from __future__ import annotations

import ast
import re

from autograder.errors import CourseError

BEGIN, END, STUB = "### BEGIN SOLUTION", "### END SOLUTION", "### STUB:"
#: Where a stub and a reference may differ; everything else is shared text.
_NOT_YET = 'raise NotImplementedError("{name} is not written yet")'


def make_stub(source: str, filename: str = "solution", only: str | None = None) -> str:
    """The stub for a reference solution; with `only`, all but that function is solved.

    Raises CourseError when markers do not pair up, naming the line.
    """
    lines: list[str] = []
    inside: int | None = None
    kept: list[str] = []
    solved: list[str] = []
    function = ""
    for number, line in enumerate(source.splitlines(), start=1):
        text = line.strip()
        if inside is None and (heading := re.match(r"\s*def (\w+)", line)):
            function = heading.group(1)
        if text == BEGIN:
            if inside is not None:
                raise CourseError(f"{filename}:{number}: {BEGIN} inside the one of line {inside}")
            inside, kept, solved = number, [], []
        elif text == END:
            if inside is None:
                raise CourseError(f"{filename}:{number}: {END} without {BEGIN}")
            indent = line[: len(line) - len(line.lstrip())]
            if only is None or (indent and function == only):
                lines += [indent + entry for entry in kept] or [indent + _NOT_YET.format(name=function)]
            else:
                lines += solved
            inside = None
        elif inside is None:
            lines.append(line)
        elif text.startswith(STUB):
            kept.append(text[len(STUB) :].removeprefix(" "))
        else:
            solved.append(line)
    if inside is not None:
        raise CourseError(f"{filename}:{inside}: {BEGIN} is never closed")
    if BEGIN not in source:
        raise CourseError(f"{filename}: no {BEGIN}: the stub would be the solution")
    stub = "\n".join(lines) + "\n"
    try:
        ast.parse(stub)
    except SyntaxError as problem:
        raise CourseError(
            f"{filename}: its stub is not valid Python (stub line {problem.lineno}: {problem.msg})"
        ) from None
    return stub
