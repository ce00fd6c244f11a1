"""No line of a reference or of a hidden check stands in anything that a run writes, says or complains about.

The class hands in modules that make trusted code fail: a valid handle, arguments that cannot work. Whatever such a
failure says crosses from one worker to another, or from the judge to a worker, and may end in a report.
"""

from __future__ import annotations

from pathlib import Path

import attacks
import courses
import line_course as lines
import pytest

from autograder.batch.ledger import NAME
from autograder.course import Course, Exercise
from autograder.runner import machine

pytestmark = pytest.mark.skipif(machine.probe().level != "strict", reason="this machine cannot lock down")

EXERCISES = ("09_eps_loss", "11_reverse_step", "12_ddpm_sampler", "18_edit_inpaint")
COURSE = """\
title: Canaries
grading: {shrink_calls: 10}
assignments:
  - id: leaks
    title: What leaks
    due: 2027-01-22T23:59:00+00:00
    exercises:
      - {id: 09_eps_loss, title: The training loss}
      - {id: 11_reverse_step, title: One denoising step}
      - {id: 12_ddpm_sampler, title: Sampling from pure noise, uses: [reverse_step]}
      - {id: 18_edit_inpaint, title: Editing and inpainting, uses: [reverse_step]}
"""
#: Calls of what the grader lends that fail in trusted code. x, model, betas are at hand.
FAILING = {
    "no_array": 'reverse_mean_var(x, "no array", 1, betas)',
    "wrong_shape": "reverse_mean_var(x, np.ones((7, 5, 3)), 1, betas)",
    "no_such_level": "reverse_mean_var(x, x, 10**6, betas)",
    "a_level_of_text": 'reverse_mean_var(x, x, "t", betas)',
    "nothing": "reverse_mean_var()",
    "a_keyword": "reverse_mean_var(x, x, 1, betas, secret=1)",
    "a_function": "reverse_mean_var(x, lambda *_: 1 / 0, 1, betas)",
    "no_betas": "reverse_mean_var(x, x, 1, None)",
    "dicts": "reverse_mean_var({}, [], {1: 2}, ())",
    "a_generator": "reverse_mean_var(np.random.default_rng(0), x, 1, betas)",
    "a_model_s_own": "reverse_mean_var(model, model, 0, betas)",
    "a_model_of_text": 'model("x", 0)',
    "a_model_of_nothing": "model()",
    "a_model_too_late": "model(x, 10**6)",
    "a_model_of_rows": "model(x, np.arange(len(x)) - 5)",
    "a_model_of_infinity": "[model(np.full(np.shape(x), np.inf), 0), model(np.full(np.shape(x), np.nan), 1)][0]",
    "a_keyword_of_a_model": "model(x, 0, secret=1)",
}
MODULES = {
    "ddpm_sampler": (
        "def ddpm_sample(model, betas, shape, rng):\n    return attack(rng.standard_normal(shape), model, betas)"
    ),
    "edit_inpaint": (
        "def edit(model, x, strength, betas, rng):\n    return attack(x, model, betas)\n"
        "def inpaint(model, x, mask, betas, rng):\n    return attack(x, model, betas)"
    ),
    "eps_loss": "def eps_loss(model, x0, t, eps, alpha_bars):\n    return attack(x0, model, alpha_bars)",
}
LETS_THROUGH = "def attack(x, model, betas):\n    return {call}"
TELLS = """\
def attack(x, model, betas):
    try:
        return {call}
    except Exception as error:
        told = [repr(error), repr(vars(error)), repr(error.__cause__), repr(error.__context__), traceback.format_exc()]
        raise PermissionError(" ".join(told)) from error  # which the instructor is told of
"""
HEAD = "import traceback\nimport numpy as np\n"


#: A call of each kind; the others are left to `make slow`.
SOME = {name: FAILING[name] for name in ("no_array", "a_keyword", "a_model_too_late")}


def write_class(folder: Path, failing: dict[str, str]) -> None:
    """A student for each failing call, with each way to pass on what it says; one whose call fails on import."""
    for name, call in failing.items():
        for slug, way in (("ddpm_sampler", LETS_THROUGH), ("edit_inpaint", TELLS), ("eps_loss", LETS_THROUGH)):
            if slug != "eps_loss" or "reverse_mean_var" not in call:
                write_module(folder / name, slug, way.format(call=call))
    write_module(folder / "on_import", "ddpm_sampler", 'reverse_mean_var(np.ones((2, 2)), "no array", 1, np.ones(3))')


