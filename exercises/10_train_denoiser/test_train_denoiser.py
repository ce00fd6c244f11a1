"""Public checks of 10: train a denoiser."""

import numpy as np

from autograder.checks import CheckFailure, as_array, as_float, as_tuple, assert_close, check

ALPHA_BARS = np.array([0.96, 0.64, 0.36, 0.04])


def params_of(submission, data_dim, hidden, seed):
    """The student's own parameters, each moved a little, so that no entry is 0 by design."""
    rng = np.random.default_rng(seed)
    params = submission.init_params(data_dim, hidden, rng)
    if not isinstance(params, dict) or not params:
        raise CheckFailure(f"init_params should return a dict of arrays, it is {type(params).__name__}")
    moved = {key: as_array(value, f"params[{key!r}]").astype(float) for key, value in params.items()}
    return {key: value + 0.3 * rng.standard_normal(value.shape) for key, value in moved.items()}


def entry_of(grads, key, where, shape):
    """One entry of the gradient, as a float."""
    if not isinstance(grads, dict) or key not in grads:
        raise CheckFailure(f"grads should be a dict with the keys of params; there is no {key!r}")
    return float(as_array(grads[key], f"grads[{key!r}]", shape)[where])


@check(points=0.5, hint="Show the network x_t = 0.8 · x0 + 0.6 · eps. Compare its answer with eps.")
def test_worked_number(submission):
    """The number worked by hand: from x0 = 0.5, eps = -1, alpha_bar = 0.64 the network sees -0.2."""
    params = params_of(submission, 1, 8, seed=1)
    seen = as_float(submission.denoise(params, np.array([[-0.2]]), 1, ALPHA_BARS), "denoise")
    result = submission.loss_and_grads(params, np.array([[0.5]]), 1, np.array([[-1.0]]), ALPHA_BARS)
    loss = as_float(as_tuple(result, 2, "loss_and_grads")[0], "the loss")
    assert_close(loss, (seen + 1.0) ** 2, rtol=1e-9, atol=1e-12, what="the loss")


@check(
    points=0.75,
    hint="Walk back through the lines of denoise; each multiplies what comes from behind.",
)
def test_gradient_of_one_entry(submission):
    """The gradient is the slope of the loss: for the first entry of each array, move it by 1e-5 and see."""
    params = params_of(submission, 2, 8, seed=2)
    x0, eps = np.array([[0.5, -0.25], [1.0, 0.75]]), np.array([[-1.0, 0.5], [0.25, 2.0]])
    t = np.array([0, 2])
    grads = as_tuple(submission.loss_and_grads(params, x0, t, eps, ALPHA_BARS), 2, "loss_and_grads")[1]
    for key, value in params.items():
        where = (0,) * value.ndim
        losses = []
        for step in (1e-5, -1e-5):
            moved = {**params, key: value.copy()}
            moved[key][where] += step
            result = as_tuple(submission.loss_and_grads(moved, x0, t, eps, ALPHA_BARS), 2, "loss_and_grads")
            losses.append(as_float(result[0], "the loss"))
        slope = (losses[0] - losses[1]) / 2e-5
        got = entry_of(grads, key, where, value.shape)
        assert_close(got, slope, rtol=1e-4, atol=1e-6, what=f"grads[{key!r}]{list(where)}")


@check(points=0.5, hint="Does train hand the params of each Adam step on to the next, and return the last ones?")
def test_training_lowers_the_loss(submission):
    """200 steps on two clouds of points lower the loss by a tenth or more."""
    # Statistical: on 100 seeds of each of four correct solutions the ratio of the losses was 0.57 at most, with
    # a standard deviation of 0.025 at most.
    rng = np.random.default_rng(3)
    data = rng.choice([-0.8, 0.8], size=(600, 1)) + 0.1 * rng.standard_normal((600, 2))
    x0, eps, t = data[:400], rng.standard_normal((400, 2)), np.arange(400) % 4
    losses = []
    for num_steps in (0, 200):
        params = submission.train(data, ALPHA_BARS, num_steps, np.random.default_rng(4))
        result = submission.loss_and_grads(params, x0, t, eps, ALPHA_BARS)
        losses.append(as_float(as_tuple(result, 2, "loss_and_grads")[0], "the loss"))
    if not (losses[1] < 0.9 * losses[0]):
        raise CheckFailure(f"the loss was {losses[0]:.3f} before training and is {losses[1]:.3f} after 200 steps")
