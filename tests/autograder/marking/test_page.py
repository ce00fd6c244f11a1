"""The page on which a person marks prose: who may come in, what is shown and kept; and the whole story in a browser."""

import re
import shutil
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import browser
import marked_class
import pytest
from flask.testing import FlaskClient
from markers import come_in, keep_by_keys, served

from autograder.course import Course
from autograder.errors import CourseError
from autograder.marking.command import open_journal
from autograder.marking.desk import Desk, Task
from autograder.marking.page import make_app
from autograder.marking.rubric import rubric_of
from autograder.marking.serve import share_of
from autograder.reports.by_hand import Mark

NASTY = "<script>alert(1)</script> It doubles. {{ 7 * 7 }}"
TEXTS: dict[str, str | None] = {
    "Ada Lovelace": "It doubles, since 2 stands before x, and so whatever comes in comes out two times.",
    "Bela Bartók": "It doubles, since 2 stands before x, and so whatever comes in comes out two times!",
    "Chidi Okoye": None,
    "Dana": NASTY,
    "Eve": "Twice is twice.",
}


@pytest.fixture(scope="module")
def graded(tmp_path_factory: pytest.TempPathFactory) -> marked_class.Class:
    course = marked_class.make_course(tmp_path_factory.mktemp("course"))
    course.exercise("02").rubric.write_text(marked_class.RUBRIC)
    made = marked_class.Class(tmp_path_factory.mktemp("graded"), course, TEXTS)
    assert made.grade() == 0
    return made


@pytest.fixture
def klass(graded: marked_class.Class, tmp_path: Path) -> marked_class.Class:
    shutil.copytree(graded.out.parent, tmp_path, dirs_exist_ok=True)
    return marked_class.Class(tmp_path, graded.course, TEXTS)


def client(klass: marked_class.Class, task: Task, names: bool = False) -> FlaskClient:
    """A browser that came in by the token."""
    app = make_app(Desk(klass.course, klass.out, task), "secret", names)
    made = app.test_client()
    assert made.get("/?token=secret", base_url="http://127.0.0.1:1").status_code == 303
    return made


def get(page: FlaskClient, path: str) -> str:
    answer = page.get(path, base_url="http://127.0.0.1:1", follow_redirects=True)
    assert answer.status_code == 200, answer.text
    return answer.text


def post(page: FlaskClient, path: str, **form: object) -> Any:
    headers = {"Origin": "http://127.0.0.1:1"}
    return page.post(path, base_url="http://127.0.0.1:1", data=form, headers=headers)


def form_in(text: str) -> dict[str, str]:
    """The hidden fields of a page's form."""
    return dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', text))


def mark(page: FlaskClient, number: int, words: float, mechanism: float, comment: str = "") -> Any:
    form = form_in(get(page, f"/double/{number}"))
    return post(page, f"/double/{number}", **form, item0=words, item1=mechanism, comment=comment)


def test_only_who_has_the_token_comes_in_and_only_once(klass: marked_class.Class) -> None:
    app = make_app(Desk(klass.course, klass.out, Task("Grace")), "secret")
    here = {"base_url": "http://127.0.0.1:1"}
    first, second = app.test_client(), app.test_client()
    assert first.get("/", **here).status_code == 403
    assert first.get("/?token=wrong", **here).status_code == 403
    assert first.get("/double?token=secret", **here).status_code == 403
    assert first.get("/?token=secret", **here).status_code == 303
    assert first.get("/", **here).status_code == 200
    assert second.get("/?token=secret", **here).status_code == 403
    assert first.get("/", base_url="http://evil.example:1").status_code == 403


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "", "http://127.0.0.1:2"])
def test_no_other_page_can_send_a_mark(klass: marked_class.Class, origin: str) -> None:
    page = client(klass, Task("Grace"))
    form = {**form_in(get(page, "/double/1")), "item0": 1, "item1": 3}
    headers = {"Origin": origin} if origin else {}
    answer = page.post("/double/1", base_url="http://127.0.0.1:1", data=form, headers=headers)
    assert answer.status_code == 403
    assert "4 wait" in get(page, "/double/1")


