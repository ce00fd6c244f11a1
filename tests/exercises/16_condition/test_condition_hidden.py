"""Hidden checks of 16. The network is the student's own, so the oracle is what any conditional network must obey."""

from math import sqrt

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from autograder.checks import (
    CheckFailure,
    as_array,
    assert_close,
    assert_dtype,
    assert_equal,
    check,
    global_random_untouched,
    unchanged,
)
from autograder.diffusion.digits import load_digits
from autograder.diffusion.spies import NoiseSpy, ScriptedNoise
from autograder.diffusion.strategies import noise, seeds, timesteps

LEVELS = np.cumprod(1 - np.linspace(1e-3, 0.2, 100))
BETAS = np.linspace(1e-3, 0.2, 100)
DIM, CLASSES = 3, 4
MAX_NUMBERS = 1_000_000


def as_params(got, what="params"):
    """What should be a dict of arrays, as one."""
    if not isinstance(got, dict) or not got or not all(isinstance(key, str) for key in got):
        raise CheckFailure(f"{what} should be a dict from names to arrays, it is {type(got).__name__}")
    arrays = {key: as_array(value, f"{what}[{key!r}]") for key, value in got.items()}
    if (numbers := sum(array.size for array in arrays.values())) > MAX_NUMBERS:
        raise CheckFailure(f"{what} holds {numbers} numbers, at most {MAX_NUMBERS} are needed")
    return arrays


def moved_params(submission, seed, hidden=16):
    """Untrained params, each entry moved at random: a zero layer would hide mistakes."""
    rng = np.random.default_rng(seed)
    params = as_params(submission.init_params(DIM, hidden, CLASSES, np.random.default_rng(seed)))
    return {key: value.astype(float) + 0.3 * rng.standard_normal(value.shape) for key, value in params.items()}


def dropped(submission, labels, p, rng):
    return as_array(submission.drop_labels(labels, p, rng), "the labels", labels.shape)


def cosine_levels(num_timesteps):
    """Nichol & Dhariwal 2021, eq. 17: alpha_bar as a ratio of squared cosines, each beta at most 0.999."""
    f = np.cos((np.arange(num_timesteps + 1) / num_timesteps + 0.008) / 1.008 * np.pi / 2) ** 2
    return np.cumprod(1 - np.minimum(1 - f[1:] / f[:-1], 0.999))


