"""A release that opens in a browser: static pages that check, draw and pack, with Python in the page.

Everything lies below one folder, with relative links, so that any web server can host it under any path. What is in it
is what students get anyway, and is scanned for leaks like every release.
"""

from __future__ import annotations

import ast
import base64
import hashlib
import io
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import jinja2
from markupsafe import Markup

from autograder.batch.drawing import Artist
from autograder.course import EARLIER, Assignment, Course, Exercise, vocabulary_of
from autograder.errors import CourseError
from autograder.files import write_file, zip_bytes
from autograder.judge.suite import Suite
from autograder.release.bundle import Worth, copy_exercise, open_until, refuse_leaks, workshop, worths
from autograder.release.folder import clock, put
from autograder.release.pages import Reader, words_of
from autograder.reports.text import number
from autograder.student.hints import read_hints
from autograder.student.selfcheck import MAX_MODULE
from autograder.submissions.prose import explanation

PACKAGE = Path(__file__).parents[1]
SITE = PACKAGE / "release" / "site"
#: What the page's Python starts from; what it imports comes along.
ENTRIES = ("autograder.student.page", "autograder.student.figure")
#: A check gets so many times its CPU seconds on the clock, as at home, and Python in a page is some three times slower.
PATIENCE = 3
_COPIED = ("app.js", "editor.js", "style.css", "worker.js")
_LICENSES = """\
What this site ships, and under which licences

CodeMirror 6 and Lezer (assets/editor-*.js): MIT, Copyright (C) 2018-2021 by Marijn Haverbeke and others
autograder (python/autograder-*.zip, assets/): MIT, see its project
where there is a python/hypothesis*.whl: Hypothesis, MPL-2.0, and sortedcontainers, Apache-2.0
the course's texts and code: as the course says

What the pages load besides, from {host}:
Pyodide: MPL-2.0 · CPython: PSF-2.0 · numpy: BSD-3-Clause
with the first picture: matplotlib (its own, BSD-like), contourpy, cycler, kiwisolver: BSD-3-Clause,
fonttools, pyparsing, six, pytz: MIT, pillow: HPND, packaging, python-dateutil: Apache-2.0 or BSD
"""


@dataclass(frozen=True)
class Runtime:
    """The Python that pages load: where it lies, and the files of it that were tested, with size and SHA-256."""

    version: str
    source: str
    first: dict[str, dict[str, Any]]
    pictures: dict[str, dict[str, Any]]
    hypothesis: dict[str, dict[str, Any]]  # wheels that hold no compiled code, for courses with public properties

    @classmethod
    def pinned(cls) -> Runtime:
        told = json.loads((SITE / "pyodide.json").read_text(encoding="utf-8"))
        return cls(told["version"], told["from"], told["first"], told["pictures"], told["hypothesis"])

    def told(self, base: str) -> dict[str, Any]:
        """As the page takes it."""
        every = {**self.first, **self.pictures}
        files = {
            name: {"integrity": _integrity(file["sha256"]), "bytes": file["bytes"]} for name, file in every.items()
        }
        size = sum(file["bytes"] for file in self.first.values())
        name = f"pyodide-{self.version}"
        return {"base": base, "name": name, "bytes": size, "files": files, "pictures": ["matplotlib"]}

    def copy(self, given: Path, to: Path) -> None:
        """Its files from a folder. CourseError: one is missing or another than was tested."""
        _copy({**self.first, **self.pictures}, given, to, f"--pyodide takes a folder with Pyodide {self.version}")

    def copy_hypothesis(self, given: Path | None, to: Path) -> None:
        """The same of Hypothesis' wheels."""
        versions = [re.sub(r"-(\d[\d.]*)-.*", r"==\1", name) for name in self.hypothesis]
        remedy = (
            f"public checks draw inputs: `pip download --no-deps --dest DIR {' '.join(versions)}`, then --wheels DIR"
        )
        if given is None:
            raise CourseError(f"Hypothesis is not there in a browser, and {remedy}")
        _copy(self.hypothesis, given, to, remedy)


