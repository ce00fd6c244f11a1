"""Grading on a Dask cluster: real scheduler and worker processes, on loopback; workers that join, die and refuse."""

from __future__ import annotations

import os
import random
import re
import signal
import sqlite3
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import courses
import line_course as lines
import pytest
from cluster import Cluster, wait_for
from processes import alive, children

from autograder.batch.ledger import NAME, result_bytes
from autograder.course import Course
from autograder.judge.grader import Grader
from autograder.judge.suite import Suite

pytest.importorskip("distributed")

#: Runs a command where the kernel has no Landlock, and root no other root: there is no level `strict` there.
WITHOUT_LANDLOCK = """
import errno, os, sys
import pyseccomp as s
rules = s.SyscallFilter(s.ALLOW)
rules.add_rule(s.ERRNO(errno.ENOSYS), "landlock_create_ruleset")
rules.add_rule(s.ERRNO(errno.EPERM), "chroot")  # with which root would do without
rules.load()
os.execv(sys.executable, [sys.executable, *sys.argv[1:]])
"""


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    (tmp_path / "cluster").mkdir()
    started = Cluster(tmp_path / "cluster")
    try:
        yield started
    finally:
        started.close()


def workers_of(nanny: int) -> list[int]:
    """The process that a nanny keeps alive (its first child is multiprocessing's own helper)."""

    def is_worker(pid: int) -> bool:
        try:
            return "spawn_main" in Path(f"/proc/{pid}/cmdline").read_text()
        except OSError:
            return False

    return [pid for pid in children(nanny) if is_worker(pid)]


def test_a_class_is_graded_while_workers_join_die_and_come_back(cluster: Cluster, tmp_path: Path) -> None:
    course = lines.make_course(tmp_path / "course").root
    points = lines.write_class(tmp_path / "class", 4)
    assert lines.run(course, "grade", tmp_path / "class", "--out", tmp_path / "here").returncode == 0
    command = lines.command(course, "grade", tmp_path / "class", "--out", tmp_path / "there", "--dask", cluster.address)
    chance, killed = random.Random(5), 0
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as grader:
        nannies = [cluster.worker(), cluster.worker()]  # they join when the batch has begun
        try:
            wait_for(lambda: cluster.log().count("Registered to") >= 2)  # a nanny gives up on one that dies before
            while grader.poll() is None and killed < 6:
                for pid in workers_of(chance.choice(nannies).pid):
                    os.kill(pid, signal.SIGKILL)
                    killed += 1
                time.sleep(chance.uniform(0.5, 1.5))
            _, said = grader.communicate(timeout=150)
        finally:
            grader.kill()
    assert grader.returncode in (0, 1), said + cluster.log()[-3000:]
    again = lines.run(course, "grade", tmp_path / "class", "--out", tmp_path / "there", "--dask", cluster.address)
    assert again.returncode == 0, again.stderr
    assert killed
    assert lines.outputs(tmp_path / "there") == lines.outputs(tmp_path / "here")
    assert {s: float(p) for s, p in lines.points_of(tmp_path / "there").items()} == points


