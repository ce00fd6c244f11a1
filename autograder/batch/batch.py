"""Many submissions to reports and files. One student's trouble never stops the others.

Every module that is not in the ledger yet becomes a task for the crew (judges of this machine, or a Dask cluster);
its result goes into the ledger the moment it is there. Reports are made from the ledger at the end, so that a run
that was killed loses nothing and says the same when it is run again, on any number of judges.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, CancelledError, Future, wait
from dataclasses import dataclass, replace
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Protocol, overload

from autograder.batch.ledger import ClassRecord, Key, Ledger, Told
from autograder.batch.local_judges import JudgeDied, Judges, Place, grade_module, result_of
from autograder.batch.progress import Progress
from autograder.course import Course, Exercise
from autograder.errors import CourseError, GraderError, LockdownError, SubmissionError
from autograder.judge.fingerprint import digest, package_digest, submission_digest, suite_digest
from autograder.judge.grader import failed, fallen, read_prose
from autograder.judge.suite import Suite
from autograder.reports.alike import HandedModule
from autograder.reports.by_hand import Marks, in_force, with_marks
from autograder.reports.late import HandedIn
from autograder.reports.pending import write_marks
from autograder.results import CheckResult, ExerciseResult, Outcome, Report
from autograder.submissions.submission import Entry, Submission, read_entry
from autograder.versions import versions

#: A task whose judge was ended from outside so often is given up; its outcome is `error`, and a human looks.
MAX_TRIES = 5


@dataclass(frozen=True)
class Task:
    """One module to grade. `died`: how a judge ended at it, by itself; then another tries, which has done nothing else.

    `stands_for`: this is no student's module but the reference, which tells whose fault such an end was.
    """

    key: Key
    source: bytes | None
    tries: int = 0
    died: str = ""
    stands_for: Task | None = None

    @property
    def alone(self) -> bool:
        """Whether its judge must have done nothing else before."""
        return bool(self.died) or self.stands_for is not None


class Crew(Protocol):
    """Who grades. `room` is how many tasks may be under way."""

    @property
    def room(self) -> int: ...
    def submit(self, task: Task) -> Future[bytes]: ...
    def refused(self, problem: LockdownError) -> bool:
        """Whether someone else may do what a judge refused because it cannot lock down."""

    def moved(self) -> bool:
        """Whether what is under way must be handed out anew, because those who had it are gone."""

    def lacks(self) -> str:
        """What the crew waits for before it can do anything, empty when it can."""

    def close(self) -> None: ...


class Local:
    """Judges on this machine."""

    def __init__(self, course: Course, workers: int) -> None:
        self.executor = Judges(workers)
        self.room = 2 * workers
        self._place = Place(package_digest(), root=str(course.root))

    def submit(self, task: Task) -> Future[bytes]:
        submit = self.executor.submit_alone if task.alone else self.executor.submit
        return submit(grade_module, self._place, task.key.exercise, task.key.suite, task.source)

    def refused(self, problem: LockdownError) -> bool:
        return False

    def moved(self) -> bool:
        return False

    def lacks(self) -> str:
        return ""

    def close(self) -> None:
        self.executor.shutdown(cancel_futures=True)


@dataclass(frozen=True)
class Handed:
    """What one student handed in, by hash. `unreadable` says why nothing of it could be read.

    `read` are the exercises of which there is a module; `place` is where all of it lay, the same for a group's members;
    `attempt`: how many hand-ins there were; `next_token` as in `Told`.
    """

    student: str
    keys: tuple[Key, ...] = ()
    problems: tuple[str, ...] = ()
    unreadable: str = ""
    read: frozenset[str] = frozenset()
    place: str = ""
    attempt: int = 1
    next_token: str = ""


class Batch:
    """One run over a class. `draft` takes what is new in place of the ledger, which then stays as it is."""

    def __init__(
        self, course: Course, exercises: Sequence[Exercise], ledger: Ledger, draft: Ledger | None = None
    ) -> None:
        self.course = course
        self.exercises = tuple(exercises)
        self.ledger, self._draft = ledger, draft
        self._suites = {exercise.id: suite_digest(course, exercise) for exercise in exercises}
        self._checked: dict[str, Suite] = {}
        self._sound: set[str] = set()  # exercises whose reference was graded since a judge ended at one of them
        self._errors: dict[Key, ExerciseResult] = {}
        self.handed: list[Handed] = []

    # -- grading ------------------------------------------------------------------------------------

    def grade(self, entries: Iterable[Entry | str], hire: Callable[[], Crew], progress: Progress) -> None:
        """Grade what is not graded yet. A name alone stands for a student who handed in nothing.

        The crew is hired when there is something to do. Raises CourseError; LockdownError when nobody in it can
        lock student code down.
        """
        tasks = self._tasks(entries, progress)
        if (first := next(tasks, None)) is None:
            return
        crew = hire()
        try:
            self._work(chain((first,), tasks), crew, progress)
        finally:
            crew.close()

    def _work(self, tasks: Iterator[Task], crew: Crew, progress: Progress) -> None:
        again: deque[Task] = deque()
        under_way: dict[Future[bytes], Task] = {}
        lacks = ""
        while True:
            while len(under_way) < crew.room and (task := again.popleft() if again else next(tasks, None)):
                under_way[crew.submit(task)] = task
            if not under_way:
                return
            done, _ = wait(under_way, timeout=1.0, return_when=FIRST_COMPLETED)
            self._keep([(under_way.pop(future), future) for future in done], crew, again, progress)
            if not done and lacks != (lacks := crew.lacks()) and lacks:
                progress.say(lacks)
            if not done and crew.moved():
                for future, task in under_way.items():
                    future.cancel()
                    again.append(task)
                under_way.clear()

    def _tasks(self, entries: Iterable[Entry | str], progress: Progress) -> Iterator[Task]:
        """Each module once that has no result yet, read only when its turn comes."""
        seen: set[Key] = set()
        slugs = [exercise.slug for exercise in self.course.exercises]
        for entry in entries:
            try:
                submission = Submission(entry, {}) if isinstance(entry, str) else read_entry(entry, slugs)
            except SubmissionError as problem:
                assert isinstance(entry, Entry)
                self.handed.append(Handed(entry.student, unreadable=str(problem)))
                for _ in self.exercises:
                    progress.kept()
                continue
            sources = [submission.modules.get(exercise.slug) for exercise in self.exercises]
            unread = submission.unread_of([exercise.slug for exercise in self.exercises])
            keys = tuple(
                self._key(exercise, source) if exercise.slug not in unread else self._unread(exercise, unread)
                for exercise, source in zip(self.exercises, sources, strict=True)
            )
            read = frozenset(exercise.id for exercise in self.exercises if exercise.slug in submission.modules)
            place = "" if isinstance(entry, str) else repr((entry.path, entry.inside, entry.parts))
            self.handed.append(Handed(submission.student, keys, submission.problems, read=read, place=place))
            for key, source in zip(keys, sources, strict=True):
                if key in seen or key in self._errors or self._is_kept(key):
                    progress.kept()
                else:
                    seen.add(key)
                    yield Task(key, source)

    def _key(self, exercise: Exercise, source: bytes | None) -> Key:
        return Key(submission_digest(source), exercise.id, self._suites[exercise.id])

    def _unread(self, exercise: Exercise, unread: Mapping[str, str]) -> Key:
        """The key of a result that no judge gives: what was handed in could not be read, and a person has to look."""
        said = unread[exercise.slug]
        key = Key(digest("unread", said), exercise.id, self._suites[exercise.id])
        self._errors[key] = failed(exercise, self.max_points(exercise), said)
        return key

    def _is_kept(self, key: Key) -> bool:
        return self.ledger.has(key) or (self._draft is not None and self._draft.has(key))

    def _keep(self, done: list[tuple[Task, Future[bytes]]], crew: Crew, again: deque[Task], progress: Progress) -> None:
        """Results into the ledger, together; tasks whose judge was lost into `again`."""
        kept: list[tuple[Key, ExerciseResult]] = []
        for task, future in done:
            result = self._result_of(task, future, crew, again)
            if result is None:
                continue
            if result.points is None:
                self._errors[task.key] = result
            else:
                kept.append((task.key, result))
            progress.graded(result)
        (self._draft or self.ledger).add(kept)

    def _result_of(self, task: Task, future: Future[bytes], crew: Crew, again: deque[Task]) -> ExerciseResult | None:
        """What became of a task; None when it, or another in its place, is to be done (again)."""
        try:
            result = result_of(future)
        except LockdownError as problem:
            if not crew.refused(problem):
                raise
            again.append(task)
        except CancelledError:  # those who had it are gone, and it was never begun
            again.append(task)
        except CourseError:
            raise
        except JudgeDied as problem:
            return self._died(task, problem, again) if problem.by_itself else self._lost(task, problem, again)
        except Exception as problem:  # a judge that has a bug: never the student's fault
            return self._lost(task, problem, again)
        else:
            if task.stands_for is None:
                return result
            self._sound.add(task.key.exercise)
            again.append(task.stands_for)
        return None

    def _lost(self, task: Task, problem: Exception, again: deque[Task]) -> ExerciseResult | None:
        """A judge was lost, or failed, for no reason of the module's: another tries, for some times."""
        if task.tries + 1 < MAX_TRIES:
            again.append(replace(task, tries=task.tries + 1))
            return None
        said = str(problem) if isinstance(problem, GraderError | JudgeDied) else f"{type(problem).__name__}: {problem}"
        return self._failed(task.stands_for or task, said)

    def _died(self, task: Task, problem: JudgeDied, again: deque[Task]) -> ExerciseResult | None:
        """A judge ended at this module, by itself.

        If one that has done nothing else ends as well, while the reference is graded without harm, the module failed:
        it must neither cost the class its grades nor come back for ever.
        """
        exercise = self.course.exercise(task.key.exercise)
        if task.stands_for is not None:
            return self._failed(task.stands_for, f"the judge ends at the reference as well ({problem.how})")
        if task.died:
            how = f"{task.died}, then {problem.how}"
            return fallen(self._suite(exercise), how, read_prose(self.course, exercise, task.source))
        once = replace(task, died=problem.how)
        reference = Task(task.key, exercise.solution.read_bytes(), stands_for=once)
        again.append(once if exercise.id in self._sound else reference)
        return None

    def _failed(self, task: Task, said: str) -> ExerciseResult:
        exercise = self.course.exercise(task.key.exercise)
        return failed(exercise, self.max_points(exercise), said, read_prose(self.course, exercise, task.source))

    def give_up(self, said: str) -> None:
        """What has no result yet will have none: it is an error, of which this is said."""
        for key in {key for handed in self.handed for key in handed.keys}:
            if key not in self._errors and not self._is_kept(key):
                exercise = self.course.exercise(key.exercise)
                self._errors[key] = failed(exercise, self.max_points(exercise), said)

    # -- what came of it ----------------------------------------------------------------------------

    @property
    def reports(self) -> Reports:
        """A report for each entry, in their order."""
        return Reports(partial(self.report, handed) for handed in self.handed)

    def marked(self) -> Reports:
        """The same with the marks that a person gave."""
        marks, exercises = Marks(self.ledger.marks()), {exercise.id: exercise for exercise in self.exercises}
        return Reports(partial(self._marked, handed, exercises, marks) for handed in self.handed)

    def write_marks(self, path: Path) -> list[str]:
        """Write marks.csv, with those in force now, where there are any. Who was marked and is not in the class.

        CourseError: it cannot be written.
        """
        exercises = {exercise.id: exercise for exercise in self.exercises}
        if given := self.ledger.marks():
            write_marks(path, in_force(self.reports, exercises, Marks(given)))
        return sorted({mark.student for mark in given} - {handed.student for handed in self.handed})

    def _marked(self, handed: Handed, exercises: Mapping[str, Exercise], marks: Marks) -> Report:
        return with_marks(self.report(handed), exercises, marks)

    def report(self, handed: Handed) -> Report:
        """One student's report, from the ledger."""
        told, grading = self._told(handed), self.course.grading
        shown = Shown(grading.counterexamples, grading.counterexamples_from)
        results = tuple(
            as_told(self.ledger, told, result, self.result(result), shown) if isinstance(result, Key) else result
            for result in told.results
        )
        return Report(told.student, self.course.grading.level, results, told.problems, versions())

    def _told(self, handed: Handed) -> Told:
        if handed.unreadable:
            errors = tuple(failed(e, self.max_points(e), handed.unreadable) for e in self.exercises)
            return Told(handed.student, errors, (handed.unreadable,), handed.attempt, handed.next_token)
        results = tuple(self._errors.get(key, key) for key in handed.keys)
        return Told(handed.student, results, handed.problems, handed.attempt, handed.next_token)

    def result(self, key: Key) -> ExerciseResult:
        """What came of one module, all of it: what a student is shown may be less."""
        result = self._errors.get(key) or self.ledger.result(key)
        if result is None and self._draft is not None:
            result = self._draft.result(key)
        if result is None:
            raise GraderError(f"the ledger has no result of {key.exercise}, which was just graded; grade again")
        return result

    def modules(self) -> Iterator[HandedModule]:
        """Every module that was handed in and read, to be compared within the class."""
        for handed in self.handed:
            for key in handed.keys:
                if key.exercise in handed.read:
                    own = self.result(key).own
                    yield HandedModule(handed.student, handed.place, key.exercise, key.submission, own)

    def max_points(self, exercise: Exercise) -> float:
        """What the checks of an exercise are worth."""
        return self._suite(exercise).max_points

    def _suite(self, exercise: Exercise) -> Suite:
        if exercise.id not in self._checked:
            self._checked[exercise.id] = Suite(exercise, self.course.grading.seed)
        return self._checked[exercise.id]

    def note_told(self) -> None:
        """Into the ledger: this is what each student was told last."""
        self.ledger.report((h.student, key) for h in self.handed for key in h.keys if key not in self._errors)

    def note_reported(self, ids: Mapping[str, str], times: Mapping[str, HandedIn] | None) -> None:
        """The same, and what was written about the class. `ids` and `times` as in `ClassRecord`."""
        self.note_told()
        record = ClassRecord(
            self.course.grading.level,
            versions(),
            self.course.grading.counterexamples,
            tuple(exercise.id for exercise in self.exercises),
            tuple(map(self._told, self.handed)),
            {h.student: ids[h.student] for h in self.handed if h.student in ids},
            dict(times) if times is not None else None,
            self.course.grading.counterexamples_from,
        )
        self.ledger.record_class(record)

    def changes(self) -> Iterator[str]:
        """A line for each student and exercise whose result differs from the one last reported."""
        for handed in self.handed:
            for key in handed.keys:
                before = self.ledger.last_reported(handed.student, key.exercise)
                if before is not None and before != key and (old := self.ledger.result(before)):
                    yield from _change(handed.student, old, self.result(key), before.submission != key.submission)


