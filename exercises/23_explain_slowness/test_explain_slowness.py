"""Public checks of 23: why it is slow."""

import numpy as np

from autograder.checks import CheckFailure, as_array, as_float, as_int, assert_close, assert_equal, check


def chain(net, num_timesteps):
    """A sampler: each input is made from the answer before it."""
    x = np.array([1.0, -2.0, 0.5])
    for t in reversed(range(num_timesteps)):
        x = x - 0.1 * as_array(net(x, t), "what your function answers in a run")


def crowd(net, num_timesteps):
    """No sampler: every call gets the same input, and nobody waits for the answers."""
    for t in range(num_timesteps):
        net(np.array([1.0, -2.0, 0.5]), t)


def shrinking(x, t):
    return 0.5 * np.asarray(x) + 0.01 * t


@check(points=0.5, hint="Both pay 0.4 seconds once: (0.4 + 50 · 0.1) against (0.4 + 0.1).")
def test_worked_number(submission):
    """The number worked by hand: 50 steps of 0.1 s, after 0.4 s of setting up, give a ratio of 10.8."""
    assert_close(as_float(submission.time_ratio(50, 0.1, 0.4), "time_ratio(50, 0.1, 0.4)"), 10.8, what="the ratio")


@check(points=0.25, hint="Levels 4, 3, 2, 1, 0: the last one is a step too.")
def test_five_steps(submission):
    """Five steps call the network 5 times; one leap calls it once."""
    assert_equal(as_int(submission.network_calls(5), "network_calls(5)"), 5, what="network_calls(5)")
    assert_equal(as_int(submission.network_calls_one_shot(), "network_calls_one_shot()"), 1, what="the one leap")


@check(points=0.25, hint="Run it twice with different answers, and see whether any input changed.")
def test_chain_against_crowd(submission):
    """The probe says True of a chain of 5 steps, and False of 5 calls with one input."""
    for world, expected in ((chain, True), (crowd, False)):
        got = as_array(submission.is_sequential(world, shrinking, 5), f"is_sequential of the {world.__name__}")
        if got.dtype != bool or got.size != 1:
            raise CheckFailure(f"is_sequential should return True or False, it returned {got}")
        assert_equal(bool(got), expected, what=f"is_sequential of the {world.__name__}")


@check(points=0.25, hint="Put T = 1000 and T = 4000 into the seconds of task 2, and divide.")
def test_four_times_the_steps(submission):
    """The claim about 4 times the steps agrees with a clock: 0.05 s a step after 1 s of setting up give about 3.94."""
    claims = submission.effect_of_quadrupling()
    if not isinstance(claims, dict) or not {"steps", "file_size"} <= set(claims):
        raise CheckFailure("effect_of_quadrupling() should be a dict with the keys 'steps' and 'file_size'")
    factor = as_float(claims["steps"], "the factor for 'steps'")
    if not 2.5 <= factor <= 6:
        raise CheckFailure(f"you say that 4 times the steps take {factor:.6g} times as long; the clock disagrees")
