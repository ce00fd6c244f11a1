"""28 · Attention: each pixel listens to words.

Vaswani et al. 2017, eq. 1 (attention), as Rombach et al. 2022, section 3.3, let a text into a denoiser: the queries
come from the picture, the keys and the values from the words. Hu et al. 2022, eq. 3 (LoRA): a small change of a large
matrix.

A pixel and a word are rows of numbers, of a width of their own: pixels `(P, D)`, words `(W, E)`, float64. A matrix is
`(out, in)`, as in the papers: it makes `w @ x` of one x. Nothing is changed in place, and no randomness is used.
"""

import numpy as np


def cross_attend(pixels, words, wq, wk, wv, mask):
    """Task 1. What each pixel hears: the values of the words, averaged with weights of its own, `(P, v)`.

    pixels: `(P, D)`; words: `(W, E)`; wq: `(d, D)`; wk: `(d, E)`; wv: `(v, E)`; mask: bools `(W,)`, True where a word
    may be seen, which is one at least. A pixel's weights are those of eq. 1: none is negative, they sum to 1 over the
    words, and a word that may not be seen has none, whatever its numbers are.
    """
    ### BEGIN SOLUTION
    queries, keys, values = pixels @ wq.T, words @ wk.T, words @ wv.T
    scores = queries @ keys.T / np.sqrt(keys.shape[1])
    scores = np.where(mask, scores, -np.inf)
    weights = np.exp(scores - scores.max(axis=1, keepdims=True))
    return weights / weights.sum(axis=1, keepdims=True) @ values
    ### END SOLUTION


def lora(w, a, b, scale):
    """Task 2. The matrix w with a small change merged into it: eq. 3 of Hu et al., `(out, in)`, as w.

    w: `(out, in)`; a: `(r, in)`; b: `(out, r)`; scale: how much of the change, 0 for none. The rank of the change is at
    most r.
    """
    ### BEGIN SOLUTION
    return w + scale * (b @ a)
    ### END SOLUTION
