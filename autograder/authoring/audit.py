"""Proves the course: what every exercise must hold for its checks to mean something.

Reference full marks, in whatever form its results come; stub 0; every correct variant full marks; every mutant caught
by the checks that it names; results that are no answer at all (None, text, NaN, a wrong shape, …) fail cleanly; parts
present, stub current, no stray file; the picture is drawn; the points add up; the diagnosis never names a misconception
that is not there.
Everything that runs here is the course's own code, so it runs in this process.
"""

from __future__ import annotations

import ast
import contextlib
import importlib.util
import io
import re
import warnings
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np

from autograder.authored import read_text
from autograder.authoring.diagnosis_trials import Tally, Trials
from autograder.authoring.hygiene import untidy
from autograder.authoring.statements import unkept
from autograder.authoring.stub import make_stub
from autograder.course import Course, Exercise
from autograder.errors import CourseError
from autograder.invoked import command
from autograder.judge.calls import Recorder
from autograder.judge.examples import Example
from autograder.judge.suite import Check, Suite, checks_of, points_of
from autograder.judge.verdict import Failed, Judge, size_of
from autograder.marking.rubric import rubric_of
from autograder.results import Outcome
from autograder.runner.session import InProcess, none_opened
from autograder.sources import load_authored, run_variant, unloadable
from autograder.student.hints import hints_by_task, tasks_by_function
from autograder.submissions.explanation import ideas
from autograder.submissions.prose import explanation

MIN_VARIANTS = 3
#: What a function of no use may return. Each check must fail on it, as the student's mistake.
GARBAGE: dict[str, Any] = {
    "None": None,
    "text": "abc",
    "NaN": float("nan"),
    "an empty array": np.zeros(0),
    "a wrong shape": np.zeros((7, 9)),
    "a list of objects": [None, {}],
    "True": True,
    "a huge integer": 10**400,
    "a dict": {"a": 1},
    "a tuple of None": (None, None),
}


#: What a hint spells as code: a shape, an index, a call.
_CODE = re.compile(r"\w*\([^()]*,[^()]*\)|\w+\[[^\]]*\]")


def as_strided(value: object) -> object:
    """An array as a view may be: neither contiguous nor writable; a number as an array without axes."""
    if isinstance(value, bool | np.bool_ | np.str_) or not isinstance(value, np.ndarray | np.generic | int | float):
        return value
    array = np.asarray(value)
    view = np.stack([array, array], axis=-1)[..., 0]
    view.flags.writeable = False
    return view


def as_plain(value: object) -> object:
    """An array as lists, numpy's numbers as Python's."""
    return value.tolist() if isinstance(value, np.ndarray | np.generic) else value


def as_float32(value: object) -> object:
    """An array or number of float64 in float32."""
    return value.astype(np.float32) if isinstance(value, np.ndarray) and value.dtype == np.float64 else value


#: Forms in which a correct solution may return what the reference returns: no check may be too strict for one. Whether
#: a form keeps the dtype: those that do not are tried only where no check uses `assert_dtype`.
FORMS: dict[str, tuple[Callable[[object], object], bool]] = {
    "arrays that are neither contiguous nor writable": (as_strided, True),
    "lists and plain numbers": (as_plain, False),
    "float32": (as_float32, False),
}


@dataclass
class Audit:
    """What was proven of one exercise, and what was not. `matrix` maps a mutant to the checks that caught it, each with
    what its assertion said."""

    exercise: Exercise
    problems: list[str] = field(default_factory=list)
    matrix: dict[str, dict[str, str]] = field(default_factory=dict)
    checks: tuple[Check, ...] = ()
    variants: int = 0
    unfrozen: list[str] = field(default_factory=list)
    points: float = 0.0
    diagnosis: Tally = field(default_factory=Tally)
    is_drawn: bool = True  # whether the picture was tried: matplotlib is there

    @property
    def is_proven(self) -> bool:
        return not self.problems

    def cost(self, mutant: str) -> float:
        """Points that a mutant loses."""
        return points_of(check for check in self.checks if check.name in self.matrix[mutant])