def release(
    course: Course,
    assignments: Sequence[Assignment],
    to: Path,
    pyodide: Path | None = None,
    wheels: Path | None = None,
) -> Path:
    """Write a site of these assignments into `to`, a folder that is new or empty.

    pyodide: a folder with the runtime, which is then part of the site; else pages load it from its makers' host.
    wheels: a folder with Hypothesis, where public checks draw inputs.
    Returns `to`. CourseError: a leak, a part that is missing or stale, a folder that holds something.
    """
    if to.exists() and (not to.is_dir() or any(to.iterdir())):
        raise CourseError(f"{to}: is not empty, so nothing was written. Give a new folder, or remove this one.")
    runtime = Runtime.pinned()
    with workshop(to.absolute().parent) as folder:
        site = Site(course, assignments, folder)
        site.write(runtime, pyodide, wheels)
        refuse_leaks(folder, course)
        site.write_earlier()
        if pyodide is not None:
            runtime.copy(pyodide, folder / "pyodide")
        put(folder, to)
    return to


class Site:
    """One site in the making."""

    def __init__(self, course: Course, assignments: Sequence[Assignment], to: Path) -> None:
        self._course, self._assignments, self._to = course, assignments, to
        self._exercises = [exercise for assignment in assignments for exercise in assignment.exercises]
        self._worth = {name: each for assignment in assignments for name, each in worths(assignment).items()}
        self._key = re.sub(r"\W+", "-", course.title.lower()).strip("-")
        the_map = course.root / "exercises" / "README.md"
        self._map = the_map.read_text(encoding="utf-8") if the_map.is_file() else ""
        units = frozenset(assignment.id for assignment in assignments if self._unit(assignment))
        self._reader = Reader({e.id[:2]: e.id for e in self._exercises}, words_of(self._map), units)
        loader = jinja2.FileSystemLoader(SITE)
        self._templates = jinja2.Environment(loader=loader, autoescape=True, undefined=jinja2.StrictUndefined)

    def write(self, runtime: Runtime, pyodide: Path | None, wheels: Path | None) -> None:
        """Everything but what may not be scanned for leaks, since it is given away on purpose."""
        base = "pyodide/" if pyodide is not None else runtime.source
        host = "pyodide/" if pyodide is not None else str(urlsplit(runtime.source).hostname)
        self._told = runtime.told(base)
        self._sources = "" if pyodide is not None else f"https://{host}"  # what pages may ask beside this site
        self._assets = {name: self._named("assets", name, (SITE / name).read_bytes()) for name in _COPIED}
        self._archives = [self._named("python", "autograder.zip", self._archive())]
        if any(check.is_property for e in self._exercises for check in Suite(e, public=True).checks):
            runtime.copy_hypothesis(wheels, self._to / "python")
            self._archives += [f"python/{name}" for name in runtime.hypothesis]
        write_file(self._to / "LICENSES.txt", _LICENSES.format(host=host))
        pictures = self._write_pictures()
        for i, exercise in enumerate(self._exercises):
            before, after = self._exercises[:i], self._exercises[i + 1 :]
            around = {"before": before[-1] if before else None, "after": after[0] if after else None}
            self._write_exercise(exercise, exercise.id in pictures, around)
        for assignment in self._assignments:
            if text := self._unit(assignment):
                self._page(assignment.id, assignment.title, text)
        if self._map:
            self._page("map", "The map", self._map)
        self._render("index.html", "index.html", assignments=[self._listed(a) for a in self._assignments])
        own = pyodide is not None
        self._render("hosting.html", "hosting.html", size=_megabytes(self._to), own_runtime=own, host=host)
        self._write_service()

    def write_earlier(self) -> None:
        """References of other assignments that these exercises import, of what nobody can hand in any more."""
        for used in {used.id: used for exercise in self._exercises for used in self._used(exercise)}.values():
            if self._is_given(used):
                write_file(self._to / EARLIER / f"{used.slug}.py", used.solution.read_bytes())

    # -- pages

    def _render(self, template: str, name: str, **values: object) -> None:
        known = {"course": self._course, "site": _json(self._site()), "has_map": bool(self._map)}
        known |= {"assets": self._assets, "sources": self._sources}
        write_file(self._to / name, self._templates.get_template(template).render(**known, **values))

    def _site(self) -> dict[str, Any]:
        assignments = [
            {"id": a.id, "title": a.title, "exercises": [{"id": e.id, "slug": e.slug} for e in a.exercises]}
            for a in self._assignments
        ]
        return {
            "course": self._key,
            "worker": self._checked(self._assets["worker.js"]),
            "archives": [self._checked(name) for name in self._archives],
            "max_module": MAX_MODULE,
            "runtime": self._told,
            "assignments": assignments,
        }

    def _page(self, name: str, title: str, text: str) -> None:
        page = Markup(self._reader.html(text, explain=name != "map"))
        self._render("page.html", f"{name}.html", title=title, text=page)

    def _unit(self, assignment: Assignment) -> str:
        path = self._course.root / "exercises" / f"{assignment.id}.md"
        return path.read_text(encoding="utf-8") if path.is_file() else ""

    def _listed(self, assignment: Assignment) -> dict[str, Any]:
        exercises = [
            {"id": e.id, "title": e.title, "worth": f"{number(self._worth[e.id].points + e.by_hand)} points"}
            for e in assignment.exercises
        ]
        due = clock(self._course, assignment)
        page = bool(self._unit(assignment))
        kept = {"due": due, "page": page, "optional": assignment.optional, "exercises": exercises}
        return {"id": assignment.id, "title": assignment.title, **kept}

    def _write_exercise(self, exercise: Exercise, has_target: bool, around: Mapping[str, Exercise | None]) -> None:
        with workshop(self._to) as folder:  # the same parts, looked at in the same way
            copy_exercise(exercise, folder)
        stub = exercise.stub.read_text(encoding="utf-8")
        write_file(self._to / "stubs" / f"{exercise.id}.py", stub)
        text = Markup(self._reader.html(exercise.readme.read_text(encoding="utf-8")))
        data = _json(self._exercise(exercise, stub))
        values = {"exercise": exercise, "text": text, "data": data, "has_target": has_target}
        values["has_frames"] = exercise.has_frames
        self._render("exercise.html", f"{exercise.id}.html", **values, **around)

    def _exercise(self, exercise: Exercise, stub: str) -> dict[str, Any]:
        checks = Suite(exercise, public=True).checks
        used = self._used(exercise)
        cpu_seconds = exercise.limits.cpu_seconds
        entries = [self._entry(each) for each in (exercise, *used)]
        return {
            "id": exercise.id,
            "slug": exercise.slug,
            "assignment": exercise.assignment,
            "stub": stub,
            "stub_digest": hashlib.sha256(stub.encode()).hexdigest()[:16],
            "checks": exercise.public_checks.read_text(encoding="utf-8"),
            "picture": exercise.picture.read_text(encoding="utf-8"),
            "hints_file": exercise.hints.read_text(encoding="utf-8"),
            "hints": read_hints(exercise),
            "laws": {check.name: check.law for check in checks},
            "uses": [self._use(each) for each in used],
            "entries": {"exercises": entries, "packages": self._course.grading.packages, "data": []},
            "seconds": PATIENCE * cpu_seconds,
            "picture_seconds": 60 + 4 * cpu_seconds,
        }

    def _entry(self, exercise: Exercise) -> dict[str, Any]:
        worth = self._worth.get(exercise.id, Worth(0.0, 0))
        return {
            "id": exercise.id,
            "title": exercise.title,
            "assignment": exercise.assignment,
            "uses": exercise.uses,
            "by_hand": exercise.by_hand,
            "points": worth.points or None,
            "checks": worth.checks or None,
            "placeholder": (explanation(exercise.stub.read_bytes()) or "") if exercise.by_hand else "",
            "limits": asdict(exercise.limits),
        }

    def _used(self, exercise: Exercise) -> list[Exercise]:
        """What an exercise may import, and what that may import."""
        found: list[Exercise] = []
        for each in self._course.exercises:
            if each.slug in exercise.uses:
                found += [each, *self._used(each)]
        return list(dict.fromkeys(found))

    def _use(self, used: Exercise) -> dict[str, Any]:
        stub = used.stub.read_text(encoding="utf-8")
        given = f"{EARLIER}/{used.slug}.py" if self._is_given(used) else None
        return {"id": used.id, "slug": used.slug, "assignment": used.assignment, "stub": stub, "earlier": given}

    def _is_given(self, used: Exercise) -> bool:
        return open_until(self._course, used) < datetime.now(UTC)

    # -- what pages load

    def _named(self, folder: str, name: str, content: bytes) -> str:
        """Writes a file under a name that its content gives: a page gets the file that it was made with, or none."""
        stem, suffix = name.rsplit(".", 1)
        path = f"{folder}/{stem}-{hashlib.sha256(content).hexdigest()[:12]}.{suffix}"
        write_file(self._to / path, content)
        return path

    def _checked(self, name: str) -> dict[str, str]:
        """A file of the site, with the hash that the page holds it to."""
        return {"path": name, "integrity": _integrity(hashlib.sha256((self._to / name).read_bytes()).hexdigest())}

    def _write_pictures(self) -> set[str]:
        """The finished pictures, as feedback shows them, and those of pages. Returns which exercises have one."""
        drawn = set()
        with Artist(self._course) as artist:
            for exercise in self._exercises:
                if png := artist.target(exercise):
                    write_file(self._to / "pictures" / f"{exercise.id}.png", smaller(png))
                    drawn.add(exercise.id)
        for path in sorted((self._course.root / "exercises").glob("*.png")):
            write_file(self._to / "pictures" / path.name, path.read_bytes())
        return drawn

    def _archive(self) -> bytes:
        """The part of this package that pages need, and what checks and pictures share, as it is unpacked there."""
        words = vocabulary_of(self._course.root)
        authored = [path for e in self._exercises for path in (e.public_checks, e.picture)]
        files = {f"package/{name}": content for name, content in closure([*authored, *words]).items()}
        for path in words:
            files[f"course/{path.relative_to(self._course.root).as_posix()}"] = path.read_bytes()
        for name, path in self._course.given.data.items():
            files[f"course/{name}"] = path.read_bytes()
        return zip_bytes(sorted(files.items()))

    def _write_service(self) -> None:
        files = sorted(path for path in self._to.rglob("*") if path.is_file() and not path.name.startswith("."))
        names = [path.relative_to(self._to).as_posix() for path in files]
        hashes = json.dumps({name: self._checked(name)["integrity"] for name in names}, indent=0)
        text = (SITE / "sw.js").read_text(encoding="utf-8")
        values = {"{{ version }}": hashlib.sha256(hashes.encode()).hexdigest()[:16], "{{ course }}": self._key}
        for place, value in {**values, "{{ files }}": hashes}.items():
            text = text.replace(place, value)
        write_file(self._to / "sw.js", text)


