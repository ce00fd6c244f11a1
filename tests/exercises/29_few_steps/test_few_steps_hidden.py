"""Hidden checks of 29. Oracles: eq. 5 and algorithm 1 of Karras et al. 2022 one number at a time, exact flows, eq. 5 of
Song et al. 2023."""

from itertools import pairwise
from math import sqrt

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from autograder.checks import (
    CheckFailure,
    Spy,
    as_array,
    assert_close,
    assert_equal,
    assert_raises,
    check,
    global_random_untouched,
    show,
    unchanged,
)
from autograder.diffusion.strategies import images, noise

#: (low, high, rho): levels in eighths, high above low.
ranges = st.tuples(st.integers(1, 16), st.integers(1, 160), st.sampled_from([1.5, 2.0, 3.0, 7.0])).map(
    lambda drawn: (drawn[0] / 8, (drawn[0] + drawn[1]) / 8, drawn[2])
)
#: (s, s_next) with 0 < s_next < s.
steps = st.tuples(st.integers(1, 40), st.integers(1, 7)).map(lambda drawn: (drawn[0] / 4, drawn[0] * drawn[1] / 32))
counts = st.integers(2, 20)


class DenoiserSpy(Spy):
    """A model of (x, s), s a number, that answers what `answer` says; it may be asked `most` times, and keeps how."""

    label = "denoiser"

    def __init__(self, answer, shape, most=1000):
        self._answer, self._shape, self._most = answer, shape, most
        self.inputs, self.levels = [], []

    def __call__(self, x, s):
        x = as_array(x, "what the denoiser is asked about", self._shape).astype(float)
        levels = np.unique(as_array(s, "the level that the denoiser gets").astype(float))
        if levels.size != 1:
            raise CheckFailure(f"the denoiser got the level {show(s)}, expected one number")
        if len(self.inputs) >= self._most:
            raise CheckFailure(f"the denoiser is asked more than {self._most} times")
        self.inputs.append(x.copy())
        self.levels.append(float(levels[0]))
        return np.asarray(self._answer(x, self.levels[-1]), dtype=float)

    @property
    def nbytes(self):
        return 32 + sum(x.nbytes for x in self.inputs)

    def forget(self):
        self.inputs.clear()
        self.levels.clear()

    def effect(self):
        return [list(self.levels), list(self.inputs)]


def bent(x, s):
    """A denoiser that is not linear in x, and another at each level."""
    return np.tanh(x / (1 + s)) + s / 8


def spec_sigma(i, n, low, high, rho):
    """Eq. 5, one level."""
    return (high ** (1 / rho) + i / (n - 1) * (low ** (1 / rho) - high ** (1 / rho))) ** rho


def spec_step(x, s, s_next, denoiser):
    """Algorithm 1, lines 4 to 8."""
    slope = (x - denoiser(x, s)) / s
    there = x + (s_next - s) * slope
    if s_next == 0:
        return there
    return x + (s_next - s) * (slope / 2 + (there - denoiser(there, s_next)) / s_next / 2)


def sizeable(x):
    """An absolute tolerance that float32 keeps, for numbers of this size."""
    return 1e-5 * max(1.0, float(np.max(np.abs(x))))


@check(points=0.5, examples=60, hint="Evenly spaced is s ** (1/rho). Divide by n - 1, so that i = n - 1 is low.")
@given(n=counts, span=ranges)
def test_levels_are_those_of_eq_5(submission, n, span):
    """The levels are those of eq. 5, n of them, from the noisiest to the cleanest."""
    low, high, rho = span
    levels = as_array(submission.karras_sigmas(n, low, high, rho), "the levels", (n,))
    assert_close(levels, [spec_sigma(i, n, low, high, rho) for i in range(n)], what="the levels")


@check(points=0.25, examples=40, hint="Both ends belong to the levels, and rho = 1 spaces them evenly.")
@given(n=counts, span=ranges)
def test_ends_and_even_spacing(submission, n, span):
    """The first level is high and the last is low, whatever rho is; rho = 1 spaces them evenly."""
    low, high, rho = span
    levels = as_array(submission.karras_sigmas(n, low, high, rho), "the levels", (n,))
    assert_close(levels[[0, -1]], [high, low], what="the first and the last level", reveal=True)
    assert_close(submission.karras_sigmas(n, low, high, 1), np.linspace(high, low, n), what="the levels for rho = 1")


@check(points=0.25, hint="Compare n with 2, which is still allowed.")
def test_two_levels_at_the_least(submission):
    """ValueError for fewer than two levels; two are fine."""
    for n in (1, 0, -3):
        assert_raises(ValueError, submission.karras_sigmas, n, 0.5, 4.0, 7.0, what=f"n = {n}")
    assert_close(submission.karras_sigmas(2, 0.5, 4.0, 7.0), [4.0, 0.5], what="two levels", reveal=True)


@check(points=0.75, examples=60, hint="Slopes at both ends, each divided by its own level; the step starts at x again.")
@given(x=noise(size=(2, 2)), step=steps)
def test_step_of_algorithm_1(submission, x, step):
    """A step goes from x along the mean of the slope at x and the slope where that one leads."""
    model = DenoiserSpy(bent, x.shape, most=2)
    assert_close(submission.heun_step(x, *step, model), spec_step(x, *step, bent), atol=sizeable(x), what="x_next")


