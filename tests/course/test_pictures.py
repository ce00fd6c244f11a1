"""Every picture is drawn: of the reference, of the stub, and of a module that is half done; and all can be read."""

import ast
import io
import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from autograder.course import Course, Exercise
from autograder.sources import load_file, load_reference, run_variant

pytest.importorskip("matplotlib", reason="matplotlib is not installed")

from looks import BLINDNESS, difference, faults

from autograder.pictures import NOTE, subplots
from autograder.style import BLACK, BLUE, GREEN, GREY, LIKELY, LINES, PURPLE, TEXT, VERMILION, contrast, ink, series

EXERCISES = Course.load(Path(__file__).resolve().parents[2]).exercises
NOT_YET = "not written yet"
#: 10 trains eleven networks; here a few steps will do.
SHORTENED = {"STEPS_A_DIGIT", "STEPS_FOR_THE_LOSS"}

every_exercise = pytest.mark.parametrize("exercise", EXERCISES, ids=lambda exercise: exercise.id)


def drawn(exercise: Exercise, student: Any) -> tuple[Any, list[str], np.ndarray]:
    """The figure, what is wrong with how it looks, and its pixels as `(height, width, 4)`."""
    picture = load_file("picture", exercise.picture)
    for name in SHORTENED & set(vars(picture)):
        setattr(picture, name, 5)
    figure = picture.draw(student)
    wrong = faults(figure)  # which renders it
    return figure, wrong, np.asarray(figure.canvas.buffer_rgba())


def notes(figure: Any) -> str:
    return " ".join(text.get_text() for axes in figure.axes for text in axes.texts).replace("\n", " ")


@every_exercise
def test_the_reference_fills_every_axes(exercise: Exercise) -> None:
    figure, wrong, pixels = drawn(exercise, load_reference(exercise))
    assert not [text.get_text() for axes in figure.axes for text in axes.texts if text.get_gid() == NOTE]
    assert wrong == []
    assert pixels[..., :3].std() > 5
    for axes in figure.axes:
        artists = [*axes.images, *axes.lines, *axes.patches, *axes.collections, *axes.texts]
        assert not axes.axison or artists, f"an empty axes: {axes.get_title()!r}"


@every_exercise
def test_the_stub_says_what_is_missing(exercise: Exercise) -> None:
    stub = run_variant(exercise, exercise.stub.read_text(encoding="utf-8"), f"{exercise.id} stub")
    raises = "raise NotImplementedError" in exercise.stub.read_text(encoding="utf-8")
    figure, wrong, pixels = drawn(exercise, stub)
    assert pixels[..., :3].std() > 1
    assert NOT_YET in notes(figure) or not raises
    assert wrong == []


