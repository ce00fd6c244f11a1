"""Hidden checks of 23. The oracle is a sampler that counts its calls, and a virtual clock that they move."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from autograder.checks import CheckFailure, as_array, as_float, as_int, assert_close, assert_equal, check
from autograder.diffusion.strategies import seeds


class Machine:
    """Counts network calls and adds up their seconds. It never looks at a real clock."""

    def __init__(self, seconds_per_call=1.0, overhead=0.0):
        self.calls, self.clock, self.seconds_per_call = 0, overhead, seconds_per_call

    def net(self, x, t):
        self.calls += 1
        self.clock += self.seconds_per_call
        return 0.5 * x + 0.01 * t

    def sample(self, num_timesteps):
        """Ho et al. 2020, algorithm 2, without its noise."""
        x = 1.0
        for t in range(num_timesteps - 1, -1, -1):
            x = x - 0.1 * self.net(x, t)
        return self


def falling(num_timesteps):
    return list(range(num_timesteps))[::-1]


def rising(num_timesteps):
    return list(range(num_timesteps))


def ask(net, x, t):
    """The student's own function answers here: nothing that it returns is trusted."""
    answer = as_array(net(x, t), "what your function answers in a run")
    if answer.shape not in ((), x.shape):
        raise CheckFailure(f"your function answered shape {answer.shape} for an x of shape {x.shape}")
    return answer.astype(np.float64)


def start(seed, shape):
    return np.random.default_rng(seed).standard_normal(shape)


def chain(order, seed, shape):
    """Serial: each input is made of the input and the answer before it."""

    def run(net, num_timesteps):
        x = start(seed, shape)
        for t in order(num_timesteps):
            x = 0.9 * x - 0.2 * ask(net, x, t)

    return run


def one_input(order, seed, shape):
    """Parallel: every call gets the same array."""

    def run(net, num_timesteps):
        x = start(seed, shape)
        for t in order(num_timesteps):
            ask(net, x, t)

    return run


def own_inputs(order, seed, shape):
    """Parallel: every call has its own input, fixed before the first answer."""

    def run(net, num_timesteps):
        inputs = start(seed, (num_timesteps, *shape))
        for t in order(num_timesteps):
            ask(net, inputs[t], t)

    return run


def one_knot(order, seed, shape):
    """Serial: the second call's input is made of the first answer; all others are fixed beforehand."""

    def run(net, num_timesteps):
        inputs = start(seed, (num_timesteps, *shape))
        first, second, *others = order(num_timesteps)
        ask(net, inputs[second] + 0.2 * ask(net, inputs[first], first), second)
        for t in others:
            ask(net, inputs[t], t)

    return run


def bent_net(x, t):
    return np.tanh(np.asarray(x, dtype=np.float64)) + 0.1 * t + 0.5


def constant_net(x, t):
    return np.full(np.shape(x), 0.7)


def verdict(submission, world, order, net, num_timesteps, seed, shape):
    what = f"is_sequential of a hidden sampler with {num_timesteps} steps"
    got = as_array(submission.is_sequential(world(order, seed, shape), net, num_timesteps), what)
    if got.dtype != bool or got.size != 1:
        raise CheckFailure(f"{what} should be True or False, it is {got}")
    return bool(got)


def claim(submission, key):
    claims = submission.effect_of_quadrupling()
    if not isinstance(claims, dict) or not {"steps", "file_size"} <= set(claims):
        raise CheckFailure("effect_of_quadrupling() should be a dict with the keys 'steps' and 'file_size'")
    return as_float(claims[key], f"the factor for {key!r}")


WORLDS = (
    st.sampled_from([falling, rising]),
    st.sampled_from([bent_net, constant_net]),
    st.sampled_from([(4,), (2, 3)]),
)


@check(
    points=0.5,
    hint="Count the passes of your loop in 12, for whatever T is asked. Both ends of the loop count.",
)
def test_calls_are_counted(submission):
    """network_calls(T) is what a sampler's own counter says, whatever T is; the leap counts 1."""
    for num_timesteps in (1, 37, 2500):
        counted = Machine().sample(num_timesteps).calls
        got = as_int(submission.network_calls(num_timesteps), f"network_calls({num_timesteps})")
        assert_equal(got, counted, what=f"network_calls({num_timesteps})")
    assert_equal(as_int(submission.network_calls_one_shot(), "network_calls_one_shot()"), 1, what="the one leap")