@check(points=0.25, examples=40, hint="At s about x, then at s_next about where the first slope leads. No more.")
@given(x=noise(), step=steps)
def test_asked_at_both_ends(submission, x, step):
    """The denoiser is asked twice: at s about x, and at s_next about the end of the plain step."""
    s, s_next = step
    model = DenoiserSpy(bent, x.shape, most=2)
    with unchanged(x=x), global_random_untouched():
        submission.heun_step(x, s, s_next, model)
    assert_close(model.levels, [s, s_next], what="the levels of the questions", reveal=True)
    there = x + (s_next - s) * (x - bent(x, s)) / s
    assert_close(model.inputs[0], x, atol=sizeable(x), what="what the denoiser sees first", reveal=True)
    assert_close(model.inputs[1], there, atol=sizeable(there), what="what the denoiser sees at s_next")


@check(points=0.25, examples=40, hint="At level 0 nothing is divided by s_next: the plain step is all; it ends at D.")
@given(x=noise(), s=st.integers(1, 40).map(lambda k: k / 4))
def test_last_step_asks_once(submission, x, s):
    """A step to s_next = 0 asks once, at s, and ends at what the denoiser said."""
    model = DenoiserSpy(bent, x.shape, most=2)
    got = as_array(submission.heun_step(x, s, 0.0, model), "x_next", x.shape)
    assert_close(got, bent(x, s), atol=sizeable(x), what="x_next at s_next = 0", reveal=True)
    assert_close(model.levels, [s], what="the levels of the questions", reveal=True)


@check(points=0.25, examples=40, hint="If D is always the same point, the path is a straight line to it.")
@given(x=noise(), point=images(1), step=steps)
def test_one_point_needs_one_step(submission, x, point, step):
    """Where all data are one point, a step of any length ends exactly on the path: at the point and s_next of noise."""
    s, s_next = step
    got = submission.heun_step(x, s, s_next, lambda x, s: np.repeat(point, len(x), axis=0))
    assert_close(got, point + (x - point) * s_next / s, atol=1e-9, what="x_next", reveal=True)


@check(points=0.5, examples=40, hint="Each step starts where the last one ended; x is at level sigmas[0] already.")
@given(x=noise(), span=ranges, n=st.integers(2, 6), clean=st.booleans())
def test_path_of_the_sampler(submission, x, span, n, clean):
    """A step from each level to the next, and no others: 2·n - 2 questions for n levels, one more for a last 0."""
    levels = np.array([spec_sigma(i, n, *span) for i in range(n)] + [0.0] * clean)
    model = DenoiserSpy(bent, x.shape, most=2 * n)
    with unchanged(x=x, sigmas=levels), global_random_untouched():
        end = as_array(submission.sample(model, levels, x), "the end", x.shape)
    want, asked = x, []
    for s, s_next in pairwise(levels.tolist()):
        want, asked = spec_step(want, s, s_next, bent), [*asked, s, *[s_next] * (s_next > 0)]
    assert_close(model.levels, asked, what="the levels of the questions")
    assert_close(end, want, rtol=1e-4, atol=10 * sizeable(x), what="the end")


@check(points=0.75, hint="Twice as many steps should leave a quarter of the error.")
def test_error_falls_with_the_square_of_the_steps(submission):
    """On Gaussian data, s = 10 to 0.1 over 20, 40, 80 and 160 levels, each doubling leaves about 1/4 of the error."""
    mean, var = np.array([0.5, -0.5]), np.array([0.25, 0.5])
    x = np.stack([np.linspace(-20, 20, 9)] * 2, axis=1)
    exact = mean + (x - mean) * np.sqrt((var + 0.1**2) / (var + 10**2))
    errors = []
    for n in (20, 40, 80, 160):
        levels = np.array([spec_sigma(i, n, 0.1, 10.0, 7.0) for i in range(n)])
        model = DenoiserSpy(lambda x, s: mean + (x - mean) * var / (var + s * s), x.shape, most=2 * n)
        end = as_array(submission.sample(model, levels, x), "the end", x.shape)
        errors.append(float(np.max(np.abs(end - exact))))
    ratios = [before / after if after > 0 else np.inf for before, after in pairwise(errors)]
    if not (errors[0] < 0.02 and all(3.6 < ratio < 4.8 for ratio in ratios)):  # 4.32, 4.15, 4.07 of 0.0114
        raise CheckFailure(f"the errors over 20, 40, 80 and 160 levels are {', '.join(f'{e:.3g}' for e in errors)}")


@check(points=0.5, examples=40, hint="At s = low, c_skip is 1 and c_out is 0. Look for s - low in both.")
@given(x=noise(size=(2, 2)), low=st.integers(1, 40).map(lambda k: k / 16), loud=st.sampled_from([0.0, 1.0, -1000.0]))
def test_boundary(submission, x, low, loud):
    """At the lowest level x comes back as it is, whatever the network says."""
    got = submission.consistency(lambda x, s: np.full_like(x, loud), x, low, low)
    assert_close(got, x, atol=1e-9, what="f at s = low", reveal=True)


@check(points=0.5, examples=60, hint="s - low over the fraction's line; under the root of c_out it is s alone.")
@given(x=noise(), low=st.integers(1, 16).map(lambda k: k / 16), above=st.integers(1, 60).map(lambda k: k / 8))
def test_skip_and_out(submission, x, low, above):
    """f is c_skip times x and c_out times what the network says about (x, s), which is asked once."""
    s = low + above
    net = DenoiserSpy(bent, x.shape, most=1)
    with unchanged(x=x), global_random_untouched():
        got = as_array(submission.consistency(net, x, s, low), "f", x.shape)
    assert_equal(len(net.inputs), 1, what="the number of questions")
    assert_close(net.levels, [s], what="the level of the question", reveal=True)
    assert_close(net.inputs[0], x, atol=sizeable(x), what="what the network sees", reveal=True)
    skip, out = 0.25 / (above**2 + 0.25), 0.5 * above / sqrt(0.25 + s * s)
    assert_close(got, skip * x + out * bent(x, s), atol=sizeable(x), what="f")
