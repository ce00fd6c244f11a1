"""Hypothesis strategies in this course's words. Entries are multiples of 1/8, so that sums of them are exact."""

from hypothesis import strategies as st

COUNT = 5

_eighths = st.integers(-80, 80).map(lambda k: k / 8)


def places(count=COUNT):
    """Places on the x-axis: lists of `count` floats in [-10, 10], all different."""
    return st.lists(_eighths, min_size=count, max_size=count, unique=True)


def heights(count=COUNT):
    """What was measured there: lists of `count` floats in [-10, 10]."""
    return st.lists(_eighths, min_size=count, max_size=count)


def coefficients():
    """A slope or an intercept: floats in [-10, 10]."""
    return _eighths
