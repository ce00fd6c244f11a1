"""feedback.html and report.html in headless Chromium: contents, contrast, keyboard, widths, no errors, no network."""

import itertools
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import runtime
from browser import CHROMIUM, CONTRAST, Browser
from test_classreport import CLASS, EVIL

from autograder.batch.drawing import Artist
from autograder.course import Course
from autograder.reports.by_hand import Mark
from autograder.reports.classreport import write_report
from autograder.reports.html import drawn, write_feedback
from autograder.reports.pairs import Likeness, ShownPair, write_pairs
from autograder.reports.review import Asked, Case, Graded, Version, render
from autograder.results import ByHand, CheckResult, Counterexample, Diagnosis, ExerciseResult, Outcome, Report
from autograder.runner import machine
from autograder.submissions.passages import Comparison, Pair

pytestmark = pytest.mark.skipif(not CHROMIUM, reason="Chromium is not installed")

PAGES = ("feedback", "report", "review", "alike")
LOOKS = [(False, 1100), (True, 1100), (False, 360), (True, 360)]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with Browser() as found:
        yield found


def check(outcome: Outcome, **changes: object) -> CheckResult:
    return CheckResult("test_x", f"A law that is {outcome}.", True, outcome, 0.0, 1.0, **changes)  # type: ignore[arg-type]


def feedback() -> Report:
    failed = check(
        Outcome.FAILED,
        message=f"x is 1 {EVIL}",
        hint="Look at the root.",
        counterexample=Counterexample("add_noise([[0.5]], [[-1]], 1)", EVIL + "9" * 5000),
    )
    checks = (failed, check(Outcome.PASSED), check(Outcome.TIMEOUT), check(Outcome.SKIPPED))
    told = Diagnosis("no_sqrt", "alpha_bar where its root belongs", "Take the root.")
    wrong = ExerciseResult("05_noisy_sample", Outcome.PARTIAL, 1.0, 4.0, checks=checks, diagnoses=(told,))
    others = [
        ExerciseResult(f"0{i}_x", kind, None if kind is Outcome.ERROR else 0.0, 4.0, 1.0, message=EVIL)
        for i, kind in enumerate((Outcome.MISSING, Outcome.ERROR))
    ]
    marked = ExerciseResult("03_x", Outcome.PASSED, 4.0, 4.0, checks=(check(Outcome.PASSED),))
    by_hand = {"03_x": ByHand(10.0, 7.25, f"Say why. {EVIL}"), "01_x": ByHand(1.0, None)}
    return Report(EVIL, "strict", (wrong, *others, marked), (EVIL,), by_hand=by_hand)


def case() -> Case:
    """A review with everything on it, of a module with long lines."""
    graded, call = feedback().exercises[0], Counterexample("f([0.5])", EVIL)
    today = replace(graded, points=4.0, checks=tuple(replace(c, outcome=Outcome.PASSED) for c in graded.checks))
    asked = Asked("test_x", 3, 40, False, (call, call), 12)
    told = (Version("a" * 64, None), Version("b" * 64, Graded(graded, "d" * 64)))
    marks = (Mark(EVIL, "05_noisy_sample", 2.5, 4.0, "sha256:0", EVIL, "kim", {"Why": 1.0}, second=True),)
    more = {"told": told, "marks": marks, "today": today, "asked": (asked,), "problems": (EVIL,)}
    source = f"{EVIL}\nx = {' + '.join(['alpha_bar'] * 30)}\n".encode()
    about = (EVIL, "a1", "A title", "b" * 64, Graded(graded, "d" * 64), graded, "e" * 64, "strict")
    return Case(*about, versions={"numpy": "2"}, source=source, **more)  # type: ignore[arg-type]


