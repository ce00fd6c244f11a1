"""kill -9 at random moments, of the grader, its judges and their zygotes: nobody is lost, doubled or wronged.

$AUTOGRADER_KILLS sets how many (default 30; 200 take some minutes).
"""

import os
import random
import signal
import sqlite3
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import line_course as lines
import pytest
from processes import alive, children

from autograder.batch.ledger import NAME

KILLS = int(os.environ.get("AUTOGRADER_KILLS", "30"))
COPIES = 3


def is_a(pid: int, kind: str) -> bool:
    try:
        return f"autograder.{kind}" in Path(f"/proc/{pid}/cmdline").read_text()
    except OSError:
        return False


def family(grader: int) -> dict[str, list[int]]:
    """Who works for a grader now."""
    judges = [pid for pid in children(grader) if is_a(pid, "batch.local_judges")]
    zygotes = [pid for judge in judges for pid in children(judge) if is_a(pid, "runner.zygote")]
    return {"grader": [grader], "judge": judges, "zygote": zygotes}


def victim(grader: int, chance: random.Random) -> tuple[str, int] | None:
    """One at random: zygotes and judges more often than the grader, so that it gets somewhere."""
    there = family(grader)
    kind = chance.choices(["zygote", "judge", "grader"], [7, 4, 2])[0]
    if kind == "grader" and not there["zygote"] and chance.random() < 0.8:
        return None  # it has hardly begun
    return (kind, chance.choice(there[kind])) if there[kind] else None


def killed_run(command: list[str], chance: random.Random, most: int) -> Iterator[str]:
    """One run, with at most so many kills. Yields who was killed."""
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as grader:
        seen: set[int] = set()
        while most > 0 and grader.poll() is None:
            time.sleep(chance.uniform(0.02, 0.3))
            there = family(grader.pid)
            seen |= {pid for pids in there.values() for pid in pids}
            chosen = victim(grader.pid, chance)
            if chosen is None:
                continue
            try:
                os.kill(chosen[1], signal.SIGKILL)
            except ProcessLookupError:
                continue
            most -= 1
            yield chosen[0]
            if chosen[0] == "grader":
                break
        _, said = grader.communicate(timeout=120)
        assert "Traceback" not in said, said
        assert grader.returncode in (0, 1, -signal.SIGKILL), said
    for _ in range(600):  # judges finish what they are at, then find their wire cut
        if not alive(sorted(seen)):
            return
        time.sleep(0.05)
    pytest.fail(f"left behind: {alive(sorted(seen))}")


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return lines.make_course(tmp_path_factory.mktemp("kill") / "course").root


@pytest.fixture(scope="module")
def undisturbed(course: Path) -> tuple[Path, dict[str, float], dict[str, bytes]]:
    """A class, its points, and what a run writes that nobody disturbs."""
    folder = course.parent
    points = lines.write_class(folder / "class", COPIES)
    assert lines.run(course, "grade", folder / "class", "--out", folder / "whole", "--workers", 2).returncode == 0
    assert {s: float(p) for s, p in lines.points_of(folder / "whole").items()} == points
    return folder / "class", points, lines.outputs(folder / "whole")


def test_kill_9_at_any_moment_loses_nothing(
    course: Path, undisturbed: tuple[Path, dict[str, float], dict[str, bytes]], tmp_path: Path
) -> None:
    klass, points, whole = undisturbed
    chance = random.Random(20261123)
    killed: list[str] = []
    while len(killed) < KILLS:
        out = tmp_path / f"out{len(killed)}"
        command = lines.command(course, "grade", klass, "--out", out, "--workers", 2)
        for _ in range(2):
            killed += killed_run(command, chance, KILLS - len(killed))
        last = lines.run(course, "grade", klass, "--out", out, "--workers", 2)
        assert last.returncode == 0, last.stderr
        assert lines.outputs(out) == whole
        db = sqlite3.connect(out / NAME)
        assert db.execute("SELECT count(*) FROM results").fetchone() == (len(points) + 2,)  # two kinds of 02_double
        db.close()
    print({kind: killed.count(kind) for kind in sorted(set(killed))})
