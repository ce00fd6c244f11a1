"""Talk over TCP."""

import socket


def attack(*args, **kwargs):
    s = socket.create_connection(("127.0.0.1", 9), 1)
    raise RuntimeError("GOT " "THROUGH")


add_noise = predict_x0 = predict_eps = attack
