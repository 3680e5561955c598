"""Notebooks: held to the rules of nbformat 4.5 as its published schema states them."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.notebook import Code, Markdown, notebook

SOURCES = st.text(max_size=80)
CELLS = st.lists(st.builds(Markdown, SOURCES) | st.builds(Code, SOURCES), max_size=6)
# What the schema (nbformat.v4.5.schema.json) asks of a cell, "additionalProperties": false.
KEYS = {
    "markdown": {"id", "cell_type", "metadata", "source"},
    "code": {"id", "cell_type", "metadata", "source", "outputs", "execution_count"},
}


def read(text: str) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(text)
    return content


def code_of(text: str) -> str:
    """Return all code of a notebook, as Jupyter would run it from top to bottom."""
    cells = read(text)["cells"]
    return "\n".join("".join(c["source"]) for c in cells if c["cell_type"] == "code")


@given(CELLS)
def test_every_notebook_follows_the_schema(cells: list[Markdown | Code]) -> None:
    content = read(notebook(cells))
    assert set(content) == {"metadata", "nbformat", "nbformat_minor", "cells"}
    assert (content["nbformat"], content["nbformat_minor"]) == (4, 5)
    assert {"name", "display_name"} <= content["metadata"]["kernelspec"].keys()
    assert content["metadata"]["language_info"]["name"] == "python"
    for cell in content["cells"]:
        assert set(cell) == KEYS[cell["cell_type"]]
        assert re.fullmatch(r"[a-zA-Z0-9_-]{1,64}", cell["id"])
        assert cell["metadata"] == {}
        assert all(isinstance(line, str) for line in cell["source"])
        if cell["cell_type"] == "code":
            assert cell["outputs"] == []
            assert cell["execution_count"] is None
    ids = [cell["id"] for cell in content["cells"]]
    assert len(set(ids)) == len(ids)


@given(CELLS)
def test_cells_are_read_back_as_they_were_written(cells: list[Markdown | Code]) -> None:
    content = read(notebook(cells))
    kinds = {"markdown": Markdown, "code": Code}
    assert [kinds[c["cell_type"]]("".join(c["source"])) for c in content["cells"]] == cells


def test_the_whole_file_of_a_small_notebook() -> None:
    assert notebook([Markdown("# Café"), Code("a = 1\nprint(a)")]) == (
        '{\n "cells": [\n'
        '  {\n   "cell_type": "markdown",\n   "id": "cell-1",\n   "metadata": {},\n'
        '   "source": [\n    "# Café"\n   ]\n  },\n'
        '  {\n   "cell_type": "code",\n   "execution_count": null,\n   "outputs": [],\n'
        '   "id": "cell-2",\n   "metadata": {},\n'
        '   "source": [\n    "a = 1\\n",\n    "print(a)"\n   ]\n  }\n'
        ' ],\n "metadata": {\n  "kernelspec": {\n   "display_name": "Python 3",\n'
        '   "language": "python",\n   "name": "python3"\n  },\n'
        '  "language_info": {\n   "name": "python"\n  }\n },\n'
        ' "nbformat": 4,\n "nbformat_minor": 5\n}\n'
    )


def test_the_same_cells_give_the_same_text() -> None:
    cells = [Markdown("one"), Code("two"), Markdown("one")]
    assert notebook(cells) == notebook(list(cells))


@pytest.mark.parametrize("word", ["<b>&\"'", "\\", "naïve", "日本", "```"])
def test_code_with_any_word_in_it_runs_from_top_to_bottom(word: str) -> None:
    text = notebook([Code(f"word = {word!r}"), Markdown("then"), Code("print(ascii(word))")])
    result = subprocess.run(
        [sys.executable, "-c", code_of(text)], capture_output=True, text=True, check=True
    )
    assert result.stdout == f"{word!a}\n"