def test_no_name_is_shown_no_text_of_a_student_runs_and_nothing_is_framed(klass: marked_class.Class) -> None:
    page = client(klass, Task("Grace"))
    pages = [get(page, path) for path in ("/", "/double", *(f"/double/{n}" for n in range(1, 5)))]
    for text in pages:
        assert not [name for name in TEXTS if name in text]
        assert "<script>alert" not in text
    assert any("&lt;script&gt;alert(1)&lt;/script&gt; It doubles. {{ 7 * 7 }}" in text for text in pages)
    assert any("also stand in the answer of another student" in text for text in pages), (
        "a copy is told, its owner is not"
    )
    answer = page.get("/", base_url="http://127.0.0.1:1")
    assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
    assert "Bela Bartók" in get(client(klass, Task("Grace"), names=True), "/double")


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"item0": "", "item1": "3"}, "own words: no points yet; 0 to 1"),
        ({"item0": "2", "item1": "3"}, "own words: 2 points, allowed: 0 to 1"),
        ({"item0": "1", "item1": "-1"}, "the mechanism: -1 points, allowed: 0 to 3"),
        ({"item0": "nan", "item1": "1"}, "own words: nan points, allowed: 0 to 1"),
    ],
)
def test_points_that_are_none_are_told_and_not_kept(klass: marked_class.Class, form: dict[str, str], said: str) -> None:
    page = client(klass, Task("Grace"))
    answer = post(page, "/double/1", **form_in(get(page, "/double/1")), **form, comment="Kept in the form.")
    assert answer.status_code == 422
    assert "Kept in the form." in answer.text
    assert said in answer.text
    assert "4 wait" in get(page, "/double/1")


def test_a_mark_is_kept_at_once_and_an_answer_that_was_changed_since_is_not_marked(klass: marked_class.Class) -> None:
    page = client(klass, Task("Grace"))
    assert mark(page, 1, 0.5, 2.25, "Well said.").status_code == 303
    again = get(client(klass, Task("Grace")), "/double/1")
    assert "3 wait" in again
    assert "Well said." in again
    assert re.search(r'name="item1" value="2.25" checked', again)
    read = {n: form_in(get(page, f"/double/{n}")) for n in range(1, 5)}
    klass.hand_in("Eve", "Twice is two times as much.")
    assert klass.grade() == 0
    stale = next(n for n in read if form_in(get(page, f"/double/{n}"))["answer"] != read[n]["answer"])
    answer = post(page, f"/double/{stale}", **read[stale], item0=1, item1=1)
    assert answer.status_code == 409
    assert "graded again, and this answer was changed" in answer.text
    others = [n for n in read if n not in (1, stale)]
    assert [post(page, f"/double/{n}", **read[n], item0=1, item1=1).status_code for n in others] == [303, 303]


def test_a_second_person_sees_no_first_mark_and_both_agree_or_are_settled(klass: marked_class.Class) -> None:
    first = client(klass, Task("Grace"))
    for number in range(1, 5):
        mark(first, number, 1, 3, "first comment")
    assert "0 wait" in get(client(klass, Task("Grace", 1.0)), "/double/1"), "nobody is their own second"
    second = client(klass, Task("Alan", 1.0))
    page = get(second, "/double/1")
    assert "4 wait" in page
    assert "Mark the next one" in get(second, "/double")
    assert "Nothing waits for you here." in get(first, "/double")
    assert "first comment" not in page
    assert " checked" not in page
    for number, mechanism in ((1, 3), (2, 3), (3, 1.5), (4, 3)):
        mark(second, number, 1, mechanism)
    assert "To settle: <code>mark</code> without" in get(second, "/")
    home = get(first, "/")
    assert "To settle: <code>mark</code> without" not in home
    assert '<td class="n">4</td><td class="n">3</td>' in home  # marked twice, and alike
    assert "the mechanism 0.38, own words 0.00" in home
    assert "Two marks" in get(first, "/double/settle")
    klass.run("finish", klass.out, "--assignment", "only")
    assert {row["by_hand"] for row in klass.rows("final.csv")} == {"4", "0"}, "a second mark counts for nobody"
    assert mark(first, 3, 1, 2.25, "Between the two.").status_code == 303
    assert "settled" in get(first, "/double")
    assert '<td class="n">4</td><td class="n">3</td>' in get(first, "/"), "agreement is that before settling"
    klass.run("finish", klass.out, "--assignment", "only")
    assert sorted(row["by_hand"] for row in klass.rows("final.csv")) == ["0", "3.25", "4", "4", "4"]


def test_who_marks_what_another_marked_meanwhile_is_told_and_overwrites_nothing(klass: marked_class.Class) -> None:
    grace, alan = client(klass, Task("Grace")), client(klass, Task("Alan"))
    opened = form_in(get(alan, "/double/1"))
    assert mark(grace, 1, 1, 3, "first").status_code == 303
    answer = post(alan, "/double/1", **opened, item0=0.5, item1=0.75, comment="second")
    assert answer.status_code == 409
    assert "marked since you opened it: Grace gave it 4 points." in answer.text
    assert "second</textarea>" in answer.text, "what was entered is still there"
    assert re.search(r'name="item1" value="0.75" checked', answer.text)
    assert [kept.comment for kept in in_journal(klass)] == ["first"]
    again = post(alan, "/double/1", **form_in(answer.text), item0=0.5, item1=0.75, comment="second")
    assert again.status_code == 303
    assert [kept.comment for kept in in_journal(klass)] == ["first", "second"]


