"""The page on which a person marks prose: on this machine only, for who started it only.

The address that `autograder mark` prints holds a token that opens the page once; from then on a cookie does. Whatever
else the browser shows cannot reach it: Host and Origin are checked, the cookie is for this site alone, nothing is
framed, and no script runs but mark.js. All text of students is escaped by the templates.
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from flask import Flask, Response, abort, redirect, render_template, request

from autograder.batch.ledger import Busy
from autograder.course import Exercise
from autograder.errors import CourseError
from autograder.marking.desk import Desk, Meanwhile, Paper, Standing
from autograder.marking.rubric import Item, rubric_of
from autograder.marking.sheet import COMMENT
from autograder.reports.text import number, plain

COOKIE = "autograder_mark"
POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; form-action 'self'; "
    "frame-ancestors 'none'; base-uri 'none'"
)
FORM_BYTES = 64 << 10
BUSY = "This class is being graded or finished, or somebody else keeps a mark. Try again in a moment."


def make_app(desk: Desk, token: str, with_names: bool = False) -> Flask:
    """The pages. `token` opens them once."""
    app = Flask(__name__, template_folder="templates", static_folder="static")
    app.config["MAX_CONTENT_LENGTH"] = FORM_BYTES
    app.jinja_env.filters.update(number=number, plain=lambda text: plain(text, 40_000))
    door = Door(token)

    @app.before_request
    def guard() -> Any:
        return door.answer()

    @app.after_request
    def protect(response: Response) -> Response:
        response.headers["Content-Security-Policy"] = POLICY
        response.headers["Referrer-Policy"] = "same-origin"  # without one, the browser tells no Origin
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["Cache-Control"] = "no-store"
        return response

    @app.errorhandler(CourseError)
    def told(problem: CourseError) -> tuple[str, int]:
        said = BUSY if isinstance(problem, Busy) else str(problem)
        return render_template("problem.html", problem=said, sent=request.form), 409

    @app.get("/")
    def home() -> str:
        rows = [(e, counted(desk.standings(e)), desk.agreement(e), desk.apart(e)) for e in desk.exercises]
        return render_template("home.html", rows=rows, task=desk.task)

    @app.get("/<slug>")
    def papers(slug: str) -> str:
        exercise = desk.exercise(slug)
        return render_template(
            "papers.html", exercise=exercise, standings=desk.standings(exercise), task=desk.task, names=with_names
        )

    @app.get("/<slug>/next")
    def following(slug: str) -> Any:
        paper = desk.following(desk.exercise(slug), request.args.get("after", 0, int))
        return redirect(f"/{slug}/{paper.number}" if paper else f"/{slug}", 303)

    @app.get("/<slug>/settle")
    def settling(slug: str) -> Any:
        apart = [each.paper.number for each in desk.standings(desk.exercise(slug)) if needs_settling(each)]
        return redirect(f"/{slug}/{apart[0]}" if apart and not desk.task.share else f"/{slug}", 303)

    def desk_of(standings: list[Standing], place: int, entered: dict[str, Any], problem: str = "") -> str:
        standing = standings[place - 1]
        exercise = standing.paper.exercise
        shown = {
            "standing": standing, "total": len(standings), "left": sum(each.is_due for each in standings),
            "rubric": rubric_of(exercise), "evidence": desk.evidence(standing.paper, with_names), "given": entered,
            "seen": desk.seen_of(standing), "problem": problem, "names": with_names, "task": desk.task,
        }  # fmt: skip
        return render_template("paper.html", exercise=exercise, **shown)

    @app.get("/<slug>/<int:place>")
    def paper(slug: str, place: int) -> str:
        standings = desk.standings(desk.exercise(slug))
        if not 1 <= place <= len(standings):
            abort(404)
        return desk_of(standings, place, given(standings[place - 1], desk))

    @app.post("/<slug>/<int:place>")
    def kept(slug: str, place: int) -> Any:
        exercise = desk.exercise(slug)
        standing = meant(desk.standings(exercise), request.form)
        place = standing.paper.number  # another one, where others came or went since
        try:
            keep(desk, exercise, standing.paper, request.form)
        except ValueError as wrong:
            return desk_of(desk.standings(exercise), place, sent(exercise, request.form), str(wrong)), 422
        except Meanwhile as told:
            return desk_of(desk.standings(exercise), place, sent(exercise, request.form), str(told)), 409
        return redirect(f"/{slug}/settle" if needs_settling(standing) else f"/{slug}/next?after={place}", 303)

    return app


class Door:
    """Who may come in: once by the token, then by a cookie that nobody else has."""

    def __init__(self, token: str) -> None:
        self._token, self._key, self._is_used = token, secrets.token_urlsafe(32), False

    def answer(self) -> Any:
        """None lets the request in; anything else is its answer."""
        if request.host.partition(":")[0] not in ("127.0.0.1", "localhost"):
            abort(403, "this page is for this machine alone")
        if request.method != "GET" and request.headers.get("Origin", "") != f"http://{request.host}":
            abort(403, "sent from another page")
        cookie = f"{COOKIE}_{request.host.rpartition(':')[2]}"  # a browser keeps cookies by host, whatever the port
        if hmac.compare_digest(request.cookies.get(cookie, ""), self._key):
            return None
        asked = request.args.get("token", "")
        if request.path != "/" or self._is_used or not hmac.compare_digest(asked, self._token):
            abort(403, "start `autograder mark` again and open the address that it prints: it opens once")
        self._is_used = True
        response = redirect("/", 303)
        response.set_cookie(cookie, self._key, httponly=True, samesite="Strict")
        return response


def counted(standings: list[Standing]) -> dict[str, int]:
    """How many papers there are, are marked, wait for this person, and wait to be settled."""
    apart = [each for each in standings if needs_settling(each)]
    marked = sum(each.mark is not None for each in standings)
    return {"all": len(standings), "marked": marked, "due": sum(s.is_due for s in standings), "settle": len(apart)}


def needs_settling(standing: Standing) -> bool:
    """Whether two people gave it different points, and nobody has settled that."""
    first, second = standing.mark, standing.second
    return first is not None and second is not None and first.points != second.points and not standing.is_settled


def meant(standings: list[Standing], form: Mapping[str, str]) -> Standing:
    """The one that a form was shown for. CourseError: it is gone."""
    for standing in standings:
        if standing.paper.key == form.get("paper"):
            return standing
    raise CourseError("the class was graded again, and this answer is not there any more")


def given(standing: Standing, desk: Desk) -> dict[str, Any]:
    """What the form shows at first: the earlier mark, unless this person is to mark without sight of it."""
    mark = standing.second if desk.task.share else standing.mark
    if mark is None:
        return {"items": {}, "comment": ""}
    return {"items": mark.items, "comment": mark.comment}


def sent(exercise: Exercise, form: Mapping[str, str]) -> dict[str, Any]:
    """What the form shows again, after it was sent and not kept."""
    items = {}
    for i, item in enumerate(rubric_of(exercise).items):
        with suppress(ValueError):
            items[item.item] = points_of(form.get(f"item{i}", ""), item)
    return {"items": items, "comment": form.get("comment", "")}


def keep(desk: Desk, exercise: Exercise, paper: Paper, form: Mapping[str, str]) -> None:
    """Keep what the form says. ValueError: what is wrong with it."""
    items = {item.item: points_of(form.get(f"item{i}", ""), item) for i, item in enumerate(rubric_of(exercise).items)}
    comment = plain(form.get("comment", ""), COMMENT).strip()
    desk.mark(paper, form.get("answer", ""), form.get("seen", ""), items, comment)


def points_of(text: str, item: Item) -> float:
    """ValueError: not a number, or none that the item gives."""
    try:
        points = float(text.replace(",", "."))
    except ValueError:
        raise ValueError(f"{item.item}: no points yet; 0 to {number(item.points)}") from None
    if not 0 <= points <= item.points:
        raise ValueError(f"{item.item}: {number(points)} points, allowed: 0 to {number(item.points)}")
    return points