def _copy(files: Mapping[str, Mapping[str, Any]], given: Path, to: Path, remedy: str) -> None:
    """Files by their hashes. CourseError: one is missing or another than was tested."""
    for name, file in files.items():
        path = given / name
        if not path.is_file():
            raise CourseError(f"{path}: no such file; {remedy}")
        content = path.read_bytes()
        if hashlib.sha256(content).hexdigest() != file["sha256"]:
            raise CourseError(f"{path}: is not the file that was tested (by its SHA-256)")
        write_file(to / name, content)


def closure(starts: Iterable[Path]) -> dict[str, bytes]:
    """The modules of this package that some files and the page's own import when they are loaded, with their data."""
    names = [*ENTRIES, *(name for path in starts if path.suffix == ".py" for name in _imports(path))]
    found: dict[str, bytes] = {}
    while names:
        name = names.pop()
        path = _file(name)
        key = path.relative_to(PACKAGE.parent).as_posix() if path else ""
        if path is None or key in found:
            continue
        found[key] = path.read_bytes()
        names += [*_imports(path), *(name.rsplit(".", i)[0] for i in range(1, name.count(".") + 1))]
        for data in path.parent.glob("data/*.npz"):
            found[data.relative_to(PACKAGE.parent).as_posix()] = data.read_bytes()
    return found