def audit_exercise(exercise: Exercise, seed: int = 0, diagnosis: bool = True, whole: bool = True) -> Audit:
    """Prove one exercise. Nothing is raised for what is wrong with it: that is in `problems`.

    diagnosis: measure that as well, which takes several times as long as everything else. whole: draw the pictures too,
    and try each mutant with all checks, not only with those that it names.
    """
    report = Audit(exercise)
    try:
        report.problems += missing_parts(exercise)
        report.problems += wrong_prose(exercise)
        if not exercise.solution.is_file():
            return report
        with quiet():
            suite = Suite(exercise, seed)
            report.is_drawn = importlib.util.find_spec("matplotlib") is not None
            if whole and report.is_drawn and exercise.picture.is_file():
                report.problems += wrong_pictures(exercise, suite.reference)
            judge = Judge(suite, none_opened)
            _audit_checks(report, judge, whole)
            if diagnosis:
                report.diagnosis = Trials(judge, InProcess).all(GARBAGE)
                report.problems += [f"the diagnosis is wrong: {said}" for said in report.diagnosis.wrong]
    except CourseError as problem:
        report.problems.append(str(problem))
    except SystemExit as problem:
        report.problems.append(f"a function of the reference, a variant or a mutant ends Python: exit({problem})")
    return report


def _audit_checks(report: Audit, judge: Judge, whole: bool) -> None:
    exercise, suite = report.exercise, judge.suite
    report.checks = suite.checks
    report.points = suite.max_points
    report.unfrozen = [check.name for check in suite.checks if suite.examples(check) is None]
    report.problems += unexplained_asserts(exercise)
    source = read_text(exercise.solution)
    _expect_all(report, judge, "the reference", _opener(exercise, source, "the reference"))
    stub = make_stub(source, str(exercise.solution))
    passed = [name for name, outcome in verdicts(judge, _opener(exercise, stub, "stub")).items() if outcome == "passed"]
    report.problems += [f"the stub passes {name}" for name in passed]
    _audit_tasks(report, judge, source)
    for path in exercise.variants:
        who = f"the variant {path.name}"
        _expect_all(report, judge, who, _opener(exercise, read_text(path), who))
    report.variants = len(exercise.variants)
    _audit_mutants(report, judge, whole)
    _audit_garbage(report, judge)
    _audit_forms(report, judge)
    report.problems += untidy(judge)
    report.problems += unkept(judge)


def _audit_tasks(report: Audit, judge: Judge, source: str) -> None:
    """Whoever left out one task must see it at home: alone unwritten, it breaks a public check."""
    tasks = tasks_by_function(source.encode())
    public = [check for check in judge.suite.checks if check.public]
    for name in tasks:
        left_out = make_stub(source, str(report.exercise.solution), only=name)
        opener = _opener(report.exercise, left_out, f"without {name}")
        if all(judge.run_check(check, opener(), most=1)[0] is None for check in public):
            report.problems.append(f"every public check passes without {name}, which is task {tasks[name]}")


def _expect_all(report: Audit, judge: Judge, who: str, opener: Callable[[], InProcess]) -> None:
    for check in judge.suite.checks:
        failed, failing = judge.run_check(check, opener())
        if failed is not None:
            example = min(failing, key=size_of) if failing else failed.example
            reason = _reason(judge, check, failed, example, opener)
            report.problems.append(f"{who} does not pass {check.name}: {reason}")


def _reason(
    judge: Judge, check: Check, failed: Failed, example: Example | None, opener: Callable[[], InProcess]
) -> str:
    """What was said, where an exception came from, and the last call with what came back."""
    call = ""
    if example is not None:
        recorder = Recorder(opener())
        failed = judge.attempt(check, example, recorder) or failed
        if recorder.calls:
            call = f"\n{recorder.calls[-1].text()}\ngave {recorder.calls[-1].outcome_text()}"
    said = failed.private or failed.message
    if '  File "' in said:  # a traceback, its beginning cut off
        frames = re.findall(r'File "(?:[^"]*[/\\])?([^"]+)", line (\d+)', said)
        own = [f"{name}:{line}" for name, line in frames if name.startswith((judge.suite.exercise.id, "test_"))]
        said = f"{said.splitlines()[-1]} ({', '.join(own[-2:])})"
    return f"{failed.outcome}: {said}{call}"


