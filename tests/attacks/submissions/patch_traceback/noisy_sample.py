"""Write the report through a patched traceback."""

import linecache
import traceback

linecache.cache.clear()
linecache.getlines = lambda *args: ["GOT" + " THROUGH\n"] * 10
traceback.TracebackException.from_exception = classmethod(lambda *args, **kwargs: 1 / 0)


class Loud(Exception):
    def __str__(self):
        return "A" * 5_000_000 + "</script>\x1b[31m"


def attack(*args, **kwargs):
    raise Loud


add_noise = predict_x0 = predict_eps = attack
