"""Public checks of 24: first dirty it, then clean it."""

import numpy as np

from autograder.checks import CheckFailure, as_array, assert_close, assert_equal, check
from autograder.diffusion.spies import ModelSpy

EVERYDAY = {
    "clean photo",
    "the dirt on it",
    "how dirty",
    "dirtying",
    "cleaning one bit",
    "all dirt",
    "new picture",
}
MODEL = {"sample", "t", "network step", "eps", "pure noise", "forward", "x0"}


@check(points=0.25, hint="Copy the words of EVERYDAY and MODEL letter by letter, and use each of them once.")
def test_every_word_once(submission):
    """The map pairs the seven everyday words with the seven words of the model, each used once."""
    got = submission.analogy_map()
    if not isinstance(got, dict):
        raise CheckFailure(f"analogy_map() should be a dict, it is a {type(got).__name__}")
    if set(got) != EVERYDAY:
        raise CheckFailure(f"the keys are {sorted(map(str, got))}", str(sorted(EVERYDAY)))
    if sorted(map(str, got.values())) != sorted(MODEL):
        raise CheckFailure(f"the values are {sorted(map(str, got.values()))}", str(sorted(MODEL)))


@check(
    points=0.25,
    hint="Too low after one: a weaker pinch. Too high after 60: a stronger one.",
)
def test_one_pinch_and_sixty(submission):
    """One pinch leaves a correlation with the photo above 0.8, sixty leave less than 0.35.

    (A correct solution fails with probability below 1e-11: 7 sigma.)
    """
    x = np.linspace(-1, 1, 20_000).reshape(100, 200)
    y, rng = x, np.random.default_rng(0)
    for pinch in range(1, 61):
        y = as_array(submission.dirty(y, rng), "dirty(x, rng)", x.shape).astype(np.float64)
        with np.errstate(invalid="ignore"):
            correlation = abs(np.corrcoef(x.ravel(), y.ravel())[0, 1])
        if pinch == 1 and not correlation > 0.8:
            raise CheckFailure(f"after one pinch the correlation is {correlation:.3f}", "above 0.8")
    if not correlation < 0.35:
        raise CheckFailure(f"after 60 pinches the correlation is {correlation:.3f}", "below 0.35")


@check(points=0.25, hint="Every step takes off the network's whole answer, and the step t = 0 belongs to it.")
def test_worked_number(submission):
    """The number worked by hand: with net(x, t) = (x - 0.5) / (t + 1), four calls leave 0.5 everywhere."""
    spy = ModelSpy(lambda x, t: (x - 0.5) / (t + 1))
    picture = as_array(submission.generate(spy, 4, np.random.default_rng(0)), "the new picture")
    assert_equal(len(spy.inputs), 4, what="the number of calls")
    assert_close(picture, np.full(spy.inputs[0].shape, 0.5), atol=1e-6, what="the new picture")