def likenesses() -> list[Likeness]:
    """An exercise with a pair, and one without, of students and modules that would do harm."""
    lines = (((EVIL, False),), (("x = ", False), (" + ".join(["alpha_bar"] * 30), True)), ())
    pair = ShownPair((EVIL, "ada"), ("bob",), 0.7, 40, (lines, lines))
    some = Comparison((Pair("a", "b", 0.7, 40),), 0.4, 0.02, 435)
    return [
        Likeness("01_a", "A title", some, (pair, replace(pair, sides=())), (EVIL,)),
        Likeness("02_b", EVIL, Comparison((), 1.2, 0.9, 20), ()),
        Likeness("03_c", "Short", Comparison((), 0.4, 0.0, 0), ()),
    ]


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory, course: Course) -> dict[str, Path]:
    if machine.probe().level == "none":
        pytest.skip("this machine cannot lock student code down; `autograder doctor` tells why")
    folder = tmp_path_factory.mktemp("pages")
    exercise, sampler = course.exercise("05"), course.exercise("edit_inpaint")
    with Artist(course) as artist:
        stub, target = artist.draw(exercise, exercise.stub.read_bytes()), artist.target(exercise)
        film = artist.film(sampler, sampler.solution.read_bytes())
    assert stub
    assert target
    assert film
    shown = ({exercise.id: stub}, {exercise.id: target}, {exercise.id: film})
    write_feedback(folder / "feedback.html", feedback(), {}, *shown)
    assert drawn(folder / "feedback.html", feedback()) == shown
    write_report(folder, CLASS, "A class")
    (folder / "review.html").write_text(render(case()), encoding="utf-8")
    write_pairs(folder, EVIL, likenesses())
    return {name: folder / f"{name}.html" for name in PAGES}


@pytest.mark.parametrize("name", PAGES)
def test_a_page_fetches_nothing_and_raises_nothing(browser: Browser, pages: dict[str, Path], name: str) -> None:
    browser.problems.clear()
    browser.open(pages[name])
    assert browser.value("document.readyState") == "complete"
    assert browser.problems == []
    assert browser.value("document.querySelectorAll('script').length") == (1 if name == "report" else 0)
    assert browser.value("[...document.images].every((image) => image.naturalWidth > 100 && image.alt)")


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize(("dark", "width"), LOOKS)
def test_text_is_readable_in_light_and_dark_on_desk_and_phone(
    browser: Browser, pages: dict[str, Path], name: str, dark: bool, width: int
) -> None:
    browser.look(dark, width)
    browser.open(pages[name])
    ratio, text = browser.value(CONTRAST)
    assert ratio >= 4.5, text
    assert browser.value("document.documentElement.scrollWidth") <= width, "the page scrolls sideways"
    is_dark = browser.value("getComputedStyle(document.body).backgroundColor.match(/\\d+/g).map(Number)[0] < 100")
    assert is_dark is dark


def test_feedback_says_what_a_student_needs_and_shows_hostile_text_as_text(
    browser: Browser, pages: dict[str, Path]
) -> None:
    browser.open(pages["feedback"])
    text = browser.value("document.body.innerText")
    for said in (
        "A law that is failed.",
        "add_noise([[0.5]], [[-1]], 1)",
        "Look at the root.",
        "Take the root.",
        "alpha_bar where its root belongs",
        "Look first at",
        "What your code draws",
        "What the reference draws",
        "It is not a 0",
        "What the person who marked it says",
        "Say why.",
        "7.25 of 10 by hand",
        "<script>alert(1)</script>",
    ):
        assert said in text
    assert "\x1b" not in text
    assert len(text) < 20_000
    pair = browser.value("[...document.querySelectorAll('.pair img')].map((i) => i.getBoundingClientRect().width)")
    assert len(pair) == 2


@pytest.mark.parametrize("name", PAGES)
def test_headings_tables_and_landmarks_make_sense_to_a_screen_reader(
    browser: Browser, pages: dict[str, Path], name: str
) -> None:
    browser.open(pages[name])
    assert browser.value("document.documentElement.lang") == "en"
    levels = browser.value("[...document.querySelectorAll('h1,h2,h3,h4')].map((h) => Number(h.tagName[1]))")
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(later <= before + 1 for before, later in itertools.pairwise(levels)), levels
    assert browser.value("document.querySelectorAll('main').length") == 1
    assert browser.value(
        "[...document.querySelectorAll('table')].every((t) => t.caption && t.querySelector('th[scope]'))"
    )
    assert browser.value(
        "new Set([...document.querySelectorAll('[id]')].map((e) => e.id)).size === "
        "document.querySelectorAll('[id]').length"
    )


