"""`make bench`: what grading costs, against the ways in which it is done elsewhere, on the same submissions and checks.

One run, the rounds of all contestants in turn, so that a busy machine is busy for all of them. CPU seconds are summed
over every process that takes part; wall seconds mean little while others use the machine. Nothing here is asserted.
"""

from __future__ import annotations

import argparse
import contextlib
import filecmp
import io
import json
import os
import platform
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import line_course
import nbformat
import numpy as np
from cluster import Cluster, wait_for
from nbformat import v4
from rich.console import Console

from autograder.batch.batch import Batch, Local
from autograder.batch.ledger import Ledger
from autograder.batch.local_judges import Judges
from autograder.batch.progress import Progress
from autograder.course import Course, Exercise
from autograder.judge.mutants import read_mutants
from autograder.judge.suite import Suite
from autograder.judge.verdict import Judge
from autograder.limits import Limits
from autograder.runner import machine
from autograder.runner.locked import ZygoteRunner
from autograder.runner.runners import module_of
from autograder.runner.session import InProcess, Session
from autograder.runner.student import Connection, Module
from autograder.sources import run_variant
from autograder.submissions.submission import Entry

ROOT = Path(__file__).resolve().parents[2]
ASSIGNMENT = "dirty-it"
#: What is compared: exercises of one assignment; none: all of ASSIGNMENT.
CHOSEN: list[Exercise] = []
DISTINCT = 40  # of the classes by which `scale` measures
TICK = os.sysconf("SC_CLK_TCK")

Modules = dict[str, str]  # slug: source


def chosen(course: Course) -> list[Exercise]:
    return CHOSEN or list(course.assignment(ASSIGNMENT).exercises)


@dataclass
class Timing:
    """Seconds a submission, a round each."""

    wall: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)
    split: dict[str, float] = field(default_factory=dict)  # CPU seconds of the last round, by who used them


# --- submissions ------------------------------------------------------------------------------------------


def right(course: Course, count: int) -> list[Modules]:
    """Correct submissions, no two alike."""
    exercises = chosen(course)
    return [
        {e.slug: f"{[e.solution, *e.variants][i % 4].read_text()}\n# {i}\n" for e in exercises} for i in range(count)
    ]


def wrong(course: Course, count: int) -> list[Modules]:
    """Submissions with one misconception in every exercise."""
    mutants = {e.slug: read_mutants(e) for e in chosen(course)}
    return [{slug: f"{m[(3 * i) % len(m)].source}\n# {i}\n" for slug, m in mutants.items()} for i in range(count)]


# --- contestants ------------------------------------------------------------------------------------------


def floor(course: Course, suites: dict[str, Suite], klass: list[Modules]) -> None:
    """Every check with Hypothesis in this warm process, without any isolation."""
    for modules in klass:
        for exercise in chosen(course):
            module = run_variant(exercise, modules[exercise.slug], "student.py")
            for check in suites[exercise.id].checks:
                with contextlib.suppress(Exception), warnings.catch_warnings():
                    warnings.simplefilter("ignore")
                    with contextlib.redirect_stdout(io.StringIO()):
                        check.function(submission=module)


def plain_pytest(course: Course, klass: list[Modules]) -> None:
    """A pytest process a submission: the student's modules stand where the references are, in the same process."""
    for modules in klass:
        with tempfile.TemporaryDirectory() as place:
            root = Path(place)
            shutil.copy(course.root / "course.yml", root)
            (root / "solutions").mkdir()
            folders = []
            for exercise in chosen(course):
                for part in (exercise.folder, exercise.hidden_folder):
                    folders.append(str(part.relative_to(course.root)))
                    shutil.copytree(part, root / folders[-1], ignore=shutil.ignore_patterns("variants", "__pycache__"))
                (root / "solutions" / f"{exercise.id}.py").write_text(modules[exercise.slug])
                for used in (course.exercise(slug) for slug in exercise.uses if slug not in modules):
                    (root / "exercises" / used.id).mkdir(exist_ok=True)  # two may use the same
                    shutil.copy(used.solution, root / "solutions")
            quiet = ["-q", "--no-header", "--tb=short", "-p", "no:cacheprovider", "--import-mode=importlib"]
            done = subprocess.run(
                [sys.executable, "-m", "pytest", *quiet, *folders], cwd=root, capture_output=True, check=False
            )
            assert done.returncode in (0, 1), done.stdout[-2000:]