def loss(submission, params, data, labels, levels):
    """The eps-loss on rows at levels spread over all, with the wishes that are told."""
    rng = np.random.default_rng(123)
    t, eps = rng.permutation(np.arange(len(data)) * len(levels) // len(data)), rng.standard_normal(data.shape)
    level = levels[t][:, None]
    x_t = np.sqrt(level) * data + np.sqrt(1 - level) * eps
    seen = as_array(submission.denoise(params, x_t, t, labels, levels), "denoise", data.shape)
    return float(np.mean((seen - eps) ** 2))


@check(points=0.5, hint="Who falls is decided for each label by itself, in every call anew.")
def test_each_label_falls_by_itself(submission):
    """Each label falls with probability p, wherever it stands, also alone, and whatever becomes of the others."""
    # A correct solution fails with probability below 1e-10: each of the bounds is 7 sigma of a binomial.
    rng, calls, size, p = np.random.default_rng(1), 1500, 8, 0.3
    gone = np.stack([dropped(submission, np.arange(size), p, rng) == -1 for _ in range(calls)])
    alone = np.array([dropped(submission, np.array([2]), p, rng)[0] == -1 for _ in range(calls)])
    bound = 7 * sqrt(p * (1 - p) / calls)
    for place, share in enumerate([*gone.mean(axis=0), alone.mean()]):
        if not abs(share - p) < bound:
            where = f"at place {place} of {size}" if place < size else "that is the only one"
            raise CheckFailure(f"a label {where} falls in {share:.0%} of the calls, p = {p}")
    pairs = (gone[:, :, None] & gone[:, None, :]).mean(axis=0)[~np.eye(size, dtype=bool)]
    if not np.max(np.abs(pairs - p * p)) < 7 * sqrt(p * p / calls):
        raise CheckFailure(f"two labels fall together in {pairs.min():.0%} to {pairs.max():.0%} of the calls")


@check(points=0.25, examples=20, hint="Those that stay are the caller's own labels, 0 included, in a new array.")
@given(labels=st.lists(st.integers(0, 3), min_size=1, max_size=9), p=st.sampled_from([0.0, 0.25, 0.75]), seed=seeds())
def test_labels_that_stay_are_as_they_were(submission, labels, p, seed):
    """What does not become -1 is the label that stood there; the labels that were given stay as they are."""
    given_labels = np.array(labels)
    with unchanged(labels=given_labels), global_random_untouched():
        kept = dropped(submission, given_labels, p, np.random.default_rng(seed))
    where = kept != -1
    assert_equal(kept[where], given_labels[where], what="the labels that stay")


@check(points=0.25, hint="Is every array float64, and drawn from rng where it is random?")
def test_untrained_params(submission):
    """init_params gives float64 arrays, equal for equal rng and others for another, and more for more classes."""
    with global_random_untouched():
        first, again, other = (submission.init_params(5, 8, 3, np.random.default_rng(seed)) for seed in (1, 1, 2))
        more = as_params(submission.init_params(5, 8, 9, np.random.default_rng(1)))
    arrays = [as_params(each) for each in (first, again, other)]
    for key in arrays[0]:
        assert_dtype(first[key], np.float64, f"params[{key!r}]")
    flat = [np.concatenate([np.ravel(each[key]) for key in sorted(each)]) for each in (*arrays, more)]
    if not (np.array_equal(flat[0], flat[1]) and not np.array_equal(flat[0], flat[2])):
        raise CheckFailure("params should be equal for equal rng, and differ when rng does")
    if not flat[3].size > flat[0].size:
        raise CheckFailure(f"3 classes give {flat[0].size} numbers, 9 classes {flat[3].size}")


@check(points=0.25, examples=20, hint="labels has one wish a row, -1 among them. Does anything mix the rows?")
@given(x_t=noise(size=DIM), t=timesteps(batch=3), labels=st.lists(st.integers(-1, CLASSES - 1), min_size=3, max_size=3))
def test_each_row_has_its_own_wish(submission, x_t, t, labels):
    """Each row is judged alone, at its own level and by its own wish: a batch equals three calls with one row."""
    params, wishes, levels = moved_params(submission, 2), np.array(labels), LEVELS.copy()
    with unchanged(x_t=x_t, t=t, labels=wishes, alpha_bars=levels, **params), global_random_untouched():
        together = submission.denoise(params, x_t, t, wishes, levels)
    together = as_array(together, "denoise", x_t.shape)
    for row in range(3):
        alone = submission.denoise(params, x_t[row : row + 1].copy(), int(t[row]), wishes[row : row + 1].copy(), levels)
        assert_close(together[row], as_array(alone, "denoise of one row", (1, DIM))[0], atol=1e-9, what=f"row {row}")


@check(points=0.25, hint="Is -1 a wish of its own, and none of the classes: not the last, and not class 0?")
def test_no_wish_is_no_class(submission):
    """After training, the answer without a wish differs from that for each class, the first and the last too."""
    rng = np.random.default_rng(6)
    labels = np.arange(600) % CLASSES
    data = np.eye(CLASSES)[labels][:, :DIM] * 1.6 - 0.8 + 0.1 * rng.standard_normal((600, DIM))
    params = as_params(submission.train(data, labels, LEVELS, 60, np.random.default_rng(7)), "what train returns")
    x_t = rng.standard_normal((30, DIM))
    answers = [
        as_array(submission.denoise(params, x_t, 40, np.full(30, label), LEVELS), "denoise", x_t.shape)
        for label in range(-1, CLASSES)
    ]
    for label, answer in enumerate(answers[1:]):
        if not np.max(np.abs(answer - answers[0])) > 1e-4:
            raise CheckFailure(f"after training, denoise answers the same without a wish and for class {label}")


@check(points=0.25, hint="Draw everything from rng, nothing from np.random, and leave data and labels alone.")
def test_training_repeats(submission):
    """Equal rng, equal params; 0 steps, untrained ones; other rng, others; what was given stays as it was."""
    rng = np.random.default_rng(8)
    data, labels, levels = rng.standard_normal((600, DIM)), np.arange(600) % CLASSES, LEVELS.copy()
    with unchanged(data=data, labels=labels, alpha_bars=levels), global_random_untouched():
        raw = submission.train(data, labels, levels, 3, np.random.default_rng(5))
    runs = [as_params(submission.train(data, labels, levels, *rest)) for rest in
            ((3, np.random.default_rng(5)), (3, np.random.default_rng(6)), (0, np.random.default_rng(5)))]  # fmt: skip
    flat = [np.concatenate([np.ravel(each[key]) for key in sorted(each)]) for each in (as_params(raw), *runs)]
    for key, value in as_params(raw).items():
        assert_dtype(raw[key], np.float64, f"params[{key!r}]")
        as_array(runs[2].get(key), f"the untrained params[{key!r}]", value.shape)
    if not np.allclose(flat[0], flat[1], rtol=1e-6, atol=1e-9) or np.allclose(flat[0], flat[2]):
        raise CheckFailure("trained params should be equal for equal rng, and differ when rng does")
    if np.allclose(flat[0], flat[3]):
        raise CheckFailure("3 steps leave the params as init_params made them")


@check(
    points=0.5,
    hint="Train with the label of the very row that is shown.",
)
def test_true_labels_help(submission):
    """After 500 steps on digits (cosine, T = 1000) the loss on unseen ones is below 0.96 of that without a wish."""
    # Statistical, shown by hand: on 20 seeds of each of four solutions the ratio was 0.902 to 0.924, its spread 0.0024.
    levels = cosine_levels(1000)
    params = submission.train(*load_digits("train"), levels, 500, np.random.default_rng(10))
    unseen, labels = load_digits("held_out")
    unseen, labels = np.tile(unseen, (4, 1)), np.tile(labels, 4)
    told, untold = (loss(submission, params, unseen, each, levels) for each in (labels, np.full(len(labels), -1)))
    if not (told < 0.96 * untold):
        raise CheckFailure(f"on unseen digits the loss is {told:.4f} with the true labels, {untold:.4f} without")


@check(points=0.5, hint="Where does training leave a wish out, as in task 1?")
def test_no_wish_is_learned_too(submission):
    """Trained on two clouds at ±0.8, the network knows both without a wish: a loss below 0.3."""
    # Statistical: on 20 seeds of each of four solutions 0.121 to 0.142, with a spread of 0.0013 at most.
    rng, levels = np.random.default_rng(11), cosine_levels(1000)
    labels = rng.integers(2, size=600)
    data = (1.6 * labels - 0.8)[:, None] + 0.1 * rng.standard_normal((600, 8))
    params = submission.train(data, labels, levels, 500, np.random.default_rng(12))
    found = loss(submission, params, np.tile(data, (2, 1)), np.full(1200, -1), levels)
    if not (found < 0.3):
        raise CheckFailure(f"without a wish the loss is {found:.3f} on two clouds that the network was trained on")


@check(points=0.25, hint="Two answers a step: in which of them does negative take the place of -1?")
def test_negative_takes_the_place_of_no_wish(submission):
    """w = 0 ignores the labels, a negative of -1 changes nothing, and w = 0 samples the negative."""
    params, betas = moved_params(submission, 13), BETAS[::10].copy()
    wishes, away = np.array([0, 1, 2, 3, 1]), np.array([3, 0, 1, 2, 2])

    def run(labels, w, negative=None):
        x0 = submission.sample(params, labels, w, betas, np.random.default_rng(14), negative)
        return as_array(x0, "the samples", (5, DIM))

    with unchanged(labels=wishes, negative=away, betas=betas, **params), global_random_untouched():
        submission.sample(params, wishes, 2.0, betas, np.random.default_rng(14), away)
    near = {"rtol": 1e-6, "atol": 1e-8, "reveal": True}
    assert_close(run(away, 0.0), run(wishes, 0.0), **near, what="the samples with w = 0 and other labels")
    assert_close(run(wishes, 2.0, np.full(5, -1)), run(wishes, 2.0), **near, what="the samples with a negative of -1")
    assert_close(run(wishes, 0.0, away), run(away, 1.0), **near, what="the samples with w = 0 and a negative")
    for w in (1.0, 2.0):
        if np.allclose(run(wishes, w), run(away, w)):
            raise CheckFailure(f"with w = {w:g} the labels change nothing")
    if np.allclose(run(wishes, 1.0), run(wishes, 3.0)):
        raise CheckFailure("w = 1 and w = 3 give the same samples")


@check(points=0.25, hint="Levels T-1 down to 0, both included; one step of 11 each, with the guided noise as eps.")
def test_path_without_noise(submission):
    """With all noise 0, the samples are those of eq. 11 of Ho et al. at every level, with your own guided noise."""
    params, betas, w = moved_params(submission, 18), BETAS[::20].copy(), 1.5
    wishes, x = np.array([0, 2, 3, 1]), np.zeros((4, DIM))
    levels = np.cumprod(1 - betas)
    for t in range(len(betas) - 1, -1, -1):
        wished, without = (
            as_array(submission.denoise(params, x, t, each, levels), "denoise", x.shape)
            for each in (wishes, -np.ones(4, int))
        )
        eps = (1 - w) * without + w * wished
        x = (x - betas[t] / sqrt(1 - levels[t]) * eps) / sqrt(1 - betas[t])
    got = as_array(submission.sample(params, wishes, w, betas, ScriptedNoise()), "the samples", x.shape)
    assert_close(got, x, rtol=1e-5, atol=1e-7, what="the samples")


@check(points=0.25, hint="One normal an entry for the start, one an entry for each step but the last, all from rng.")
def test_draws_are_those_of_the_sampler(submission):
    """Exactly T·B·D normals are drawn, all from rng: the wish is asked about twice a step, and draws nothing."""
    params = moved_params(submission, 15)
    for count, steps in ((1, 1), (2, 5), (4, 3)):
        rng = NoiseSpy(steps)
        with global_random_untouched():
            x0 = submission.sample(params, np.arange(count) % CLASSES, 1.5, BETAS[:steps], rng)
        as_array(x0, "the samples", (count, DIM))
        assert_equal(rng.count, count * steps * DIM, what=f"the number of normals drawn, B = {count}, T = {steps}")


@check(points=0.25, hint="Does w multiply the difference of the two answers?")
def test_digits_are_what_was_wished_for(submission):
    """Of the samples at w = 2, 4 in 5 are nearest to the mean of the digit that was wished for, half of each."""
    # Statistical: on 20 seeds of each of four solutions 0.915 and more of all (spread 0.014), 0.68 of each.
    digits, labels = load_digits("train")
    params = submission.train(digits, labels, LEVELS, 500, np.random.default_rng(16))
    wishes = np.arange(400) % 10
    x0 = submission.sample(params, wishes, 2.0, BETAS, np.random.default_rng(17))
    x0 = as_array(x0, "the samples", (400, 64))
    means = np.stack([digits[labels == digit].mean(axis=0) for digit in range(10)])
    read = np.argmin(((x0[:, None] - means) ** 2).sum(axis=2), axis=1)
    each = [float(np.mean(read[wishes == digit] == digit)) for digit in range(10)]
    if not (np.mean(each) >= 0.8 and min(each) >= 0.5):
        worst = int(np.argmin(each))
        raise CheckFailure(f"{np.mean(each):.0%} are read as wished, of the {worst}s {each[worst]:.0%}")
