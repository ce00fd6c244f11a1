"""What one module may turn for all code of a process, put back: where there is no process a module of its own."""

from __future__ import annotations

import builtins
import sys
from collections.abc import Sequence
from types import ModuleType
from typing import Any

from autograder.runner.allowed import is_allowed


class Settings:
    """As they are when this is made: names in modules that students may import, numpy's and Python's own settings.

    A student who writes `np.sqrt = …` or `np.seterr(all="raise")` and takes it out again must get what the repaired
    text deserves. What is changed within an object (an entry of a dict, an attribute of a class) is not seen.
    """

    def __init__(self, packages: Sequence[str]) -> None:
        self._names = [(vars(module), dict(vars(module))) for module in _reachable(packages)]
        self._recursion = sys.getrecursionlimit()
        self._numpy: Any = sys.modules.get("numpy")
        if self._numpy is not None:
            self._errors, self._printing = self._numpy.geterr(), self._numpy.get_printoptions()

    def put_back(self) -> None:
        for now, before in self._names:
            for name, value in before.items():
                if now.get(name, now) is not value:
                    now[name] = value
        for name in vars(builtins).keys() - self._names[0][1].keys() - {"_"}:  # what nobody can count on
            del vars(builtins)[name]
        sys.setrecursionlimit(self._recursion)
        if self._numpy is not None:
            self._numpy.seterr(**self._errors)
            self._numpy.set_printoptions(**self._printing)


def _reachable(packages: Sequence[str]) -> list[ModuleType]:
    """The loaded modules, builtins first, but for two: `sys` is the process's own; checks put `warnings` back."""
    own = ("sys", "warnings")
    loaded = [module for name, module in list(sys.modules.items()) if name not in own and is_allowed(name, packages)]
    return [builtins, *(module for module in loaded if type(module) is ModuleType and module is not builtins)]