def test_the_first_is_told_of_a_second_mark_that_came_meanwhile_and_the_second_of_no_first(
    klass: marked_class.Class,
) -> None:
    grace, alan, kim = (client(klass, task) for task in (Task("Grace"), Task("Alan", 1.0), Task("Kim", 1.0)))
    mark(grace, 1, 1, 3)
    firsts, seconds = form_in(get(grace, "/double/1")), form_in(get(kim, "/double/1"))
    mark(alan, 1, 1, 1.5)
    answer = post(grace, "/double/1", **firsts, item0=1, item1=2.25)
    assert answer.status_code == 409
    assert "Grace gave it 4 points, Alan gave it 2.5 points" in answer.text
    mark(grace, 1, 0, 0)
    answer = post(kim, "/double/1", **seconds, item0=1, item1=2.25)
    assert "marked since you opened it: Alan gave it 2.5 points" in answer.text
    assert "Grace" not in answer.text


def test_two_people_who_mark_at_a_time_go_through_the_answers_in_orders_of_their_own(
    klass: marked_class.Class,
) -> None:
    def order(marker: str) -> list[str]:
        page, numbers = client(klass, Task(marker)), ["0"]
        for _ in range(4):
            answer = page.get(f"/double/next?after={numbers[-1]}", base_url="http://127.0.0.1:1")
            numbers.append(answer.headers["Location"].rpartition("/")[2])
        return numbers[1:]

    grace, alan = order("Grace"), order("Alan")
    assert sorted(grace) == sorted(alan) == ["1", "2", "3", "4"]
    assert grace != alan


def test_a_mark_that_was_given_while_the_class_was_graded_is_kept_by_a_click(klass: marked_class.Class) -> None:
    page = client(klass, Task("Grace"))
    form = form_in(get(page, "/double/2"))
    with open_journal(klass.out):
        answer = post(page, "/double/2", **form, item0=1, item1=3, comment="Ja.")
    assert answer.status_code == 409
    assert "being graded or finished" in answer.text
    assert "--out" not in answer.text
    sent = {**form_in(answer.text), "comment": re.findall(r"<textarea[^>]*>([^<]*)<", answer.text)[0]}
    assert post(page, "/double/2", **sent).status_code == 303
    assert [(kept.points, kept.comment) for kept in in_journal(klass)] == [(4, "Ja.")]


def test_a_form_finds_its_answer_where_others_came_between(klass: marked_class.Class) -> None:
    page = client(klass, Task("Grace"))
    read = {n: form_in(get(page, f"/double/{n}")) for n in range(1, 5)}
    for name in ("Fay", "Gus", "Hal"):
        klass.hand_in(name, f"{name} says twice.")
    assert klass.grade() == 0
    for number, form in read.items():
        assert post(page, f"/double/{number}", **form, item0=1, item1=number % 2).status_code == 303
    given = {mark.answer: mark.points for mark in in_journal(klass)}
    assert given == {form["answer"]: 1 + number % 2 for number, form in read.items()}
    gone = {**read[1], "paper": "0" * 64}
    assert "not there any more" in post(page, "/double/1", **gone, item0=1, item1=1).text


@pytest.mark.parametrize(("share", "drawn"), [(0.01, 1), (0.25, 1), (0.26, 2), (1.0, 4)])
def test_so_large_a_share_is_marked_twice_of_a_small_class_too(
    klass: marked_class.Class, share: float, drawn: int
) -> None:
    first = client(klass, Task("Grace"))
    for number in range(1, 5):
        mark(first, number, 1, 3)
    assert f", {drawn} wait" in get(client(klass, Task("Alan", share)), "/double/1")


@pytest.mark.parametrize("option", [(), ("--replace",)])
def test_marks_of_the_page_are_taken_back_from_a_copy_of_marks_csv(
    klass: marked_class.Class, capsys: pytest.CaptureFixture[str], option: tuple[str, ...]
) -> None:
    desk = Desk(klass.course, klass.out, Task("Grace"))
    mark(client(klass, Task("Grace")), 1, 0.5, 2.25, "Gut,\nweiter so: ü")
    before = in_journal(klass)
    assert desk.write_marks() == 1
    shutil.copy(klass.out / "marks.csv", klass.folder.parent / "copy.csv")
    capsys.readouterr()
    assert klass.run("marks", klass.out, klass.folder.parent / "copy.csv", *option) == 0
    assert "0 marks taken, 1 as before; 3 answers wait" in capsys.readouterr().out
    assert in_journal(klass) == before


