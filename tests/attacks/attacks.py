"""Runs the hostile corpus through the real grader and looks at what it did. `make attacks` prints the table.

Every folder in submissions/ is one attack: a module (or the members of a zip) and expected.yml, which says

    tries: what it attempts, in a few words
    exercise: the exercise it is handed in for
    says: a pattern that the report must hold, or one for each level
    outcome: failed, if nothing else is said; error for a zip that cannot be read
    checks: the names of the checks to run, where all of them would take long; default: all
    flagged: true when the instructor must be told, false when not: a flag is something that one may act on
    zip: [{name, text, repeat | link}], for an attack that is an archive

In a module @COURSE@, @JUDGE@ and @SIBLING@ stand for what an attacker might guess: the folder of the course, the
judge's pid, the pid of another student's worker. A module that succeeds raises “GOT THROUGH”.
"""

from __future__ import annotations

import argparse
import contextlib
import ctypes
import gc
import json
import os
import re
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import yaml

from autograder.course import Course, Exercise
from autograder.errors import GraderError, SubmissionError
from autograder.judge.grader import Grader, explanation, failed
from autograder.limits import Limits
from autograder.reports import gradescope, html, junit
from autograder.results import ExerciseResult, Outcome, Report
from autograder.runner import budget, lockdown, machine
from autograder.runner.locked import ZygoteRunner
from autograder.runner.student import Module
from autograder.sources import used_references
from autograder.submissions.submission import Entry, Submission, find_submissions, read_entry

ROOT = Path(__file__).resolve().parents[2]
CASES = Path(__file__).parent / "submissions"
ORDINARY_ID = 65519
LIMITS = Limits(cpu_seconds=0.5, memory_mib=256)
IDLE_SECONDS = 0.3  # in place of 2, to save the tests' time
#: What no report for a student may hold. In two parts, so that a module that looks for it does not find itself.
CANARY = "canary" + "-5b1f"
LOOT = "GOT THROUGH"
MARK = "left-by-an-attack"  # in the name of every file that an attack tries to make


@dataclass(frozen=True)
class Case:
    """One folder of the corpus."""

    name: str
    tries: str
    exercise: str
    says: dict[str, str]
    outcome: str
    checks: tuple[str, ...]
    flagged: bool | None
    zip: tuple[dict[str, Any], ...]

    @classmethod
    def read(cls, folder: Path) -> Case:
        entry = yaml.safe_load((folder / "expected.yml").read_text(encoding="utf-8"))
        says = entry["says"]
        return cls(
            folder.name,
            entry["tries"],
            entry["exercise"],
            says if isinstance(says, dict) else {"strict": says, "basic": says},
            entry.get("outcome", "failed"),
            tuple(entry.get("checks", ())),
            entry.get("flagged"),
            tuple(entry.get("zip", ())),
        )

    def source(self, slug: str, places: dict[str, str]) -> bytes:
        text = (CASES / self.name / f"{slug}.py").read_text(encoding="utf-8")
        for name, value in places.items():
            text = text.replace(f"@{name}@", value)
        return text.encode()


@dataclass
class Finding:
    """What became of one attack, as plain values. `problems` is empty when nobody got in.

    judge_seconds, judge_kib: what it cost the judge, in CPU and in memory above what it had before.
    """

    case: str
    level: str
    user: str
    outcome: str
    points: float | None
    seconds: float
    says: str = ""
    flags: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    judge_seconds: float = 0.0
    judge_kib: int = 0


@dataclass
class Cost:
    """What the judge, which is this process, uses from now on."""

    seconds: float
    kib: int

    @classmethod
    def begin(cls) -> Cost:
        gc.collect()
        ctypes.CDLL(None).malloc_trim(0)  # what an earlier attack left would hide what this one takes
        Path("/proc/self/clear_refs").write_text("5")  # proc(5): the peak begins anew
        return cls(time.process_time(), memory_kib("VmRSS"))

    def so_far(self) -> tuple[float, int]:
        return time.process_time() - self.seconds, max(0, memory_kib("VmHWM") - self.kib)


