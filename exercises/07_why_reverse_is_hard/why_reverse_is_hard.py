"""07 · Why the way back is hard.

Bayes' rule for eq. 4 of Ho et al. 2020: given candidate k, x_t is normal around sqrt(alpha_bar_t) times that
candidate, with variance 1 - alpha_bar_t in every entry. So

    p(k | x_t) ∝ prior_k * exp(-|x_t - sqrt(alpha_bar_t) * c_k|^2 / (2 * (1 - alpha_bar_t))),

where ∝ means: up to a factor that is the same for all k.

Nothing is changed in place.
"""

import numpy as np


def posterior(x_t, candidates, prior, alpha_bar_t):
    """Task 1. How probable each candidate is as the clean picture behind each noisy sample.

    x_t: `(B, ...)`, noisy samples; candidates: `(K, ...)`, clean samples of the same shape; prior: `(K,)`,
    probabilities before x_t was seen, some may be 0; alpha_bar_t: one number, 0 < alpha_bar_t < 1, the level
    of all rows. Returns probabilities `(B, K)`; each row sums to 1, however far x_t lies from all of them.
    """
    raise NotImplementedError("posterior is not written yet")