def _audit_mutants(report: Audit, judge: Judge, whole: bool) -> None:
    names = {check.name for check in judge.suite.checks}
    caught_anything: set[str] = set()
    for mutant in judge.suite.mutants:
        chosen = None if whole else {*mutant.caught_by, *(check.name for check in judge.suite.checks if check.public)}
        result = failures(judge, _opener(report.exercise, mutant.source, mutant.name), chosen)
        report.matrix[mutant.name] = {name: failed.private or failed.message for name, failed in result.items()}
        caught_anything |= set(result)
        for name in mutant.caught_by:
            if name not in names:
                report.problems.append(f"the mutant {mutant.name} names {name}, which is no check")
            elif name not in report.matrix[mutant.name]:
                report.problems.append(f"the mutant {mutant.name} passes {name}")
        if not mutant.caught_by:
            report.problems.append(f"the mutant {mutant.name} names no check in caught_by")
        errors = [name for name, failed in result.items() if failed.outcome is Outcome.ERROR]
        report.problems += [f"the mutant {mutant.name} makes {name} an error" for name in errors]
    report.problems += misleading_hints(judge, report.matrix)
    if whole:
        report.problems += [f"{name} catches no mutant: can it fail?" for name in sorted(names - caught_anything)]


def misleading_hints(judge: Judge, matrix: Mapping[str, Collection[str]]) -> list[str]:
    """Public hints that a student could follow to the letter into a mutant that no public check catches.

    What a hint spells as code (a shape, an index, a call) and a mutant's misconception or edit holds as well, while the
    reference does not.
    """
    public = [check for check in judge.suite.checks if check.public]
    reference = read_text(judge.suite.exercise.solution)
    problems = []
    for mutant in judge.suite.mutants:
        if {check.name for check in public} & set(matrix[mutant.name]):
            continue
        for check in public:
            for code in _CODE.findall(check.info.hint):
                if code not in reference and (code in mutant.misconception or code in mutant.source):
                    told = f"{check.name}'s hint says {code}, which makes the mutant {mutant.name}"
                    problems.append(f"{told}, and no public check catches it")
    return problems


def _audit_garbage(report: Audit, judge: Judge) -> None:
    reference = judge.suite.reference
    public = [name for name, value in vars(reference).items() if callable(value) and not name.startswith("_")]
    for label, value in GARBAGE.items():
        module = SimpleNamespace(**{name: _always(value) for name in public})
        for name, outcome in verdicts(judge, lambda module=module: InProcess(module)).items():  # type: ignore[misc]
            if outcome == "passed":
                report.problems.append(f"{name} passes a module whose functions return {label}")
            elif outcome.startswith("error"):
                report.problems.append(f"{name} breaks when a function returns {label}: {outcome}")


def _audit_forms(report: Audit, judge: Judge) -> None:
    dtype_matters = any("assert_dtype" in check.inner.__globals__ for check in judge.suite.checks)
    for label, (form, keeps_dtype) in FORMS.items():
        if keeps_dtype or not dtype_matters:
            reshaped = {name: _returning(value, form) for name, value in vars(judge.suite.reference).items()}
            opener = partial(InProcess, SimpleNamespace(**reshaped))
            _expect_all(report, judge, f"the reference, were its results {label},", opener)


def _returning(value: Any, form: Callable[[object], object]) -> Any:
    """A function whose results come in another form; anything else as it is."""
    if not callable(value) or isinstance(value, type):
        return value
    return lambda *args, **kwargs: _in_form(value(*args, **kwargs), form)


def _in_form(value: Any, form: Callable[[object], object]) -> Any:
    if type(value) in (list, tuple):
        return type(value)(_in_form(entry, form) for entry in value)
    if type(value) is dict:
        return {key: _in_form(entry, form) for key, entry in value.items()}
    return form(value)


def _always(value: Any) -> Callable[..., Any]:
    return lambda *args, **kwargs: value


