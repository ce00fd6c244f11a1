"""The site of a course as files: what is in it, what is not, and that its Python needs numpy alone."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import zipfile
from pathlib import Path
from urllib.parse import urlsplit

import courses
import pytest

from autograder.cli import main
from autograder.course import Course
from autograder.errors import CourseError
from autograder.release import web

MAKERS = "cdn.jsdelivr.net"
COURSE = """\
title: One jump
assignments:
  - id: dirty-it
    title: Dirty it
    due: 2027-01-22T23:59:00+00:00
    exercises:
      - {id: 05_noisy_sample, title: One jump to any level}
"""


@pytest.fixture(scope="module")
def site(course: Course, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The second unit's."""
    return web.release(course, [course.assignment("dirty-it")], tmp_path_factory.mktemp("web") / "site")


def told(page: Path, name: str) -> dict[str, object]:
    found = re.search(rf'<script type="application/json" id="{name}">(.*?)</script>', page.read_text(), re.DOTALL)
    assert found
    data: dict[str, object] = json.loads(found[1])
    return data


def test_every_link_leads_to_a_file_of_the_site(site: Path) -> None:
    pages = sorted(site.glob("*.html"))
    assert len(pages) == 4 + 4  # the exercises; index, map, hosting and the unit's page
    for page in pages:
        for link in re.findall(r'(?:href|src)="([^"]+)"', page.read_text()):
            if urlsplit(link).scheme in ("https", "data"):
                continue
            file, _, part = link.partition("#")
            assert (site / (file or page.name)).is_file(), f"{page.name} leads to {link}"
            assert file or f'id="{part}"' in page.read_text(), f"{page.name}: {link}"
            assert not link.startswith("/"), f"{page.name}: {link} holds at one address alone"


def test_no_other_host_is_named_in_what_runs(site: Path) -> None:
    for path in [*site.glob("assets/*.js"), *site.glob("assets/*.css"), site / "sw.js"]:
        hosts = set(re.findall(r"https?://([\w.-]+\.\w+)", path.read_text())) - {"www.w3.org"}
        assert not hosts, f"{path.name} names {hosts}"
    for page in site.glob("*.html"):
        loaded = re.findall(r'<(?:script|link|img|iframe)[^>]*(?:src|href)="(https?:[^"]+)"', page.read_text())
        assert not loaded
        assert urlsplit(told(page, "site")["runtime"]["base"]).hostname == MAKERS  # type: ignore[index]


def test_the_site_is_small(site: Path, course: Course) -> None:
    """A quarter of the course at most: the whole is to stay under 3 MB, and its pictures under 1.5 MB."""
    files = [path for path in site.rglob("*") if path.is_file()]
    pictures = sum(path.stat().st_size for path in files if path.suffix == ".png")
    assert pictures < 375_000
    assert sum(path.stat().st_size for path in files) - pictures < 1_200_000


def test_nothing_is_in_it_that_students_may_not_have(site: Path, course: Course) -> None:
    names = [path.name for path in site.rglob("*")]
    with zipfile.ZipFile(next(site.glob("python/autograder-*.zip"))) as archive:
        names += archive.namelist()
    assert not [name for name in names if re.search(r"_hidden|mutants|solutions|rubric|ideas", name)]
    text = "".join(path.read_text() for path in site.rglob("*.html"))
    for secret in ("### BEGIN", "def _levels", "spec_", "mutant"):
        assert secret not in text


def test_a_leak_in_a_page_stops_the_release(tmp_path: Path) -> None:
    other = courses.copy(tmp_path / "course", COURSE, ("05_noisy_sample",))
    readme = other.exercise("05").readme
    solution = other.exercise("05").solution.read_text().splitlines()
    body = [line for line in solution if "return" in line or "raise" in line]
    readme.write_text(readme.read_text() + "\n" + "\n".join(f"    {line.strip()}" for line in body) + "\n")
    with pytest.raises(CourseError, match=r"05_noisy_sample\.html: the solution"):
        web.release(other, [other.assignment("dirty-it")], tmp_path / "site")
    assert not (tmp_path / "site").exists()


