"""Pictures of students' code for the feedback: drawn apart, bounded, and never a reason to fail."""

import io
from collections.abc import Iterator

import numpy as np
import pytest
from PIL import Image

from autograder.batch.drawing import Artist
from autograder.course import Course
from autograder.reports.film import MOST, Film
from autograder.results import CheckResult, ExerciseResult, Outcome, Report
from autograder.runner import machine
from autograder.submissions.submission import Submission

PNG = b"\x89PNG"


@pytest.fixture(scope="module")
def artist(course: Course) -> Iterator[Artist]:
    if machine.probe().level != "strict":
        pytest.skip("this machine cannot lock student code down; `autograder doctor` tells why")
    with Artist(course, seconds=40.0) as found:
        yield found


def pixels(png: bytes) -> np.ndarray:
    with Image.open(io.BytesIO(png)) as image:
        return np.asarray(image.convert("RGB"), dtype=int)


def test_two_solutions_give_one_picture_and_the_stub_another(artist: Artist, course: Course) -> None:
    exercise = course.exercise("05")
    variant = artist.draw(exercise, exercise.variants[0].read_bytes())
    assert variant is not None
    assert variant.startswith(PNG)
    target = artist.target(exercise)
    assert target is not None
    assert np.abs(pixels(variant) - pixels(target)).max() <= 2  # of 255: how the two round
    assert artist.draw(exercise, exercise.stub.read_bytes()) not in (None, variant)


@pytest.mark.parametrize(
    "body",
    [
        "return None",
        "return 'x' * 1000",
        "return np.full((1, 16, 16), np.nan)",
        "return np.full((1, 16, 16), 1e308)",
        "return np.zeros((3000, 3000))",
        "raise ValueError('$\\\\frac{ ^^ $ \\x1b[31m')",
        "import os; os._exit(1)",
        "return object()",
    ],
)
def test_what_a_function_gives_back_never_ends_the_artist(artist: Artist, course: Course, body: str) -> None:
    exercise = course.exercise("05")
    source = f"import numpy as np\ndef add_noise(x0, eps, t, alpha_bars):\n    {body}\n".encode()
    drawn = artist.draw(exercise, source)
    assert drawn is None or drawn.startswith(PNG)
    assert artist.draw(exercise, exercise.stub.read_bytes()) is not None


def test_a_module_that_does_not_load_leaves_its_picture_out_or_says_so(artist: Artist, course: Course) -> None:
    exercise = course.exercise("05")
    drawn = artist.draw(exercise, b"def add_noise(:\n")
    assert drawn is None or drawn.startswith(PNG)


def test_a_picture_that_takes_too_long_is_left_out_and_the_next_one_is_drawn(course: Course, artist: Artist) -> None:
    exercise = course.exercise("05")
    loop = b"def add_noise(*args):\n    while True: pass\n"
    with Artist(course, seconds=-19.0) as hasty:  # 1 s is left of what five CPU seconds allow
        assert hasty.draw(exercise, loop) is None
        assert hasty._process is None
    assert artist.draw(exercise, exercise.stub.read_bytes()) is not None


def test_what_many_hand_in_is_drawn_once_and_what_hung_in_a_check_is_not_drawn(artist: Artist, course: Course) -> None:
    exercise, other = course.exercise("05"), course.exercise("04")
    source = exercise.stub.read_bytes() + b"# as many have it\n"
    assert artist.draw(exercise, source) is artist.draw(exercise, source) is not None
    submission = Submission("ada", {exercise.slug: source, other.slug: other.stub.read_bytes()})
    hung = CheckResult("law", "a law", public=True, outcome=Outcome.TIMEOUT, points=0.0, max_points=1.0)
    report = Report("ada", "strict", (ExerciseResult(exercise.id, Outcome.FAILED, 0.0, 1.0, checks=(hung,)),))
    pictures, films = artist.gallery(submission, report, [exercise, other])
    assert set(pictures) == {other.id}
    assert not films


def test_a_sampler_is_drawn_step_by_step_small_and_in_few_colours(artist: Artist, course: Course) -> None:
    sampler, plain = course.exercise("edit_inpaint"), course.exercise("04")
    source = sampler.solution.read_bytes()
    film = artist.film(sampler, source)
    assert film is not None
    assert 6 < len(film.names) <= MOST
    assert film.names[-1] == "returned"
    assert len(film.sheet) < 48_000  # all five films of the course are about 160 kB
    with Image.open(io.BytesIO(film.sheet)) as sheet:
        assert sheet.size == film.size
        assert len(sheet.getcolors()) <= 16
        steps = np.split(np.asarray(sheet.convert("L"), dtype=float), len(film.names))
    assert np.abs(steps[0] - steps[-1]).mean() > 10
    assert artist.film(plain, plain.solution.read_bytes()) is None
    submission = Submission("ada", {each.slug: each.solution.read_bytes() for each in (sampler, plain)})
    done = tuple(ExerciseResult(each.id, Outcome.PASSED, 1.0, 1.0) for each in (sampler, plain))
    pictures, films = artist.gallery(submission, Report("ada", "strict", done), [sampler, plain])
    assert set(pictures) == {sampler.id, plain.id}
    assert films == {sampler.id: film}


def test_steps_that_fail_cost_the_picture_nothing(artist: Artist, course: Course) -> None:
    sampler = course.exercise("edit_inpaint")
    assert artist.film(sampler, sampler.stub.read_bytes()) is None
    assert artist.draw(sampler, sampler.stub.read_bytes()) is not None


@pytest.mark.parametrize(("names", "height"), [(("a",), 6), (("a", "b"), 7), (tuple("abcdefghijklm"), 26)])
def test_what_a_page_cannot_show_is_no_film(names: tuple[str, ...], height: int) -> None:
    packed = io.BytesIO()
    Image.new("RGB", (5, height)).save(packed, "PNG")
    with pytest.raises(ValueError, match=f"{len(names)} steps on 5 by {height}"):
        Film.of(names, packed.getvalue())
    with pytest.raises(ValueError, match="2 steps on 0 by 0"):
        Film.of(("a", "b"), b"GIF89a")
