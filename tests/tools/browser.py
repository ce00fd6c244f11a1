"""Headless Chromium, driven by Playwright: one page, and what its console and its network said."""

from __future__ import annotations

import shutil
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

from playwright.sync_api import Request, sync_playwright

CHROMIUM = next(
    (path for name in ("chromium", "chromium-browser", "google-chrome") if (path := shutil.which(name))), ""
)
FLAGS = ["--no-sandbox", "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"]  # it reaches this machine alone


class Browser:
    """One page. `problems`: what the console said, and who was asked for something other than a file."""

    def __init__(self) -> None:
        self._playwright = sync_playwright().start()
        self._chromium = self._playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        self.page = self._chromium.new_page()
        self.problems: list[str] = []
        self.page.on("pageerror", lambda error: self.problems.append(str(error)[:500]))
        self.page.on("console", lambda message: self.problems.append(message.text[:500]))
        self.page.on("request", self._note)

    def _note(self, request: Request) -> None:
        if urlsplit(request.url).scheme not in ("file", "data"):
            self.problems.append(f"asked the network for {request.url}")

    def open(self, path: Path) -> None:
        """Load a file and wait until it is there."""
        self.visit(path.resolve().as_uri())

    def visit(self, url: str) -> None:
        """Load a page and wait until it is there."""
        self.page.goto(url, wait_until="load", timeout=60_000)

    def value(self, script: str) -> Any:
        """What an expression of JavaScript yields, as plain data."""
        return self.page.evaluate(f"() => ({script})")

    def wait_for(self, script: str, seconds: float = 60.0) -> None:
        """Until an expression of JavaScript holds. Playwright's TimeoutError: it never does."""
        self.page.wait_for_function(f"() => Boolean({script})", timeout=seconds * 1000)

    def text(self) -> str:
        """What the page shows."""
        return self.page.inner_text("body")

    def type(self, element: str, text: str) -> None:
        """Type into the element of this id, and leave it."""
        field = self.page.locator(f"[id='{element}']")
        field.fill(text)
        field.blur()

    def press(self, key: str) -> None:
        self.page.keyboard.press(key)

    def look(self, dark: bool, width: int) -> None:
        """Dark or light, and the width of a phone or of a desk."""
        self.page.emulate_media(color_scheme="dark" if dark else "light")
        self.page.set_viewport_size({"width": width, "height": 900})

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, tb: TracebackType | None) -> None:
        self._chromium.close()
        self._playwright.stop()


#: The lowest contrast of any text with what lies behind it, as [ratio, text].
CONTRAST = """(() => {
  const parse = (color) => color.match(/[\\d.]+/g).map(Number);
  const light = ([r, g, b]) => [r, g, b].map((c) => c / 255)
    .map((c) => (c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4))
    .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
  const behind = (element) => {
    for (let e = element; e; e = e.parentElement) {
      const color = parse(getComputedStyle(e).backgroundColor);
      if (color.length === 3 || color[3] > 0) return color;
    }
    return [255, 255, 255];
  };
  let worst = [21, ""];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    if (!walker.currentNode.textContent.trim() || element.tagName === "SCRIPT") continue;
    const [a, b] = [light(parse(getComputedStyle(element).color)), light(behind(element))];
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (ratio < worst[0]) worst = [ratio, walker.currentNode.textContent.trim().slice(0, 60)];
  }
  return worst;
})()"""
