"""Read a hidden file through whatever the standard library and numpy offer for it."""

import ctypes
import importlib.machinery
import io
import os
import zipimport

import numpy as np

PATH = "@COURSE@/solutions/05_noisy_sample.py"
libc = ctypes.CDLL(None, use_errno=True)
libc.fopen.restype = ctypes.c_void_p


def by_fopen():
    if not libc.fopen(PATH.encode(), b"r"):
        raise OSError(ctypes.get_errno(), "fopen")


def by_loader():
    return importlib.machinery.SourceFileLoader("x", PATH).get_data(PATH)


def by_extension():
    return importlib.machinery.ExtensionFileLoader("x", PATH).create_module(importlib.machinery.ModuleSpec("x", None, origin=PATH))


def by_module():
    import sys

    sys.path.append(os.path.dirname(PATH))
    sys.meta_path.append(importlib.machinery.PathFinder)
    return __import__("05_noisy_sample")


def by_import_of(name, function, *arguments):
    return getattr(__import__(name, fromlist=["x"]), function)(*arguments)


WAYS = (
    lambda: open(PATH).read(),
    lambda: io.FileIO(PATH).read(),
    lambda: io.open_code(PATH).read(),
    lambda: os.read(os.open(PATH, os.O_RDONLY), 9),
    by_fopen,
    by_loader,
    by_extension,
    by_module,
    lambda: zipimport.zipimporter(PATH),
    lambda: ctypes.CDLL(PATH),
    lambda: np.fromfile(PATH, np.uint8),
    lambda: np.memmap(PATH, mode="r"),
    lambda: np.load(PATH, allow_pickle=True),
    lambda: np.loadtxt(PATH, str),
    lambda: np.genfromtxt(PATH, str),
    lambda: by_import_of("linecache", "getlines", PATH) or 1 / 0,
    lambda: by_import_of("tokenize", "open", PATH).read(),
    lambda: by_import_of("codecs", "open", PATH).read(),
    lambda: by_import_of("runpy", "run_path", PATH),
    lambda: by_import_of("fileinput", "input", PATH).readline(),
    lambda: by_import_of("shutil", "copy", PATH, "/tmp/left-by-an-attack"),
    lambda: by_import_of("tarfile", "open", PATH),
    lambda: by_import_of("zipfile", "ZipFile", PATH),
    lambda: by_import_of("gzip", "open", PATH).read(1),
    lambda: by_import_of("configparser", "ConfigParser").read_file(open(PATH)),
    lambda: by_import_of("xml.etree.ElementTree", "parse", PATH),
    lambda: by_import_of("pkgutil", "get_data", "numpy", "../" * 20 + PATH),
    lambda: by_import_of("glob", "glob", "@COURSE@/*") or 1 / 0,
    lambda: by_import_of("filecmp", "cmp", PATH, PATH),
    lambda: by_import_of("urllib.request", "urlopen", "file://" + PATH).read(),
)


def attack(*args, **kwargs):
    through = []
    for number, way in enumerate(WAYS):
        try:
            way()
            through.append(number)
        except Exception:
            pass
    if through:
        raise RuntimeError("GOT " "THROUGH: ways " + repr(through))
    raise PermissionError("no way leads to a file")

add_noise = predict_x0 = predict_eps = attack
