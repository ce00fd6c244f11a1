"""Call back and forth until a stack ends."""

from reverse_step import reverse_mean_var


def attack(model, betas, shape, rng):
    def again(*args, **kwargs):
        return attack(model, betas, shape, rng)

    return reverse_mean_var(again, again, again, again)


ddpm_sample = attack