def memory_kib(row: str) -> int:
    """A row of /proc/self/status."""
    found = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith(row))
    return int(found.split()[1])


def cases() -> list[Case]:
    return [Case.read(folder) for folder in sorted(CASES.iterdir()) if (folder / "expected.yml").is_file()]


# ------------------------------------------------------------------------------------ the course under attack


def plant_course(to: Path, slugs: Sequence[str]) -> Course:
    """A copy of the course, with canaries."""
    shutil.copy(ROOT / "course.yml", to)
    for part in ("exercises", "solutions", "tests/exercises"):
        shutil.copytree(ROOT / part, to / part, ignore=shutil.ignore_patterns("__pycache__"))
    return plant(Course.load(to), slugs)


def plant(course: Course, slugs: Sequence[str]) -> Course:
    """Canaries in some exercises' references and hidden checks, and everything readable by everybody."""
    for exercise in course.exercises:
        if exercise.slug in slugs:
            for path in (exercise.solution, exercise.hidden_checks):
                with path.open("a", encoding="utf-8") as file:
                    file.write(f'\n_PLANTED = "{CANARY} in {path.name}"\n')
    for path in [course.root, *course.root.rglob("*")]:
        path.chmod(0o755 if path.is_dir() else 0o644)
    return course


def secrets(exercise: Exercise) -> list[str]:
    """The canary, and every longer line of the references and the hidden checks that students do not have."""
    public = exercise.stub.read_text(encoding="utf-8") + exercise.public_checks.read_text(encoding="utf-8")
    lines = [CANARY]
    for path in (exercise.solution, exercise.hidden_checks, *(path for _, path, _ in used_references(exercise))):
        for line in path.read_text(encoding="utf-8").splitlines():
            code = line.strip()
            if len(code) > 30 and code not in public and not code.startswith(('"""', "@check", "import", "from")):
                lines.append(code)
    return lines


def files_of(folder: Path) -> dict[str, tuple[Any, ...]]:
    """Every file below a folder, with its content and its rights; the caches of imports left out."""
    found = {}
    for path in folder.rglob("*"):
        if "__pycache__" not in path.parts:
            about = path.lstat()
            content = path.read_bytes() if stat.S_ISREG(about.st_mode) else b""
            found[str(path)] = (stat.filemode(about.st_mode), about.st_uid, content)
    return found


def litter() -> list[str]:
    """Marked files where anybody may write."""
    places = [Path(p) for p in ("/tmp", "/var/tmp", "/dev/shm", "/dev/mqueue", "/", Path.home(), Path.cwd())]
    return [str(p) for place in places if place.is_dir() for p in list_quietly(place) if MARK in p.name]


def list_quietly(folder: Path) -> list[Path]:
    try:
        return list(folder.iterdir())
    except OSError:
        return []


def survivors(uid: int, zygote: int, spared: set[int], deadline: float = 5.0) -> list[int]:
    """Processes of this zygote's that are there now and do not end soon."""
    left = descendants(uid, zygote) - spared
    end = time.monotonic() + deadline
    while left and time.monotonic() < end:
        left &= descendants(uid, zygote)
        time.sleep(0.005)
    return sorted(left)


def descendants(uid: int, zygote: int) -> set[int]:
    """Processes of a user whose parent or session is the zygote, or whose parent is gone."""
    found = set()
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and int(entry.name) != zygote:
            with contextlib.suppress(OSError):
                state, parent, _, session = (entry / "stat").read_text().rpartition(")")[2].split()[:4]
                ours = zygote in (int(parent), int(session))
                if state != "Z" and (ours or (entry.stat().st_uid == uid and parent == "1" and uid)):
                    found.add(int(entry.name))
    return found


# ------------------------------------------------------------------------------------ one attack