def _opener(exercise: Exercise, source: str, who: str) -> Callable[[], InProcess]:
    return lambda: InProcess(run_variant(exercise, source, f"{exercise.id} {who}"))


def verdicts(judge: Judge, opener: Callable[[], InProcess]) -> dict[str, str]:
    """Outcome by check, with the message where it is an error."""
    told = {check.name: "passed" for check in judge.suite.checks}
    for name, failed in failures(judge, opener).items():
        told[name] = str(failed.outcome)
        if failed.outcome is Outcome.ERROR:
            told[name] = f"error {failed.private.splitlines()[-1] if failed.private else ''}"
    return told


def failures(judge: Judge, opener: Callable[[], InProcess], chosen: Collection[str] | None = None) -> dict[str, Failed]:
    """By check, how it failed; each check, or each chosen one, on a fresh module."""
    chosen_checks = [check for check in judge.suite.checks if chosen is None or check.name in chosen]
    ended = {check.name: judge.run_check(check, opener(), most=1)[0] for check in chosen_checks}
    return {name: failed for name, failed in ended.items() if failed is not None}


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Variants may print and numpy may warn: as in the worker, neither matters."""
    with (
        warnings.catch_warnings(),
        contextlib.redirect_stdout(io.StringIO()),
        contextlib.redirect_stderr(io.StringIO()),
    ):
        warnings.simplefilter("ignore")
        yield


# -- parts ------------------------------------------------------------------------------------------


def missing_parts(exercise: Exercise) -> list[str]:
    """Parts that are absent, stale or too many."""
    root = exercise.root
    parts = [exercise.readme, exercise.hints, exercise.picture, exercise.public_checks]
    parts += [exercise.solution, exercise.hidden_checks, exercise.mutants]
    problems = [f"{path.relative_to(root)} is missing" for path in parts if not path.is_file()]
    if exercise.solution.is_file():
        problems += stale_stub(exercise)
        problems += untiered_tasks(exercise)
    if len(exercise.variants) < MIN_VARIANTS:
        problems.append(f"{len(exercise.variants)} variants, at least {MIN_VARIANTS} are needed")
    for path in stray_files(exercise):
        problems.append(f"{path.relative_to(root)} is a stray file: no part of an exercise has that name")
    return problems


def stale_stub(exercise: Exercise) -> list[str]:
    name = exercise.stub.relative_to(exercise.root)
    if not exercise.solution.is_file():
        return [f"{exercise.solution.relative_to(exercise.root)} is missing, so {name} cannot be made"]
    try:
        wanted = make_stub(read_text(exercise.solution), str(exercise.solution))
    except CourseError as problem:
        return [str(problem)]
    if not exercise.stub.is_file():
        return [f"{name} is missing: run `{command('stubs')}`"]
    if read_text(exercise.stub) != wanted:
        return [f"{name} is not the stub of {exercise.solution.relative_to(exercise.root)}: run `{command('stubs')}`"]
    return []


def untiered_tasks(exercise: Exercise) -> list[str]:
    """Tasks of the solution without at least three hints."""
    if not exercise.hints.is_file():
        return []
    tasks = re.findall(r"\bTask (\d+)\b", read_text(exercise.solution))
    text = read_text(exercise.hints)
    hints = hints_by_task(text)
    problems = [
        f"HINTS.md has {len(hints.get(t, []))} hints for task {t}, 3 are needed"
        for t in sorted(set(tasks))
        if len(hints.get(t, [])) < 3
    ]
    problems += [
        f"HINTS.md has hints for task {t}, which the solution does not number" for t in hints.keys() - set(tasks)
    ]
    problems += [
        f"HINTS.md:{number}: found {line!r}, allowed: a heading “## Task N”"
        for number, line in enumerate(text.splitlines(), start=1)
        if line.startswith("##") and not re.fullmatch(r"## Task \d+.*", line)
    ]
    return problems if tasks else ["the solution's docstrings number no task (“Task 1.”)"]


def stray_files(exercise: Exercise) -> list[Path]:
    """Files in the exercise's folders that are none of its parts."""
    known = {exercise.readme, exercise.hints, exercise.picture, exercise.public_checks, exercise.stub}
    known |= {exercise.hidden_checks, exercise.mutants, exercise.ideas, exercise.rubric, *exercise.variants}
    paths = [p for folder in (exercise.folder, exercise.hidden_folder) for p in sorted(folder.rglob("*"))]
    return [p for p in paths if p.is_file() and p not in known and "__pycache__" not in p.parts]


