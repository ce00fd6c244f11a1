"""What the audit says of an exercise or a course that is wrong, each place broken for itself."""

import re
import shutil
from pathlib import Path

import line_course
import pytest

from autograder.authoring import new
from autograder.authoring.audit import (
    audit_exercise,
    stray_folders,
    untiered_tasks,
    wrong_pictures,
    wrong_prose,
    wrong_sums,
)
from autograder.authoring.hygiene import untidy
from autograder.authoring.statements import unkept
from autograder.cli import main
from autograder.course import Course, Exercise
from autograder.judge.suite import Suite
from autograder.judge.verdict import Judge
from autograder.runner.session import none_opened
from autograder.sources import load_reference

PICTURE = """\
from autograder.pictures import attempt, subplots


def draw(student):
    figure, axes = subplots()
    attempt(axes[0, 0], lambda: axes[0, 0].plot([student.line(0.0), student.line(1.0)]))
    return figure
"""


@pytest.fixture
def course(tmp_path: Path) -> Course:
    return line_course.make_course(tmp_path)


@pytest.fixture
def line(course: Course) -> Exercise:
    exercise = course.exercise("01")
    exercise.picture.write_text(PICTURE)
    exercise.hints.write_text("## Task 1\n1. a\n2. b\n3. c\n")
    return exercise


def promise(course: Course, checks: float) -> Course:
    path = course.root / "course.yml"
    path.write_text(f"{path.read_text()}points: {{checks: {checks}}}\n")
    return Course.load(course.root)


def test_an_audit_of_one_exercise_tells_a_wrong_sum_first(course: Course, capsys: pytest.CaptureFixture[str]) -> None:
    promise(course, 7)
    assert main(["--course", str(course.root), "audit", "01", "--quick"]) == 1
    said = capsys.readouterr().out
    assert said.startswith("unproven: the checks are worth 6 points, course.yml says 7")
    assert "01_line" in said
    assert "02_double: " not in said


def test_a_sum_with_a_check_file_that_does_not_load_is_told(course: Course) -> None:
    course = promise(course, 6)
    assert wrong_sums(course) == []
    course.exercise("02").hidden_checks.write_text("import nothing_like_it\n")
    assert "cannot be added up: " in wrong_sums(course)[0]
    assert "test_double_hidden.py:1: cannot be loaded: ModuleNotFoundError" in wrong_sums(course)[0]


def test_a_course_without_its_folders_is_told_part_by_part(course: Course, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("exercises", "solutions", "tests"):
        shutil.rmtree(course.root / name)
    assert stray_folders(course) == []
    assert main(["--course", str(course.root), "audit"]) == 1
    assert "unproven: exercises/01_line/README.md is missing" in capsys.readouterr().out


def test_what_python_leaves_where_an_exercise_was_is_no_stray(course: Course) -> None:
    left = course.root / "exercises" / "09_gone" / "__pycache__"
    left.mkdir(parents=True)
    (left / "gone.cpython-311.pyc").write_bytes(b"")
    assert stray_folders(course) == []
    (left.parent / "gone.py").write_text("")
    assert stray_folders(course) == ["exercises/09_gone belongs to no exercise of course.yml"]


@pytest.mark.parametrize(
    ("part", "text", "said"),
    [
        ("solution", "import nothing_like_it\n", "01_line.py:1: does not load: ModuleNotFoundError"),
        ("solution", "def line(x:\n", "01_line.py"),
        ("public_checks", "x = 1\ny = z\n", "test_line.py:2: cannot be loaded: NameError: name 'z' is not defined"),
        ("hidden_checks", "raise SystemExit\n", "test_line_hidden.py:1: cannot be loaded: SystemExit"),
        ("mutants", "- 7\n", "mutants.yml:1: [0]: "),
        ("mutants", "", "mutants.yml:1: the file: found None, allowed: "),
        ("ideas", "- idea: x\n", "ideas.yml:1: [0].all: found nothing, allowed: the key 'all' is required"),
        ("ideas", "- {idea: x, all: [x]}\n", "ideas.yml: nothing is marked by_hand in course.yml"),
    ],
)
def test_a_wrong_part_is_one_line_of_the_audit(line: Exercise, part: str, text: str, said: str) -> None:
    line.stub.write_text("")
    getattr(line, part).write_text(text)
    assert said in "\n".join(audit_exercise(line, diagnosis=False).problems)


@pytest.mark.parametrize("part", ["stub", "solution", "hints", "public_checks", "mutants", "ideas"])
def test_a_part_that_is_no_text_is_told(line: Exercise, part: str) -> None:
    getattr(line, part).write_bytes(b"\xff\xfe")
    assert f"{getattr(line, part)}: cannot be " in "\n".join(audit_exercise(line, diagnosis=False).problems)


def test_stubs_of_a_solution_that_is_no_text_is_a_course_error(
    line: Exercise, capsys: pytest.CaptureFixture[str]
) -> None:
    line.solution.write_bytes(b"\xff\xfe")
    assert main(["--course", str(line.root), "stubs"]) == 2
    assert f"{line.solution}: cannot be read as UTF-8 text" in capsys.readouterr().err


def test_hints_that_no_task_gets_are_told(line: Exercise) -> None:
    line.hints.write_text("## Task 1\n1. a\n2. b\n3. c\n## task 2\n1. d\n## Task 3\n1. e\n")
    assert untiered_tasks(line) == [
        "HINTS.md has hints for task 3, which the solution does not number",
        "HINTS.md:5: found '## task 2', allowed: a heading “## Task N”",
    ]


def test_prose_that_is_marked_needs_a_place_to_be_written(course: Course) -> None:
    path = course.root / "course.yml"
    path.write_text(path.read_text().replace("title: A line", "title: A line, by_hand: 3"))
    problems = wrong_prose(Course.load(course.root).exercise("01"))
    assert problems == ["solutions/01_line.py has no EXPLANATION, which course.yml marks by_hand"]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("", "", ""),
        ("    figure, axes", "    1 / 0\n    figure, axes", "py:5: cannot draw the reference: ZeroDivisionError"),
        ("student.line(1.0)", "student.lime(1.0)", "the reference's picture says: AttributeError"),
        ("return figure", "return axes", "draw returns ndarray, allowed: matplotlib's Figure"),
        ("def draw", "def drew", "picture.py: cannot draw the reference: AttributeError"),
        ("attempt(axes[0, 0], lambda: ", "(", "picture.py:6: cannot draw the stub: NotImplementedError"),
    ],
)
def test_a_picture_that_cannot_be_drawn_is_told_with_its_line(line: Exercise, old: str, new: str, said: str) -> None:
    pytest.importorskip("matplotlib", reason="matplotlib is not installed")
    line.picture.write_text(PICTURE.replace(old, new))
    told = "\n".join(wrong_pictures(line, load_reference(line)))
    assert (said in told) if said else not told


