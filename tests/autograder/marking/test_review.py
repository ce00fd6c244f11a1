"""`autograder review`: how one mark came about, told to the instructor, and what the checks of today would give."""

import shutil
from pathlib import Path

import line_course as lines
import marked_class
import pytest
from marked_class import Class

from autograder.batch.ledger import NAME
from autograder.course import Course
from autograder.judge.fingerprint import submission_digest, suite_digest

ADA, BELA, CHIDI = marked_class.TEXTS
TRIPLE = lines.SOURCES["triple"][0]
ROSTER = f"student,id,submitted\n{ADA},a1,2027-01-22T20:00+00:00\n{BELA},b2,\n{CHIDI},c3,\n"


@pytest.fixture(scope="module")
def graded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("review")
    klass = Class(folder, marked_class.make_course(folder / "course"))
    klass.hand_in(ADA, "Twice <b>x</b>.", TRIPLE)
    (folder / "roster.csv").write_text(ROSTER, encoding="utf-8")
    assert klass.grade("--roster", folder / "roster.csv") == 0
    assert klass.marks(f"student,exercise,points,comment,marker\n{ADA},double,2.5,Say <i>why</i>.,kim\n") == 0
    return folder


@pytest.fixture
def klass(graded: Path, tmp_path: Path) -> Class:
    """The class, graded, with a course of its own that a test may change."""
    shutil.copytree(graded, tmp_path, dirs_exist_ok=True)
    return Class(tmp_path, Course.load(tmp_path / "course"), {})


def review(klass: Class, student: str, exercise: str, *options: object) -> int:
    return klass.run("review", klass.out, student, exercise, *options)


def page(klass: Class, student: str, slug: str) -> str:
    return (klass.out / "reviews" / f"{student}-{slug}.html").read_text(encoding="utf-8")


def test_a_request_is_answered_with_what_was_graded_and_asked(klass: Class, capsys: pytest.CaptureFixture[str]) -> None:
    journal = (klass.out / NAME).read_bytes()
    assert review(klass, "A1", "line", "--handed-in", klass.folder) == 0
    assert f"{ADA}, 01_line: 1 of 3 points as graded, 1 of 3 by the checks of today, which are the same" in (
        capsys.readouterr().out
    )
    told = page(klass, ADA, "line")
    suite = suite_digest(klass.course, klass.course.exercise("line"))
    module = submission_digest(TRIPLE.encode())
    for said in (module, suite, "2027-01-22T20:00:00+00:00", f"{ADA} (a1)", "it rises by 3"):
        assert said in told
    assert told.count("<code>line(0)</code>") == 1, "of a check that holds its call stands here too"
    assert "They were asked again about the same module, and say the same: 1 of 3 points." in told
    assert "of 15, the first that does not hold" in told
    assert "return 3 * x + 1.0" in told
    assert (klass.out / NAME).read_bytes() == journal
    assert not [p for p in (klass.out / "students").rglob("*") if p.is_file() and b"review" in p.read_bytes()]


def test_what_later_checks_would_give_stands_beside_what_was_given(klass: Class) -> None:
    checks = klass.course.exercise("line").hidden_checks
    before = checks.read_text(encoding="utf-8")
    after = before.replace("2 * x + 1.0", "3 * x + 1.0").replace("rises by 2", "rises by 3")
    after = after.replace("points=2", "points=4")
    checks.write_text(
        f'{after}\n@check(points=1, hint="Look.")\ndef test_new(submission):\n    """A new law."""\n', "utf-8"
    )
    klass.course.exercise("line").solution.write_text(TRIPLE, encoding="utf-8")
    assert review(klass, ADA, "01", "--handed-in", klass.folder) == 0
    told = page(klass, ADA, "line")
    assert "They are others than those that graded" in told
    assert "They say something else</strong>: 6 of 6 points, and 1 of 3 as graded." in told
    assert "A new law." in told
    assert "not there" in told
    assert review(klass, ADA, "01", "--to", klass.folder.parent / "other.html") == 0
    assert "not asked again: the module was not at hand" in (klass.folder.parent / "other.html").read_text("utf-8")