def recorded(record: ClassRecord, ledger: Ledger, exercises: Iterable[Exercise]) -> Reports:
    """The reports that `grade` wrote, with the marks that a person gave since. `exercises`: that were graded."""
    by_id, marks = {exercise.id: exercise for exercise in exercises}, Marks(ledger.marks())
    shown = Shown(record.counterexamples, record.counterexamples_from)

    def report(told: Told) -> Report:
        results = tuple(
            _kept(ledger, told, result, shown) if isinstance(result, Key) else result for result in told.results
        )
        bare = Report(told.student, record.level, results, told.problems, record.versions)
        return with_marks(bare, by_id, marks)

    return Reports(partial(report, told) for told in record.students)


def recorded_modules(record: ClassRecord) -> Iterator[tuple[str, Key]]:
    """Each module that was graded, by its student and what its result is kept under."""
    for told in record.students:
        for key in told.results:
            if isinstance(key, Key) and key.submission != submission_digest(None):
                yield told.student, key


def _kept(ledger: Ledger, told: Told, key: Key, shown: Shown) -> ExerciseResult:
    if (result := ledger.result(key)) is None:
        raise CourseError(f"the journal has no result of {told.student} in {key.exercise} any more. Grade again.")
    return as_told(ledger, told, key, result, shown)