def _file(name: str) -> Path | None:
    """The file of a module of this package."""
    base = PACKAGE.parent.joinpath(*name.split("."))
    known = (base.with_suffix(".py"), base / "__init__.py")
    return next((path for path in known if path.is_file()), None)


def _imports(path: Path) -> Iterator[str]:
    """What a file imports of this package while it is loaded."""
    for node in _loaded(ast.parse(path.read_bytes()).body):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name.startswith("autograder"))
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("autograder"):
            yield str(node.module)
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def _loaded(body: Iterable[ast.stmt]) -> Iterator[ast.stmt]:
    """The statements that run when a module is loaded."""
    for node in body:
        yield node
        if isinstance(node, ast.If | ast.Try) and not ast.unparse(node).startswith("if TYPE_CHECKING"):
            yield from _loaded(child for child in ast.iter_child_nodes(node) if isinstance(child, ast.stmt))


def smaller(png: bytes) -> bytes:
    """The same picture in 64 colours, where that is smaller: it is there to be looked at."""
    from PIL import Image

    packed = io.BytesIO()
    Image.open(io.BytesIO(png)).convert("RGB").quantize(64).save(packed, "PNG", optimize=True)
    return min(png, packed.getvalue(), key=len)


def _integrity(sha256: str) -> str:
    """A hash as browsers take it."""
    return f"sha256-{base64.b64encode(bytes.fromhex(sha256)).decode()}"


def _json(value: object) -> Markup:
    """For a `script` element: no text in it can end the element."""
    return Markup(json.dumps(value, ensure_ascii=False).replace("<", "\\u003c"))


def _megabytes(folder: Path) -> str:
    size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    return f"{size / 1e6:.1f} MB"
