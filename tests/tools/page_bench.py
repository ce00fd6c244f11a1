"""How long a student waits in the page, beside the command line on the same machine, in alternation.

`make bench-page`. The site is served from this machine, so the network costs nothing here; Chromium is real. Cold: a
browser that has never seen the site. Warm: the same browser comes back. `check`: the command line as a process each
time; `inside`: the same checks in one process that runs already, as `autograder watch` does.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from statistics import median

import runtime
from browser import CHROMIUM, FLAGS
from playwright.sync_api import BrowserContext, Page, sync_playwright
from visitor import check, open_exercise, serving, until, write

from autograder.course import Course, Exercise
from autograder.release import folder, web
from autograder.student.figure import draw
from autograder.student.selfcheck import check_exercise

ROOT = Path(__file__).resolve().parents[2]
Times = dict[str, list[float]]


def timed(times: Times, what: str, work: Callable[[], object]) -> None:
    start = time.perf_counter()
    work()
    times[what].append(time.perf_counter() - start)


def wait_for_picture(page: Page) -> None:
    page.evaluate("document.getElementById('mine').removeAttribute('src')")
    page.click("#draw")
    until(page, "document.getElementById('mine').naturalWidth > 300", 240)


def must_hold(told: str) -> None:
    if "checks hold" not in told:
        raise SystemExit(f"the reference does not hold in the page:\n{told}")


def green(context: BrowserContext, address: str, source: str) -> None:
    """From the click on a link until the checks hold."""
    page = open_exercise(context, address)
    write(page, source)
    must_hold(check(page))
    page.close()


def in_the_page(times: Times, address: str, source: str, repeats: int) -> None:
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        context = chromium.new_context()
        timed(times, "first green, cold", lambda: green(context, address, source))
        timed(times, "first green, warm", lambda: green(context, address, source))
        page = open_exercise(context, address)
        write(page, source)
        must_hold(check(page))
        for _ in range(repeats):
            timed(times, "a check again, page", lambda: check(page))
        timed(times, "first picture, page", lambda: wait_for_picture(page))
        timed(times, "a picture again, page", lambda: wait_for_picture(page))
        chromium.close()


def on_the_command_line(times: Times, course: Course, exercise: Exercise, repeats: int) -> None:
    """In a released folder, with the reference as the student's module."""

    def run(command: str) -> None:
        whole = [sys.executable, "-m", "autograder", command, exercise.slug]
        subprocess.run(whole, cwd=course.root, check=True, capture_output=True)

    for _ in range(repeats):
        timed(times, "a check again, command line", lambda: run("check"))
        timed(times, "a check again, inside", lambda: check_exercise(course, exercise))
    timed(times, "first picture, command line", lambda: run("picture"))
    draw(course, exercise)
    timed(times, "a picture again, inside", lambda: draw(course, exercise))


def show(name: str, times: Times) -> None:
    print(f"\n{name}: seconds (median, least to most)")
    for what, values in times.items():
        print(f"  {what:28s} {median(values):7.2f}  {min(values):.2f} to {max(values):.2f}")
    for one, two in (
        ("a check again, page", "a check again, command line"),
        ("a check again, page", "a check again, inside"),
        ("first picture, page", "first picture, command line"),
        ("a picture again, page", "a picture again, inside"),
    ):
        print(f"  {one} / {two.split(', ')[-1]}: {median(times[one]) / median(times[two]):.2f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("exercises", nargs="*", default=["noisy_sample", "exact_denoiser", "guidance"])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--repeats", type=int, default=5, help="checks a round")
    given = parser.parse_args()
    course = Course.load(ROOT)
    with tempfile.TemporaryDirectory() as made:
        place = Path(made)
        web.release(course, course.assignments, place / "site", runtime.pyodide())
        with serving(place) as home:
            for name in given.exercises:
                exercise = course.exercise(name)
                folder.release(course, course.assignment(exercise.assignment), place / f"release-{name}")
                own = Course.load(place / f"release-{name}")
                mine = own.exercise(name)
                source = exercise.solution.read_text(encoding="utf-8")
                mine.stub.write_text(source, encoding="utf-8")
                times: Times = defaultdict(list)
                for _ in range(given.rounds):
                    in_the_page(times, f"{home}{exercise.id}.html", source, given.repeats)
                    on_the_command_line(times, own, mine, given.repeats)
                show(exercise.id, times)


if __name__ == "__main__":
    main()