def test_a_course_whose_public_checks_draw_inputs_needs_hypothesis_for_pages(tmp_path: Path) -> None:
    assert main(["new", str(tmp_path / "lines")]) == 0
    other = Course.load(tmp_path / "lines")
    with pytest.raises(CourseError, match=r"pip download .*hypothesis==6\.150\.0 sortedcontainers==2\.4\.0"):
        web.release(other, other.assignments, tmp_path / "site")


def test_a_runtime_that_is_not_the_tested_one_is_refused(tmp_path: Path, course: Course) -> None:
    with pytest.raises(CourseError, match=r"pyodide\.js: no such file"):
        web.Runtime.pinned().copy(tmp_path, tmp_path / "to")
    (tmp_path / "pyodide.js").write_text("something else")
    with pytest.raises(CourseError, match="is not the file that was tested"):
        web.Runtime.pinned().copy(tmp_path, tmp_path / "to")


def test_a_folder_that_holds_something_stays(
    tmp_path: Path, course: Course, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "mine").write_text("kept")
    assert main(["release", "dirty-it", "--web", str(tmp_path)]) == 2
    assert "is not empty" in capsys.readouterr().err
    assert main(["release", "--web", str(tmp_path / "new")]) == 2
    assert "--web takes one assignment, or --all" in capsys.readouterr().err
    assert main(["release", "dirty-it", "--to", str(tmp_path / "new"), "--all"]) == 2


_ALONE = """
import importlib.abc, json, sys
from pathlib import Path
site, root, numpys = map(Path, sys.argv[1:])
sys.path[:] = [str(root / "package"), *(p for p in sys.path if "site-packages" not in p)]

class NumpyAlone(importlib.abc.MetaPathFinder):
    "Of what is installed, numpy; and not what a browser's Python has not."
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in ("lzma", "_lzma", "fcntl", "termios"):
            raise ImportError(name)
        if name == "numpy":
            import importlib.machinery
            return importlib.machinery.PathFinder.find_spec(name, [str(numpys)])

sys.meta_path.insert(0, NumpyAlone())
from autograder.student.page import Desk
for entries, name in json.loads(sys.stdin.read()):
    begun = []
    told = json.loads(Desk.of(str(root / "course"), entries).check(name, "{}", begun.append))
    print(json.dumps([name, told["state"], told["task"], begun[0] == "", len(begun) == len(told["laws"]) + 1]))
heavy = {"msgspec", "yaml", "pydantic", "rich", "hypothesis", "pytest"}
print(json.dumps(sorted(heavy & {name.partition(".")[0] for name in sys.modules})))
"""


def test_the_pages_python_needs_numpy_alone(site: Path, tmp_path: Path, course: Course) -> None:
    """In a process that has nothing else, the references hold and the stubs are not begun."""
    import numpy as np

    with zipfile.ZipFile(next(site.glob("python/autograder-*.zip"))) as archive:
        archive.extractall(tmp_path)
    work = []
    for exercise in course.assignment("dirty-it").exercises:
        data = told(site / f"{exercise.id}.html", "exercise")
        folder = tmp_path / "course" / "exercises" / exercise.id
        folder.mkdir(parents=True)
        is_solved = exercise.id != "03_decay"
        source = exercise.solution.read_text() if is_solved else data["stub"]
        parts = {
            f"{exercise.slug}.py": source,
            f"test_{exercise.slug}.py": data["checks"],
            "HINTS.md": data["hints_file"],
        }
        for name, text in parts.items():
            (folder / name).write_text(str(text))
        work.append([json.dumps(data["entries"]), exercise.id])
    command = [sys.executable, "-I", "-c", _ALONE, site, tmp_path, Path(np.__file__).parents[1]]
    done = subprocess.run(command, input=json.dumps(work), capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    *lines, loaded = map(json.loads, done.stdout.splitlines())
    assert [line[1] for line in lines] == ["checks hold", "not begun", "checks hold", "checks hold"]
    assert all(line[3] and line[4] for line in lines)
    assert loaded == []
