"""The references of 04, 05, 11 and 19 agree with Hugging Face's `diffusers` to 1e-12, in float64.

diffusers' values lie in goldens.json, so that neither torch nor diffusers is needed here. make_goldens.py made them,
after it had compared every level of both schedules.
"""

import json

import numpy as np
import pytest
from make_goldens import BOUND, ETAS, GOLDEN_LEVELS, GOLDENS, SCHEDULES, Ours, difference

KINDS = ("add_noise", "predict_x0", "ddpm_fixed_small", "ddpm_fixed_large", "ddim")
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
            assert difference(got, case["expected"]) <= BOUND, f"{kind} at {where}"
            seen += 1
    assert seen == len(GOLDEN_LEVELS) * (len(ETAS) if kind == "ddim" else 1)


def test_a_difference_is_noticed():
    """The comparison can fail: a level too far, and NaN."""
    case = next(c for c in FOUND["schedules"]["linear"]["cases"] if c["name"] == "add_noise" and c["t"] == 25)
    ours = Ours("linear", FOUND["num_timesteps"])
    assert difference(ours.add_noise(**SAMPLES, t=26), case["expected"]) > 1e-3
    assert not difference(np.full((2, 3), np.nan), case["expected"]) <= BOUND
