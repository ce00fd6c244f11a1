"""The journal: append-only, whole after any end, clear about what is wrong with it."""

import os
import random
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest

from autograder.batch.ledger import ClassRecord, Key, Ledger, Told, result_bytes, result_from
from autograder.errors import CourseError
from autograder.judge.fingerprint import submission_digest
from autograder.reports.by_hand import Mark, answer_digest
from autograder.reports.late import HandedIn
from autograder.results import CheckResult, Counterexample, Diagnosis, ExerciseResult, Outcome

KEY = Key("submission", "05_noisy_sample", "suite")
SEEN = Counterexample("f(1)", "2")
CHECKS = (
    CheckResult("test_a", "A law.", False, Outcome.FAILED, 0.0, 1.5, "says 0.1", "hint", SEEN, "private", 0.25),
    CheckResult("test_b", "A law.", True, Outcome.PASSED, 0.1, 0.1),
    CheckResult("test_c", "A law.", True, Outcome.PASSED, 0.2, 0.2),
)
DIAGNOSES = (Diagnosis("m", "wrong", "look"),)
RESULT = ExerciseResult(
    KEY.exercise, Outcome.PARTIAL, 0.1 + 0.2, 1.5 + 0.1 + 0.2, 1.0, CHECKS, DIAGNOSES, "m", ("f",), "é"
)


MARKS = [Mark("ada", KEY.exercise, float(n), 3.0, answer_digest(str(n)), "Good", "kim") for n in range(3)]
ERROR = ExerciseResult("a", Outcome.ERROR, None, 1.0, written="?")
RECORD = ClassRecord(
    "strict",
    {"numpy": "2"},
    None,
    (KEY.exercise,),
    (Told("ada", (KEY, replace(ERROR, written="\ud800")), ("p",)),),
    {"ada": "1"},
    {"ada": HandedIn(datetime(2027, 1, 22, 8, tzinfo=UTC), timedelta(hours=1.5))},
)
#: The same without half characters.
WHOLE = replace(RECORD, students=(replace(RECORD.students[0], results=(KEY, ERROR)),))


def numbered(number: int) -> Key:
    return KEY._replace(submission=f"submission {number}")


def test_a_result_comes_back_as_it_was(tmp_path: Path) -> None:
    with Ledger(tmp_path / "ledger") as ledger:
        assert not ledger.has(KEY)
        assert ledger.result(KEY) is None
        ledger.add([(KEY, RESULT)])
    with Ledger(tmp_path / "ledger") as ledger:
        assert ledger.has(KEY)
        assert ledger.result(KEY) == RESULT
    assert stat.S_IMODE((tmp_path / "ledger").stat().st_mode) == 0o600


def test_half_characters_become_question_marks() -> None:
    odd = ExerciseResult("a", Outcome.FAILED, 0.0, 1.0, written="\ud800 and é")
    assert result_from(result_bytes(odd)).written == "? and é"
    inside = replace(RESULT, checks=(replace(CHECKS[0], message="\ud800 and é"), *CHECKS[1:]))
    assert result_from(result_bytes(inside)).checks[0].message == "? and é"


def test_an_error_is_never_done() -> None:
    error = ExerciseResult("a", Outcome.ERROR, None, 1.0)
    with Ledger(None) as ledger:
        with pytest.raises(ValueError, match="graded again"):
            ledger.add([(KEY, RESULT), (numbered(2), error)])
        assert not ledger.has(KEY)  # all or none


def test_nothing_is_ever_changed(tmp_path: Path) -> None:
    with Ledger(tmp_path / "ledger") as ledger:
        ledger.add([(KEY, RESULT)])
        ledger.add([(KEY, ExerciseResult(KEY.exercise, Outcome.FAILED, 0.0, 3.0))])
        assert ledger.result(KEY) == RESULT


def test_what_was_reported_is_noted_when_it_is_news(tmp_path: Path) -> None:
    with Ledger(tmp_path / "ledger") as ledger:
        assert ledger.last_reported("ada", KEY.exercise) is None
        for key in (KEY, KEY, numbered(2), KEY):
            ledger.report([("ada", key), ("bela", KEY)])
        assert ledger.last_reported("ada", KEY.exercise) == KEY
    with sqlite3.connect(tmp_path / "ledger") as db:
        assert db.execute("SELECT count(*) FROM reported").fetchone() == (4,)
    db.close()