@every_exercise
def test_a_half_done_module_is_drawn_too(exercise: Exercise) -> None:
    reference = load_reference(exercise)
    body = ast.parse(exercise.solution.read_text(encoding="utf-8")).body
    names = [n.name for n in body if isinstance(n, ast.FunctionDef) and not n.name.startswith("_")]

    def missing(*args: object, **kwargs: object) -> None:
        raise NotImplementedError(f"this is {NOT_YET}")

    half = SimpleNamespace(**{k: v for k, v in vars(reference).items() if not k.startswith("__")})
    for name in names[len(names) // 2 :]:
        setattr(half, name, missing)
    _, wrong, pixels = drawn(exercise, half)
    assert pixels[..., :3].std() > 1
    assert wrong == []


SAMPLERS = ("ddpm_sampler", "condition", "edit_inpaint", "ddim", "latent_sampler")


@pytest.mark.parametrize("slug", SAMPLERS)
def test_a_sampler_is_drawn_as_frames_too(slug: str) -> None:
    from PIL import Image

    from autograder.pictures import gif

    exercise = next(exercise for exercise in EXERCISES if exercise.slug == slug)
    made = load_file("picture", exercise.picture).draw_frames(load_reference(exercise))
    assert 10 <= len(made) <= 30
    with Image.open(io.BytesIO(gif(made, dpi=40))) as image:
        assert image.n_frames == len(made)
        first = np.asarray(image.convert("L"), dtype=float)
        image.seek(image.n_frames - 1)
        last = np.asarray(image.convert("RGB"), dtype=float)
    with io.BytesIO() as raw:
        made[-1].savefig(raw, format="png", dpi=40)
        with Image.open(raw) as drawn_last:
            meant = np.asarray(drawn_last.convert("RGB"), dtype=float)
    assert np.abs(last - meant).mean() < 4
    assert np.abs(first - last.mean(axis=2)).mean() > 5


def test_the_map_is_that_of_today(tmp_path: Path) -> None:
    """Within what training rounds: otherwise `python tests/tools/draw_map.py` draws it anew."""
    from PIL import Image

    root, again = Path(__file__).resolve().parents[2], tmp_path / "map.png"
    one_thread = {**os.environ, "PYTHONPATH": str(root), "OPENBLAS_NUM_THREADS": "1"}
    command = [sys.executable, root / "tests" / "tools" / "draw_map.py", again]
    subprocess.run(command, env=one_thread, check=True, timeout=120)
    with Image.open(root / "exercises" / "map.png") as before, Image.open(again) as now:
        assert now.size == before.size
        gap = np.asarray(now.convert("L"), dtype=float) - np.asarray(before.convert("L"), dtype=float)
    assert np.abs(gap).mean() < 1


class Unwritten:
    """Every function of it is still to be written."""

    def __getattr__(self, name: str) -> Any:
        raise NotImplementedError(f"{name} is {NOT_YET}")


@pytest.mark.parametrize("missing", ["", "train_denoiser", "ddpm_sampler", "schedules", "all"])
def test_the_chain_is_drawn_as_far_as_it_is_written(missing: str) -> None:
    course = Course.load(Path(__file__).resolve().parents[2])
    chain = load_file("chain", course.root / "exercises" / "chain.py")
    chain.STEPS = 10
    of = {slug: load_reference(course.exercise(slug)) for slug in chain.NEEDS}
    figure = chain.draw({slug: Unwritten() if missing in (slug, "all") else of[slug] for slug in of})
    assert (NOT_YET in notes(figure)) is bool(missing)
    assert not faults(figure)
    drawn_images = sum(bool(axes.images) for axes in figure.axes)
    assert drawn_images == {"": 17, "train_denoiser": 8, "ddpm_sampler": 10, "schedules": 2, "all": 2}[missing]


def test_lines_and_words_stand_out_of_the_paper() -> None:
    for colour in (BLUE, VERMILION, GREEN, PURPLE, BLACK, GREY):
        assert contrast(colour) >= LINES
        assert contrast(ink(colour)) >= TEXT
    for colour in (BLUE, VERMILION, BLACK):  # what is drawn over a density
        assert contrast(colour, LIKELY(1.0)) >= 2.7
    assert contrast("black", "white") == pytest.approx(21)


@pytest.mark.parametrize("kind", ["", *BLINDNESS])
def test_the_colours_of_lines_are_told_apart(kind: str) -> None:
    colours = [series(i)["color"] for i in range(5)]
    gaps = [difference(one, other, kind) for i, one in enumerate(colours) for other in colours[:i]]
    assert min(gaps) > 11


def test_red_and_green_of_one_lightness_are_one_to_the_colour_blind() -> None:
    assert difference("#C05000", "#7A7A00", "deuteranopia") < 11 < difference("#C05000", "#7A7A00", "")


def test_each_fault_of_a_picture_is_found() -> None:
    figure, axes = subplots(1, 1)
    panel = axes[0, 0]
    panel.plot([0, 1, 2], [0, 1, 0], color="#F0E442", label="pale")
    panel.plot([0, 1, 2], [1, 0.5, 1], color="#E6D800", label="alike")
    panel.legend(loc="center")
    panel.text(1, 0.9, "words over", color="0.6")
    panel.text(1, 0.9, "each other")
    panel.text(1.9, 0.2, "words that go on and on and leave the picture at its right end", clip_on=False).set_in_layout(
        False
    )
    told = "\n".join(faults(figure))
    for fault in ("contrast 1.", "words need", "look alike", "colour only", "no name", "lies over", "leaves", "covers"):
        assert fault in told
