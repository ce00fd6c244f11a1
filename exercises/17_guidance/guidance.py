"""17 · Guidance.

Ho & Salimans 2022 (classifier-free guidance), eq. 6, in the convention most code uses: w = 0 is unconditional,
w = 1 is conditional. Their own w is smaller by one: they write 1 + w where this course writes w.
"""


def guided_eps(eps_uncond, eps_cond, w):
    """Task 1. The noise that a guided sampler takes off: Ho & Salimans 2022, eq. 6.

    eps_uncond, eps_cond: `(B, ...)`, the model's noise without and with the condition; w: a number, often above 1.
    Returns the guided noise, shaped as they are: eps_uncond for w = 0, eps_cond for w = 1, and for any other w a
    point on the line through both.
    """
    raise NotImplementedError("guided_eps is not written yet")