def test_marks_and_the_class_come_back_as_they_were(tmp_path: Path) -> None:
    with Ledger(tmp_path / "ledger") as ledger:
        assert (ledger.marks(), ledger.class_record()) == ([], None)
        ledger.mark(MARKS[:1])
        ledger.mark(MARKS[1:])
        for record in (replace(RECORD, ids={}), RECORD, RECORD):
            ledger.record_class(record)
    with Ledger(tmp_path / "ledger") as ledger:
        assert ledger.marks() == MARKS
        assert ledger.class_record() == WHOLE
    with sqlite3.connect(tmp_path / "ledger") as db:
        assert db.execute("SELECT count(*) FROM notes WHERE kind = 'class'").fetchone() == (2,), "where it is news"
    db.close()


def test_a_second_run_into_the_same_folder_is_told(tmp_path: Path) -> None:
    with Ledger(tmp_path / "ledger"), pytest.raises(CourseError, match="Another run grades into this folder"):
        Ledger(tmp_path / "ledger")


def test_versions_are_counted_by_what_was_handed_in(tmp_path: Path) -> None:
    """A version that is handed in again, or graded anew by other checks, keeps its number."""
    one, two, three = map(numbered, range(3))
    with Ledger(tmp_path / "ledger") as ledger:
        assert ledger.round("ada", KEY.exercise, one.submission) == 1
        for key in (one, one._replace(suite="other"), two, one):
            ledger.report([("ada", key)])
        numbers = [ledger.round("ada", KEY.exercise, key.submission) for key in (one, two, three)]
        assert numbers == [1, 2, 3]
        assert ledger.round("bela", KEY.exercise, two.submission) == 1
        assert ledger.round("ada", "06_other", two.submission) == 1
        ledger.report([("carl", one._replace(submission=submission_digest(None)))])
        assert ledger.round("carl", KEY.exercise, one.submission) == 1  # what was not handed in is no version


def damaged_results() -> dict[str, ExerciseResult]:
    first, *others = CHECKS
    raised = replace(first, points=1.5)
    return {
        "a sum": replace(RESULT, points=1.8),
        "a check": replace(RESULT, checks=(raised, *others)),
        "a check and the sum": replace(RESULT, checks=(raised, *others), points=1.5 + 0.1 + 0.2),
        "what is possible": replace(RESULT, max_points=0.3),
        "points without checks": replace(RESULT, checks=()),
    }


@pytest.mark.parametrize("name", damaged_results())
def test_points_that_do_not_add_up_are_no_result(name: str) -> None:
    with pytest.raises(msgspec.MsgspecError, match="not the sum of its checks"):
        result_from(result_bytes(damaged_results()[name]))


def test_one_flipped_bit_is_told_or_changes_nothing(tmp_path: Path) -> None:
    """Wherever in the file: never another result, never another thing that was told."""
    path, chance = tmp_path / "ledger", random.Random(6)
    with Ledger(path) as ledger:
        ledger.add((numbered(n), RESULT) for n in range(9))
        ledger.report(("ada", numbered(n)) for n in range(9))
        ledger.mark(MARKS)
        ledger.record_class(RECORD)
    whole = path.read_bytes()
    places = [whole.index(b'"points":0.3') + 9, *(chance.randrange(len(whole)) for _ in range(300))]
    told = 0
    for place in places:
        for bit in (1, 1 << chance.randrange(8)):
            path.write_bytes(whole[:place] + bytes([whole[place] ^ bit]) + whole[place + 1 :])
            try:
                with Ledger(path) as ledger:
                    assert all(ledger.result(numbered(n)) in (RESULT, None) for n in range(9))
                    assert all(result == RESULT for _, result in ledger.told())
                    assert ledger.last_reported("ada", KEY.exercise) in (None, *map(numbered, range(9)))
                    assert ledger.marks() in (MARKS, [])  # SQLite may not see a table at all
                    assert ledger.class_record() in (WHOLE, None)
            except CourseError:
                told += 1
    assert told > 100