class Arena:
    """A grader at one level, a sibling's worker beside it, and everything that an attack must not touch."""

    def __init__(self, folder: Path, level: str, exercises: Sequence[str], layers: frozenset[str]) -> None:
        self.course = plant_course(folder, [name[3:] for name in exercises])
        self.level = level
        self.folder = folder
        self.user = "root" if os.geteuid() == 0 else "ordinary"
        runner = ZygoteRunner(level, layers)
        grading = self.course.grading.model_copy(update={"level": level, "shrink_calls": 4})
        chosen = [replace(self.course.exercise(name), limits=LIMITS) for name in exercises]
        self.grader = Grader(replace(self.course, grading=grading), chosen, runner)
        self.runner = runner
        secret = f"SECRET = {CANARY + ' of a sibling'!r}\ndef wait(): return SECRET"
        self.sibling = runner.open(Module("sibling", secret.encode(), "sibling.py", Limits(cpu_seconds=120)))
        assert self.sibling.wait()
        budget = self.sibling.connection.peer._budget
        assert budget is not None
        self.sibling_pid = budget._pid
        self.secrets = {e.slug: secrets(e) for e in chosen}
        self._stub_points: dict[Any, float] = {}
        self.files = files_of(folder)

    @property
    def workers_uid(self) -> int:
        return machine.RUNNER_ID if self.user == "root" else os.geteuid()

    def grade(self, exercise: Exercise, source: bytes) -> ExerciseResult:
        return self.report(Submission("mallory", {exercise.slug: source}), exercise.slug).exercises[0]

    def report(self, submission: Submission, slug: str, checks: Sequence[str] = ()) -> Report:
        """The report on one exercise, of these checks only if any are named."""
        exercise = next(e for e in self.grader.exercises if e.slug == slug)
        judge = self.grader.judge(exercise)
        assert {check.name for check in judge.suite.checks}.issuperset(checks)
        try:
            source = submission.modules.get(slug)
            result = judge.grade(source, lambda check: not checks or check.name in checks)
            if source is not None and exercise.by_hand:
                result = replace(result, written=explanation(source, self.runner))
        except GraderError as problem:
            result = failed(exercise, judge.suite.max_points, str(problem))
        return Report(submission.student, self.runner.level, (result,), submission.problems)

    def stub_points(self, slug: str, checks: Sequence[str]) -> float:
        """What the untouched stub earns: no attack may earn more."""
        key = (slug, tuple(checks))
        if key not in self._stub_points:
            stub = next(e.stub for e in self.grader.exercises if e.slug == slug).read_bytes()
            result = self.report(Submission("nobody", {slug: stub}), slug, checks).exercises[0]
            assert result.points is not None, result
            self._stub_points[key] = result.points
        return self._stub_points[key]

    def attack(self, case: Case) -> Finding:
        """Grade one case and look around."""
        slug = case.exercise[3:]
        started, cost = time.monotonic(), Cost.begin()
        report = self._archive(case, slug) if case.zip else self._module(case, slug)
        judge_seconds, judge_kib = cost.so_far()
        result = report.exercises[0]
        told = "\n".join(
            [result.message, *(f"{c.message}\n{c.private}" for c in result.checks), *report.problems, *result.flags]
        )
        finding = Finding(
            case.name, self.level, self.user, str(result.outcome), result.points, time.monotonic() - started
        )
        finding.judge_seconds, finding.judge_kib = judge_seconds, judge_kib
        finding.flags = list(result.flags)
        finding.says = " ".join((result.message or next((c.message for c in result.checks if c.message), "")).split())
        finding.problems = [*self._wrong(case, slug, result, told), *self._leaks(report, slug), *self._harm()]
        return finding

    def _module(self, case: Case, slug: str) -> Report:
        places = {"COURSE": str(self.folder), "JUDGE": str(os.getpid()), "SIBLING": str(self.sibling_pid)}
        return self.report(Submission("mallory", {slug: case.source(slug, places)}), slug, case.checks)

    def _archive(self, case: Case, slug: str) -> Report:
        """Written outside of the course, so that what gets out of it is seen."""
        with tempfile.TemporaryDirectory() as folder:
            path = write_zip(Path(folder) / "mallory.zip", case.zip)
            listing = find_submissions(path, [slug], "student")
            entry: Entry = listing.entries[0]
            try:
                submission = read_entry(entry, (slug,))
            except SubmissionError as problem:
                exercise = next(e for e in self.grader.exercises if e.slug == slug)
                result = failed(exercise, self.grader.max_points(exercise), str(problem))
                return Report("mallory", self.runner.level, (result,), (str(problem),))
            assert sorted(p.name for p in Path(folder).iterdir()) == ["mallory.zip"]
        if slug in submission.unread:
            exercise = next(e for e in self.grader.exercises if e.slug == slug)
            result = failed(exercise, self.grader.max_points(exercise), submission.unread[slug])
            return Report("mallory", self.runner.level, (result,), submission.problems)
        return self.report(submission, slug)

    def _wrong(self, case: Case, slug: str, result: ExerciseResult, told: str) -> Iterator[str]:
        if (result.points or 0.0) > self.stub_points(slug, case.checks):
            passed = [check.name for check in result.checks if check.outcome is Outcome.PASSED]
            yield f"earned {result.points} with {', '.join(passed)}"
        if str(result.outcome) != case.outcome:
            yield f"outcome {result.outcome}, expected {case.outcome}"
        if LOOT in told:
            yield told[told.index(LOOT) :].splitlines()[0][:200]
        if not re.search(case.says[self.level], told):
            yield f"the report does not say {case.says[self.level]!r}: {told[:300]!r}"
        if case.flagged and not result.flags:
            yield "the instructor is not told"
        if case.flagged is False and result.flags:
            yield f"the instructor is told of an honest mistake: {result.flags[0]}"

    def _leaks(self, report: Report, slug: str) -> Iterator[str]:
        texts = [html.feedback(report), junit.junit(report).decode()]
        if not report.has_error:
            texts.append(json.dumps(gradescope.results(report), ensure_ascii=False))
        for secret in self.secrets[slug]:
            if any(secret in text for text in texts):
                yield f"leaked: {secret}"
        if max(map(len, texts)) > 500_000:
            yield f"a report of {max(map(len, texts))} characters"

    def _harm(self) -> Iterator[str]:
        zygote = self.runner._process.pid if self.runner._process is not None else 0
        left = survivors(self.workers_uid, zygote, {os.getpid(), os.getppid(), self.sibling_pid})
        if left:
            yield f"processes left: {left}"
        if not Path(f"/proc/{self.sibling_pid}").exists() or not self.sibling.wait():
            yield "the sibling's worker is gone"
        if files_of(self.folder) != self.files:
            yield "the course was changed"
        yield from (f"left behind: {path}" for path in litter())

    def close(self) -> None:
        self.sibling.close()
        self.grader.close()
        for path in litter():
            shutil.rmtree(path) if os.path.isdir(path) else os.unlink(path)


