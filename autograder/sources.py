"""Source text to module objects, in this process: for the course's own code and a student's own machine."""

from __future__ import annotations

import ast
import sys
import traceback
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib.machinery import FileFinder, ModuleSpec, SourceFileLoader
from pathlib import Path
from types import CodeType, ModuleType

from autograder.course import EARLIER, Exercise
from autograder.errors import CourseError


def run_module(name: str, source: str, filename: str, uses: Mapping[str, ModuleType] | None = None) -> ModuleType:
    """A fresh module from source. `uses` are the modules that it may import by name while it runs."""
    module = ModuleType(name)
    module.__file__ = filename
    saved = {key: sys.modules.get(key) for key in (name, *(uses or {}))}
    sys.modules.update(uses or {})
    sys.modules[name] = module  # dataclasses look their module up while it runs
    try:
        exec(compile(source, filename, "exec", dont_inherit=True), module.__dict__)
    finally:
        for key, before in saved.items():
            if before is None:
                sys.modules.pop(key, None)
            else:
                sys.modules[key] = before
    return module


def load_file(name: str, path: Path, uses: Mapping[str, ModuleType] | None = None) -> ModuleType:
    """`run_module` on a file."""
    return run_module(name, path.read_text(encoding="utf-8"), str(path), uses)


def load_authored(name: str, path: Path, root: Path) -> ModuleType:
    """`load_file` on checks or a picture of the course at `root`, which may import its vocabulary."""
    with _vocabulary(root):
        return load_file(name, path)


@contextmanager
def _vocabulary(root: Path) -> Iterator[None]:
    """`vocabulary` is this course's for now. Two courses in one process never meet, nor two states of one."""
    finder = _Vocabulary(root)
    before = {name: sys.modules.pop(name) for name in [*sys.modules] if _is_vocabulary(name)}
    sys.meta_path.insert(0, finder)
    try:
        yield
    finally:
        sys.meta_path.remove(finder)
        for name in [name for name in sys.modules if _is_vocabulary(name)]:
            del sys.modules[name]
        sys.modules.update(before)


def _is_vocabulary(name: str) -> bool:
    return name.partition(".")[0] == "vocabulary"


class _Vocabulary:
    """Finds `vocabulary` and what lies in it, and nothing else."""

    def __init__(self, root: Path) -> None:
        self._root = str(root)

    def find_spec(self, name: str, path: Sequence[str] | None, target: ModuleType | None = None) -> ModuleSpec | None:
        if not _is_vocabulary(name):
            return None
        folder = self._root if path is None else path[0]
        return FileFinder(folder, (_FromText, [".py"])).find_spec(name)


class _FromText(SourceFileLoader):
    """Never through __pycache__, which takes a file saved twice in a second for unchanged."""

    def get_code(self, fullname: str) -> CodeType:
        return self.source_to_code(self.get_data(self.path), self.path)


def load_reference(exercise: Exercise) -> ModuleType:
    """The reference solution, or the stub in place where there are no solutions (a student's bundle).

    The exercises it `uses` are their references (their files in place) too. Raises CourseError: one does not load.
    """
    own = exercise.solution if exercise.solution.is_file() else exercise.stub
    used = {slug: used_path(exercise, slug) for slug in exercise.uses}
    paths = {**{slug: path for slug, path in used.items() if path.is_file()}, exercise.slug: own}
    loaded: dict[str, ModuleType] = {}
    for slug, path in paths.items():
        try:
            loaded[slug] = load_file(slug, path, loaded)
        except (Exception, SystemExit) as problem:
            raise unloadable(str(path), problem, "does not load") from problem
    return loaded[exercise.slug]


def unloadable(filename: str, problem: BaseException, what: str) -> CourseError:
    """An error of the course's own code, with the line of that file which it came from."""
    lines = [frame.lineno for frame in traceback.extract_tb(problem.__traceback__) if frame.filename == filename]
    told = str(problem)
    if isinstance(problem, SyntaxError) and problem.filename == filename:
        lines, told = [problem.lineno], problem.msg
    place = f"{filename}:{lines[-1]}" if lines else filename
    return CourseError(f"{place}: {what}: {type(problem).__name__}: {told}")


def used_path(exercise: Exercise, slug: str) -> Path:
    """The file that stands behind `from <slug> import …` in this exercise; in a student's bundle it may be missing."""
    folders = sorted((exercise.root / "exercises").glob(f"[0-9][0-9]_{slug}"))
    if not folders and not (exercise.root / "solutions").is_dir():
        return exercise.root / EARLIER / f"{slug}.py"
    if not folders:
        raise CourseError(f"{exercise.id} uses {slug}, but there is no folder exercises/NN_{slug} in {exercise.root}")
    folder = folders[0]
    solution = exercise.root / "solutions" / f"{folder.name}.py"
    return solution if solution.is_file() else folder / f"{slug}.py"


def used_references(exercise: Exercise) -> list[tuple[str, Path, tuple[str, ...]]]:
    """Name, file and public functions of every exercise that this one may import."""
    references = []
    for slug in exercise.uses:
        path = used_path(exercise, slug)
        tree = ast.parse(path.read_bytes())
        names = [d.name for d in tree.body if isinstance(d, ast.FunctionDef) and not d.name.startswith("_")]
        references.append((slug, path, tuple(names)))
    return references


def run_variant(exercise: Exercise, source: str, filename: str) -> ModuleType:
    """A trusted module of this exercise (mutant, variant, stub), in this process."""
    uses: dict[str, ModuleType] = {}
    for slug, path, _ in used_references(exercise):
        uses[slug] = load_file(slug, path, uses)
    try:
        return run_module(exercise.slug, source, filename, uses)
    except (Exception, SystemExit) as problem:
        raise unloadable(filename, problem, "does not load") from problem