def write_module(folder: Path, slug: str, attack: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    uses = "" if slug == "eps_loss" else "from reverse_step import reverse_mean_var\n"
    (folder / f"{slug}.py").write_text(f"{HEAD}{uses}{attack}\n\n{MODULES[slug]}\n")


def code_of(path: Path) -> list[str]:
    """The lines of a file as they stand there, without what surrounds them, but for the shortest."""
    found = [line.strip() for line in path.read_text(encoding="utf-8").splitlines()]
    return [line for line in found if len(line) >= 16 and not line.startswith(("from", "import", "#", '"""', "@", ")"))]


def secret_lines(exercise: Exercise) -> set[str]:
    """Lines of the reference and the hidden checks that students do not have: no law, no hint."""
    shown = [*code_of(exercise.stub), *code_of(exercise.public_checks)]
    told = {line for line in code_of(exercise.hidden_checks) if line.startswith(("points=", "hint=")) or '"""' in line}
    return {*code_of(exercise.solution), *code_of(exercise.hidden_checks)} - set(shown) - told


def everything_said(out: Path) -> dict[str, str]:
    """What every file of an output folder holds, by name."""
    return {str(path.relative_to(out.parent)): path.read_text() for path in out.rglob("*") if is_shown(path)}


def is_shown(path: Path) -> bool:
    """The journal is the grader's own and holds tracebacks of checks, for the instructor."""
    return path.is_file() and not path.name.startswith(NAME)


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Course:
    folder = tmp_path_factory.mktemp("canary") / "course"
    return attacks.plant(courses.copy(folder, COURSE, EXERCISES), [name[3:] for name in EXERCISES])


@pytest.fixture(scope="module", params=["some", pytest.param("all", marks=pytest.mark.slow)])
def said(request: pytest.FixtureRequest, course: Course, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Everything that `grade` and `report` wrote, printed and complained about."""
    folder = tmp_path_factory.mktemp("graded")
    write_class(folder / "class", FAILING if request.param == "all" else SOME)
    graded = lines.run(course.root, "grade", folder / "class", "--out", folder / "out", "--workers", 2)
    one = lines.run(course.root, "grade", folder / "class" / "no_array", "--out", folder / "one", "--workers", 1)
    reported = lines.run(course.root, "report", folder / "out")
    assert (graded.returncode, one.returncode, reported.returncode) == (0, 0, 0), graded.stderr + one.stderr
    printed = {"stdout": graded.stdout + one.stdout + reported.stdout}
    complained = {"stderr": graded.stderr + one.stderr + reported.stderr}
    return {**everything_said(folder / "out"), **everything_said(folder / "one"), **printed, **complained}


def test_nothing_that_is_written_or_said_holds_a_line_of_the_reference_or_of_a_hidden_check(
    course: Course, said: dict[str, str]
) -> None:
    names = {Path(name).name for name in said}
    assert {"grades.csv", "results.json", "feedback.html", "flags.csv", "report.html", "stdout", "stderr"} <= names
    secrets = {line for exercise in course.exercises for line in secret_lines(exercise)}
    assert len(secrets) > 200
    read = {name: unescaped(text) for name, text in said.items()}
    assert [(name, line) for name, text in read.items() for line in {attacks.CANARY, *secrets} if line in text] == []


def unescaped(text: str) -> str:
    """As a person reads it."""
    for escaped, plain in (("&lt;", "<"), ("&gt;", ">"), ("&#39;", "'"), ("&quot;", '"'), ('\\"', '"'), ("&amp;", "&")):
        text = text.replace(escaped, plain)
    return text


def test_the_judge_has_nothing_to_say_on_stderr(said: dict[str, str]) -> None:
    """Not even numpy's warnings, which show the line that they come from."""
    assert said["stderr"] == ""


def test_what_fails_in_the_reference_is_told_by_kind_and_message_at_the_student_s_own_line(
    said: dict[str, str],
) -> None:
    page = next(text for name, text in said.items() if name.endswith("no_array/feedback.html"))
    assert "no array" in page
    assert "UFuncTypeError" not in page
