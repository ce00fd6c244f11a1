"""Raise its own limits."""

import resource


def attack(*args, **kwargs):
    for which in (resource.RLIMIT_CPU, resource.RLIMIT_AS, resource.RLIMIT_FSIZE, resource.RLIMIT_NPROC):
        try:
            resource.setrlimit(which, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        except (OSError, ValueError) as error:
            last = error
        else:
            raise RuntimeError("GOT " "THROUGH")
    raise last


add_noise = predict_x0 = predict_eps = attack