@pytest.mark.parametrize("name", PAGES)
def test_no_page_breaks_a_rule_of_accessibility(browser: Browser, pages: dict[str, Path], name: str) -> None:
    """The rules of axe, light and dark, on a desk and on a phone."""
    try:
        script = runtime.axe()
    except runtime.Unserved as problem:
        pytest.skip(f"no axe: {problem}")
    for dark, width in LOOKS:
        browser.look(dark, width)
        browser.open(pages[name])
        browser.page.evaluate(script)
        found = browser.page.evaluate(
            "axe.run().then(({ violations }) => violations.map((v) => [v.id, v.nodes[0].html]))"
        )
        assert found == []


def test_a_table_of_the_report_is_sorted_with_the_keyboard_alone(browser: Browser, pages: dict[str, Path]) -> None:
    browser.look(False, 1100)
    browser.open(pages["report"])
    rates = "[...document.querySelectorAll('#checks ~ .scroll tbody tr')].map((r) => r.children[0].textContent)"
    assert browser.value(rates) == ["100 %", "50 %", "0 %"]
    focused = "document.activeElement.textContent + ' ' + (document.activeElement.closest('section') || {}).innerText"
    for _ in range(60):
        browser.press("Tab")
        if browser.value(focused).startswith("Pass ") and browser.value("document.activeElement.tagName") == "BUTTON":
            break
    assert browser.value("document.activeElement.textContent") == "Pass"
    browser.press("Enter")
    assert browser.value(rates) == ["100 %", "50 %", "0 %"]
    browser.press("Enter")
    assert browser.value(rates) == ["0 %", "50 %", "100 %"]
    assert browser.value("document.activeElement.closest('th').getAttribute('aria-sort')") == "ascending"


def test_lines_of_code_keep_their_shape_and_scroll_with_the_keyboard_on_a_phone(
    browser: Browser, tmp_path: Path
) -> None:
    line = f"    x = {' + '.join(['alpha_bar'] * 12)}"
    trace = f'raised ValueError: no\n  File "noisy_sample.py", line 7\n{line}\n        ^^^^^^^^^'
    failed = check(Outcome.FAILED, message=trace, counterexample=Counterexample("f()", "raised ValueError: no"))
    broken = ExerciseResult(
        "04_x", Outcome.FAILED, 0.0, 1.0, message=f"the module does not load: File 1\n{line}\n    ^"
    )
    result = ExerciseResult("05_x", Outcome.FAILED, 0.0, 1.0, checks=(failed,))
    write_feedback(tmp_path / "feedback.html", Report("ada", "strict", (broken, result)))
    browser.look(False, 375)
    browser.open(tmp_path / "feedback.html")
    count = "Math.round(e.clientHeight / parseFloat(getComputedStyle(e).lineHeight))"
    heights = f"[...document.querySelectorAll('.lines')].map((e) => {count})"
    assert browser.value(heights) == [3, 3]
    assert browser.value("[...document.querySelectorAll('.lines')].every((e) => e.scrollWidth > e.clientWidth)")
    assert browser.value("document.documentElement.scrollWidth") <= 375
    browser.value("document.querySelector('.lines').focus()")
    assert browser.value("document.activeElement.className") == "lines"


def test_the_pass_rate_is_seen_on_a_phone_without_scrolling(browser: Browser, pages: dict[str, Path]) -> None:
    browser.look(False, 360)
    browser.open(pages["report"])
    cell = "document.querySelector('#checks ~ .scroll tbody tr').children"
    assert browser.value(f"[...{cell}].slice(0, 2).map((c) => c.textContent)") == ["100 %", "Law 0."]
    assert browser.value(f"[...{cell}].slice(0, 2).every((c) => c.getBoundingClientRect().right <= 360)")
    assert browser.value("document.querySelector('#checks ~ .scroll').scrollWidth") > 360, "the rest is there too"


