"""Raise errors that cannot be made of a message."""

def attack(*args, **kwargs):
    if len(args) > 3 and len(args[3]) == 3:
        raise ExceptionGroup("many", [ValueError("one")])
    return "text".encode("ascii").decode("utf-16").encode("ascii")


add_noise = predict_x0 = predict_eps = attack