def write_zip(path: Path, members: Sequence[dict[str, Any]]) -> Path:
    """An archive as expected.yml describes it."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for member in members:
            info = zipfile.ZipInfo(member["name"])
            info.compress_type = zipfile.ZIP_DEFLATED
            if "link" in member:
                info.create_system, info.external_attr = 3, (stat.S_IFLNK | 0o777) << 16
            text, times = member.get("repeat", ("", 0))
            content = member.get("text", "") + member.get("link", "") + text * times
            archive.writestr(info, content)
    return path


@contextlib.contextmanager
def arena(level: str, exercises: Sequence[str], layers: frozenset[str] = lockdown.ALL_LAYERS) -> Iterator[Arena]:
    """An arena in a folder that every user can read: nothing but the lock-down keeps a worker out of it."""
    idle, budget.IDLE_SECONDS = budget.IDLE_SECONDS, IDLE_SECONDS
    os.environ["PLANTED"] = f"{CANARY} in the judge's environment"
    with tempfile.TemporaryDirectory(prefix="attacked-course-") as folder:
        made = Arena(Path(folder), level, exercises, layers)
        try:
            yield made
        finally:
            made.close()
            budget.IDLE_SECONDS = idle


# ------------------------------------------------------------------------------------ all of them


def run(level: str, names: Sequence[str] = ()) -> list[Finding]:
    """All cases, or those named, at one level; at the end every reference must still get full marks."""
    chosen = [case for case in cases() if not names or case.name in names]
    exercises = sorted({case.exercise for case in chosen})
    with arena(level, exercises) as made:
        findings = [made.attack(case) for case in chosen]
        made.grader._judges.clear()  # honest work has the course's own limits, as in a class
        for exercise in map(made.course.exercise, exercises):
            result = made.grader.exercise(exercise, exercise.solution.read_bytes())
            finding = Finding(f"honest: {exercise.slug}", level, made.user, str(result.outcome), result.points, 0.0)
            if result.outcome is not Outcome.PASSED:
                finding.problems.append(f"the reference is not graded as before: {result}")
            findings.append(finding)
    return findings


def as_ordinary_user(arguments: Sequence[str]) -> tuple[list[str], dict[str, str], dict[str, Any]] | None:
    """The command, environment and identity to run this file as nobody in particular; None when no Python can."""
    paths = [str(ROOT), str(Path(yaml.__file__).parents[1])]
    environment = {"PYTHONPATH": ":".join(paths), "PYTHONDONTWRITEBYTECODE": "1", "PATH": "/usr/bin:/bin", "HOME": "/"}
    identity: dict[str, Any] = {}
    if os.geteuid() == 0:
        identity = {"user": ORDINARY_ID, "group": ORDINARY_ID, "extra_groups": []}
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    for python in (sys.executable, shutil.which(version, path="/usr/bin:/usr/local/bin")):
        if python is None:
            continue
        with contextlib.suppress(PermissionError):
            trial = [python, "-c", "import autograder.judge.grader, pyseccomp, yaml"]
            if subprocess.run(trial, env=environment, cwd="/", capture_output=True, **identity).returncode == 0:
                return [python, __file__, *arguments], environment, identity
    return None


def print_table(findings: Sequence[Finding]) -> None:
    for found in findings:
        points = "–" if found.points is None else f"{found.points:g}"
        what = "; ".join(found.problems) if found.problems else found.says
        mark = "GOT IN" if found.problems else "held"
        row = f"{mark:7}{found.user:9}{found.level:7}{found.case:32}{found.outcome:8}{points:>5} {found.seconds:6.2f} s"
        cost = f"{found.judge_seconds:6.2f} s {found.judge_kib >> 10:4} MiB"
        print(f"{row}{cost}  {what[:110]}", flush=True)


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the table for this user, and with --users for both. 1 when anything got through."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("case", nargs="*", help="names of folders; default: all")
    parser.add_argument("--level", action="append", choices=["strict", "basic"])
    parser.add_argument("--json", action="store_true", help="print the findings as JSON")
    parser.add_argument("--users", action="store_true", help="when root, run as an ordinary user too")
    chosen = parser.parse_args(arguments)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that whoever is stopped cleans up
    levels = chosen.level or ["strict", "basic"]
    with tempfile.TemporaryDirectory(prefix="examples-") as folder:
        os.environ["AUTOGRADER_CACHE"] = folder  # the examples of a course with canaries are nobody else's
        findings = [finding for level in levels for finding in run(level, chosen.case)]
    if chosen.json:
        print(json.dumps([asdict(finding) for finding in findings]))
        return 0
    print_table(findings)
    held = sum(not found.problems for found in findings)
    seconds, kib = max(f.judge_seconds for f in findings), max(f.judge_kib for f in findings)
    print(f"{held} of {len(findings)} held; one cost the judge at most {seconds:.1f} s of CPU and {kib >> 10} MiB")
    code = int(held < len(findings))
    if chosen.users and os.geteuid() == 0:
        ordinary = as_ordinary_user([*(f"--level={level}" for level in levels), *chosen.case])
        if ordinary is None:
            print("not run as an ordinary user: there is no Python here that one could start")
            return 1
        command, environment, identity = ordinary
        code |= subprocess.run(command, env=environment, cwd="/", **identity).returncode
    return code


if __name__ == "__main__":
    sys.exit(main())