def test_the_module_is_known_by_its_hash_not_by_its_folder(klass: Class, capsys: pytest.CaptureFixture[str]) -> None:
    klass.hand_in(ADA, "Twice.", lines.SOURCES["right_too"][0])
    assert review(klass, ADA, "line", "--handed-in", klass.folder) == 1
    assert f"no line.py in it is the one that was graded ({submission_digest(TRIPLE.encode())})" in (
        capsys.readouterr().err
    )
    assert "not asked again" in page(klass, ADA, "line")
    (klass.folder / ADA).rename(klass.folder / "somebody")
    klass.hand_in("group 7", None, TRIPLE)
    assert review(klass, ADA, "line", "--handed-in", klass.folder) == 0


def test_marks_by_hand_and_their_comments_are_on_it_as_text(klass: Class) -> None:
    assert review(klass, ADA, "double", "--handed-in", klass.folder) == 0
    told = page(klass, ADA, "double")
    assert "2.5 of 4 by kim" in told
    assert "Say &lt;i&gt;why&lt;/i&gt;." in told
    assert "Twice &lt;b&gt;x&lt;/b&gt;." in told


def test_who_handed_in_nothing_and_what_could_not_be_read_have_a_page_too(klass: Class) -> None:
    assert review(klass, CHIDI, "double", "--handed-in", klass.folder) == 0
    assert "nothing was handed in" in page(klass, CHIDI, "double")
    for place in ("a", "b"):
        (klass.folder / BELA / place).mkdir()
        (klass.folder / BELA / place / "line.py").write_text(f"# {place}\n", encoding="utf-8")
    (klass.folder / BELA / "line.py").unlink()
    assert klass.grade() == 1
    assert review(klass, BELA, "line") == 0
    assert "none: it could not be graded" in page(klass, BELA, "line")
    shutil.rmtree(klass.folder / BELA / "a")
    assert review(klass, BELA, "line", "--handed-in", klass.folder) == 0
    assert "0 of 3 points, and – of 3 as graded" in page(klass, BELA, "line")


def test_every_version_that_was_told_is_listed_and_what_was_not_shown_is_said(klass: Class) -> None:
    settings = klass.course.root / "course.yml"
    text = settings.read_text(encoding="utf-8")
    settings.write_text(text.replace("shrink_calls: 60", "shrink_calls: 60, counterexamples: 1"), encoding="utf-8")
    klass.course = Course.load(klass.course.root)
    klass.hand_in(ADA, "Twice.", TRIPLE.replace("3 *", "4 *"))
    assert klass.grade() == 0
    assert review(klass, ADA, "line", "--handed-in", klass.folder) == 0
    told = page(klass, ADA, "line")
    assert "What the student was told about this exercise, in order" in told
    assert submission_digest(TRIPLE.encode())[:12] in told
    assert "The student was not shown this call." in told


def test_of_several_attempts_the_one_that_counted_is_found_also_in_a_zip(tmp_path: Path) -> None:
    course = marked_class.make_course(tmp_path / "course")
    settings = course.root / "course.yml"
    text = settings.read_text(encoding="utf-8").replace("assignments:", "attempts: best\nassignments:")
    settings.write_text(text, encoding="utf-8")
    klass = Class(tmp_path, Course.load(course.root), {})
    klass.hand_in(f"{ADA}/2027-01-20T10-00Z", None)
    klass.hand_in(f"{ADA}/2027-01-21T10-00Z", None, TRIPLE)
    assert klass.grade() == 0
    assert review(klass, ADA, "line", "--handed-in", klass.folder) == 0
    told = page(klass, ADA, "line")
    assert "of 2 hand-ins" in told
    assert submission_digest(marked_class.LINE.encode()) in told
    shutil.make_archive(str(tmp_path / "packed"), "zip", klass.folder / ADA, "2027-01-20T10-00Z")
    assert review(klass, ADA, "line", "--handed-in", tmp_path / "packed.zip") == 0


@pytest.mark.parametrize(
    ("student", "exercise", "said"),
    [("Eve", "line", "'Eve' is nobody"), (ADA, "nothing", "no exercise 'nothing'")],
)
def test_who_is_nobody_and_what_is_no_exercise_is_told(
    klass: Class, student: str, exercise: str, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert review(klass, student, exercise) == 2
    assert said in capsys.readouterr().err
    assert not (klass.out / "reviews").exists()


def test_a_module_that_hangs_is_not_waited_for_twice(klass: Class) -> None:
    klass.hand_in(ADA, "Twice.", "def line(x):\n    while True:\n        pass\n")
    assert klass.grade() == 0
    assert review(klass, ADA, "line", "--handed-in", klass.folder) == 0
    assert "too slow" in page(klass, ADA, "line")
