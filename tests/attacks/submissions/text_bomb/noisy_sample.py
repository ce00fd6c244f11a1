"""Return short texts and one long one, which numpy pads to 200 GB."""

def attack(*args, **kwargs):
    return ["x" * 500_000] + [""] * 100_000


add_noise = predict_x0 = predict_eps = attack
