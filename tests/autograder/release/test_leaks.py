"""Nothing released holds a solution, a hidden check or a mutant, however it is dressed up."""

import ast
import base64
import gzip
import html
import io
import json
import re
import tarfile
import zipfile
from pathlib import Path
from urllib.parse import quote

import line_course as lines
import mini_course as mini
import pytest
import yaml

from autograder.course import Course
from autograder.errors import CourseError
from autograder.judge.mutants import read_mutants
from autograder.nbgrader.notebook import make_notebook
from autograder.release.bundle import course_file, refuse_leaks, worths, write_parts
from autograder.release.folder import readme
from autograder.release.leaks import Secrets, _statements, collect, leaks
from autograder.release.wheel import make_wheel


@pytest.fixture(scope="module")
def mini_course(tmp_path_factory: pytest.TempPathFactory) -> Course:
    return mini.make_course(tmp_path_factory.mktemp("course"))


@pytest.fixture(scope="module")
def secrets(mini_course: Course) -> Secrets:
    return collect(mini_course.exercises)


def test_nothing_in_any_exercise_folder_leaks(course: Course) -> None:
    found = collect(course.exercises)
    assert len(found.prints) > 1000
    assert leaks(course.root / "exercises", found) == []


@pytest.mark.parametrize("slug", [mini.CODE, mini.PROSE])
def test_what_is_released_of_an_assignment_is_an_exercise_without_its_answers(
    mini_course: Course, secrets: Secrets, tmp_path: Path, slug: str
) -> None:
    assignment = mini_course.assignment(mini.ASSIGNMENT)
    write_parts(mini_course, assignment, worths(assignment), tmp_path)
    assert leaks(tmp_path, secrets) == []
    folder = tmp_path / "exercises" / mini_course.exercise(slug).id
    assert sorted(p.name for p in folder.iterdir()) == sorted(
        ["README.md", "HINTS.md", f"{slug}.py", "picture.py", f"test_{slug}.py"]
    )
    bundle = Course.load(tmp_path)
    assert bundle.is_bundle
    assert bundle.exercise(slug).points == 4
    assert bundle.assignment(mini.ASSIGNMENT).due == assignment.due


def test_the_students_course_file_holds_nothing_of_how_marks_are_made(mini_course: Course) -> None:
    text = course_file(mini_course, mini_course.assignment("demo"), worths(mini_course.assignment("demo")))
    told = yaml.safe_load(text)
    assert set(told["grading"]) == {"packages", "data"}
    assert set(told) == {"title", "grading", "late", "assignments"}


def test_a_vocabulary_may_share_words_with_hidden_checks_and_may_hold_no_solution(tmp_path: Path) -> None:
    course = lines.make_course(tmp_path)
    for exercise in course.exercises:
        exercise.hidden_checks.write_text(f"{exercise.hidden_checks.read_text()}\n\n{lines.VOCABULARY}")
    words = tmp_path / "vocabulary"
    assert leaks(words, collect(course.exercises)) == []
    (words / "oracle.py").write_text(course.exercises[0].solution.read_text())
    assert any("the solution of 01_line" in line for line in leaks(words, collect(course.exercises)))


# -- planted ----------------------------------------------------------------------------------------


def solution(course: Course) -> str:
    """The reference of the exercise with code, without its markers."""
    return re.sub(r" *### .*\n", "", mini.references(course)[mini.CODE])


def dressed_up(source: str) -> str:
    """Other names, other line breaks, comments, another function name."""
    for old, new in (("betas", "zs"), ("num_timesteps", "n"), ("def alpha_bars", "def renamed")):
        source = re.sub(rf"\b{old}\b" if "def" not in old else old, new, source)
    return source.replace("\n    return", "\n    # a comment\n\n    return")