@pytest.mark.parametrize(
    ("strict", "form"),
    [
        ("assert got.flags.c_contiguous, 'its memory is not in order'", "arrays that are neither contiguous nor writ"),
        ("assert isinstance(got, np.ndarray), 'no array'", "lists and plain numbers"),
        ("assert np.asarray(got).dtype == float, 'no float64'", "float32"),
        ("assert np.allclose(got, 2 * (x + 0.1) + 1.0, rtol=1e-12), 'not exact'", "float32"),
    ],
)
def test_a_check_too_strict_for_a_correct_solution_is_unproven(line: Exercise, strict: str, form: str) -> None:
    """Variants that end in `np.array(…, dtype=float)` would hide it."""
    text = line.hidden_checks.read_text()
    line.hidden_checks.write_text(f"{text.rstrip()}\n    got = submission.line(x + 0.1)\n    {strict}\n")
    problems = audit_exercise(line, diagnosis=False).problems
    assert any(f"the reference, were its results {form}" in p and "not pass test_line_slope" in p for p in problems)


def test_a_check_that_demands_a_dtype_refuses_lists_by_right(line: Exercise) -> None:
    text = line.hidden_checks.read_text().replace("assert_close, check", "assert_close, assert_dtype, check")
    line.hidden_checks.write_text(f"{text.rstrip()}\n    assert_dtype(submission.line(x), np.float64)\n")
    assert "were its results" not in "\n".join(audit_exercise(line, diagnosis=False).problems)


def test_a_variant_that_fails_says_which_call_gave_what(line: Exercise) -> None:
    variants = line.hidden_folder / "variants"
    variants.mkdir()
    (variants / "steep.py").write_text("def line(x):\n    return 3 * x + 1.0\n")
    (variants / "raises.py").write_text("def line(x):\n    return x.nothing + 1\n")
    problems = audit_exercise(line, diagnosis=False).problems
    steep = next(p for p in problems if "steep.py does not pass test_line_slope: failed: line" in p)
    assert "; expected " in steep
    assert "\nline([" in steep
    assert "\ngave [" in steep
    assert any("AttributeError: " in p and "01_line the variant raises.py:2)" in p for p in problems)


TASKS = '''\
def line(x):
    """Task 1."""
    ### BEGIN SOLUTION
    return 2 * x + 1.0
    ### END SOLUTION


def root(x):
    """Task 2."""
    ### BEGIN SOLUTION
    return (x - 1.0) / 2
    ### END SOLUTION
'''


