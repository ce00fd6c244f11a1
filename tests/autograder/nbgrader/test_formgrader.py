"""The formgrader's own pages in headless Chromium: autograde, mark prose, give feedback. All on loopback."""

import shutil
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import closing
from importlib.util import find_spec
from pathlib import Path

import hostile_notebook as hostile
import mini_course as mini
import pytest
from browser import CHROMIUM, Browser

from autograder.course import Course
from autograder.judge.mutants import read_mutants

pytestmark = [
    pytest.mark.skipif(not CHROMIUM, reason="Chromium is not installed"),
    pytest.mark.skipif(find_spec("jupyterlab") is None, reason="jupyter lab is not installed"),
]

WRITTEN = f"{mini.PROSE}-explanation"
OWN_WORDS = "Every step waits for the one before. <b>x</b> & 0 < 1, grader: full marks!"
COMMENT = "True, but how many steps are there?"
TOKEN = "only-for-this-test"
MALLORY = "mallory"


@pytest.fixture(scope="module")
def directory(generated: tuple[Course, Path], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A course directory: one student handed in a mistake and prose, one nothing but stubs, one attacks who looks."""
    base = tmp_path_factory.mktemp("formgrader")
    course, directory = generated
    shutil.copytree(directory, base / "nbgrader")
    mini.hand_in(base / "nbgrader", course, "ada", mistaken(course))
    mini.hand_in(base / "nbgrader", course, "bela", {})
    words = mini.with_prose(course, repr(hostile.MARKUP))
    hostile.attack(mini.hand_in(base / "nbgrader", course, MALLORY, {mini.CODE: hostile.MODULE, mini.PROSE: words}))
    yield base / "nbgrader"
    shutil.rmtree(base, ignore_errors=True)


def mistaken(course: Course) -> dict[str, str]:
    mutant = next(m.source for m in read_mutants(course.exercise(mini.CODE)) if m.name == "cumprod_of_beta")
    return {mini.CODE: mutant, mini.PROSE: mini.with_prose(course, repr(OWN_WORDS))}


@pytest.fixture(scope="module")
def formgrader(directory: Path) -> Iterator[str]:
    """The address of the formgrader in a running `jupyter lab`, started in the course directory."""
    with closing(socket.create_server(("127.0.0.1", 0))) as free:
        port = free.getsockname()[1]
    program = [sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", "--ip=127.0.0.1", f"--port={port}"]
    with (directory.parent / "lab.log").open("wb") as log:
        lab = subprocess.Popen(
            [*program, "--ServerApp.port_retries=0", f"--IdentityProvider.token={TOKEN}"],
            cwd=directory,
            env=mini.environment(directory),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )
    try:
        _await(f"http://127.0.0.1:{port}/api", lab, directory.parent / "lab.log")
        yield f"http://127.0.0.1:{port}/formgrader"
    finally:
        lab.terminate()
        lab.wait(30)


def _await(url: str, lab: "subprocess.Popen[bytes]", log: Path) -> None:
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    for _ in range(600):
        try:
            direct.open(url, timeout=10).close()
            return
        except OSError:
            assert lab.poll() is None, log.read_text()[-3000:]
            time.sleep(0.1)
    raise AssertionError(log.read_text()[-3000:])


@pytest.fixture(scope="module")
def page(formgrader: str) -> Iterator[Browser]:
    """Logged in, at the list of submissions."""
    with Browser() as browser:
        browser.visit(f"{formgrader}?token={TOKEN}")
        browser.visit(f"{formgrader}/manage_submissions/{mini.ASSIGNMENT}")
        yield browser


def row(student: str) -> str:
    return f"$('tbody tr').has('.student-id:contains({student})')"


def press(page: Browser, student: str, button: str) -> str:
    """Press a student's button, and return what the window that opens says."""
    page.wait_for(f"{row(student)}.find('.{button} a').length")
    page.value(f"{row(student)}.find('.{button} a').click().length")
    page.wait_for("$('.modal.in').length", 120)
    said = str(page.value("$('.modal').text()"))
    page.value("$('.modal').modal('hide').length")
    page.wait_for("!$('.modal').length")
    return said


def shown(page: Browser, student: str, part: str) -> str:
    page.wait_for(f"{row(student)}.find('.{part}').text().trim()")
    return str(page.value(f"{row(student)}.find('.{part}').text().trim()"))


def test_a_human_autogrades_marks_and_gives_feedback_in_the_formgrader(
    page: Browser, formgrader: str, directory: Path
) -> None:
    for student in ("ada", "bela"):
        assert "Successfully autograded" in press(page, student, "autograde")
        assert shown(page, student, "status") == "needs manual grading"
    assert shown(page, "bela", "score") == "0 / 11"
    points = mini.grades(directory / "gradebook.db")["ada", mini.CODE]["auto_score"]
    assert 0 < points < 4
    assert shown(page, "ada", "score") == f"{4 + points:g} / 11"

    assert "feedback is held while something waits for a person: ada. Mark it" in press(
        page, "ada", "generate-feedback"
    )
    assert not (directory / "feedback" / "ada" / mini.ASSIGNMENT).exists()

    _mark(page, formgrader, directory)
    page.visit(f"{formgrader}/manage_submissions/{mini.ASSIGNMENT}")
    assert shown(page, "ada", "status") == "graded"
    assert shown(page, "ada", "score") == f"{6.5 + points:g} / 11"
    assert "Successfully generated feedback" in press(page, "ada", "generate-feedback")
    page.open(directory / "feedback" / "ada" / mini.ASSIGNMENT / f"{mini.ASSIGNMENT}.html")
    feedback = page.text()
    assert f"(Score: {6.5 + points} / 11.0)" in feedback
    assert "Diagnosis: your outputs equal those of a solution with this mistake" in feedback
    assert OWN_WORDS in feedback
    assert COMMENT in feedback
    assert "23 Why it is slow, comment" in feedback  # in the contents
    assert "Evidence for the person" not in feedback


def _mark(page: Browser, formgrader: str, directory: Path) -> None:
    """Reads what the student wrote and what is said about it, and gives a score and a comment."""
    page.visit(f"{formgrader}/manage_students/ada/{mini.ASSIGNMENT}")
    page.wait_for("$('tbody a[href*=\"submissions/\"]').length")
    page.visit(str(page.value("$('tbody a[href*=\"submissions/\"]')[0].href")))
    page.wait_for(f"$('#{WRITTEN}-comment').length")
    assert OWN_WORDS in page.text()
    assert "Diagnosis: your outputs equal those of a solution with this mistake" in page.text()
    assert "Evidence" not in str(page.value(f"$('#{WRITTEN}-comment').attr('placeholder')"))
    assert page.value(f"$('#{WRITTEN}').val()") == ""
    page.type(WRITTEN, "2.5")
    page.type(f"{WRITTEN}-comment", COMMENT)
    assert page.text().count("Evidence for the person who marks. Not a mark.") == 1  # also while a comment is written
    for _ in range(600):
        if mini.grades(directory / "gradebook.db")["ada", WRITTEN]["manual_score"] == 2.5 and saved(directory):
            return
        time.sleep(0.1)
    raise AssertionError("the mark was never saved")


def saved(directory: Path) -> bool:
    """Whether the comment has reached the gradebook."""
    with closing(sqlite3.connect(f"file:{directory / 'gradebook.db'}?mode=ro", uri=True)) as connection:
        return bool(connection.execute("select 1 from comment where manual_comment = ?", (COMMENT,)).fetchone())


# ------------------------------------------------------------------------------------ under attack


def unharmed(page: Browser) -> None:
    """Nothing of the hostile submission has run in this page, can be clicked, or was asked for."""
    assert page.value("window.pwned") is None
    alive = "#bait, a[href^=javascript][href*=pwned], [href*=beacon], [src*=beacon], [onerror], base"
    assert page.value(f"[...document.querySelectorAll('{alive}')].map(found => found.outerHTML)") == []
    asked = [problem for problem in page.problems if hostile.BEACON in problem or "custom." in problem]
    assert asked == []


def test_a_hostile_submission_does_nothing_to_whoever_looks_at_it(page: Browser, formgrader: str) -> None:
    page.problems.clear()
    page.visit(f"{formgrader}/manage_submissions/{mini.ASSIGNMENT}")
    page.wait_for("$('tbody tr .student-id').length === 3")
    unharmed(page)
    assert "Successfully autograded" in press(page, MALLORY, "autograde")
    unharmed(page)
    for place in (
        f"manage_submissions/{mini.ASSIGNMENT}",
        f"gradebook/{mini.ASSIGNMENT}",
        "manage_students",
        f"manage_students/{MALLORY}",
        f"manage_students/{MALLORY}/{mini.ASSIGNMENT}",
    ):
        page.visit(f"{formgrader}/{place}")
        page.wait_for("$('tbody tr').length")
        unharmed(page)
    page.wait_for("$('tbody a[href*=\"submissions/\"]').length")
    page.visit(str(page.value("$('tbody a[href*=\"submissions/\"]')[0].href")))
    page.wait_for(f"$('#{WRITTEN}-comment').length")
    unharmed(page)
    assert page.text().count("window.pwned") > 2  # results and prose are there to be read, as text


def test_feedback_on_a_hostile_submission_does_nothing_to_who_opens_it(page: Browser, directory: Path) -> None:
    mini.run(directory, "nbgrader", "autograde", mini.ASSIGNMENT, f"--student={MALLORY}")
    mini.mark(directory / "gradebook.db", MALLORY, WRITTEN, 1.0)
    mini.run(directory, "nbgrader", "generate_feedback", mini.ASSIGNMENT, f"--student={MALLORY}")
    page.problems.clear()
    page.open(directory / "feedback" / MALLORY / mini.ASSIGNMENT / f"{mini.ASSIGNMENT}.html")
    assert page.text().count("window.pwned") > 2
    unharmed(page)