@pytest.mark.parametrize(
    "plant",
    [
        lambda text: ("extra.py", text),
        lambda text: ("extra.py", dressed_up(text)),
        lambda text: ("notes.md", f"# Notes\n\n```python\n{text}\n```\n"),
        lambda text: ("extra.py", f"code = {text!r}\n"),
        lambda text: ("n.ipynb", json.dumps({"cells": [{"cell_type": "code", "source": [text], "outputs": []}]})),
    ],
    ids=["plain", "renamed", "markdown", "string", "notebook"],
)
def test_a_solution_is_found_however_it_is_dressed(
    mini_course: Course, secrets: Secrets, tmp_path: Path, plant: object
) -> None:
    name, text = plant(solution(mini_course))  # type: ignore[operator]
    (tmp_path / name).write_text(text, encoding="utf-8")
    assert any("the solution of 04_schedules" in leak for leak in leaks(tmp_path, secrets))


def function_of(source: str, name: str) -> str:
    """One function of a module, without its docstring, comments and markers."""
    tree = ast.parse(source)
    found = next(node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == name)
    if ast.get_docstring(found):
        found.body = found.body[1:]
    return ast.unparse(found)


def prefixed(text: str, *prefixes: str) -> str:
    return "".join(f"{prefixes[i % len(prefixes)]}{line}\n" for i, line in enumerate(text.splitlines()))


def fenced(text: str, fence: str, info: str = "") -> str:
    return f"# Notes\n\n{fence}{info}\n{text}\n{fence}\n\nMore.\n"


def notebook(**cell: object) -> str:
    whole = {"cell_type": "markdown", "metadata": {}, "source": ["Nothing here."], **cell}
    return json.dumps({"cells": [whole], "metadata": {}, "nbformat": 4, "nbformat_minor": 5})


def packed(text: str) -> bytes:
    with io.BytesIO() as data:
        with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("x.txt", text)
        return data.getvalue()


def tarred(text: str) -> bytes:
    with io.BytesIO() as data:
        with tarfile.open(fileobj=data, mode="w:xz") as archive:
            info = tarfile.TarInfo("x")
            info.size = len(text.encode())
            archive.addfile(info, io.BytesIO(text.encode()))
        return data.getvalue()


