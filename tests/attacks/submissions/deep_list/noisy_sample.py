"""Return a list that is 100,000 levels deep."""

def attack(*args, **kwargs):
    value = []
    for _ in range(100_000):
        value = [value]
    return value


add_noise = predict_x0 = predict_eps = attack