@dataclass(frozen=True)
class Shown:
    """For which versions of an exercise, or attempts, a student sees what breaks its hidden checks; last None: all."""

    last: int | None = None
    first: int = 1

    def instead(self, number: int) -> str:
        """What a student is told in place of it in version `number`; empty where it is shown."""
        if number < self.first:
            return f"what breaks it is shown from version {self.first} on; this is version {number} of the module"
        if self.last is not None and number > self.last:
            also = f"this is version {number} of the module, the course shows it for {self.last}"
            return f"what breaks it is no longer shown: {also}"
        return ""


def as_told(ledger: Ledger, told: Told, key: Key, result: ExerciseResult, shown: Shown) -> ExerciseResult:
    """A result as this student is told it, for the version of the exercise that it is, or the attempt."""
    if told.next_token:
        return without_counterexamples(result, no_token(told.next_token))
    if shown == Shown():
        return result
    version = ledger.round(told.student, key.exercise, key.submission)
    return as_shown(result, max(version, told.attempt), shown)


def as_shown(result: ExerciseResult, number: int, shown: Shown) -> ExerciseResult:
    """A result as the student is told it who hands in version `number`."""
    said = shown.instead(number)
    return without_counterexamples(result, said) if said else result


def without_counterexamples(result: ExerciseResult, said: str) -> ExerciseResult:
    """A result whose hidden checks say this in place of what breaks them."""
    return replace(result, checks=tuple(_without_counterexample(c, said) for c in result.checks))


