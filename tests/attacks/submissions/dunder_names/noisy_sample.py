"""Answer for the proxy's own names."""

__class__ = __dict__ = __eq__ = "mine"
connection = close = cpu_seconds = submission = forget_lent = lambda *args: 1 / 0


def __getattr__(name):
    return lambda *args, **kwargs: 0.0


def attack(*args, **kwargs):
    return 0.0


add_noise = predict_x0 = predict_eps = attack
