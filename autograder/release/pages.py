"""What students read, from Markdown to HTML: equations typeset, code coloured, words explained, exercises linked."""

from __future__ import annotations

import ast
import html
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from latex2mathml.converter import convert
from markdown_it import MarkdownIt
from markdown_it.token import Token
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer

_TEX = re.compile(r"<!-- tex: (.*?) -->", re.DOTALL)
_ROW = re.compile(r"^\|\s*([^|]+?)\s*\|\s*([^|]+?)\s*\|$", re.MULTILINE)
#: Numbers of exercises as a text names them: 02 anywhere, others in brackets alone: (12, 14).
_NUMBERS = re.compile(r"\((\d\d(?:(?:, | and )\d\d)*)\)|(?<![\d.,·:])(0\d)(?![\d.·%]\S|\d)")


@dataclass(frozen=True)
class Reader:
    """Pages of one site. `exercises`: ids by their two digits; `words`: what the glossary says, by the word."""

    exercises: Mapping[str, str]
    words: Mapping[str, str]
    units: frozenset[str] = frozenset()

    def html(self, markdown: str, explain: bool = True) -> str:
        """A page. Markup in it is shown, not taken; of comments only `tex` is read, for the equation below it."""
        parser = MarkdownIt("commonmark", {"html": True}).enable("table")
        tokens = _with_equations(parser.parse(markdown))
        left = dict(self.words) if explain else {}
        heading = False
        for token in tokens:
            if token.type in ("heading_open", "heading_close"):
                heading = token.type == "heading_open"
            if token.type == "inline":
                token.children = self._inline(token.children or [], {} if heading else left, not heading)
            if token.type in ("code_block", "fence"):
                token.type, token.content = "html_block", _code(token.content, token.info)
            elif token.type == "html_block" and not token.meta.get("equation"):
                token.content = html.escape(token.content)
        return str(parser.renderer.render(tokens, parser.options, {}))

    def _inline(self, children: list[Token], left: dict[str, str], link: bool) -> list[Token]:
        within = False
        made = []
        for child in children:
            if child.type == "link_open":
                within = True
                child.attrSet("href", self._target(str(child.attrGet("href"))))
            elif child.type == "link_close":
                within = False
            elif child.type == "html_inline":
                child.content = html.escape(child.content)
            elif child.type == "image":
                child.attrSet("src", f"pictures/{str(child.attrGet('src')).rsplit('/', 1)[-1]}")
            elif child.type == "text" and not within:
                child = _raw(self._linked(self._explained(html.escape(child.content), left), link))
            made.append(child)
        return made

    def _target(self, href: str) -> str:
        """Of a link between the course's own files; others stay."""
        if (known := re.search(r"(\d\d_\w+)(?:/(?:README\.md)?)?$", href)) and known[1] in self.exercises.values():
            return f"{known[1]}.html"
        if (unit := re.fullmatch(r"(?:\.\./)*(?:exercises/)?([\w-]+)\.md", href)) and unit[1] in self.units:
            return f"{unit[1]}.html"
        return "map.html" if re.fullmatch(r"(?:\.\./)*(?:exercises/)?README\.md", href) else href

    def _linked(self, text: str, link: bool) -> str:
        def number(found: re.Match[str]) -> str:
            known = self.exercises.get(found[0])
            return f'<a href="{known}.html">{found[0]}</a>' if known else found[0]

        return _NUMBERS.sub(lambda found: re.sub(r"\d\d", number, found[0]), text) if link else text

    @staticmethod
    def _explained(text: str, left: dict[str, str]) -> str:
        """The first time that a word of the glossary stands on a page."""
        for word in sorted(left, key=len, reverse=True):
            found = re.search(rf"(?<![\w>-]){re.escape(word)}(?:s|es)?(?![\w<-])", text)
            if found and "<" not in text:
                means = html.escape(left.pop(word), quote=True)
                marked = f'<span class="term" tabindex="0" role="note" data-means="{means}">{found[0]}</span>'
                return text[: found.start()] + marked + text[found.end() :]
        return text


def words_of(markdown: str) -> dict[str, str]:
    """The glossary of the map: the table below `| word | means |`, by each of its words."""
    _, _, table = markdown.partition("| word | means |\n")
    rows = _ROW.findall(table.split("\n\n")[0])
    plain: Callable[[str], str] = lambda text: re.sub(r"[*`]", "", text)  # noqa: E731 (used twice, here alone)
    return {word: plain(means) for words, means in rows for word in plain(words).split(", ") if not set(word) <= {"-"}}


def _with_equations(tokens: list[Token]) -> list[Token]:
    """Equations in the place of the text below their source; other comments are left out."""
    made: list[Token] = []
    tex = None
    for token in tokens:
        found = _TEX.match(token.content) if token.type == "html_block" else None
        if found:
            tex = found[1].strip()
        elif token.type == "html_block" and token.content.startswith("<!--"):
            continue
        elif token.type == "code_block" and tex is not None:
            made.append(_raw(f'<div class="equation" tabindex="0">{equation(tex, token.content)}</div>', "html_block"))
            made[-1].meta["equation"] = True
            tex = None
        else:
            made.append(token)
    return made


def equation(tex: str, plain: str) -> str:
    """MathML of TeX; `plain` is its text, for those who cannot have it typeset."""
    typeset: str = convert(tex, display="block")
    spoken = html.escape(" ".join(plain.split()), quote=True)
    return typeset.replace("<math ", f'<math alttext="{spoken}" ', 1)


def _raw(content: str, kind: str = "html_inline") -> Token:
    token = Token(kind, "", 0)
    token.content = content
    return token


def _code(text: str, info: str) -> str:
    """A block of code, coloured where it is Python."""
    shown = html.escape(text)
    if info.strip() in ("python", "py") or (not info and _is_python(text)):
        shown = highlight(text, PythonLexer(), HtmlFormatter(nowrap=True))
    return f'<pre tabindex="0"><code>{shown}</code></pre>\n'


def _is_python(text: str) -> bool:
    try:
        body = ast.parse(text).body
    except (SyntaxError, ValueError):
        return False
    return not all(isinstance(node, ast.Expr) and isinstance(node.value, ast.Name) for node in body)