#: How a text may stand in a file: the file's name, and its content.
FORMS = {
    "python": lambda t: ("a.py", t),
    "text": lambda t: ("a.txt", t),
    "no ending": lambda t: ("a", t),
    "backticks": lambda t: ("a.md", fenced(t, "```", "python")),
    "fence with attributes": lambda t: ("a.md", fenced(t, "```", "{.python .numberLines}")),
    "four backticks": lambda t: ("a.md", fenced(t, "````", "py")),
    "tildes": lambda t: ("a.md", fenced(t, "~~~", "python")),
    "an open fence": lambda t: ("a.md", f"```\n{t}"),
    "CRLF": lambda t: ("a.md", fenced(t, "```", "python").replace("\n", "\r\n")),
    "CR": lambda t: ("a.md", fenced(t, "```").replace("\n", "\r")),
    "quoted": lambda t: ("a.md", prefixed(t, "> ")),
    "quoted twice": lambda t: ("a.md", prefixed(fenced(t, "```"), "> > ")),
    "indented": lambda t: ("a.md", f"So:\n\n{prefixed(t, '    ')}\nDone."),
    "tabs": lambda t: ("a.md", f"So:\n\n{prefixed(t, chr(9))}\nDone."),
    "in a list": lambda t: ("a.md", f"1. So\n\n{prefixed(fenced(t, '```'), '   ')}"),
    "doctest": lambda t: ("a.rst", prefixed(t, ">>> ", "... ")),
    "commented out": lambda t: ("a.py", prefixed(t, "# ")),
    "commented": lambda t: ("a.txt", prefixed(t, "").replace("\n", "  # a remark of several words\n")),
    "numbered": lambda t: ("a.txt", "".join(f"{i:3}  {line}\n" for i, line in enumerate(t.splitlines(), 1))),
    "a diff": lambda t: ("a.patch", prefixed(t, "+")),
    "a table": lambda t: ("a.md", prefixed(t, "| ")),
    "HTML": lambda t: ("a.html", f"<pre><code>{html.escape(t)}</code></pre>"),
    "coloured HTML": lambda t: ("a.html", re.sub(r"(\w+)", r"<span class='n'>\1</span>", t)),
    "a string": lambda t: ("a.py", f"code = {t!r}\n"),
    "a string of strings": lambda t: ("a.py", f"code = {repr(t)!r}\n"),
    "strings in a row": lambda t: (
        "a.py",
        "code = (\n" + "".join(f"    {line!r} '\\n'\n" for line in t.splitlines()) + ")\n",
    ),
    "JSON": lambda t: ("a.json", json.dumps({"code": t})),
    "JSON of ASCII": lambda t: ("a.json", "".join(f"\\u{ord(c):04x}" for c in t)),
    "YAML": lambda t: ("a.yml", f"code: |\n{prefixed(t, '  ')}"),
    "a cell": lambda t: ("a.ipynb", notebook(cell_type="code", source=t.splitlines(True), outputs=[])),
    "an output": lambda t: ("a.ipynb", notebook(cell_type="code", outputs=[{"text": t.splitlines(True)}])),
    "a cell's metadata": lambda t: ("a.ipynb", notebook(metadata={"hint": t})),
    "an attachment": lambda t: ("a.ipynb", notebook(attachments={"a": {"t": base64.b64encode(t.encode()).decode()}})),
    "notebook metadata": lambda t: ("a.ipynb", json.dumps({"cells": [], "metadata": {"x": {"y": t}}})),
    "a broken notebook": lambda t: ("a.ipynb", notebook(source=t)[:-4]),
    "base64": lambda t: ("a.txt", base64.encodebytes(t.encode()).decode()),
    "a URL": lambda t: ("a.md", f"[run](https://example.org/?code={quote(t)})"),
    "UTF-16": lambda t: ("a.py", t.encode("utf-16")),
    "a BOM": lambda t: ("a.py", b"\xef\xbb\xbf" + t.encode()),
    "zero-width": lambda t: ("a.md", re.sub(r"(\w)(\w)", "\\1\u200b\\2", t)),
    "in binary": lambda t: ("a.bin", b"\0\xff\x80" + t.encode() + b"\xfe\0"),
    "a zip of another name": lambda t: ("a.dat", packed(t)),
    "a zip in base64": lambda t: ("a.txt", base64.b64encode(packed(t))),
    "gzip": lambda t: ("a.gz", gzip.compress(t.encode())),
    "tar": lambda t: ("a.tar.xz", tarred(t)),
}


@pytest.mark.parametrize("form", FORMS)
def test_what_only_instructors_have_is_found_in_any_form(
    mini_course: Course, secrets: Secrets, tmp_path: Path, form: str
) -> None:
    code, prose = mini_course.exercise(mini.CODE), mini_course.exercise(mini.PROSE)
    hidden = code.hidden_checks.read_text(encoding="utf-8")
    planted = {
        "solution": function_of(mini.references(mini_course)[mini.CODE], "cosine_betas"),
        "oracle": function_of(hidden, "spec_cosine").replace("spec_", ""),
        "variant": code.variants[0].read_text(encoding="utf-8"),
        "mutants": code.mutants.read_text(encoding="utf-8"),
        "ideas": prose.ideas.read_text(encoding="utf-8"),
    }
    for name, text in planted.items():
        (tmp_path / name).mkdir()
        file, content = FORMS[form](text)
        (tmp_path / name / file).write_bytes(content if isinstance(content, bytes) else content.encode())
    found = {leak.partition("/")[0] for leak in leaks(tmp_path, secrets)}
    assert found == set(planted)


def test_all_releases_of_the_course_are_free_of_false_alarms(course: Course, tmp_path: Path) -> None:
    found = collect(course.exercises)
    for assignment in course.assignments:
        worth = worths(assignment)
        to = tmp_path / assignment.id
        write_parts(course, assignment, worth, to)
        (to / "README.md").write_text(readme(course, assignment, worth), encoding="utf-8")
        (to / f"{assignment.id}.ipynb").write_text(make_notebook(assignment, worth), encoding="utf-8")
    (tmp_path / "autograder.whl").write_bytes(make_wheel())
    assert leaks(tmp_path, found) == []


