"""Public checks of 22: denoising or drawing. No check looks at EXPLANATION: a person reads it."""

import numpy as np

from autograder.checks import CheckFailure, as_float, as_tuple, assert_close, check, show
from autograder.diffusion.spies import CoinNoise


@check(points=0.25, hint="TARGET is one of three words, and the target must be what that word says.")
def test_worked_number(submission):
    """By hand: x0 = 0.5, eps = -1, alpha_bar = 0.64 give x_t = -0.2, and for TARGET eps -1, x0 0.5, v -1.1."""
    worked = {"eps": -1.0, "x0": 0.5, "v": -1.1}
    name = getattr(submission, "TARGET", None)
    if not isinstance(name, str) or name not in worked:
        raise CheckFailure(f'TARGET is {show(name)}, expected "eps", "x0" or "v"')
    result = submission.training_example(np.array([[0.5]]), np.array([[-1.0]]), 0.64, 3)
    inputs, target = as_tuple(result, 2, "training_example's result")
    if not isinstance(inputs, tuple | list) or len(inputs) == 0:
        raise CheckFailure(f"inputs should be a tuple that begins with the noisy sample, it is {show(inputs, 80)}")
    assert_close(inputs[0], [[-0.2]], what="the first input")
    assert_close(target, [[worked[name]]], what=f"the target ({name})")


@check(points=0.25, hint="1 - one mean squared error / the other. Which of the two guesses is the better one?")
def test_gain_is_a_share(submission):
    """denoise_gain gives a share between 0 and 1, the same again for the same seed, and 0.84 if every draw is 1."""
    gain = as_float(submission.denoise_gain(0), "denoise_gain(0)")
    if not 0 < gain < 1:
        raise CheckFailure(f"denoise_gain(0) is {show(gain)}, expected a share between 0 and 1")
    assert_close(as_float(submission.denoise_gain(0), "denoise_gain(0)"), gain, what="denoise_gain(0), called again")
    # x0 = eps = 1: the guesses are off by 0.5 and 0.2, so the gain is 1 - 0.04 / 0.25.
    ones = as_float(submission.denoise_gain(CoinNoise(heads=1.0)), "denoise_gain(rng)")
    assert_close(ones, 0.84, rtol=1e-3, what="denoise_gain(rng) of a generator that draws nothing but 1")
