"""A reader's words beside Streamlit's own Markdown: shown as they are, whatever they look like."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.browser.conftest import NewVisitor
from tests.browser.serving import ROOT, running_app

pytestmark = pytest.mark.browser

WORDS = (
    "<img src=x onerror=alert(1)>", "<b>x</b>", "<!--x-->", "&amp;", "&lt;", "$x$", "$$x$$",
    r"\(x\)", "**a**", "__a__", "a_b_c", "`b`", "~~x~~", "==x==", "[a](b)", "![a](b)", "[^1]",
    ":red[x]", ":blue-background[x]", ":violet-badge[x]", ":small[x]", ":help[x]", ":smile:",
    ":streamlit:", ":material/home:", "->", "<->", "--", ">=", "~=", "#h", "1.", "+x", "|a|b|",
    "\\", r"\n", r"a\*b", "{x}", "www.example.com", "https://a.b/c", "a@b.co", "mailto:a@b.co",
)  # fmt: skip
# An invisible character may stand inside a word to keep it from being read as something else.
JOINER = "\u2060"

SCRIPT = f"""
import json, sys
sys.path.insert(0, {str(ROOT)!r})
import streamlit as st
from pages._shared.words import literal
for word in json.loads({{words!r}}):
    st.markdown("It says " + literal(word) + " here.")
"""


def test_words_are_shown_and_never_read_as_markdown(
    tmp_path: Path, new_visitor: NewVisitor
) -> None:
    script = tmp_path / "words_app.py"
    script.write_text(SCRIPT.format(words=json.dumps(WORDS)))
    settings = tmp_path / ".streamlit"
    settings.mkdir()
    (settings / "config.toml").write_text((ROOT / ".streamlit" / "config.toml").read_text())
    with running_app(script) as app:
        visitor = new_visitor(app)
        visitor.page.goto(app.url)
        shown = visitor.page.locator("[data-testid=stMain] [data-testid=stMarkdown] p")
        visitor.wait_for(lambda: shown.count() == len(WORDS), lambda: str(shown.count()))
        visitor.settle()
        seen = shown.evaluate_all("nodes => nodes.map(n => [n.textContent, n.children.length])")
        visitor.page.goto("about:blank")  # a client without its server complains of that
    wrong = [
        (word, text)
        for word, (text, n_elements) in zip(WORDS, seen, strict=True)
        if n_elements or text.replace(JOINER, "") != f"It says {word} here."
    ]
    assert not wrong
