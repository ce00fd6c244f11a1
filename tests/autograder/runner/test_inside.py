"""The worker in this process tells what a worker of its own tells, and leaves nothing behind."""

import sys
from pathlib import Path

import pytest
from desk import HALF, make_desk, solve

from autograder.cli import main
from autograder.course import Course, Given
from autograder.results import Outcome
from autograder.runner.inside import InsideRunner
from autograder.runner.student import Runner
from autograder.student.selfcheck import check_exercise
from autograder.student.told import Told, told_of

WRONG = [
    "import nowhere\n",
    "def add_noise(:\n",
    "exit()\n",
    HALF,
    HALF.replace("return level * x0", "return level * x0[0, 1, 2]"),
    HALF.replace("return level * x0", "x0 *= 2\n    return level * x0"),
    HALF.replace("return level * x0", "raise SystemExit(3)"),
    HALF.replace("return level * x0", "raise EOFError"),
    HALF.replace("return level * x0", "return lambda: x0"),
    HALF.replace("return level * x0", "return object()"),
    HALF.replace("return level * x0", "import pytest\n    import autograder.checks\n    return x0"),
    HALF.replace("return level * x0", "from . import other\n    return x0"),
    HALF.replace("return level * x0", "import sklearn\n    return x0"),
    HALF.replace("return level * x0", "np.random.seed(1)\n    return np.random.normal(size=x0.shape)"),
]


def inside(prints: object, given: Given) -> Runner:
    return InsideRunner(given)


def both(course: Course, name: str) -> list[Told]:
    exercise = course.exercise(name)
    return [told_of(check_exercise(course, exercise)), told_of(check_exercise(course, exercise, inside))]


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory, course: Course) -> Course:
    return make_desk(tmp_path_factory.mktemp("desk"), course)


@pytest.mark.parametrize("source", WRONG, ids=range(len(WRONG)))
def test_a_wrong_module_is_told_of_in_the_same_words(
    desk: Course, source: str, capfd: pytest.CaptureFixture[str]
) -> None:
    desk.exercise("05").stub.write_text(source)
    modules, finders = dict(sys.modules), list(sys.meta_path)
    apart, here = both(desk, "05")
    capfd.readouterr()
    assert apart.laws == here.laws
    assert (apart.message, apart.notes, apart.state) == (here.message, here.notes, here.state)
    assert sys.meta_path == finders
    assert sys.modules.get("noisy_sample") is modules.get("noisy_sample")


def test_modules_that_use_others_and_call_back_hold_here_too(tmp_path: Path, course: Course) -> None:
    desk = make_desk(tmp_path, course, "clean-it")
    names = [exercise.id for exercise in desk.exercises]
    solve(desk, course, *names)
    for name in names:
        apart, here = both(desk, name)
        assert here.is_done
        assert apart.laws == here.laws


def test_a_property_draws_as_many_examples_as_there_is_time_for(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """In a page fewer than at home, and the law holds or breaks all the same."""
    assert main(["new", str(tmp_path / "lines")]) == 0
    lines = Course.load(tmp_path / "lines")
    exercise = lines.exercises[0]
    exercise.stub.write_text(exercise.solution.read_text().replace("    ### BEGIN SOLUTION", "    print('asked')"))
    capfd.readouterr()
    many = check_exercise(lines, exercise, inside)
    calls = capfd.readouterr().out.count("asked")
    few = check_exercise(lines, exercise, inside, examples=20)
    assert capfd.readouterr().out.count("asked") == 1 + 20 < calls
    assert many.is_done
    assert few.is_done
    exercise.stub.write_text(exercise.solution.read_text().replace("return slope", "return -slope"))
    broken = check_exercise(lines, exercise, inside, examples=20).result.checks
    assert [check.outcome for check in broken] == [Outcome.FAILED, Outcome.FAILED]
