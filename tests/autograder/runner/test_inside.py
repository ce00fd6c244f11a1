"""The worker in this process tells what a worker of its own tells, and leaves nothing behind."""

import builtins
import math
import sys
import warnings
from pathlib import Path

import numpy as np
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


TURNED = [
    "np.sqrt = lambda x: x\n",
    "np.linalg.norm = None\n",
    "np.seterr(all='raise')\n",
    "np.set_printoptions(precision=1)\n",
    "import builtins\nbuiltins.abs = builtins.x0 = 3\n",
    "import math\ndel math.tau\n",
    "import sys\nsys.setrecursionlimit(10_000)\n",
    "import warnings\nwarnings.simplefilter('error')\n",
]


@pytest.mark.parametrize("line", TURNED)
def test_what_a_module_turns_is_put_back_for_the_next(desk: Course, line: str) -> None:
    def settings() -> list[object]:
        own = [np.sqrt, np.linalg.norm, np.geterr(), np.get_printoptions(), math.tau]
        return [*own, sys.getrecursionlimit(), list(warnings.filters), dict(vars(builtins))]

    before = settings()
    desk.exercise("05").stub.write_text(HALF.replace("import numpy as np\n", f"import numpy as np\n{line}"))
    assert line in desk.exercise("05").stub.read_text()
    check_exercise(desk, desk.exercise("05"), inside)
    assert settings() == before


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