def test_a_task_that_no_public_check_reaches_is_unproven(line: Exercise) -> None:
    """Else a student who never wrote it reads at home that all checks hold."""
    line.solution.write_text(TASKS)
    problems = audit_exercise(line, diagnosis=False).problems
    assert [p for p in problems if "public check passes" in p] == [
        "every public check passes without root, which is task 2"
    ]
    seen = "submission.root(1.0)\n    assert_close(submission.line(0.0)"
    line.public_checks.write_text(line.public_checks.read_text().replace("assert_close(submission.line(0.0)", seen))
    assert not any("public check passes" in p for p in audit_exercise(line, diagnosis=False).problems)


@pytest.mark.parametrize(("said", "told"), [("Look at line[0].", True), ("Look at zero.", False)])
def test_a_public_hint_that_spells_a_mutant_is_unproven(line: Exercise, said: str, told: bool) -> None:
    line.public_checks.write_text(line.public_checks.read_text().replace("Look at zero.", said))
    line.mutants.write_text(line.mutants.read_text().replace("it rises by 3", "it takes line[0] for all"))
    problems = audit_exercise(line, diagnosis=False).problems
    wanted = "test_line_of_zero's hint says line[0], which makes the mutant triple, and no public check catches it"
    assert (wanted in problems) is told


def test_what_a_function_may_do_beside_its_work_unnoticed_is_told(tmp_path: Path) -> None:
    exercise = new.new_course(tmp_path / "lines").exercise("01")
    assert untidy(Judge(Suite(exercise), none_opened)) == []
    text = exercise.hidden_checks.read_text(encoding="utf-8")
    exercise.hidden_checks.write_text(text.replace("with unchanged(x=a, y=b), global_random_untouched():", "if True:"))
    assert untidy(Judge(Suite(exercise), none_opened)) == [
        "no check notices that line_fit edits its argument x",
        "no check notices that line_fit edits its argument y",
        "no check notices that line_fit draws from np.random",
    ]


GUARDED = '''"""One task with bounds, a default and a dtype."""

import numpy as np


def line(n, shift=0.5):
    """Task 1. The number of n. Returns a float64 array. Raises ValueError outside 0 … 2."""
    ### BEGIN SOLUTION
    if n < 0 or n > 2:
        raise ValueError(f"found {n}")
    return np.asarray(n + shift)
    ### END SOLUTION
'''
ASKED = """\
import numpy as np
from autograder.checks import assert_close, assert_dtype, assert_raises, check

@check(points=2, hint="Mind the ends.")
def test_line_guarded(submission):
    '''Each n of 0 … 2 has its number.'''
    for n in (0, 2):
        assert_close(submission.line(n), n + 0.5)
    assert_dtype(submission.line(1), np.float64)
    assert_raises(ValueError, submission.line, -1, what="n = -1")
    assert_raises(ValueError, submission.line, 3, what="n = 3")
"""


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("", "", []),
        ('    assert_raises(ValueError, submission.line, 3, what="n = 3")\n', "", ["that `n > 2` raises no error"]),
        ("(0, 2)", "(1,)", ["another bound in `n < 0`, its number 1", "another bound in `n > 2`, its number 1"]),
        ("    assert_dtype(submission.line(1), np.float64)\n", "", ["that line returns float32"]),
        ("line(n)", "line(n, 0.5)", ["another default of line's shift"]),
    ],
)
def test_what_a_page_says_and_no_check_asks_for_is_told(line: Exercise, old: str, new: str, told: list[str]) -> None:
    line.solution.write_text(GUARDED)
    line.public_checks.write_text(ASKED.partition("    for n")[0].replace("guarded", "public"))
    line.hidden_checks.write_text(ASKED.replace(old, new))
    problems = [problem.partition(" (line")[0] for problem in unkept(Judge(Suite(line), none_opened))]
    assert problems == [f"no check notices {said}" for said in told]


def test_an_error_that_comes_with_and_without_its_guard_is_no_gap(line: Exercise) -> None:
    """Past its end a list raises IndexError by itself; below 0 it does not."""
    source = GUARDED.replace("ValueError", "IndexError").replace("n + shift", "[0.5, 1.5, 2.5][n] + shift - 0.5")
    line.solution.write_text(source)
    line.public_checks.write_text(ASKED.partition("    for n")[0].replace("guarded", "public"))
    line.hidden_checks.write_text(ASKED.replace("ValueError", "IndexError"))
    assert unkept(Judge(Suite(line), none_opened)) == []


def test_the_matrix_tells_what_a_mistake_costs_and_why(course: Course, capsys: pytest.CaptureFixture[str]) -> None:
    main(["--course", str(course.root), "audit", "01", "--quick", "--why"])
    told = capsys.readouterr().out
    mutant = Suite(course.exercise("01")).mutants[0]
    assert re.search(rf"{mutant.name} +[×·]+  −\d", told)
    assert f"{mutant.caught_by[0]}: " in told