def in_journal(klass: marked_class.Class) -> list[Mark]:
    with open_journal(klass.out) as ledger:
        return ledger.marks()


@pytest.mark.parametrize(("text", "share"), [("20%", 0.2), ("0.2", 0.2), ("100%", 1.0), ("12.5%", 0.125)])
def test_a_share(text: str, share: float) -> None:
    assert share_of(text) == pytest.approx(share)


@pytest.mark.parametrize("text", ["", "0", "20", "x%", "-5%", "101%"])
def test_what_is_no_share(text: str) -> None:
    with pytest.raises(CourseError, match="--second: found"):
        share_of(text)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("points: 3,", "points: 2,", "rubric.yml:1: items: found 3 points in all, allowed: 4, as by_hand"),
        ("points: 4,", "points: 5,", "anchors[0].points: found 5, allowed: at most 4"),
        ("looks_for: plain words", "sees: x", "items[0].sees: found the unknown key"),
    ],
)
def test_a_wrong_rubric_is_told_with_its_line(course_of_lines: Course, old: str, new: str, said: str) -> None:
    exercise = course_of_lines.exercise("02")
    exercise.rubric.write_text(marked_class.RUBRIC.replace(old, new))
    with pytest.raises(CourseError, match=re.escape(said)):
        rubric_of(exercise)


@pytest.fixture
def course_of_lines(tmp_path: Path) -> Course:
    return marked_class.make_course(tmp_path / "lines")


# -- in a browser, with the real command -------------------------------------------------------------


@pytest.fixture
def window() -> Iterator[browser.Browser]:
    if not browser.CHROMIUM:
        pytest.skip("no Chromium here")
    with browser.Browser() as opened:
        yield opened


def test_two_people_mark_by_keys_one_is_killed_and_the_final_marks_add_up(
    klass: marked_class.Class, window: browser.Browser
) -> None:
    with served(klass.course.root, klass.out, "--marker", "Grace", end=signal.SIGKILL) as address:
        come_in(window.page, address, "Twice")
        keep_by_keys(window.page, "1" * 3, "2" * 5)
        keep_by_keys(window.page, "1" * 2, "2" * 5)
    with served(klass.course.root, klass.out, "--marker", "Grace") as address:
        window.visit(address)
        assert window.value("document.querySelector('tbody td:nth-child(3)').textContent") == "2", "two were kept"
        with window.page.expect_navigation():
            window.page.click("text=mark Twice")
        keep_by_keys(window.page, "1" * 3, "2" * 5)
        keep_by_keys(window.page, "1", "2")
    assert sorted(row["points"] for row in klass.rows("marks.csv")) == ["0", "3.5", "4", "4"]
    with served(klass.course.root, klass.out, "--marker", "Alan", "--second", "100%") as address:
        come_in(window.page, address, "Twice")
        for _ in range(4):
            keep_by_keys(window.page, "1" * 3, "2" * 5)
    with served(klass.course.root, klass.out, "--marker", "Grace") as address:
        window.visit(address)
        with window.page.expect_navigation():
            window.page.click("a[href='/double/settle']")
        keep_by_keys(window.page, "1")  # from a half to 1
        keep_by_keys(window.page, "1", "2" * 2)  # from nothing to 0.5 and 1.5
        assert window.page.url.endswith("/double"), "nothing is left to settle"
    assert not [told for told in window.problems if not told.startswith("asked the network for http://127.0.0.1")]
    assert klass.run("finish", klass.out, "--assignment", "only") == 0
    assert sorted(row["by_hand"] for row in klass.rows("final.csv")) == ["0", "2", "4", "4", "4"]
    assert all(
        float(row["final"]) == float(row["by_checks"]) + float(row["by_hand"]) for row in klass.rows("final.csv")
    )


def test_two_folders_are_marked_in_one_browser(
    klass: marked_class.Class, window: browser.Browser, tmp_path: Path
) -> None:
    other = shutil.copytree(klass.out, tmp_path / "other")
    with served(klass.course.root, klass.out) as one, served(klass.course.root, other) as two:
        for address in (one, two, one.partition("?")[0]):
            window.visit(address)
            assert "What waits" in window.text()