def test_captions_of_wide_tables_are_whole_on_a_phone(browser: Browser, pages: dict[str, Path]) -> None:
    browser.look(False, 375)
    browser.open(pages["report"])
    rights = browser.value("[...document.querySelectorAll('caption span')].map((s) => s.getBoundingClientRect().right)")
    assert rights
    assert max(rights) <= 375


def test_the_laws_that_hold_open_with_the_keyboard(browser: Browser, pages: dict[str, Path]) -> None:
    browser.open(pages["feedback"])
    browser.value("document.querySelector('summary').focus()")
    assert browser.value("document.querySelector('details').open") is False
    browser.press("Enter")
    assert browser.value("document.querySelector('details').open") is True


#: Which step of the film is seen: the middle of the window lies over it; and the name below.
SEEN = """(() => {
  const [window, sheet] = [document.querySelector('.window'), document.querySelector('.sheet')].map((e) =>
    e.getBoundingClientRect());
  const steps = document.querySelectorAll('.track input').length;
  const name = document.querySelector('.name').getBoundingClientRect();
  const told = [...document.querySelectorAll('.name span')].filter((span) => {
    const box = span.getBoundingClientRect();
    return box.top > name.top - 3 && box.bottom < name.bottom + 3;
  });
  const at = (window.top + window.height / 2 - sheet.top) / sheet.height * steps;
  return [Math.floor(at), at % 1, told.map((span) => span.textContent).join()];
})()"""


@pytest.mark.parametrize(("dark", "width"), LOOKS)
def test_the_steps_are_gone_through_with_the_keyboard_and_named(
    browser: Browser, pages: dict[str, Path], dark: bool, width: int
) -> None:
    browser.look(dark, width)
    browser.open(pages["feedback"])
    last = browser.value("document.querySelectorAll('.track input').length") - 1
    assert 5 < last < 12
    at, within, told = browser.value(SEEN)
    assert (at, told) == (last, "returned")
    assert abs(within - 0.5) < 0.05
    browser.value("document.querySelector('.track input:checked').focus()")
    for back in range(1, last + 1):
        browser.press("ArrowLeft")
        at, within, told = browser.value(SEEN)
        assert at == last - back
        assert abs(within - 0.5) < 0.05
        assert told == browser.value("document.querySelector('.track :checked').labels[0].textContent")
        assert told.startswith("t = ")
    sizes = browser.value("[...document.querySelectorAll('.track label, .play')].map((e) => e.getBoundingClientRect())")
    assert min(min(size["width"], size["height"]) for size in sizes) >= 24  # WCAG 2.2, 2.5.8


def test_the_steps_move_when_asked_to_and_not_for_who_wants_no_motion(browser: Browser, pages: dict[str, Path]) -> None:
    browser.look(False, 1100)
    browser.open(pages["feedback"])
    moving = "document.getAnimations().length"
    assert browser.value(moving) == 0
    browser.value("document.querySelector('.play input').click()")
    assert browser.value(moving) == 2
    for at in range(3):
        wanted = f"document.getAnimations().map((a) => {{ a.pause(); a.currentTime = {at} * 1e3; return a; }}).length"
        assert browser.value(wanted) == 2
        step, within, told = browser.value(SEEN)
        assert abs(within - 0.5) < 0.05
        assert told == browser.value(f"document.querySelectorAll('.name span')[{step}].textContent")
        assert (step > 0) is (at > 0)
    browser.page.emulate_media(reduced_motion="reduce")
    assert browser.value(moving) == 0
    assert browser.value("document.querySelector('.play').offsetParent") is None
    browser.page.emulate_media(reduced_motion="no-preference")
    browser.value("document.querySelector('.track input').click()")
    assert browser.value(moving) == 0
    assert browser.value(SEEN)[0] == 0
