"""Talk over a TCP server."""

import socket


def attack(*args, **kwargs):
    s = socket.create_server(("127.0.0.1", 0))
    raise RuntimeError("GOT " "THROUGH")


add_noise = predict_x0 = predict_eps = attack
