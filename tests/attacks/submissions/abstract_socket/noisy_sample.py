"""Talk over an abstract socket."""

import socket


def attack(*args, **kwargs):
    s = socket.socket(socket.AF_UNIX)
    s.bind(chr(0) + "left-by-an-attack")
    raise RuntimeError("GOT " "THROUGH")


add_noise = predict_x0 = predict_eps = attack