def stray_folders(course: Course) -> list[str]:
    """Folders and solutions that belong to no exercise of course.yml."""
    ids = {exercise.id for exercise in course.exercises}
    pages = {page for assignment in course.assignments for page in course.pages(assignment)}
    problems = []
    for parent in (course.root / "exercises", course.root / "tests" / "exercises", course.root / "solutions"):
        strays = sorted(
            path for path in parent.glob("*") if path.stem not in ids and path not in pages and _holds_something(path)
        )
        problems += [f"{path.relative_to(course.root)} belongs to no exercise of course.yml" for path in strays]
    return problems


def _holds_something(path: Path) -> bool:
    """Not so for what Python leaves behind where a folder was."""
    paths = [path, *path.rglob("*")]
    return any(each.is_file() and "__pycache__" not in each.parts for each in paths)


def wrong_sums(course: Course) -> list[str]:
    """Points that do not add up to what course.yml promises, or cannot be added up."""
    if course.points is None:
        return []
    try:
        by_checks = sum(points_of(checks_of(exercise)) for exercise in course.required)
    except CourseError as problem:
        return [f"the points cannot be added up: {problem}"]
    by_hand = sum(exercise.by_hand for exercise in course.required)
    problems = []
    if by_checks != course.points.checks:
        problems.append(f"the checks are worth {by_checks:g} points, course.yml says {course.points.checks:g}")
    if by_hand != course.points.by_hand:
        problems.append(f"{by_hand:g} points are marked by hand, course.yml says {course.points.by_hand:g}")
    return problems


def wrong_prose(exercise: Exercise) -> list[str]:
    """What does not fit between `by_hand`, EXPLANATION, ideas.yml and rubric.yml. Raises CourseError: one is wrong."""
    ideas(exercise)
    name = exercise.ideas.relative_to(exercise.root)
    if not exercise.by_hand:
        return [f"{name}: nothing is marked by_hand in course.yml"] if exercise.ideas.is_file() else []
    rubric_of(exercise)
    if exercise.solution.is_file() and explanation(exercise.solution.read_bytes()) is None:
        return [f"{exercise.solution.relative_to(exercise.root)} has no EXPLANATION, which course.yml marks by_hand"]
    return []


def wrong_pictures(exercise: Exercise, reference: object) -> list[str]:
    """Whether picture.py draws the reference, without a note of what is missing, and the stub. Needs matplotlib."""
    from matplotlib.figure import Figure

    from autograder.pictures import NOTE

    problems = []
    stub = run_variant(exercise, make_stub(read_text(exercise.solution), str(exercise.solution)), f"{exercise.id} stub")
    for who, module in (("the reference", reference), ("the stub", stub)):
        try:
            figure = load_authored("picture", exercise.picture, exercise.root).draw(module)
            if not isinstance(figure, Figure):
                problems.append(
                    f"{exercise.picture}: draw returns {type(figure).__name__}, allowed: matplotlib's Figure"
                )
                break
            figure.savefig(io.BytesIO(), format="png", dpi=40)
        except (Exception, SystemExit) as problem:
            problems.append(str(unloadable(str(exercise.picture), problem, f"cannot draw {who}")))
            continue
        said = [text.get_text() for axes in figure.axes for text in axes.texts if text.get_gid() == NOTE]
        if module is reference:
            problems += [f"{exercise.picture}: the reference's picture says: {' '.join(note.split())}" for note in said]
    return problems


def unexplained_asserts(exercise: Exercise) -> list[str]:
    """Plain asserts without a message: students would read nothing."""
    problems = []
    for path in (exercise.public_checks, exercise.hidden_checks):
        for node in ast.walk(ast.parse(read_text(path))):
            if isinstance(node, ast.Assert) and node.msg is None:
                problems.append(f"{path.name}:{node.lineno}: an assert without a message")
    return problems
