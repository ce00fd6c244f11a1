"""Public checks of 03: how fast structure fades."""

from autograder.checks import as_float, as_tuple, assert_close, check


@check(
    points=0.5,
    hint="One step: the mean times decay; the variance times decay squared, plus noise_scale squared.",
)
def test_worked_number(submission):
    """The numbers worked by hand: from (1, 0), two steps of 0.8 and 0.2 give mean 0.64, variance 0.0656."""
    mean, var = as_tuple(submission.chain_mean_var(1.0, 0.0, 0.8, 0.2, 2), 2, "(mean, var)")
    assert_close(as_float(mean, "the mean"), 0.64, what="the mean")
    assert_close(as_float(var, "the variance"), 0.0656, what="the variance")


@check(points=0.25, hint="For which n is 0.25 ** n one half?")
def test_worked_half_life(submission):
    """decay 0.5 halves in 1 step, decay 0.25 in half a step."""
    assert_close(as_float(submission.half_life(0.5), "half_life(0.5)"), 1.0, what="half_life(0.5)")
    assert_close(as_float(submission.half_life(0.25), "half_life(0.25)"), 0.5, what="half_life(0.25)")


@check(
    points=0.25,
    hint="v = decay² · v + noise_scale². Solve it for v; or set v = 1 and solve it for noise_scale.",
)
def test_where_the_lesson_ends(submission):
    """The lesson's chain (0.8, 0.2) ends at 0.04/0.36 = 0.111, not at 1; one with (0.8, 0.6) does."""
    end = as_float(submission.stationary_variance(0.8, 0.2), "stationary_variance(0.8, 0.2)")
    assert_close(end, 0.04 / 0.36, what="stationary_variance(0.8, 0.2)")
    scale = as_float(submission.preserving_noise_scale(0.8), "preserving_noise_scale(0.8)")
    assert_close(scale, 0.6, what="preserving_noise_scale(0.8)")