@pytest.mark.slow
def test_every_road_gives_the_same_bytes_from_a_cold_cache(
    cluster: Cluster, tmp_path: Path, course: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Exercise 05 itself: each road draws its examples and shrinks what fails, where other modules are loaded."""
    one = exercise_alone(course, "05", tmp_path / "course")
    suite = Suite(one.exercises[0], one.grading.seed)
    mutants = {mutant.name: mutant.source for mutant in suite.mutants[:3]}
    for name, source in mutants.items():
        (tmp_path / "class" / name).mkdir(parents=True)
        (tmp_path / "class" / name / "noisy_sample.py").write_text(source)
    grade = ("grade", tmp_path / "class", "--out")

    def cold(road: str) -> Path:
        monkeypatch.setenv("AUTOGRADER_CACHE", str(tmp_path / "cache" / road))
        return tmp_path / road

    assert lines.run(one.root, *grade, cold("one"), "--workers", 1).returncode == 0
    assert lines.run(one.root, *grade, cold("two"), "--workers", 2).returncode == 0
    out = cold("dask")
    cluster.worker()
    assert lines.run(one.root, *grade, out, "--dask", cluster.address).returncode == 0, cluster.log()
    assert lines.outputs(out) == lines.outputs(tmp_path / "two") == lines.outputs(tmp_path / "one")
    cold("here")
    with Grader(one) as grader:
        here = [
            lines.without_times(result_bytes(grader.exercise(one.exercises[0], s.encode()))) for s in mutants.values()
        ]
    assert (
        sorted(here) == sorted(rows_of(out)) == sorted(rows_of(tmp_path / "two")) == sorted(rows_of(tmp_path / "one"))
    )
    drawn = [contents(tmp_path / "cache" / road) for road in ("one", "two", "dask", "here")]
    assert drawn[0]
    assert all(found == drawn[0] for found in drawn)


def exercise_alone(course: Course, number: str, root: Path) -> Course:
    """A course of one exercise of the real one, graded at the level that this machine gives."""
    exercise = course.exercise(number)
    entry = f"{{id: {exercise.id}, title: {exercise.title}}}"
    settings = re.sub("exercises:.*", f"exercises: [{entry}]", lines.COURSE, flags=re.DOTALL)
    return courses.copy(root, settings, [exercise.id])


def rows_of(out: Path) -> list[bytes]:
    with sqlite3.connect(out / NAME) as db:
        found = [lines.without_times(row[0]) for row in db.execute("SELECT result FROM results")]
    db.close()
    return found


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def strict_course(tmp_path: Path) -> Path:
    course = lines.make_course(tmp_path / "course").root
    text = (course / "course.yml").read_text()
    (course / "course.yml").write_text(text.replace("level: basic", "level: strict"))
    lines.write_class(tmp_path / "class")
    return course


def test_a_worker_that_cannot_lock_down_refuses_and_the_others_do_its_work(cluster: Cluster, tmp_path: Path) -> None:
    course = strict_course(tmp_path)
    cluster.worker("-c", WITHOUT_LANDLOCK)
    command = ["grade", tmp_path / "class", "--out", tmp_path / "out", "--dask", cluster.address]
    alone = lines.run(course, *command)
    assert alone.returncode == 1
    assert "no Dask worker can lock student code down" in alone.stderr
    assert "Landlock" in alone.stderr
    assert not (tmp_path / "out" / "grades.csv").exists()
    cluster.worker()
    wait_for(lambda: cluster.log().count("Registered to") >= 2)
    both = lines.run(course, *command)
    assert both.returncode == 0, both.stderr
    assert lines.points_of(tmp_path / "out")["right_0"] == "3"


@pytest.mark.slow
def test_a_scheduler_that_is_not_there_is_told(tmp_path: Path) -> None:
    course = lines.make_course(tmp_path / "course").root
    lines.write_class(tmp_path / "class")
    nobody = lines.run(course, "grade", tmp_path / "class", "--dask", "tcp://127.0.0.1:9")
    assert nobody.returncode == 1
    assert "no Dask scheduler at tcp://127.0.0.1:9" in nobody.stderr
    assert "Traceback" not in nobody.stderr


@pytest.mark.slow
def test_a_scheduler_that_dies_is_told_and_what_was_graded_is_kept(cluster: Cluster, tmp_path: Path) -> None:
    course = lines.make_course(tmp_path / "course").root
    lines.write_class(tmp_path / "class", 6)
    out = tmp_path / "out"
    command = lines.command(course, "grade", tmp_path / "class", "--out", out, "--dask", cluster.address)
    cluster.worker()
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as grader:
        wait_for(lambda: (out / ".ledger.sqlite").is_file() and (out / ".ledger.sqlite").stat().st_size > 60_000)
        cluster._processes[0].kill()
        try:
            _, said = grader.communicate(timeout=100)
        finally:
            grader.kill()
    assert grader.returncode == 1
    assert f"the Dask scheduler at {cluster.address} is lost" in said
    assert not alive(children(grader.pid))
    here = lines.run(course, "grade", tmp_path / "class", "--out", out)
    assert here.returncode == 0, here.stderr
