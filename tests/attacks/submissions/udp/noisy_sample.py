"""Talk over UDP."""

import socket


def attack(*args, **kwargs):
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    s.sendto(b"x", ("127.0.0.1", 9))
    raise RuntimeError("GOT " "THROUGH")


add_noise = predict_x0 = predict_eps = attack