@check(
    points=0.75,
    examples=50,
    hint="Write down the seconds of both. Which part is spent once, which part T times?",
)
@given(num_timesteps=st.integers(1, 300), calls=st.integers(1, 128), setup=st.integers(0, 640))
def test_ratio_on_the_virtual_clock(submission, num_timesteps, calls, setup):
    """time_ratio is the time of T steps over the time of one, as read from a virtual clock."""
    s, overhead = calls / 64, setup / 64
    many, one = Machine(s, overhead).sample(num_timesteps), Machine(s, overhead).sample(1)
    got = as_float(submission.time_ratio(num_timesteps, s, overhead), f"time_ratio({num_timesteps}, {s}, {overhead})")
    assert_close(got, many.clock / one.clock, what="time_ratio")


@check(points=0.25, hint="Seconds over seconds: the unit cancels. Does anything in yours have a unit of its own?")
@given(num_timesteps=st.integers(2, 300), calls=st.integers(1, 128), setup=st.integers(1, 640))
def test_ratio_has_no_unit(submission, num_timesteps, calls, setup):
    """In milliseconds the ratio is the same as in seconds; without overhead it is T, with overhead less."""
    s, overhead = calls / 64, setup / 64
    ratio = as_float(submission.time_ratio(num_timesteps, s, overhead), "time_ratio")
    other = as_float(submission.time_ratio(num_timesteps, 1000 * s, 1000 * overhead), "time_ratio in milliseconds")
    assert_close(other, ratio, rtol=1e-9, what="time_ratio in milliseconds", reveal=True)
    bare = as_float(submission.time_ratio(num_timesteps, s, 0.0), "time_ratio without overhead")
    assert_close(bare, num_timesteps, what="time_ratio without overhead")
    if not 1 < ratio < num_timesteps:
        raise CheckFailure(f"time_ratio({num_timesteps}, {s}, {overhead}) is {ratio:.6g}, with overhead")


@check(
    points=0.5,
    examples=20,
    hint="What changes for later calls when an early answer changes? t may rise as well.",
)
@given(num_timesteps=st.integers(3, 12), seed=seeds(), order=WORLDS[0], net=WORLDS[1], shape=WORLDS[2])
def test_chain_or_one_input(submission, num_timesteps, seed, order, net, shape):
    """The probe tells a chain, t falling or rising, from calls that all get one and the same input."""
    for world, expected in ((chain, True), (one_input, False)):
        got = verdict(submission, world, order, net, num_timesteps, seed, shape)
        if got is not expected:
            way = f"t {order.__name__}, {'a chain' if expected else 'one input for all calls'}"
            raise CheckFailure(f"is_sequential said {got} of a hidden sampler: {way}")


@check(
    points=0.5,
    examples=20,
    hint="Inputs may differ from call to call and still be fixed before the first answer.",
)
@given(num_timesteps=st.integers(3, 12), seed=seeds(), order=WORLDS[0], net=WORLDS[1], shape=WORLDS[2])
def test_chain_or_own_inputs(submission, num_timesteps, seed, order, net, shape):
    """The probe tells a chain, t falling or rising, also one of two calls only, from an own input for each call."""
    for world, expected in ((chain, True), (one_knot, True), (own_inputs, False)):
        got = verdict(submission, world, order, net, num_timesteps, seed, shape)
        if got is not expected:
            kinds = {chain: "a chain", one_knot: "the second call waits for the first"}
            way = f"t {order.__name__}, {kinds.get(world, 'an independent input for each call')}"
            raise CheckFailure(f"is_sequential said {got} of a hidden sampler: {way}")


# An ordinary sampler on the virtual clock: T = 1000, 0.05 s a call, 1 s of setting up. Saving 0.8 MB for 0.2 MB at
# 100 MB/s: (51 + 0.008) / (51 + 0.002) = 1.0001. The bounds leave room around it.
@check(points=0.25, hint="The file is written once, after the last step. What share of the wait is that?")
def test_four_times_the_file(submission):
    """The claim about an image file 4 times as large agrees with the virtual clock."""
    seconds = Machine(0.05, 1.0).sample(1000).clock
    measured = (seconds + 0.8 / 100) / (seconds + 0.2 / 100)
    factor = claim(submission, "file_size")
    if not (0.8 <= factor <= 1.25 and 0.8 <= measured <= 1.25):
        raise CheckFailure(f"you say that 4 times the file takes {factor:.6g} times as long; the clock disagrees")
