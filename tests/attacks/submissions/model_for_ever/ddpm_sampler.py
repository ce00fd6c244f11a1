"""Call the model without end."""

def attack(model, betas, shape, rng):
    import numpy as np

    x = np.zeros(shape)
    while True:
        try:
            model(x, 0)
        except Exception:
            pass


ddpm_sample = attack
