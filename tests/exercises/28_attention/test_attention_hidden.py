"""Hidden checks of 28. The oracle is Vaswani et al. 2017, eq. 1, one pixel and one word at a time."""

from math import exp, sqrt

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from autograder.checks import CheckFailure, as_array, assert_close, check, global_random_untouched, unchanged
from autograder.diffusion.strategies import images, seeds

#: How loud a word is that may not be seen: its scores lie in the thousands.
LOUD = 10_000


def eighths(rng, *shape):
    """Multiples of 1/8 in [-2, 2], which float32 holds exactly."""
    return rng.integers(-16, 17, size=shape) / 8


def scene(seed):
    """(pixels, words, wq, wk, wv, mask), all counts and widths different: P, W, D, E, d, v are 2 … 7 in some order.

    Some of the words may be seen, and some may not.
    """
    rng = np.random.default_rng(seed)
    many, told, wide, long, width, out = (int(size) for size in rng.permutation(np.arange(2, 8)))
    mask = rng.permutation(np.arange(told) < rng.integers(1, told))
    matrices = eighths(rng, width, wide), eighths(rng, width, long), eighths(rng, out, long)
    return eighths(rng, many, wide), eighths(rng, told, long), *matrices, mask


scenes = seeds().map(scene)


def dot(a, b):
    return sum(float(left) * float(right) for left, right in zip(a, b, strict=True))


def spec_attend(pixels, words, wq, wk, wv, mask):
    """Eq. 1 for one pixel after the other, over the words that may be seen."""
    seen = [word for word, may_be in zip(words, mask, strict=True) if may_be]
    rows = []
    for pixel in pixels:
        query = [dot(row, pixel) for row in wq]
        scores = [dot(query, [dot(row, word) for row in wk]) / sqrt(len(query)) for word in seen]
        shares = [exp(score - max(scores)) for score in scores]
        values = [[dot(row, word) for row in wv] for word in seen]
        rows.append([dot(shares, column) / sum(shares) for column in zip(*values, strict=True)])
    return np.array(rows)


def attend(submission, *inputs):
    """What the submission says the pixels hear, float64 `(P, v)`."""
    heard = submission.cross_attend(*inputs)
    return as_array(heard, "what the pixels hear", (len(inputs[0]), len(inputs[4]))).astype(float)


@check(points=0.75, examples=60, hint="Scores, root of the keys' width, softmax over the words of each pixel, values.")
@given(inputs=scenes)
def test_weighted_sum_over_words(submission, inputs):
    """Each pixel hears the sum of the values, weighed as in eq. 1; no two of the widths and numbers are the same."""
    assert_close(attend(submission, *inputs), spec_attend(*inputs), atol=1e-9, what="what the pixels hear")


@check(points=0.25, examples=40, hint="Divide by the sum over the words of the same pixel, after the mask.")
@given(inputs=scenes)
def test_weights_sum_to_one(submission, inputs):
    """Where all words say the same, every pixel hears just that: its weights sum to 1."""
    pixels, words, wq, wk, wv, mask = inputs
    words = np.concatenate([words, np.ones((len(words), 1))], axis=1)
    wk = np.concatenate([wk, np.zeros((len(wk), 1))], axis=1)
    wv = np.concatenate([0 * wv, np.arange(1.0, len(wv) + 1)[:, None]], axis=1)
    heard = attend(submission, pixels, words, wq, wk, wv, mask)
    assert_close(heard, np.tile(wv[:, -1], (len(pixels), 1)), atol=1e-9, what="what the pixels hear", reveal=True)


@check(points=0.25, examples=40, hint="Does the place of a word in the list count? It should not.")
@given(inputs=scenes, seed=seeds())
def test_words_have_no_order(submission, inputs, seed):
    """The words in another order, each with its entry of the mask, say the same."""
    pixels, words, wq, wk, wv, mask = inputs
    order = np.random.default_rng(seed).permutation(len(words))
    heard = attend(submission, pixels, words[order], wq, wk, wv, mask[order])
    assert_close(heard, attend(submission, *inputs), atol=1e-9, what="with the words in another order", reveal=True)


@check(points=0.25, examples=40, hint="Is anything summed, or its largest taken, over the pixels?")
@given(inputs=scenes)
def test_each_pixel_listens_alone(submission, inputs):
    """A pixel hears the same alone as among others, and in its own row."""
    pixels, *rest = inputs
    together = attend(submission, pixels, *rest)
    for row in range(len(pixels)):
        alone = attend(submission, pixels[row : row + 1].copy(), *rest)
        assert_close(together[row], alone[0], atol=1e-9, what=f"row {row}", reveal=True)


