"""Public checks of 28: attention."""

import numpy as np

from autograder.checks import assert_close, check

#: One pixel with the query (1, 1, 1, 1). A word is (key, value): the key is repeated four times, the value stays.
PIXEL, WQ = np.array([[1.0]]), np.ones((4, 1))
WK, WV = np.array([[1.0, 0.0]] * 4), np.array([[0.0, 1.0]])
CAT, MAT, FILLER = [1.0, 10.0], [0.0, 2.0], [50.0, 7.0]


@check(points=0.5, hint="Scores 2 and 0, weights 0.881 and 0.119. Is d the keys' width, 4, and is its root taken?")
def test_worked_number(submission):
    """The number worked by hand: of cat, which says 10, and mat, which says 2, the pixel hears 9.046."""
    heard = submission.cross_attend(PIXEL, np.array([CAT, MAT]), WQ, WK, WV, np.array([True, True]))
    assert_close(heard, [[2 + 8 / (1 + np.exp(-2))]], what="what the pixel hears")


@check(points=0.25, hint="A word that may not be seen gets a score of minus infinity before the weights are made.")
def test_filler_is_not_heard(submission):
    """A third word that may not be seen changes nothing, though its key answers the question best."""
    heard = submission.cross_attend(PIXEL, np.array([CAT, FILLER, MAT]), WQ, WK, WV, np.array([True, False, True]))
    assert_close(heard, [[2 + 8 / (1 + np.exp(-2))]], what="what the pixel hears")


@check(points=0.25, hint="b @ a is [[1, 3, 0], [0, 0, 0]]; half of it is added to w.")
def test_lora_by_hand(submission):
    """The matrix worked by hand: w = [[2, 0, 1], [0, 2, 1]] becomes [[2.5, 1.5, 1], [0, 2, 1]]."""
    w, a, b = np.array([[2.0, 0.0, 1.0], [0.0, 2.0, 1.0]]), np.array([[1.0, 3.0, 0.0]]), np.array([[1.0], [0.0]])
    assert_close(submission.lora(w, a, b, 0.5), [[2.5, 1.5, 1.0], [0.0, 2.0, 1.0]], what="the new w")
