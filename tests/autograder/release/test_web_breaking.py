"""What students' code, their files, another tab and a server may do to a page: in Chromium, nothing is mocked."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import shutil
import struct
import time
import zipfile
import zlib
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page
from visitor import check, open_exercise, serving, until, write

from autograder.course import Course

STATUS = "document.getElementById('status').textContent"
HEAD = "def predict_x0(x_t, eps, t, alpha_bars):\n"
#: JavaScript's own global object, by what Python's import system holds of it.
REACHED = """
import sys
js = next(finder.jsproxies["js"] for finder in sys.meta_path if "JsFinder" in type(finder).__name__)
names = "caches fetch indexedDB navigator postMessage importScripts Worker XMLHttpRequest WebSocket BroadcastChannel"
there = [name for name in names.split() if hasattr(js, name)]
try:
    js.eval("1 + 1")
except Exception as problem:
    there.append("eval " + type(problem).__name__)
raise ValueError(f"there: {' '.join(there)}")
"""
FILLS = """
for name in range(9):
    with open(f"/tmp/{name}", "wb") as file:
        file.write(bytes(30_000_000))
"""


def solved(course: Course) -> str:
    return course.exercise("05").solution.read_text()


def with_body(course: Course, lines: str) -> str:
    body = "".join(f"    {line}\n" for line in lines.strip().splitlines())
    return solved(course).replace(HEAD, HEAD + body)


def test_what_code_reaches_and_what_it_turns(context: BrowserContext, course: Course, home: str) -> None:
    """Neither the network nor anything stored; no file beyond a bound; the next text starts from the beginning."""
    page = open_exercise(context, f"{home}05_noisy_sample.html")
    write(page, with_body(course, REACHED))
    assert "there: fetch eval JsException" in check(page)  # `fetch` has the runtime's own files alone
    write(page, with_body(course, FILLS))
    assert "No space left on device" in check(page)
    write(page, with_body(course, "open('/tmp/long', 'wb').truncate(10**9)"))
    assert "No space left on device" in check(page)
    write(page, solved(course) + "\nnp.sqrt = lambda x: x\nimport builtins\nbuiltins.len = lambda x: 7\n")
    check(page)
    write(page, solved(course))
    assert "5 of 5 checks that you can see hold" in check(page)
    write(page, with_body(course, "raise ValueError('<img src=x onerror=alert(1)> \\x1b[2J')"))
    assert "<img src=x onerror=alert(1)>" in check(page)
    assert page.locator("#report img").count() == 0


@pytest.mark.slow
def test_what_a_text_leaves_behind_is_not_held_against_the_next(
    context: BrowserContext, course: Course, home: str
) -> None:
    page = open_exercise(context, f"{home}05_noisy_sample.html")
    page.evaluate("page.exercise.seconds = 2")
    later = "import asyncio\nasyncio.get_event_loop().call_later(0.1, lambda: [None for _ in iter(int, 1)])\nreturn 1"
    write(page, with_body(course, later))
    check(page)
    page.wait_for_timeout(300)
    write(page, solved(course))
    assert "5 of 5 checks that you can see hold" in check(page)


@pytest.mark.slow
def test_a_timer_that_is_late_finds_no_endless_loop(context: BrowserContext, course: Course, home: str) -> None:
    """A machine that slept for a minute: the clock jumps, and a check that needs its time gets it."""
    page = open_exercise(context, f"{home}05_noisy_sample.html")
    page.evaluate("page.exercise.seconds = 1.5")
    write(page, with_body(course, "import time\ntime.sleep(2)"))
    page.evaluate("{ const now = Date.now; let calls = 0; Date.now = () => now() + 60_000 * calls++; }")
    assert "5 of 5 checks that you can see hold" in check(page)


def test_work_that_was_cleared_away_or_is_none_stops_nobody(context: BrowserContext, pages: str) -> None:
    address = f"{pages}05_noisy_sample.html"
    page = context.new_page()
    page.goto(address)
    write(page, "mine = 1")
    page.evaluate("localStorage.clear()")
    write(page, "mine = 2")
    assert page.locator("#tabs").count() == 0
    assert page.evaluate("page.kept.read().code") == "mine = 2"
    for stored in (
        "null",
        "7",
        "[]",
        "{{",
        '{"code": 5, "hints": "x", "revision": "y"}',
        '{"hints": {"1": 9, "9": 1}}',
    ):
        page.evaluate("(stored) => localStorage.setItem(page.kept.key, stored)", stored)
        page.goto(address)
        assert "not written yet" in page.evaluate("page.editor.text()")
        write(page, "mine = 3")
        assert page.evaluate("page.kept.read().code") == "mine = 3"


def test_a_tab_where_nothing_is_written_gives_the_other_its_stub(context: BrowserContext, pages: str) -> None:
    one, two = context.new_page(), context.new_page()
    one.goto(f"{pages}05_noisy_sample.html")
    two.goto(f"{pages}05_noisy_sample.html")
    one.click("#hint")
    two.wait_for_timeout(200)
    assert two.locator("#tabs").count() == 0  # the same text in both: nothing to choose
    write(one, "mine = 1")
    one.evaluate("localStorage.setItem(page.kept.key, JSON.stringify({ revision: 9 }))")
    write(one, "mine = 2")
    one.click('#tabs button:has-text("The other tab\'s")')
    assert "not written yet" in one.evaluate("page.editor.text()")


def open_file(page: Page, path: Path) -> str:
    page.evaluate(f"{STATUS} = ''")
    page.set_input_files("#file", path)
    until(page, f"{STATUS} !== ''")
    return page.inner_text("#status")


def test_files_that_are_no_good_are_refused_in_words(context: BrowserContext, home: str, tmp_path: Path) -> None:
    page = context.new_page()
    page.goto(f"{home}05_noisy_sample.html")
    before = page.evaluate("page.editor.text()")
    bomb = tmp_path / "bomb.zip"
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("noisy_sample.py", b" " * 300_000_000)
    small = struct.pack("<L", 10)  # a directory that says that it is small
    bomb.write_bytes(bomb.read_bytes().replace(struct.pack("<L", 300_000_000), small))
    began = time.monotonic()
    assert "noisy_sample.py cannot be read: it has more than" in open_file(page, bomb)
    assert time.monotonic() - began < 5
    with zipfile.ZipFile(tmp_path / "good.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("noisy_sample.py", "x = 1\n" * 100)
    good = (tmp_path / "good.zip").read_bytes()
    bad = {"cut": good[20:], "ends": good[:60] + good[-22:], "text": b"no zip at all", "none": b""}
    packed = zlib.compressobj(wbits=-15)
    damaged = packed.compress(b"x = 1\n" * 100) + packed.flush()
    bad["flipped"] = good.replace(damaged, bytes(byte ^ 255 for byte in damaged))
    for name, content in bad.items():
        (tmp_path / f"{name}.zip").write_bytes(content)
        told = open_file(page, tmp_path / f"{name}.zip")
        assert "is damaged" in told or "this is no zip" in told or "cannot be read" in told, (name, told)
    (tmp_path / "noisy_sample.py").write_bytes(b"#" * 9_000_000)
    assert "noisy_sample.py is too large" in open_file(page, tmp_path / "noisy_sample.py")
    assert page.evaluate("page.editor.text()") == before


def test_of_two_modules_of_one_name_the_one_in_its_place_is_opened(
    context: BrowserContext, home: str, tmp_path: Path
) -> None:
    page = context.new_page()
    page.goto(f"{home}05_noisy_sample.html")
    with zipfile.ZipFile(tmp_path / "two.zip", "w") as archive:
        archive.writestr("old/noisy_sample.py", "old = 1")
        archive.writestr("exercises/05_noisy_sample/noisy_sample.py", "new = 1")
        archive.writestr("backup/noisy_sample.py", "backup = 1")
        archive.writestr("__MACOSX/exercises/05_noisy_sample/._noisy_sample.py", "\0")
        archive.writestr("exercises/03_decay/decay.py", "other = 1")
    assert "Of the 2 modules in it only this one" in open_file(page, tmp_path / "two.zip")
    assert page.evaluate("page.editor.text()") == "new = 1"
    (tmp_path / "noisy_sample (1).py").write_text("again = 1")
    open_file(page, tmp_path / "noisy_sample (1).py")
    assert page.evaluate("page.editor.text()") == "again = 1"


def test_saved_work_that_is_none_is_refused_in_words(context: BrowserContext, home: str, tmp_path: Path) -> None:
    page = context.new_page()
    page.goto(f"{home}index.html")
    course = "principles-of-diffusion-models"
    entries = {"05_noisy_sample": None, "03_decay": {"code": 5}, "__proto__": {"code": "x"}, "99_no": {"code": "y"}}
    told = {
        "{": "is no saved work",
        "null": "is no saved work",
        '{"course": "other"}': "is of another course",
        json.dumps({"course": course}): "0 exercises were brought in",
        json.dumps({"course": course, "work": entries}): "0 exercises were brought in",
    }
    for text, said in told.items():
        (tmp_path / "work.json").write_text(text)
        assert said in open_file(page, tmp_path / "work.json"), text


def test_a_page_keeps_to_its_own_release(context: BrowserContext, home: str, site: Path, tmp_path: Path) -> None:
    """Parts of another release, or parts that were changed on the way, are not run; nothing that is written is lost."""
    shutil.copytree(site, tmp_path / "site")
    parts = [*tmp_path.glob("site/assets/worker-*.js"), *tmp_path.glob("site/python/autograder-*.zip")]
    parts += [tmp_path / "site" / "pyodide" / "pyodide.asm.wasm", tmp_path / "site" / "pyodide" / "pyodide-lock.json"]
    assert len(parts) == 4
    for part in parts:
        whole = part.read_bytes()
        for changed in (whole + b"\n", None) if part.parent.name != "pyodide" else (None,):
            part.unlink() if changed is None else part.write_bytes(changed)
            with serving(tmp_path) as address:
                page = context.new_page()
                page.goto(f"{address}05_noisy_sample.html")
                until(page, f"{STATUS}.includes('Python could not be loaded')")
                page.click("#check")
                until(page, f"{STATUS}.includes('could not be checked')")
                write(page, "x = 1")
                assert page.evaluate("page.kept.read().code") == "x = 1"
                page.close()
        part.write_bytes(whole)


@pytest.mark.slow
def test_what_a_picture_lacks_is_said_and_python_goes_on(
    context: BrowserContext, course: Course, site: Path, tmp_path: Path
) -> None:
    shutil.copytree(site, tmp_path / "site")
    next((tmp_path / "site" / "pyodide").glob("matplotlib-*")).unlink()
    with serving(tmp_path) as address:
        page = open_exercise(context, f"{address}05_noisy_sample.html")
        page.click("#draw")
        until(page, f"{STATUS}.startsWith('It could not be drawn: ')")
        assert "cp312-pyodide_2024_0_wasm32.whl is not to be had" in page.inner_text("#status")
        write(page, solved(course))
        assert "5 of 5" in check(page)


def test_pages_that_are_kept_are_the_released_ones(context: BrowserContext, site: Path, tmp_path: Path) -> None:
    """A new release reaches those who have the old one open, who are told; another site beside it loses nothing."""
    for name in ("one", "two"):
        shutil.copytree(site, tmp_path / name)
    with serving(tmp_path) as address:
        host = address.removesuffix("site/")
        for name in ("one", "two"):
            page = context.new_page()
            page.goto(f"{host}{name}/05_noisy_sample.html")
            until(page, "navigator.serviceWorker.ready.then(() => Boolean(navigator.serviceWorker.controller))")
        names = page.evaluate("caches.keys()")
        assert len([name for name in names if "/one/" in name or "/two/" in name]) == 2
        # What is not as it was released is not shown, though it lies where pages are kept.
        page.evaluate(
            "(name) => caches.open(name).then((kept) => kept.put(location.href, new Response('<h1>mine</h1>')))",
            next(name for name in names if "/two/" in name),
        )
        page.reload()
        assert "One jump" in page.inner_text("h1")
        # A new release.
        write(page, "mine = 1")
        index = tmp_path / "two" / "index.html"
        index.write_text(index.read_text().replace("Nothing to install", "Nothing at all to install"))
        renew(tmp_path / "two", "index.html")
        page.evaluate("navigator.serviceWorker.getRegistration().then((known) => known.update())")
        page.wait_for_selector("#renewed")
        page.click("#renewed button")
        until(page, "document.readyState === 'complete' && page.editor.text() === 'mine = 1'")
        page.goto(f"{host}two/")
        assert "Nothing at all to install" in page.inner_text("main")
        assert len(page.evaluate("caches.keys()")) == len(names)


def renew(folder: Path, name: str) -> None:
    """Say of a file that was changed what a release says of it."""
    digest = base64.b64encode(hashlib.sha256((folder / name).read_bytes()).digest()).decode()
    service = folder / "sw.js"
    text = re.sub(rf'("{name}": )"[^"]*"', rf'\1"sha256-{digest}"', service.read_text())
    service.write_text(text.replace('const NAME = SITE + "', 'const NAME = SITE + "new'))
