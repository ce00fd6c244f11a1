"""The references' schedules, steps and samplers agree with Hugging Face's `diffusers` to 1e-12, in float64.

diffusers' values lie in goldens.json, so that neither torch nor diffusers is needed here. make_goldens.py made them,
after it had compared every level of both schedules. Where diffusers does otherwise, a page says so.
"""

import json
import re
from pathlib import Path

import numpy as np
import pytest
from make_goldens import (
    BOUND,
    BOUNDS,
    ETAS,
    GOLDEN_LEVELS,
    GOLDENS,
    KINDS,
    NUM_STEPS,
    PAIRS,
    SCHEDULES,
    Ours,
    difference,
    reference,
)

from autograder.course import Course

COURSE = Course.load(Path(__file__).resolve().parents[2])
FOUND = json.loads(GOLDENS.read_text(encoding="utf-8"))
SAMPLES = {name: np.array(values) for name, values in FOUND["samples"].items()}


@pytest.mark.parametrize("schedule", SCHEDULES)
@pytest.mark.parametrize("table", ["betas", "alpha_bars"])
def test_schedules_are_those_of_diffusers(schedule, table):
    ours = getattr(Ours(schedule, FOUND["num_timesteps"]), table)
    assert difference(ours, FOUND["schedules"][schedule][table]) <= BOUND


@pytest.mark.parametrize("schedule", SCHEDULES)
@pytest.mark.parametrize("kind", KINDS)
def test_steps_are_those_of_diffusers(schedule, kind):
    ours = Ours(schedule, FOUND["num_timesteps"])
    seen = 0
    for case in FOUND["schedules"][schedule]["cases"]:
        where = {key: value for key, value in case.items() if key not in ("name", "expected")}
        if case["name"] == kind:
            got = getattr(ours, kind)(**SAMPLES, **where)
            assert difference(got, case["expected"]) <= BOUNDS.get(kind, BOUND), f"{kind} at {where}"
            seen += 1
    assert seen == len(GOLDEN_LEVELS) * (len(ETAS) if kind == "ddim" else 1)


@pytest.mark.parametrize("schedule", SCHEDULES)
def test_whole_samplers_are_those_of_diffusers(schedule):
    ours, path = Ours(schedule, FOUND["num_timesteps"]), np.array(FOUND["path"])
    assert difference(ours.ddpm_path(path), FOUND["schedules"][schedule]["ddpm_path"]) <= BOUND
    assert len(FOUND["levels"]) == NUM_STEPS
    assert difference(ours.ddim_path(path, FOUND["levels"]), FOUND["schedules"][schedule]["ddim_path"]) <= BOUND


@pytest.mark.parametrize("slug", PAIRS)
def test_what_stands_for_itself_is_that_of_diffusers(slug):
    ours = PAIRS[slug][0]().answers(SAMPLES["x"], SAMPLES["eps"])
    assert ours.keys() == FOUND["pairs"][slug].keys()
    for name, expected in FOUND["pairs"][slug].items():
        assert difference(ours[name], expected) <= BOUNDS.get(f"{slug}: {name}", BOUND), name


#: Of each page, what it tells of diffusers; {} stands for the numbers that follow.
SAYS = [
    ("schedules", "In float32, diffusers' alpha_bars are off by up to {} of a percent", [
        100 * FOUND["conventions"]["float32_gap"]
    ]),
    ("ddpm_sampler", "clips the guess of x0 to -1 … 1 in each step", []),
    ("edit_inpaint", "round k down: at strength 0.77 they take {} of 10 steps, you {}.", [
        FOUND["conventions"]["steps_of_10_at_077"], round(0.77 * 10)
    ]),
    ("ddim", "starts 50 of 1,000 steps at level {}", [FOUND["conventions"]["first_of_50"]]),
    ("explain_denoising", "`v_prediction`", []),
    ("snr", "`lambda_t` is half of task 1", []),
    ("flow_matching", "its 10 steps ask first at {} and last at {}, yours at {}.", [
        FOUND["conventions"]["flow_levels_of_10"][0], FOUND["conventions"]["flow_levels_of_10"][-2], 0.1
    ]),
    ("few_steps", "its 10 steps have {} timesteps", [FOUND["conventions"]["heun_calls_of_10"]]),
]  # fmt: skip


@pytest.mark.parametrize(("slug", "says", "numbers"), SAYS, ids=[slug for slug, _, _ in SAYS])
def test_a_page_says_where_diffusers_does_otherwise(slug, says, numbers):
    page = " ".join(COURSE.exercise(slug).readme.read_text(encoding="utf-8").split())
    match = re.search(re.escape(says).replace(r"\{\}", r"(\d+(?:\.\d+)?)"), page)
    assert match, f"{slug} does not say “{says}”"
    for told, number in zip(match.groups(), numbers, strict=True):
        assert told == f"{number:.{len(told.partition('.')[2])}f}"


def test_diffusers_own_habits_are_those_that_the_pages_tell():
    assert FOUND["conventions"]["clip_sample"] == [True, True]
    assert FOUND["conventions"]["timestep_spacing"] == "leading"
    assert reference("ddim").ddim_timesteps(1000, 50)[0] == 999 != FOUND["conventions"]["first_of_50"]


def test_a_difference_is_noticed():
    """The comparison can fail: a level too far, and NaN."""
    case = next(c for c in FOUND["schedules"]["linear"]["cases"] if c["name"] == "add_noise" and c["t"] == 25)
    ours = Ours("linear", FOUND["num_timesteps"])
    assert difference(ours.add_noise(**SAMPLES, t=26), case["expected"]) > 1e-3
    assert not difference(np.full((2, 3), np.nan), case["expected"]) <= BOUND