def test_an_archive_is_looked_into(mini_course: Course, secrets: Secrets, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "autograder-1.whl", "w") as archive:
        archive.writestr("a/b.py", solution(mini_course))
    assert any(leak.startswith("autograder-1.whl:a/b.py: the solution") for leak in leaks(tmp_path, secrets))


def test_a_hidden_check_is_found_by_its_law_and_by_its_name(
    mini_course: Course, secrets: Secrets, tmp_path: Path
) -> None:
    hidden = mini_course.exercise(mini.CODE).hidden_checks.read_text(encoding="utf-8")
    (tmp_path / "a.py").write_text(re.sub(r"def test_\w+", "def other", hidden), encoding="utf-8")
    (tmp_path / "b.txt").write_text(" ".join(re.findall(r"test_\w+", hidden)))
    found = leaks(tmp_path, secrets)
    assert any(leak.startswith("a.py: the hidden check") for leak in found)
    assert any(leak.startswith("b.txt: the hidden check") for leak in found)


def test_an_edit_of_a_decorator_is_a_mutants_own() -> None:
    """Statements are told apart by their lines: those of decorators are among them."""
    plain, edited = (f"@{name}\ndef f(x):\n    return x\n" for name in ("cache", "property"))
    assert _statements(plain, Path("a.py")).keys() != _statements(edited, Path("a.py")).keys()
    assert len(_statements(f"x = 1\n{plain}", Path("a.py"))) == 2


def test_a_mutant_is_found(mini_course: Course, secrets: Secrets, tmp_path: Path) -> None:
    mutant = read_mutants(mini_course.exercise(mini.CODE))[0]
    (tmp_path / "a.py").write_text(mutant.source, encoding="utf-8")
    (tmp_path / "b.md").write_text(f"Some believe that {mutant.misconception}.", encoding="utf-8")
    found = leaks(tmp_path, secrets)
    assert any(leak.startswith("a.py: the mutant") for leak in found)
    assert f"b.md: the mutant {mutant.name} of 04_schedules" in found


def test_a_short_solution_is_found_by_the_name_of_its_function(secrets: Secrets, tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("def network_calls(T):\n    return T\n")
    (tmp_path / "b.py").write_text("def something_else(T):\n    return T\n")
    assert leaks(tmp_path, secrets) == ["a.py: the solution of 23_explain_slowness"]


def test_the_references_prose_is_found(mini_course: Course, secrets: Secrets, tmp_path: Path) -> None:
    source = mini.references(mini_course)[mini.PROSE]
    prose = " ".join(re.findall(r'^    "(.*)"$', source, re.MULTILINE)[:4])
    (tmp_path / "a.md").write_text(re.sub(" +", " ", prose), encoding="utf-8")
    assert "a.md: the reference's EXPLANATION of 23_explain_slowness" in leaks(tmp_path, secrets)


@pytest.mark.parametrize("name", ["mutants.yml", "test_schedules_hidden.py"])
def test_a_file_for_instructors_is_known_by_its_name(secrets: Secrets, tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("")
    assert leaks(tmp_path, secrets) == [f"{name}: the file itself is for instructors only"]


def test_a_leak_stops_the_release(mini_course: Course, tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("### BEGIN SOLUTION\n")
    with pytest.raises(CourseError, match=r"not released, 1 leaks:\na\.py: the marker"):
        refuse_leaks(tmp_path, mini_course)


@pytest.mark.parametrize("content", [b"\xff\xfe\x00", b"def f(:\n", b"(" * 10_000])
def test_a_file_that_is_no_python_is_scanned_as_text(secrets: Secrets, tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.py").write_bytes(content)
    assert leaks(tmp_path, secrets) == []