@pytest.mark.parametrize("name", ["ledger", "ledger-journal"])
def test_a_journal_that_is_a_link_is_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / "elsewhere").write_bytes(b"")
    (tmp_path / name).symlink_to(tmp_path / "elsewhere")
    with pytest.raises(CourseError, match=f"{name}: the journal is a link. Move it away"):
        Ledger(tmp_path / "ledger")
    assert (tmp_path / "elsewhere").read_bytes() == b""


def test_a_journal_with_a_second_name_or_that_is_no_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").write_bytes(b"")
    os.link(tmp_path / "elsewhere", tmp_path / "ledger")
    os.mkfifo(tmp_path / "pipe")
    for name in ("ledger", "pipe"):
        with pytest.raises(CourseError, match=f"{name}: the journal is a link, or no plain file"):
            Ledger(tmp_path / name)
    assert (tmp_path / "elsewhere").read_bytes() == b""


def test_a_journal_of_another_form_is_told(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "ledger") as db:
        db.execute("CREATE TABLE results (submission, exercise, suite, result)")
    db.close()
    with pytest.raises(CourseError, match=r"of form 0.*Move it away and grade again"):
        Ledger(tmp_path / "ledger")


def read_all(path: Path) -> None:
    with Ledger(path) as ledger:
        for n in range(60):
            ledger.result(numbered(n))


def overwrite_the_head(path: Path) -> None:
    path.write_bytes(b"this is no database, " * 400)


def overwrite_the_middle(path: Path) -> None:
    data = path.read_bytes()
    path.write_bytes(data[:4096] + os.urandom(len(data) - 8192) + data[-4096:])


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: 3 * 4096])


def spoil_a_row(path: Path) -> None:
    db = sqlite3.connect(path)
    db.execute("UPDATE results SET result = '{'")
    db.commit()
    db.close()


@pytest.mark.parametrize("damage", [overwrite_the_head, overwrite_the_middle, cut, spoil_a_row])
def test_damage_is_told_with_the_remedy(tmp_path: Path, damage: Callable[[Path], None]) -> None:
    path = tmp_path / "ledger"
    with Ledger(path) as ledger:
        ledger.add((numbered(n), RESULT) for n in range(60))
    damage(path)
    with pytest.raises(CourseError, match=r"ledger: .*Move it away and grade again"):
        read_all(path)


def test_a_full_disk_keeps_what_was_graded(tmp_path: Path) -> None:
    path = tmp_path / "ledger"
    with Ledger(path) as ledger:
        ledger.add([(KEY, RESULT)])
        ledger._db.execute("PRAGMA max_page_count = 12")
        with pytest.raises(CourseError, match=r"full.*Make room"):
            ledger.add((numbered(n), RESULT) for n in range(2000))
        assert ledger.has(KEY)
    with Ledger(path) as ledger:
        assert ledger.result(KEY) == RESULT
        assert not ledger.has(numbered(0))


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(CourseError, match="cannot be written"):
        Ledger(tmp_path / "nowhere" / "ledger")
    (tmp_path / "folder").mkdir()
    with pytest.raises(CourseError, match="cannot be written"):
        Ledger(tmp_path / "folder")


WRITER = """
import sys
from pathlib import Path
sys.path.insert(0, sys.argv[2])
from test_ledger import RESULT, numbered
from autograder.batch.ledger import Ledger
with Ledger(Path(sys.argv[1])) as ledger:
    for n in range(10**9):
        ledger.add([(numbered(n), RESULT)])
        print(n, flush=True)
"""


def test_a_commit_outlives_kill_9(tmp_path: Path) -> None:
    """Killed in the midst of writing, four times: what was said to be kept is kept, and the file is whole."""
    path, kept = tmp_path / "ledger", -1
    for turn in range(4):
        command = [sys.executable, "-c", WRITER, str(path), str(Path(__file__).parent)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as writer:
            assert writer.stdout is not None
            for _ in range(7 + 5 * turn):
                kept = max(kept, int(writer.stdout.readline()))
            writer.kill()
        with Ledger(path) as ledger:
            assert all(ledger.result(numbered(n)) == RESULT for n in range(kept + 1))
