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
    ### BEGIN SOLUTION
    prior = np.asarray(prior, dtype=float)
    difference = x_t[:, None] - np.sqrt(alpha_bar_t) * candidates[None]
    squared_distance = np.sum(difference.reshape(len(x_t), len(candidates), -1) ** 2, axis=-1)
    # log(0) is the right answer for a candidate that cannot be: exp brings it back to exactly 0.
    log_prior = np.log(prior, where=prior > 0, out=np.full(prior.shape, -np.inf))
    log_weight = log_prior - squared_distance / (2.0 * (1.0 - alpha_bar_t))
    weight = np.exp(log_weight - np.max(log_weight, axis=1, keepdims=True))
    return weight / np.sum(weight, axis=1, keepdims=True)
    ### END SOLUTION