SETUP_CELL = """\
from functools import cache
from pathlib import Path
from autograder.course import Course, Exercise
from autograder.sources import load_file
from autograder.judge.suite import Suite
_checks = {{
    (exercise.slug, check.name): check.function
    for exercise in Course.load(Path({root!r})).exercises
    if exercise.slug in {slugs!r}
    for check in Suite(exercise).checks
}}
_module = cache(lambda slug: load_file(slug, Path(slug + ".py")))
"""
GRADE_CELL = "_checks[{slug!r}, {check!r}](submission=_module({slug!r}))"


class NbGrader:
    """nbgrader's own course: a notebook whose grade cells run one check each, and `nbgrader autograde`."""

    def __init__(self, folder: Path, course: Course, suites: dict[str, Suite]) -> None:
        self.folder, self.course = folder, course
        self.slugs = [exercise.slug for exercise in chosen(course)]
        cells = [v4.new_code_cell(SETUP_CELL.format(root=str(course.root), slugs=self.slugs))]
        for exercise in chosen(course):
            for check in suites[exercise.id].checks:
                cell = v4.new_code_cell(GRADE_CELL.format(slug=exercise.slug, check=check.name))
                cell.metadata["nbgrader"] = {
                    "grade": True,
                    "solution": False,
                    "locked": True,
                    "grade_id": f"{exercise.slug}-{check.name}",
                    "points": check.info.points,
                    "schema_version": 3,
                    "task": False,
                }
                cells.append(cell)
        kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
        self.notebook = v4.new_notebook(cells=cells, metadata={"kernelspec": kernel})
        release = folder / "source" / "bench"
        release.mkdir(parents=True)
        nbformat.write(self.notebook, release / "bench.ipynb")
        self._run("generate_assignment", "bench", "--force")

    def _run(self, *arguments: str) -> None:
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        done = subprocess.run(
            [sys.executable, "-m", "nbgrader", *arguments, "--course", "bench"],
            cwd=self.folder,
            env=os.environ | {"PATH": path},
            capture_output=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr[-3000:]

    def hand_in(self, klass: list[Modules]) -> None:
        for part in ("submitted", "autograded"):
            shutil.rmtree(self.folder / part, ignore_errors=True)
        for i, modules in enumerate(klass):
            place = self.folder / "submitted" / f"student{i}" / "bench"
            place.mkdir(parents=True)
            shutil.copy(self.folder / "release" / "bench" / "bench.ipynb", place)
            for slug, source in modules.items():
                (place / f"{slug}.py").write_text(source)

    def grade(self) -> None:
        self._run("autograde", "bench", "--force")


class Ours:
    """Our judges, warm, with frozen examples in memory."""

    def __init__(self, folder: Path, course: Course, workers: int) -> None:
        self._folder, self._course = folder, course
        self._crew = Local(course, workers)
        self._close, self._crew.close = self._crew.close, lambda: None  # type: ignore[method-assign]
        self._workers, self._rounds = workers, 0
        self.grade(right(course, 2 * workers))  # each judge draws or reads its examples

    def grade(self, klass: list[Modules]) -> None:
        self._rounds += 1
        entries = []
        place = self._folder / f"ours{self._workers}_{self._rounds}"
        for i, modules in enumerate(klass):
            (place / f"student{i}").mkdir(parents=True)
            for slug, source in modules.items():
                (place / f"student{i}" / f"{slug}.py").write_text(f"{source}# {self._rounds}\n")
            entries.append(Entry(f"student{i}", place / f"student{i}"))
        exercises = chosen(self._course)
        with Ledger(place / "ledger.sqlite") as ledger, Progress(0, Console(stderr=True)) as progress:
            batch = Batch(self._course, exercises, ledger)
            batch.grade(entries, lambda: self._crew, progress)
            assert not any(report.has_error for report in batch.reports)

    def processes(self) -> dict[str, list[int]]:
        """Who takes part, by kind; workers' time is their zygote's, which reaps them."""
        executor = self._crew.executor
        assert isinstance(executor, Judges)
        judges = executor.pids
        zygotes = [pid for judge in judges for pid in _children(judge) if _is_zygote(pid)]
        return {"judge": judges, "zygote and workers": zygotes}

    def close(self) -> None:
        self._close()


def _children(pid: int) -> Iterator[int]:
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        yield from map(int, task.read_text().split())


def _is_zygote(pid: int) -> bool:
    return "autograder.runner.zygote" in Path(f"/proc/{pid}/cmdline").read_text()


def _used(pid: int) -> float:
    """CPU seconds of a process and of the children that it reaped."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return sum(map(int, fields[11:15])) / TICK


# --- measuring --------------------------------------------------------------------------------------------


def cpu_here_and_below() -> float:
    """CPU seconds of this process and of the children that it waited for."""
    kinds = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    return sum(u.ru_utime + u.ru_stime for u in map(resource.getrusage, kinds))


def timed(timing: Timing, count: int, work: Callable[[], None], ours: Ours | None = None) -> None:
    """One round of `count` submissions."""
    before = {kind: sum(map(_used, pids)) for kind, pids in ours.processes().items()} if ours else {}
    cpu, wall = cpu_here_and_below(), time.perf_counter()
    work()
    timing.wall.append((time.perf_counter() - wall) / count)
    if ours is None:
        timing.cpu.append((cpu_here_and_below() - cpu) / count)
        return
    after = {kind: sum(map(_used, pids)) for kind, pids in ours.processes().items()}
    timing.split = {kind: (after[kind] - before[kind]) / count for kind in after}
    own = 0.0 if os.getpid() in ours.processes()["judge"] else cpu_here_and_below() - cpu
    timing.cpu.append(sum(timing.split.values()) + own / count)


def spread(values: list[float], unit: str = "") -> str:
    return f"{min(values):8.3f} {statistics.median(values):8.3f} {max(values):8.3f}{unit}"


Compared = dict[str, dict[str, Timing]]  # by kind of class and contestant


def compare(rounds: int, students: int, kinds: dict[str, Callable[[Course, int], list[Modules]]]) -> Compared:
    """The contestants on the same classes, in turn."""
    course, compared = Course.load(ROOT), {}
    suites = {e.id: Suite(e, course.grading.seed) for e in chosen(course)}
    checks = [check for suite in suites.values() for check in suite.checks]
    print(f"{len(checks)} checks, {sum(c.is_property for c in checks)} of them properties; {students} students a round")
    names = ["floor", "pytest", "nbgrader", "1 judge", "2 judges"]
    with tempfile.TemporaryDirectory() as place, contextlib.ExitStack() as stack:
        nbgrader = NbGrader(Path(place) / "nbgrader", course, suites)
        ours = {f"{n} judge{'s' * (n > 1)}": Ours(Path(place), course, n) for n in (1, 2)}
        for each in ours.values():
            stack.callback(each.close)
        for kind, make in kinds.items():
            klass = make(course, students)
            found = {name: Timing() for name in names}
            few = klass[: max(1, students // 2)]
            for _ in range(rounds):
                timed(found["floor"], len(few), lambda few=few: floor(course, suites, few))
                timed(found["pytest"], 1, lambda few=few: plain_pytest(course, few[:1]))
                nbgrader.hand_in(few[:1])
                timed(found["nbgrader"], 1, nbgrader.grade)
                for name, each in ours.items():
                    timed(found[name], len(klass), lambda each=each, klass=klass: each.grade(klass), each)
            compared[kind] = found
    return compared


def show(kind: str, found: dict[str, Timing]) -> None:
    print(f"\n{kind} submissions, seconds a submission: min, median, max")
    for name, timing in found.items():
        split = ", ".join(f"{who} {seconds:.3f}" for who, seconds in timing.split.items())
        print(f"  {name:9} CPU {spread(timing.cpu)}   wall {spread(timing.wall)}   {split}")


def ratio(one: list[float], two: list[float]) -> str:
    """Of medians, with the extremes that the rounds allow."""
    middle = statistics.median(one) / statistics.median(two)
    return f"{middle:7.2f}  ({min(one) / max(two):.2f} … {max(one) / min(two):.2f})"


def targets(good: dict[str, Timing], bad: dict[str, Timing]) -> None:
    """The ratios that the grader is held to."""
    print("\nratios of medians (of the extremes), target")
    for what, unit in (("CPU", "cpu"), ("wall", "wall")):
        value = {name: getattr(timing, unit) for name, timing in good.items()}
        failing = {name: getattr(timing, unit) for name, timing in bad.items()}
        print(f"  {what:4} 1 judge / floor, correct        {ratio(value['1 judge'], value['floor'])}   ≤ 0.20")
        print(f"  {what:4} pytest / 1 judge, correct       {ratio(value['pytest'], value['1 judge'])}   ≥ 8")
        print(f"  {what:4} nbgrader / 1 judge, correct     {ratio(value['nbgrader'], value['1 judge'])}   ≥ 12")
        print(f"  {what:4} 1 judge, wrong / correct        {ratio(failing['1 judge'], value['1 judge'])}   ≤ 1.5")
        print(f"  {what:4} 1 judge / floor, wrong          {ratio(failing['1 judge'], failing['floor'])}")
    print(f"  wall 1 judge / 2 judges, correct     {ratio(good['1 judge'].wall, good['2 judges'].wall)}   ≥ 1.8")
    print(
        f"  CPU  2 judges / 1 judge, correct     {ratio(good['2 judges'].cpu, good['1 judge'].cpu)}   (for 1.8: 1.11)"
    )


def survey(rounds: int) -> None:
    """A line an assignment: what a correct submission costs, how much more elsewhere, and a class's time."""
    print("\ncorrect submissions, an assignment a line: CPU s by one judge, of judge and workers; ratios; 100 students")
    print("                  CPU s  judge workers  / floor pytest / nbgrader /  two judges")
    for assignment in Course.load(ROOT).assignments:
        CHOSEN[:] = assignment.exercises
        with contextlib.redirect_stdout(io.StringIO()):
            found = compare(rounds, 2, {"correct": right})["correct"]
        ours = statistics.median(found["1 judge"].cpu)
        others = [statistics.median(found[name].cpu) for name in ("floor", "pytest", "nbgrader")]
        judge, workers = (found["1 judge"].split[kind] for kind in ("judge", "zygote and workers"))
        minutes = 100 * statistics.median(found["2 judges"].wall) / 60
        ratios = f"{ours / others[0]:7.2f} {others[1] / ours:8.1f} {others[2] / ours:10.1f}"
        print(f"  {assignment.id:14} {ours:6.2f} {judge:6.2f} {workers:7.2f}  {ratios} {minutes:5.1f} m", flush=True)
    CHOSEN.clear()


PRAIRIELEARN = """\
import pytest
from pathlib import Path
from autograder.course import Course
from autograder.judge.suite import Suite
from pytest_prairielearn_grader import ConfigObject

autograder_config = ConfigObject(sandbox_timeout=60.0, import_whitelist=["numpy"])
CHECKS = Suite(Course.load(Path({root!r})).exercise({exercise!r})).checks


class Submission:
    def __init__(self, sandbox):
        self._sandbox = sandbox

    def __getattr__(self, name):
        return lambda *args, **kwargs: self._sandbox.query_function(name, *args, query_timeout=30.0, **kwargs)


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.name)
@pytest.mark.grading_data(name="a law", points=1)
def test_law(sandbox, check):
    check.function(submission=Submission(sandbox))
"""


def prairielearn(python: Path, rounds: int) -> None:
    """The peer that keeps student code in another process too, on exercise 05, whose checks lend nothing; beside ours.

    `python` is that of an environment with pytest-prairielearn-grader and with what this package needs.
    """
    course = Course.load(ROOT)
    CHOSEN[:] = [course.exercise("05")]
    klass, theirs, ours = right(course, 1), Timing(), Timing()
    with tempfile.TemporaryDirectory() as place:
        judges = Ours(Path(place), course, 1)
        root = Path(place) / "prairielearn"
        (root / "test_student").mkdir(parents=True)
        (root / "test_student" / "student_code.py").write_text(klass[0][CHOSEN[0].slug])
        (root / "test_student.py").write_text(PRAIRIELEARN.format(root=str(ROOT), exercise="05"))
        command = [str(python), "-m", "pytest", "-q", "-p", "no:cacheprovider"]
        environment = os.environ | {"PYTHONPATH": str(ROOT)}

        def run() -> None:
            done = subprocess.run(command, cwd=root, env=environment, capture_output=True, check=False)
            assert (root / "autograder_results.json").is_file(), done.stdout[-2000:]

        for _ in range(rounds):
            timed(theirs, 1, run)
            timed(ours, 1, lambda: judges.grade(klass), judges)
        judges.close()
    CHOSEN.clear()
    print(f"\nexercise 05, pytest-prairielearn-grader / one judge, CPU {ratio(theirs.cpu, ours.cpu)}")
    print(f"  theirs {spread(theirs.cpu)} s, ours {spread(ours.cpu)} s")


def profile(rounds: int) -> None:
    """Where the CPU time of one correct submission goes, an exercise a line, of all processes together.

    What is left of it when its examples and idle workers are taken away went into messages and into taking turns.
    """
    print(
        "\nwhere CPU seconds go, one correct submission, medians: its examples without a wire, as many workers that are"
    )
    print("asked nothing, and the rest: messages. Calls of the judge, and calls back of what it lent.")
    print("                          checks  calls   back |    all = examples + workers + messages")
    whole = np.zeros(4)
    for exercise, runner, judge in warm_judges(Course.load(ROOT)):
        source, checks = exercise.solution.read_bytes(), len(judge.suite.checks)
        reference = run_variant(exercise, source.decode(), "reference")
        alone = Judge(judge.suite, lambda _, reference=reference: InProcess(reference))
        grade_in_full(alone, source)
        runner.calls = runner.back = 0
        judge.grade(source)
        calls, back = runner.calls, runner.back
        every = [runner.spent_on(judge.grade, source) for _ in range(rounds)]
        examples = [runner.spent_on(alone.grade, source) for _ in range(rounds)]
        idle = module_of(exercise, source)
        workers = [runner.spent_on(runner.start_and_end, idle, checks) for _ in range(rounds)]
        row = np.array([statistics.median(found) for found in (every, examples, workers)])
        row = np.append(row, row[0] - row[1] - row[2])
        whole += row
        print(f"  {exercise.id:24} {checks:5} {calls:6} {back:6} | {_seconds(row)}", flush=True)
    print(f"  {'all together':45} | {_seconds(whole)}")
    print(f"  {'of it':45} | {'    '.join(f'{share:6.0%}' for share in whole / whole[0])}")


def warm_judges(course: Course) -> Iterator[tuple[Exercise, CountingRunner, Judge]]:
    """Each exercise with a judge that has graded its reference, on one core with its workers, as in a class."""
    cores = os.sched_getaffinity(0)
    os.sched_setaffinity(0, [min(cores)])
    try:
        for exercise in course.exercises:
            with CountingRunner(machine.probe().level) as runner:

                def opener(source: bytes, exercise: Exercise = exercise, runner: CountingRunner = runner) -> Session:
                    return runner.open(module_of(exercise, source))

                judge = Judge(Suite(exercise, course.grading.seed), opener)
                grade_in_full(judge, exercise.solution.read_bytes())
                yield exercise, runner, judge
    finally:
        os.sched_setaffinity(0, cores)


def grade_in_full(judge: Judge, source: bytes) -> None:
    result = judge.grade(source)
    assert result.points == result.max_points


def _seconds(row: Any) -> str:
    return "   ".join(f"{seconds:7.3f}" for seconds in row)


class CountingRunner(ZygoteRunner):
    """Counts calls in both directions, and the CPU seconds of this process, the zygote and all workers."""

    calls = back = 0

    def start(self, limits: Limits, until: float = float("inf")) -> Connection:
        connection = super().start(limits, until)
        peer = connection.peer
        request, serve = peer.request, peer.serve

        def requesting(*arguments: Any) -> Any:
            self.calls += 1
            return request(*arguments)

        def serving(*arguments: Any) -> None:
            self.back += 1
            serve(*arguments)

        peer.request, peer.serve = requesting, serving  # type: ignore[method-assign]
        return connection

    def start_and_end(self, module: Module, count: int) -> None:
        for _ in range(count):
            self.connect(module).close()

    def spent_on(self, work: Callable[..., object], *arguments: object) -> float:
        assert self._process is not None
        start, elsewhere = time.process_time(), _used(self._process.pid)
        work(*arguments)
        return time.process_time() - start + _used(self._process.pid) - elsewhere


def totals() -> None:
    """CPU seconds of one correct submission, of all processes together, by exercise, as JSON: of the course here."""
    found = {}
    for exercise, runner, judge in warm_judges(Course.load(Path.cwd())):
        source = exercise.solution.read_bytes()
        found[exercise.id] = min(runner.spent_on(judge.grade, source) for _ in range(2))
    print(json.dumps(found))


def beside(tree: Path, rounds: int) -> None:
    """This checkout beside another one, of an earlier commit, in turn; the least of the rounds."""
    print(f"\nCPU s of one correct submission: of {tree}, here, and here / there, the least of {rounds} rounds in turn")
    measured: dict[Path, list[dict[str, float]]] = {tree: [], ROOT: []}
    for _ in range(rounds):
        for place, rows in measured.items():
            path = os.pathsep.join([str(place), str(Path(__file__).parent)])
            command = [sys.executable, __file__, "--totals"]
            done = subprocess.run(
                command, cwd=place, env=os.environ | {"PYTHONPATH": path}, capture_output=True, check=True
            )
            rows.append(json.loads(done.stdout))
    there, here = ({name: min(row[name] for row in rows) for name in rows[0]} for rows in measured.values())
    both = [name for name in here if name in there]
    for name in both:
        print(f"  {name:26} {there[name]:7.3f} {here[name]:7.3f}   {here[name] / there[name]:.2f}")
    sums = [sum(row[name] for name in both) for row in (there, here)]
    print(f"  {'all together':26} {sums[0]:7.3f} {sums[1]:7.3f}   {sums[1] / sums[0]:.2f}", flush=True)


def growth(sizes: list[int]) -> None:
    """Time a submission, peak memory and an unchanged regrade, as a class grows: a course of two quick exercises."""
    print("\ngrowth, two quick exercises, 1 judge: wall seconds a submission, peak MiB; unchanged regrade")
    for size in sizes:
        with tempfile.TemporaryDirectory() as place:
            root = Path(place)
            line_course.make_course(root / "course")
            for i in range(size):
                kind = list(line_course.SOURCES.values())[i % 3][0]
                (root / "class" / f"s{i}").mkdir(parents=True)
                (root / "class" / f"s{i}" / "line.py").write_text(f"{kind}# {i}\n")
                (root / "class" / f"s{i}" / "double.py").write_text(f"def double(x):\n    return 2 * x\n# {i}\n")
            command = line_course.command(root / "course", "grade", root / "class", "--out", root / "out")
            grade_twice(size, command)


def regrade(size: int) -> None:
    """An unchanged regrade of a class with one misconception an exercise, in the assignment itself."""
    print(f"\n{ASSIGNMENT}, 1 judge: wall seconds a submission, peak MiB; unchanged regrade")
    with tempfile.TemporaryDirectory() as place:
        for i, modules in enumerate(wrong(Course.load(ROOT), size)):
            (Path(place) / "class" / f"s{i}").mkdir(parents=True)
            for slug, source in modules.items():
                (Path(place) / "class" / f"s{i}" / f"{slug}.py").write_text(source)
        paths = [Path(place) / "class", "--out", Path(place) / "out", "--assignment", ASSIGNMENT]
        grade_twice(size, line_course.command(ROOT, "grade", *paths))


def scale(sizes: list[int], dask: bool) -> None:
    """Classes of DISTINCT different hand-ins: time, memory, the journal, and a run that was killed half-way."""
    print(f"\n{ASSIGNMENT} from {DISTINCT} distinct hand-ins, 2 judges: wall s, peak MiB of who leads, journal MiB")
    workers = two_dask_workers() if dask else contextlib.nullcontext()
    with workers as cluster, tempfile.TemporaryDirectory() as place:
        root, distinct = Path(place), right(Course.load(ROOT), DISTINCT // 2)
        distinct += wrong(Course.load(ROOT), DISTINCT - len(distinct))
        for size in sizes:
            hand_in(root / f"class{size}", size, distinct)
            said = graded(root / f"class{size}", root / f"out{size}")
            print(f"  {size:6} {said}; unchanged {graded(root / f'class{size}', root / f'out{size}')}", flush=True)
            if cluster is not None:
                out = root / f"dask{size}"
                print(f"         {graded(root / f'class{size}', out, cluster)} by two Dask workers", flush=True)
                say_whether_same(root / f"out{size}", out, "by two judges")
        size = sizes[-1]
        where, out = root / f"class{size}", root / "killed"
        started = start_grading(where, out)
        while sum(1 for _ in out.glob("students/*")) < size // 2:
            assert started.poll() is None, "it ended before it could be killed"
            time.sleep(0.05)
        started.kill()
        started.wait()
        print(f"  {size:6} killed with half of the students' folders there; again: {graded(where, out)}")
        say_whether_same(root / f"out{size}", out, "without the kill")


@contextlib.contextmanager
def two_dask_workers() -> Iterator[Cluster]:
    with tempfile.TemporaryDirectory() as place:
        cluster = Cluster(Path(place))
        try:
            for _ in range(2):
                cluster.worker()
            wait_for(lambda: cluster.log().count("Registered to") >= 2)
            yield cluster
        finally:
            cluster.close()


def say_whether_same(one: Path, other: Path, what: str) -> None:
    same = filecmp.cmp(one / "grades.csv", other / "grades.csv", shallow=False)
    print(f"         grades.csv is {'the same' if same else 'ANOTHER'} as {what}", flush=True)


def hand_in(where: Path, size: int, distinct: list[Modules]) -> None:
    for i in range(size):
        (where / f"s{i:05}").mkdir(parents=True)
        for slug, source in distinct[i % len(distinct)].items():
            (where / f"s{i:05}" / f"{slug}.py").write_text(source)


def start_grading(where: Path, out: Path, cluster: Cluster | None = None) -> subprocess.Popen[bytes]:
    by = ["--workers", "2"] if cluster is None else ["--dask", cluster.address]
    options = ["--out", out, "--assignment", ASSIGNMENT, *by]
    return subprocess.Popen(line_course.command(ROOT, "grade", where, *options), stdout=subprocess.DEVNULL)


def graded(where: Path, out: Path, cluster: Cluster | None = None) -> str:
    """Wall seconds, peak memory and the journal's size of one run."""
    start = time.perf_counter()
    process = start_grading(where, out, cluster)
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0
    journal = (out / ".ledger.sqlite").stat().st_size / 2**20
    return f"{time.perf_counter() - start:7.1f} s {used.ru_maxrss / 1024:7.1f} MiB {journal:6.2f} MiB"


def grade_twice(size: int, command: list[str]) -> None:
    runs = []
    for _ in range(2):
        start = time.perf_counter()
        process = subprocess.Popen([*command, "--workers", "1"], stdout=subprocess.DEVNULL)
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        assert process.returncode == 0
        runs.append((time.perf_counter() - start, used.ru_maxrss / 1024))
    (first, peak), (again, _) = runs
    print(f"  {size:5} {first / size:.4f}  {peak:6.1f} MiB;  regrade {again:.2f} s, {first / again:.0f} times faster")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--students", type=int, default=6, help="in each round")
    parser.add_argument("--survey", type=int, default=1, help="rounds of the line an assignment; 0: none")
    parser.add_argument("--profile", type=int, default=3, help="rounds of where CPU seconds go; 0: none")
    parser.add_argument("--totals", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--beside", type=Path, metavar="CHECKOUT", help="an earlier commit's checkout, and that alone")
    parser.add_argument("--growth", type=int, nargs="*", default=[10, 100, 1000], help="class sizes")
    parser.add_argument("--only", nargs="*", default=[], help=f"exercises of {ASSIGNMENT} to compare by; default: all")
    parser.add_argument("--prairielearn", type=Path, metavar="PYTHON", help="compare with what is installed there")
    parser.add_argument("--scale", type=int, nargs="*", default=[], help="class sizes, as in 10 1000 10000")
    parser.add_argument("--dask", action="store_true", help="with --scale: also by two Dask workers on loopback")
    parser.add_argument(
        "--regrade", type=int, default=40, help=f"size of the class that is graded twice in {ASSIGNMENT}"
    )
    arguments = parser.parse_args()
    if arguments.totals:
        totals()
        return
    course = Course.load(ROOT)
    CHOSEN.extend(e for e in course.assignment(ASSIGNMENT).exercises if e.id[:2] in arguments.only)
    load = ", ".join(f"{each:.1f}" for each in os.getloadavg())
    print(f"{platform.python_version()}, {len(os.sched_getaffinity(0))} cores, load before {load}")
    if arguments.beside:
        beside(arguments.beside.resolve(), max(1, arguments.rounds))
        return
    if arguments.rounds:
        compared = compare(arguments.rounds, arguments.students, {"correct": right, "wrong": wrong})
        for kind, found in compared.items():
            show(kind, found)
        targets(compared["correct"], compared["wrong"])
    if arguments.profile:
        profile(arguments.profile)
    if arguments.prairielearn:
        prairielearn(arguments.prairielearn, max(1, arguments.rounds))
    if arguments.survey:
        survey(arguments.survey)
    growth(arguments.growth)
    if arguments.scale:
        scale(arguments.scale, arguments.dask)
    if arguments.regrade:
        regrade(arguments.regrade)


if __name__ == "__main__":
    main()