def no_token(later: str) -> str:
    """What a student is told in place of it who has no token; `later` is when the next one comes."""
    return f"what breaks it is not shown: hand in again from {later} on, and it is"


def _without_counterexample(check: CheckResult, said: str) -> CheckResult:
    """A hidden check's failure without what was asked and answered."""
    if check.public or check.outcome is not Outcome.FAILED:
        return check
    return replace(check, message=said, counterexample=None)


def _change(student: str, old: ExerciseResult, new: ExerciseResult, anew: bool) -> Iterator[str]:
    was, now = {c.name: c.outcome for c in old.checks}, {c.name: c.outcome for c in new.checks}
    moved = [
        f"{name}: {was.get(name, 'not there')} → {now.get(name, 'not there')}"
        for name in dict.fromkeys([*was, *now])
        if was.get(name) != now.get(name)
    ]
    if (old.points, old.max_points) == (new.points, new.max_points) and not moved:
        return
    points = " → ".join("none" if r.points is None else f"{r.points:g}/{r.max_points:g}" for r in (old, new))
    why = f" ({'; '.join(moved)})" if moved else ""
    yield f"{student}: {new.exercise}: {points}{', handed in anew' if anew else ''}{why}"


class Reports(Sequence[Report]):
    """The reports of a class, each made anew when it is asked for: a class of any size takes little memory."""

    def __init__(self, makers: Iterable[Callable[[], Report]]) -> None:
        self._makers = tuple(makers)

    def __len__(self) -> int:
        return len(self._makers)

    @overload
    def __getitem__(self, index: int) -> Report: ...
    @overload
    def __getitem__(self, index: slice) -> list[Report]: ...
    def __getitem__(self, index: int | slice) -> Report | list[Report]:
        return [make() for make in self._makers[index]] if isinstance(index, slice) else self._makers[index]()
