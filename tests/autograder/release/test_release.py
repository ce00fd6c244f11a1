"""A release for students: what is inside, what is not, and that it works from its own wheel, away from this course."""

import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from autograder.cli import main
from autograder.course import Course
from autograder.errors import CourseError
from autograder.release import folder as plain
from autograder.release.leaks import collect, leaks
from autograder.release.wheel import make_wheel, wheel_name


@pytest.fixture(scope="module")
def released(tmp_path_factory: pytest.TempPathFactory, course: Course) -> Path:
    to = tmp_path_factory.mktemp("release") / "dirty-it"
    assert main(["--course", str(course.root), "release", "dirty-it", "--to", str(to)]) == 0
    return to


def test_a_release_holds_what_students_need_and_nothing_else(released: Path, course: Course) -> None:
    names = {path.relative_to(released).as_posix() for path in released.rglob("*") if path.is_file()}
    parts = {
        "exercises/README.md",
        "exercises/map.png",
        "exercises/chain.py",
        "exercises/dirty-it.md",
        "README.md",
        "course.yml",
        "start.py",
        "constraints.txt",
        ".gitignore",
        wheel_name(),
    }
    for exercise in course.assignment("dirty-it").exercises:
        inside = ("README.md", "HINTS.md", "picture.py", f"{exercise.slug}.py", f"test_{exercise.slug}.py")
        parts |= {f"exercises/{exercise.id}/{name}" for name in inside}
    assert names == parts
    assert leaks(released, collect(course.exercises)) == []


def test_pages_are_read_in_terminals_so_no_tex_stands_in_them(released: Path, course: Course) -> None:
    page = (released / "exercises/05_noisy_sample/README.md").read_text(encoding="utf-8")
    kept = [
        line for line in course.exercise("05").readme.read_text(encoding="utf-8").splitlines() if "<!-- tex" not in line
    ]
    assert page.splitlines() == kept
    assert "    x_t = sqrt(alpha_bar_t) * x0" in page
    assert [path for path in released.rglob("*.md") if "<!-- tex" in path.read_text(encoding="utf-8")] == []


def test_the_students_course_tells_due_date_and_points(released: Path, course: Course) -> None:
    theirs = Course.load(released)
    assert theirs.is_bundle
    assert [a.due for a in theirs.assignments] == [course.assignment("dirty-it").due]
    assert [e.points for e in theirs.exercises] == [3.0, 4.0, 4.0, 5.0]
    readme = (released / "README.md").read_text(encoding="utf-8")
    assert "22 January 2027" in readme
    assert "| `05_noisy_sample` One jump to any noise level | 5 |" in readme
    assert "make " not in readme.replace("makes", "").replace("make a", "")


def test_the_wheel_is_the_package_without_jupyter_and_the_same_each_time(released: Path) -> None:
    wheel = zipfile.ZipFile(released / wheel_name())
    names = wheel.namelist()
    assert {"autograder/cli.py", "autograder/diffusion/data/digits.npz", "autograder/reports/report.js"} <= set(names)
    assert not [name for name in names if "solution" in name or "mutants.yml" in name or name.startswith("tests")]
    info = wheel_name().rsplit("-", 3)[0]
    metadata = wheel.read(f"{info}.dist-info/METADATA").decode()
    needed = re.findall(r"^Requires-Dist: ([\w-]+)[^;\n]*$", metadata, re.M)
    assert "numpy" in needed
    assert not {"jupyterlab", "nbgrader", "notebook", "distributed"} & set(needed)
    assert make_wheel() == make_wheel()


def test_pip_takes_the_wheel_and_its_command_checks_the_release(released: Path, tmp_path: Path) -> None:
    """Installed alone and first on the path: the rest of the environment stands for what pip would fetch."""
    site = tmp_path / "site"
    install = [sys.executable, "-m", "pip", "install", "--quiet", "--no-index", "--no-deps", "--target", str(site)]
    subprocess.run([*install, str(released / wheel_name())], check=True, timeout=120, capture_output=True)
    script = (
        f"import sys; sys.path.insert(0, {str(site)!r})\n"
        "import autograder, autograder.cli\n"
        f"assert autograder.__file__.startswith({str(site)!r}), autograder.__file__\n"
        "sys.exit(autograder.cli.main(['hint', '05']))\n"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=released, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    assert "task 1" in done.stdout


def test_a_zip_holds_the_same_under_one_folder(released: Path, tmp_path: Path, course: Course) -> None:
    to = plain.release(course, course.assignment("why-hard"), tmp_path / "x.zip")
    names = zipfile.ZipFile(to).namelist()
    assert "why-hard/README.md" in names
    assert "why-hard/exercises/01_image_space/image_space.py" in names
    assert to.read_bytes() == plain.release(course, course.assignment("why-hard"), tmp_path / "y.zip").read_bytes()


def test_a_folder_that_holds_something_stays_as_it_is(tmp_path: Path, course: Course) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(CourseError, match="is not empty"):
        plain.release(course, course.assignment("dirty-it"), tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_a_release_with_a_leak_is_refused_and_leaves_nothing(
    tmp_path: Path, course: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = course.exercise("05").solution.read_text(encoding="utf-8")
    monkeypatch.setattr(
        plain, "_README", "# {title}\n```python\n" + secret.replace("{", "{{").replace("}", "}}") + "```\n"
    )
    with pytest.raises(CourseError, match="the solution of 05_noisy_sample"):
        plain.release(course, course.assignment("dirty-it"), tmp_path / "out")
    assert list(tmp_path.iterdir()) == []


def test_an_optional_assignment_is_said_to_be_extra_and_is_in_no_sum(
    tmp_path: Path, course: Course, capsys: pytest.CaptureFixture[str]
) -> None:
    beyond = course.assignment("beyond")
    assert beyond.optional
    assert not set(beyond.exercises) & set(course.required)
    to = plain.release(course, beyond, tmp_path / "beyond")
    assert "Nobody has to hand it in: its points are extra." in (to / "README.md").read_text()
    assert Course.load(to).assignments[0].optional
    assert main(["--course", str(to), "check"]) == 1
    assert "extra points · due" in capsys.readouterr().out


def test_a_class_graded_as_a_whole_leaves_out_what_is_optional(tmp_path: Path, course: Course) -> None:
    (tmp_path / "class" / "ada").mkdir(parents=True)
    for slug in ("attention", "stability"):
        (tmp_path / "class" / "ada" / f"{slug}.py").write_bytes(course.exercise(slug).solution.read_bytes())
    assert main(["grade", str(tmp_path / "class"), "--assignment", "beyond", "--out", str(tmp_path / "extra")]) == 0
    main(["grade", str(tmp_path / "class"), "--out", str(tmp_path / "all")])
    extra, whole = ((tmp_path / name / "grades.csv").read_text() for name in ("extra", "all"))
    assert "ada,attention,passed,5,5" in extra
    assert "ada,stability,passed,2,2" in whole
    assert "attention" not in whole
