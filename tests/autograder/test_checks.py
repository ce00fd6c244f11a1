"""The assertions that check authors use: what passes, what fails, and what students read."""

import re
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder import checks
from autograder.checks import CheckFailure, assert_close, assert_equal, assert_raises, check, show
from autograder.diffusion.spies import ModelSpy, RecordingNoise, ScriptedNoise
from autograder.diffusion.strategies import alpha_bars, betas, images, timesteps

NO_NUMBERS: list[Any] = [None, "text", [None], {}, object(), [[1], [1, 2]], 1j, b"x"]


@pytest.mark.parametrize("got", NO_NUMBERS, ids=lambda value: type(value).__name__)
def test_what_is_no_number_is_a_failure_and_nothing_else(got: Any) -> None:
    for assertion in (checks.as_array, checks.as_float, checks.as_int, lambda value: assert_close(value, 1.0)):
        with pytest.raises(CheckFailure):
            assertion(got)
    with pytest.raises(CheckFailure):
        assert_equal(got, 3)


@given(st.floats(-1e6, 1e6), st.floats(1e-9, 1e-3))
def test_close_means_within_the_tolerance(value: float, rtol: float) -> None:
    assert_close(value * (1 + rtol / 2), value, rtol=rtol, float32=False)
    if abs(value) > 1e-6:
        with pytest.raises(CheckFailure):
            assert_close(value * (1 + 3 * rtol), value, rtol=rtol, float32=False)


@pytest.mark.parametrize("got", [float("nan"), np.array([1.0, np.nan]), float("inf")])
def test_nan_and_a_wrong_infinity_fail(got: Any) -> None:
    with pytest.raises(CheckFailure):
        assert_close(got, np.ones(np.shape(got)))


@pytest.mark.parametrize("got", [np.array([1.0, 2.0]), np.zeros(2, np.float32)])
def test_no_number_is_near_infinity_and_beside_it_nothing_else_is_welcome(got: Any) -> None:
    assert_close(np.array([1.0, np.inf]), [1.0, np.inf])
    with pytest.raises(CheckFailure):
        assert_close(got, [1.0, np.inf])


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_what_is_right_to_float32_passes_unless_the_page_asks_for_more(dtype: type) -> None:
    assert_close(np.array([1.00001], dtype), [1.0])
    assert_close(np.array([1e-6, 1.0], dtype), [0.0, 1.0])  # of the terms' size, where they cancel
    with pytest.raises(CheckFailure):
        assert_close(np.array([1.001], dtype), [1.0])
    with pytest.raises(CheckFailure, match="the result is 1, off by 1e-09") as caught:
        assert_close(np.float64(1.000000001), 1.0, rtol=1e-12, float32=False)
    assert caught.value.expected == "1"


def test_shapes_must_agree() -> None:
    with pytest.raises(CheckFailure, match=r"shape \(2, 1\), expected \(2,\)"):
        assert_close(np.ones((2, 1)), np.ones(2))


def test_the_expected_side_is_kept_apart_from_the_message() -> None:
    with pytest.raises(CheckFailure) as caught:
        assert_close(2.0, 3.0, what="the mean")
    assert (caught.value.message, caught.value.expected, caught.value.reveal) == ("the mean is 2", "3", False)


def test_equal_compares_whole_numbers_exactly() -> None:
    assert_equal(3.0, 3)
    assert_equal([1, 2], [1, 2])
    assert_equal("eps", "eps")
    for got, expected in [(3.5, 3), (True, 1), (2**60 + 1, 2**60), ([1, 3], [1, 2]), ("EPS", "eps")]:
        with pytest.raises(CheckFailure):
            assert_equal(got, expected)


def raises(error: type[Exception], *args: object) -> None:
    raise error(*args)


def test_an_error_must_come_and_must_say_something() -> None:
    assert_raises(ValueError, raises, ValueError, "decay is 2", what="decay = 2")
    with pytest.raises(CheckFailure, match="without a message"):
        assert_raises(ValueError, raises, ValueError, what="decay = 2")
    with pytest.raises(CheckFailure, match="decay = 2 should raise ValueError; the call returned 5"):
        assert_raises(ValueError, lambda: 5, what="decay = 2")
    with pytest.raises(KeyError):
        assert_raises(ValueError, raises, KeyError, "other", what="decay = 2")


