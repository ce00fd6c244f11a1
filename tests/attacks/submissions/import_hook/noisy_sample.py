"""Answer every later import with itself."""

import sys


class Hook:
    def find_spec(self, name, path=None, target=None):
        raise SystemExit(0)


sys.meta_path.insert(0, Hook())
sys.path_hooks.insert(0, Hook())


def attack(*args, **kwargs):
    import a_module_that_is_not_there

    return a_module_that_is_not_there


add_noise = predict_x0 = predict_eps = attack
