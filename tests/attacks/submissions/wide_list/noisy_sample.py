"""Return a million numbers as a list."""

def attack(*args, **kwargs):
    return [1.5] * 1_000_000


add_noise = predict_x0 = predict_eps = attack