def test_a_draw_from_the_global_state_is_seen_even_from_its_cache() -> None:
    np.random.standard_normal()
    with checks.global_random_untouched():
        np.random.default_rng(0).normal()
    with pytest.raises(CheckFailure), checks.global_random_untouched():
        np.random.standard_normal()  # takes the cached normal: neither key nor position moves


def test_a_check_needs_a_law_points_and_a_submission() -> None:
    def lawless(submission: Any) -> None: ...

    def lonely() -> None:
        """A law."""

    for function in (lawless, lonely):
        with pytest.raises(ValueError, match="needs"):
            check(points=1, hint="A hint.")(function)
    with pytest.raises(ValueError, match="above 0"):
        check(points=0, hint="A hint.")


@given(betas(), alpha_bars(), images(), timesteps(), timesteps(batch=3))
def test_the_strategies_fit_each_other(b: Any, levels: Any, x0: Any, t: Any, rows: Any) -> None:
    assert b.shape == levels.shape == (10,)
    assert np.all((b > 0) & (b < 1))
    assert np.all(np.diff(levels) < 0)
    assert levels[t].shape == ()
    assert levels[rows].shape == x0.shape[:1]
    assert np.array_equal(x0, x0.astype(np.float32))


@pytest.mark.parametrize("value", [np.zeros(2), np.arange(30.0), [1.5], 0.1, "text", None, np.zeros((0, 3))])
def test_values_are_shown_on_one_short_line(value: Any) -> None:
    assert "\n" not in show(value)
    assert len(show(value)) < 320


def test_scripted_noise_is_zero_but_for_its_impulse_however_it_is_drawn() -> None:
    noise = ScriptedNoise(impulse=3)
    out = np.empty(2, np.float32)
    drawn = [noise.standard_normal(2), noise.normal(5.0, 2.0, 2), noise.standard_normal(dtype=np.float32, out=out)]
    assert [part.tolist() for part in drawn] == [[0.0, 0.0], [5.0, 7.0], [0.0, 0.0]]
    assert noise.count == 6
    assert isinstance(noise.normal(), float)


def test_recorded_noise_is_normal_and_kept() -> None:
    noise = RecordingNoise(1)
    x = noise.normal(1.0, 2.0, (50, 40))
    assert np.allclose(noise.draws, ((x - 1.0) / 2.0).ravel())
    assert abs(noise.draws.mean()) < 0.2


def test_a_model_spy_takes_t_as_an_int_or_one_a_row_and_refuses_the_rest() -> None:
    model = ModelSpy(shape=(2, 3))
    x = np.zeros((2, 3))
    for t in (4, np.int64(4), np.array([4, 4]), [4, 4]):
        model(x, t)
    assert model.timesteps == [4] * 4
    for bad in (4.5, np.nan, np.array([4.0, 4.5]), np.array([4] * 3), np.zeros((2, 1), int), None):
        with pytest.raises(CheckFailure):
            model(x, bad)
    with pytest.raises(CheckFailure, match="shape"):
        model(x[0], 4)
    model(x, np.array([1, 2]))
    with pytest.raises(CheckFailure, match="different timesteps"):
        _ = model.timesteps


def test_an_array_without_entries_is_shown_by_its_shape() -> None:
    """As nested lists it can be long: 67 million of them took a minute."""
    assert show(np.empty((1 << 12, 0))) == "array of shape (4096, 0), float64: no entries"


def test_an_array_in_a_list_is_shown_as_one_alone() -> None:
    """numpy writes out every entry where no axis is long."""
    assert show([np.zeros((2,) * 16)]) == f"[array of shape {(2,) * 16}, float64: 0, 0, 0, 0, …]"
    assert show([np.ones(2), [np.ones(2)]]) == "[[1, 1], [[1, 1]]]"


def test_parameters_are_shown_by_name_and_shape() -> None:
    params = {"w": np.ones((3, 4)), "b": np.ones(4)}
    assert show(params) == "{'w': array (3, 4), 'b': array (4,)}"
    assert show({"b": np.ones(2), "t": 3}) == "{'b': [1, 1], 't': 3}"


@pytest.mark.parametrize("lent", [lambda x, t: x, ModelSpy(), np.random.default_rng(0), [ModelSpy()], (raises,)])
def test_what_a_check_lent_is_shown_by_its_kind(lent: Any) -> None:
    assert re.fullmatch(r"\W?(a function|a Generator)\W*", show(lent))
    assert show(np.float32) == "<class 'numpy.float32'>"