@check(points=0.5, examples=60, hint="Take it out before the largest score is looked for and before the softmax.")
@given(inputs=scenes, seed=seeds())
def test_a_masked_word_has_no_say(submission, inputs, seed):
    """What a word says that may not be seen, however loud, changes nothing; nor does it when it is left out."""
    pixels, words, wq, wk, wv, mask = inputs
    quiet = spec_attend(*inputs)
    shouting = np.where(mask[:, None], words, LOUD * eighths(np.random.default_rng(seed), *words.shape))
    heard = attend(submission, pixels, shouting, wq, wk, wv, mask)
    assert_close(heard, quiet, atol=1e-9, what="what the pixels hear while masked words shout")
    heard = attend(submission, pixels, words[mask], wq, wk, wv, mask[mask])
    assert_close(heard, quiet, atol=1e-9, what="what the pixels hear without the masked words")


@check(points=0.25, examples=40, hint="A softmax over one entry is 1.")
@given(inputs=scenes, which=st.integers(0, 6))
def test_one_word_gives_its_value(submission, inputs, which):
    """Where one word may be seen, every pixel hears that word's value, whatever it asks."""
    pixels, words, wq, wk, wv, _ = inputs
    only = which % len(words)
    value = [dot(row, words[only]) for row in wv]
    heard = attend(submission, pixels, words, wq, wk, wv, np.arange(len(words)) == only)
    assert_close(heard, np.tile(value, (len(pixels), 1)), atol=1e-9, what="what the pixels hear", reveal=True)


@check(points=0.5, hint="Subtract from the scores of each pixel the largest of its own, before exp.")
def test_scores_of_a_thousand(submission):
    """Scores of 1000, 999 and 998 for one pixel, and of -1000, -999 and -998 for its neighbour, give good weights."""
    # The values are the rows of the unit matrix, so what is heard are the weights; all scores are exact in float32.
    words = np.concatenate([[[500.0], [499.5], [499.0]], np.eye(3)], axis=1)
    wk = np.array([[1.0, 0.0, 0.0, 0.0]] * 4)
    wv = np.concatenate([np.zeros((3, 1)), np.eye(3)], axis=1)
    shares = np.exp([2.0, 1.0, 0.0]) / np.sum(np.exp([2.0, 1.0, 0.0]))
    heard = attend(submission, np.array([[1.0], [-1.0]]), words, np.ones((4, 1)), wk, wv, np.ones(3, bool))
    assert_close(heard, [shares, shares[::-1]], atol=1e-9, what="the weights")


@check(points=0.25, examples=40, hint="`*=`, `x[...] =` and `out=` edit the caller's array. Build a new one.")
@given(inputs=scenes)
def test_nothing_is_edited(submission, inputs):
    """Pixels, words, matrices and mask stay as they are, and no randomness is used, in both functions."""
    named = dict(zip(("pixels", "words", "wq", "wk", "wv", "mask"), inputs, strict=True))
    with unchanged(**named), global_random_untouched():
        attend(submission, *inputs)
    w, a, b = inputs[2], inputs[0][:1], np.ones((len(inputs[2]), 1))
    with unchanged(w=w, a=a, b=b), global_random_untouched():
        as_array(submission.lora(w, a, b, 2.0), "the new w", w.shape)


lora_inputs = {
    "w": images(5, 3), "a": images(2, 3), "b": images(5, 2), "scale": st.sampled_from([-1.0, 0.5, 2.0]),
}  # fmt: skip


@check(points=0.5, examples=60, hint="(w + scale·b·a)·x is w·x and scale times b·(a·x).")
@given(x=images(4, 3), **lora_inputs)
def test_merged_is_unmerged(submission, x, w, a, b, scale):
    """The merged matrix does to x what w does, and scale times what a and then b do."""
    merged = as_array(submission.lora(w, a, b, scale), "the new w", w.shape).astype(float)
    unmerged = [[dot(w[i], row) + scale * dot(b[i], [dot(each, row) for each in a]) for i in range(5)] for row in x]
    assert_close(x @ merged.T, unmerged, atol=1e-5, what="what the new w makes of x")


@check(points=0.25, examples=40, hint="Training starts at b = 0: what is added there? And at scale 0?")
@given(**lora_inputs)
def test_no_b_is_no_change(submission, w, a, b, scale):
    """With b = 0, or with scale 0, the matrix is w."""
    for what, got in (
        ("the new w with b = 0", submission.lora(w, a, 0 * b, scale)),
        ("the new w with scale 0", submission.lora(w, a, b, 0.0)),
    ):
        assert_close(got, w, atol=1e-12, what=what, reveal=True)


@check(points=0.25, hint="The change is a product of a (out, r) and a (r, in) matrix, added, whatever w is.")
def test_the_change_has_rank_r(submission):
    """The change of a matrix of full rank has rank r: its other singular values are 0."""
    rng = np.random.default_rng(1)
    for rank in (1, 2, 3):
        w, a, b = (rng.standard_normal(shape) for shape in ((6, 7), (rank, 7), (6, rank)))
        change = as_array(submission.lora(w, a, b, 0.5), "the new w", w.shape) - w
        sizes = np.linalg.svd(change, compute_uv=False)
        if not (sizes[rank - 1] > 1e-3 and sizes[rank] <= 1e-5 * sizes[0]):  # float32 leaves 1e-7 of w
            raise CheckFailure(f"with r = {rank} the singular values of the change are {np.round(sizes, 6).tolist()}")
