"""Hidden checks of 02. The oracle is the recursion, entry by entry; draws are judged by what was drawn."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from autograder.checks import (
    CheckFailure,
    as_array,
    assert_close,
    assert_dtype,
    assert_equal,
    assert_same_for_whole_numbers,
    check,
    global_random_untouched,
    unchanged,
)
from autograder.diffusion.spies import NoiseSpy, RecordingNoise, ScriptedNoise
from autograder.diffusion.strategies import images, seeds

DECAYS = st.integers(0, 64).map(lambda k: k / 64)
SCALES = st.integers(4, 96).map(lambda k: k / 64)
STEPS = st.integers(1, 6)


def spec_chain(x0, decay, noise_scale, pinches):
    """The recursion with plain loops: pinches[k] is the noise of step k + 1, shaped as x0."""
    out = np.empty((len(pinches) + 1, *x0.shape))
    out[0] = x0
    for k, pinch in enumerate(pinches):
        for index in np.ndindex(x0.shape):
            out[k + 1][index] = decay * out[k][index] + noise_scale * pinch[index]
    return out


def moving_rows(got, x0, steps):
    """The chain as an array, whose every step does something to the row before: an idle one keeps no law."""
    rows = as_array(got, "the chain", (steps + 1, *x0.shape))
    for k in range(steps):
        if np.array_equal(rows[k + 1], rows[k]):
            raise CheckFailure(f"row {k + 1} is the same as row {k}: the step did nothing")
    return rows


@check(points=0.25, hint="Each step multiplies the newest row by decay, whatever the noise scale is.")
@given(x0=images(), decay=DECAYS, scale=SCALES, steps=STEPS)
def test_structure_fades_geometrically(submission, x0, decay, scale, steps):
    """When every normal happens to be 0, row k is decay**k times x0."""
    rows = submission.forward_chain(x0, decay, scale, steps, ScriptedNoise())
    assert_close(rows, spec_chain(x0, decay, scale, np.zeros((steps, *x0.shape))), atol=1e-6, what="the chain")


@check(
    points=0.5,
    hint="What is left of row k after taking decay times row k - 1 off must be noise_scale times noise.",
)
@given(x0=images(), decay=DECAYS, scale=SCALES, steps=STEPS, seed=seeds())
def test_each_normal_enters_once(submission, x0, decay, scale, steps, seed):
    """Each step adds noise_scale times a fresh normal to each entry: every normal drawn is used, once."""
    rng = RecordingNoise(seed)
    rows = submission.forward_chain(x0, decay, scale, steps, rng)
    rows = as_array(rows, "the chain", (steps + 1, *x0.shape)).astype(np.float64)
    pinches = np.sort(np.ravel(rows[1:] - decay * rows[:-1]))
    if rng.count != pinches.size or not np.max(np.abs(pinches - scale * np.sort(rng.draws))) <= 1e-5:
        raise CheckFailure("what the steps added is not noise_scale times the normals that were drawn")


@check(points=0.25, hint="One normal for each entry and step: none for row 0, none left over at the end.")
@given(x0=images(size=(2, 3)), steps=st.integers(0, 7))
def test_draws_are_counted(submission, x0, steps):
    """The chain draws exactly num_steps · x0.size normals from rng."""
    rng = NoiseSpy()
    moving_rows(submission.forward_chain(x0, num_steps=steps, rng=rng), x0, steps)
    assert_equal(rng.count, steps * x0.size, what=f"the number of normals drawn in {steps} steps", reveal=True)


@check(points=0.25, hint="The result is one new float32 array, whatever the dtype of x0.")
@given(x0=images(batch=2, size=(3, 5)), steps=st.integers(0, 4))
def test_float32_rows(submission, x0, steps):
    """The result is float32 of shape (num_steps + 1, *x0.shape), also for num_steps = 0; row 0 is x0."""
    rows = submission.forward_chain(x0, num_steps=steps, rng=NoiseSpy())
    assert_dtype(rows, np.float32, "the chain")
    assert_equal(moving_rows(rows, x0, steps)[0], x0, what="row 0", reveal=True)


@check(points=0.25, hint="Make new arrays instead of editing x0, and use rng for every draw when it is given.")
@given(x0=images().map(np.float32), seed=seeds())
def test_nothing_else_is_touched(submission, x0, seed):
    """With an rng, x0 and numpy's global random state stay as they were; a picture of ints is one like others."""
    with unchanged(x0=x0), global_random_untouched():
        rows = submission.forward_chain(x0, rng=RecordingNoise(seed))
    moving_rows(rows, x0, 5)

    def last_row(x):
        return moving_rows(submission.forward_chain(x, rng=np.random.default_rng(seed)), x, 5)[-1]

    assert_same_for_whole_numbers(last_row, x0, what="the last row")


@check(points=0.5, hint="Draw with np.random's own functions when rng is None. Seeding is the caller's business.")
@given(x0=images(size=(2, 3)), decay=DECAYS, scale=SCALES, steps=STEPS, seed=seeds())
def test_without_rng_the_global_state_decides(submission, x0, decay, scale, steps, seed):
    """Without rng, the noise is the next normals of np.random, from whatever state the caller left it in."""
    pinches = np.random.RandomState(seed).standard_normal((steps, *x0.shape))
    before = np.random.get_state()
    np.random.seed(seed)
    try:
        rows = submission.forward_chain(x0, decay, scale, steps)
    finally:
        np.random.set_state(before)
    assert_close(rows, spec_chain(x0, decay, scale, pinches), atol=1e-5, what="the chain")
