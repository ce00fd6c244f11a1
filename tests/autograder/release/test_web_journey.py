"""A student's way through the site, in Chromium with Python in the page: nothing is mocked.

The runtime comes from the registries, by hash (tests/tools/runtime.py); where it is no longer served, what needs Python
is skipped, which the end of the run tells.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
import runtime
from playwright.sync_api import BrowserContext
from visitor import check, open_exercise, serving, until, write

from autograder.cli import main
from autograder.course import Course
from autograder.files import zip_bytes
from autograder.release import web
from autograder.student.handin import write_zip

ROOT = Path(__file__).resolve().parents[3]
FILL = "(size) => { try { for (let i = 0; ; i++) localStorage.setItem(`${size} ${i}`, 'x'.repeat(size)) } catch {} }"


def test_from_the_first_line_to_full_marks_and_without_a_network(
    course: Course, context: BrowserContext, home: str, tmp_path: Path
) -> None:
    """A wrong answer, what breaks it, a hint, mended, the picture, without a network, handed in, graded."""
    page = open_exercise(context, f"{home}05_noisy_sample.html")
    assert page.locator("article math").count() >= 1
    solution = course.exercise("05").solution.read_text()
    write(page, solution.replace("np.sqrt(1.0 - alpha_bar) * eps", "(1.0 - alpha_bar) * eps", 1))
    told = check(page)
    assert "x_t is [[0.04]]" in told, told
    assert page.locator(".broken-line").count() == 0  # the answer is wrong, and no line raised
    page.click("#hint")
    assert "squares" in page.inner_text("#hints")
    write(page, solution)
    assert "checks hold · 5 of 5" in check(page)
    page.click("#draw")
    until(page, "document.getElementById('mine').naturalWidth > 300", 180)
    # The network goes; the pages, Python and the work stay.
    until(page, "navigator.serviceWorker.ready.then(() => true)", 30)
    context.set_offline(True)
    page.reload()
    until(page, "document.getElementById('status').textContent.startsWith('Ready')", 180)
    assert "checks hold" in check(page)
    with page.expect_download() as waiting:
        page.click("#zip")
    handed_in = tmp_path / "dirty-it.zip"
    waiting.value.save_as(handed_in)
    for exercise in course.assignment("dirty-it").exercises:
        source = solution if exercise.id == "05_noisy_sample" else exercise.stub.read_text()
        with zipfile.ZipFile(handed_in) as archive:
            assert archive.read(f"exercises/{exercise.id}/{exercise.slug}.py").decode() == source
    given = ["--assignment", "dirty-it", "--no-pictures", "--out", str(tmp_path / "graded")]
    assert main(["grade", str(handed_in), *given]) in (0, 1)
    grades = (tmp_path / "graded" / "grades.csv").read_text()
    assert "05_noisy_sample" in grades or "5" in grades


def test_the_zip_is_the_one_that_submit_writes(
    context: BrowserContext, course: Course, home: str, tmp_path: Path
) -> None:
    page = context.new_page()
    page.goto(f"{home}index.html")
    with page.expect_download() as waiting:
        page.click("[data-zip='dirty-it']")
    waiting.value.save_as(tmp_path / "theirs.zip")
    write_zip(course.assignment("dirty-it"), tmp_path / "ours.zip")
    assert (tmp_path / "theirs.zip").read_bytes() == (tmp_path / "ours.zip").read_bytes()


@pytest.mark.slow
def test_what_never_ends_is_ended_and_named_and_nothing_is_lost(
    context: BrowserContext, course: Course, home: str
) -> None:
    page = open_exercise(context, f"{home}05_noisy_sample.html")
    page.evaluate("page.exercise.seconds = 2")
    solution = course.exercise("05").solution.read_text()
    head = "def predict_x0(x_t, eps, t, alpha_bars):\n"
    ends = {
        "while True: pass": "no answer in 2 s",
        "import os; os._exit(3)": "the code ended its process",
        "return np.ones(100_000_000)": "MemoryError",
        "raise ValueError('no')": "ValueError: no",
    }
    for body, said in ends.items():
        write(page, solution.replace(head, f"{head}    {body}\n"))
        told = check(page)
        assert said in told, body
        assert "4 of 5 checks that you can see hold" in told
    line = page.locator(".cm-editor .broken-line")
    assert "raise ValueError" in line.inner_text()
    write(page, solution)
    assert "5 of 5" in check(page)


def test_two_tabs_a_new_stub_and_a_reset_overwrite_nothing(context: BrowserContext, course: Course, pages: str) -> None:
    address = f"{pages}05_noisy_sample.html"
    one, two = context.new_page(), context.new_page()
    one.goto(address)
    two.goto(address)
    write(one, "mine = 1")
    write(two, "theirs = 2")
    two.wait_for_selector("#tabs")
    assert "mine = 1" in one.evaluate("localStorage.getItem(page.kept.key)")
    two.click('#tabs button:has-text("This one\'s")')
    one.wait_for_selector("#tabs")
    assert "theirs = 2" in one.evaluate("localStorage.getItem(page.kept.key)")
    one.click('#tabs button:has-text("The other tab\'s")')
    assert one.evaluate("page.editor.text()") == "theirs = 2"
    # A release with another stub: the code stays, and the page says so.
    one.evaluate("localStorage.setItem(page.kept.key, JSON.stringify({...page.kept.read(), stub: 'of before'}))")
    one.reload()
    assert "has changed since you began" in one.inner_text("#notices")
    assert one.evaluate("page.editor.text()") == "theirs = 2"
    one.click("#reset")
    assert "not written yet" in one.evaluate("page.editor.text()")
    one.click("#reset-done button")
    assert one.evaluate("page.editor.text()") == "theirs = 2"


def test_work_is_taken_along_and_brought_back(
    context: BrowserContext, course: Course, home: str, tmp_path: Path
) -> None:
    page = context.new_page()
    page.goto(f"{home}05_noisy_sample.html")
    write(page, "work = 'ü'")
    page.goto(f"{home}index.html")
    with page.expect_download() as waiting:
        page.click("#export")
    waiting.value.save_as(tmp_path / "work.json")
    page.evaluate("localStorage.clear()")
    page.set_input_files("#file", tmp_path / "work.json")
    until(page, "document.getElementById('status').textContent.includes('1 exercises were brought in')")
    squeezed = zip_bytes([("a/decay.py", b"\xef\xbb\xbfx = 1\r\n"), ("a/readme.txt", b"no")])
    (tmp_path / "mine.zip").write_bytes(squeezed)
    page.evaluate("document.getElementById('status').textContent = ''")
    page.set_input_files("#file", tmp_path / "mine.zip")
    until(page, "document.getElementById('status').textContent.includes('1 exercises were brought in')")
    page.goto(f"{home}03_decay.html")
    assert page.evaluate("page.editor.text()") == "x = 1\n"
    (tmp_path / "other.py").write_text("y = 2")
    page.set_input_files("#file", tmp_path / "other.py")
    until(page, "document.getElementById('status').textContent.includes('there is no decay.py in it')")
    page.goto(f"{home}05_noisy_sample.html")
    assert page.evaluate("page.editor.text()") == "work = 'ü'"


def test_a_browser_that_keeps_nothing_says_so_and_hands_in_what_is_shown(
    context: BrowserContext, pages: str, tmp_path: Path
) -> None:
    page = context.new_page()
    page.goto(f"{pages}05_noisy_sample.html")
    write(page, "x = 1")
    for size in (1 << 20, 1 << 10, 1):  # until not even one character more has room
        page.evaluate(FILL, size)
    write(page, "x = 2" + " " * 100)
    assert "keeps nothing" in page.inner_text("#notices")
    with page.expect_download() as waiting:
        page.click("#zip")
    waiting.value.save_as(tmp_path / "mine.zip")
    with zipfile.ZipFile(tmp_path / "mine.zip") as archive:
        assert archive.read("exercises/05_noisy_sample/noisy_sample.py") == b"x = 2" + b" " * 100


def test_opened_as_a_file_it_can_be_read_and_says_what_it_needs(context: BrowserContext, site: Path) -> None:
    page = context.new_page()
    page.goto((site / "05_noisy_sample.html").as_uri())
    assert "python3 -m http.server" in page.inner_text("#status")
    write(page, "x = 1")
    assert page.evaluate("page.editor.text()") == "x = 1"


def test_the_keyboard_alone_is_enough(context: BrowserContext, pages: str) -> None:
    """Into the editor, out of it, and to every button, seen where one is."""
    page = context.new_page()
    page.goto(f"{pages}05_noisy_sample.html")
    page.locator("#check").focus()
    order = []
    for _ in range(9):
        order.append(page.evaluate("document.activeElement.id || document.activeElement.className"))
        page.keyboard.press("Tab")
    assert order[:7] == ["check", "hint", "draw", "undo", "reset", "open", "zip"]
    assert "cm-content" in page.evaluate("document.activeElement.className") or "cm-content" in " ".join(order)
    page.locator(".cm-content").focus()
    page.keyboard.press("Control+End")
    page.keyboard.press("Tab")
    assert page.evaluate("page.editor.text()").endswith("    ")
    page.keyboard.press("Escape")
    page.keyboard.press("Tab")
    assert "cm-content" not in page.evaluate("document.activeElement.className")


@pytest.mark.parametrize("name", ["index", "05_noisy_sample", "map", "dirty-it", "hosting"])
def test_no_page_breaks_a_rule_of_accessibility(context: BrowserContext, pages: str, name: str) -> None:
    try:
        script = runtime.axe()
    except runtime.Unserved as problem:
        pytest.skip(f"no axe: {problem}")
    page = context.new_page()
    for dark, width in ((False, 1300), (True, 1300), (False, 360)):
        page.emulate_media(color_scheme="dark" if dark else "light")
        page.set_viewport_size({"width": width, "height": 800})
        page.goto(f"{pages}{name}.html")
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth + 1"), f"{width} px: sideways"
        page.evaluate(script)
        found = page.evaluate("axe.run().then(({ violations }) => violations.map((v) => [v.id, v.nodes[0].html]))")
        assert found == []


def test_a_runtime_that_was_changed_on_the_way_is_not_run(context: BrowserContext, site: Path, tmp_path: Path) -> None:
    shutil.copytree(site, tmp_path / "site")
    script = tmp_path / "site" / "pyodide" / "pyodide.js"
    script.write_text(script.read_text() + "\nconsole.log('mine')\n")
    with serving(tmp_path) as home:
        page = context.new_page()
        page.goto(f"{home}05_noisy_sample.html")
        told = "document.getElementById('status').textContent.includes('Python could not be loaded')"
        until(page, told, 60)
        write(page, "x = 1")
        assert page.evaluate("page.editor.text()") == "x = 1"


@pytest.mark.slow
def test_a_course_whose_public_checks_draw_inputs_is_checked_in_the_page(
    context: BrowserContext, pyodide: Path, tmp_path: Path
) -> None:
    assert main(["new", str(tmp_path / "lines")]) == 0
    other = Course.load(tmp_path / "lines")
    wanted = ["hypothesis==6.150.0", "sortedcontainers==2.4.0"]
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", str(tmp_path / "wheels")]
    subprocess.run([*command, *wanted], check=True, capture_output=True, timeout=300)
    web.release(other, other.assignments, tmp_path / "site", pyodide, tmp_path / "wheels")
    exercise = other.exercises[0]
    with serving(tmp_path) as home:
        page = open_exercise(context, f"{home}{exercise.id}.html")
        write(page, exercise.solution.read_text())
        assert "checks hold" in check(page)
        write(page, exercise.solution.read_text().replace("return ", "return 2 * ", 1))
        assert "does not hold" in check(page)


@pytest.mark.slow
def test_the_editor_is_what_its_sources_build(tmp_path: Path) -> None:
    """Byte for byte, from pinned packages of the npm registry."""
    shutil.copytree(ROOT / "tests" / "tools" / "editor", tmp_path, dirs_exist_ok=True)
    for command in (["npm", "install", "--no-audit", "--no-fund", "--no-package-lock"], ["npm", "run", "build"]):
        subprocess.run(command, cwd=tmp_path, check=True, capture_output=True, timeout=300)
    assert (tmp_path / "editor.js").read_bytes() == (web.SITE / "editor.js").read_bytes()


@pytest.mark.slow
def test_every_reference_holds_in_the_page(
    course: Course, context: BrowserContext, pyodide: Path, tmp_path: Path
) -> None:
    web.release(course, course.assignments, tmp_path / "site", pyodide)
    work = {e.id: {"code": e.solution.read_text(), "done": False} for e in course.exercises}
    (tmp_path / "work.json").write_text(json.dumps({"course": "principles-of-diffusion-models", "work": work}))
    with serving(tmp_path) as home:
        page = context.new_page()
        page.goto(f"{home}index.html")
        page.set_input_files("#file", tmp_path / "work.json")
        until(page, "document.getElementById('status').textContent.includes('brought in')")
        for exercise in course.exercises:
            each = open_exercise(context, f"{home}{exercise.id}.html")
            each.click("#check")
            until(each, "page.finished && !page.busy", 300)
            assert "checks hold" in each.inner_text("#report"), exercise.id
            if exercise.slug == "train_denoiser":  # the longest picture: its preview alone
                each.click("#draw")
                until(each, "document.getElementById('mine').naturalWidth > 300", 100)
            if exercise.slug == "ddim":
                each.click("#steps")
                until(each, "document.getElementById('still').naturalWidth > 300", 180)
                first = each.get_attribute("#still", "src")
                each.focus("#frame")
                each.keyboard.press("ArrowRight")
                assert each.get_attribute("#still", "src") != first
                assert "Step 2 of" in str(each.get_attribute("#still", "alt"))
            each.close()


def test_what_is_at_work_stays_in_sight(context: BrowserContext, course: Course, home: str) -> None:
    """Long lines are broken, indices stand low, buttons stay; what comes below is scrolled to; and the way goes on."""
    page = open_exercise(context, f"{home}04_schedules.html")
    sideways = "(({ scrollWidth, clientWidth }) => scrollWidth - clientWidth)(document.querySelector('.cm-scroller'))"
    write(page, course.exercise("04").solution.read_text() + f"\n# {'many words ' * 40}\n")
    assert page.evaluate(sideways) <= 1
    low = """[...document.querySelectorAll('.equation msub')].every(({ children: [base, index] }) =>
        index.getBoundingClientRect().bottom - base.getBoundingClientRect().bottom > 1)"""
    assert page.evaluate(low)
    assert "05 →" in check(page)
    page.set_viewport_size({"width": 1300, "height": 700})
    for _ in range(3):
        page.click("#hint")
    page.click("#draw")
    until(page, "document.getElementById('mine').naturalWidth > 300 && !page.busy", 180)
    seen = (
        "(id) => { const { top, bottom } = document.getElementById(id).getBoundingClientRect(); return [top, bottom]; }"
    )
    until(page, f"({seen})('mine')[0] < 600")
    for name in ("check", "status"):
        top, bottom = page.evaluate(seen, name)
        assert 0 <= top < bottom <= 700
    page.click("#report a")
    assert "05" in page.inner_text("h1")
    page.set_viewport_size({"width": 390, "height": 844})
    page.click("text=your code")
    assert page.evaluate(seen, "check")[0] < 844
