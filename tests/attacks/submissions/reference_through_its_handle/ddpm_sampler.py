"""Take the reference apart through the handle that it may use."""

import reverse_step


def look(value, depth=0, seen=None):
    """All text that can be reached from a value."""
    seen = set() if seen is None else seen
    if depth > 6 or id(value) in seen:
        return
    seen.add(id(value))
    if isinstance(value, str):
        if "-".join(("canary", "5b1f")) in value or value.startswith("test_") and "autograder" in value:
            raise RuntimeError("GOT " "THROUGH: " + value[:100])
    elif isinstance(value, dict):
        for key, entry in list(value.items()):
            look(key, depth + 1, seen)
            look(entry, depth + 1, seen)
    elif isinstance(value, (list, tuple, set, frozenset)):
        for entry in list(value):
            look(entry, depth + 1, seen)
    elif hasattr(value, "__dict__"):
        look(vars(value), depth + 1, seen)

handle = reverse_step.reverse_mean_var
for name in dir(handle):
    look(getattr(handle, name))
look(vars(reverse_step), 0)
for name in ("__globals__", "__code__", "__closure__", "__self__", "__wrapped__", "__module__", "__func__"):
    value = getattr(handle, name, None)
    if value is not None and name != "__module__":
        raise RuntimeError("GOT " "THROUGH: " + name)
if [name for name in vars(reverse_step) if not name.startswith("__") and name not in ("reverse_mean_var", "reverse_step")]:
    raise RuntimeError("GOT " "THROUGH: " + repr(list(vars(reverse_step))))
raise NotImplementedError("a handle only")
