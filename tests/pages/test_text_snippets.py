"""The text encoder's programs and arithmetic, run as a reader would, against the screen."""

from __future__ import annotations

import re

import numpy as np
import pytest

from pages._shared import encoder
from pages._shared.code_text import Library
from pages._shared.encoder_heads import HeadMap
from pages._shared.text_case import text_row
from pages._shared.text_measures import verdict
from pages._shared.text_scene import CLASSIFY, MASKED, TextState, see
from pages._shared.text_snippets import cosine_program, row_program
from pages._shared.text_work import functions_that_ran, work_of
from pages._shared.words import number
from tests.pages.html_reader import read_html
from tests.pages.programs import imports_of, run_programs

pytestmark = pytest.mark.slow

TEXT = "The locksmith unlocked <b>my</b> door, and my door opened."
LIBRARIES: tuple[Library, ...] = ("np", "torch")
READS = r"(.+) reads (.+): ([\d.]+), ([\d.]+) times the uniform weight"


@pytest.mark.parametrize("mean", [False, True])
def test_a_row_s_programs_print_the_weights(mean: bool) -> None:
    shown = HeadMap(encoder.read(TEXT).attention, 3, 11, mean=mean)
    case = text_row(shown, 1, 4)
    programs = [row_program(case, library) for library in LIBRARIES]
    modules = [imports_of(program) for program in programs]
    assert modules == [{"numpy"}, {"torch"}]
    for run in run_programs(programs):
        lines = [re.fullmatch(READS, line) for line in run.printed.splitlines()]
        assert len(lines) == len(case.strongest(3))
        for line, token in zip(lines, case.strongest(3), strict=True):
            assert line is not None
            assert line[2] == case.name(token)
            assert float(line[3]) == pytest.approx(case.row[token], abs=2e-6)
        assert not run.warned


def test_names_tell_two_of_a_kind_apart() -> None:
    shown = HeadMap(encoder.read(TEXT).attention, 0, 0)
    names = text_row(shown, 1, 1).names
    assert len(set(names)) == len(names)
    assert "“door” (word 12)" in names
    assert "“locks”" in names


def test_cosine_programs_print_the_nearest_labels() -> None:
    sentences = ("A recipe", "This text is about sport.", "**x** \"'", "A lock")
    embedding, labels = encoder.read(TEXT).attention.embedding, encoder.embed_sentences(sentences)
    found = verdict(embedding, sentences)
    programs = [cosine_program(embedding, labels, found, library) for library in LIBRARIES]
    first, second = np.argsort(-found.cosines)[:2]
    for run in run_programs(programs):
        expected = [
            f"{found.names[place]}: {found.cosines[place]:.3f}" for place in (first, second)
        ]
        assert run.printed.splitlines() == expected


@pytest.mark.parametrize("view", [CLASSIFY, MASKED])
def test_the_cosine_is_worked_out(view: str) -> None:
    work = work_of(see(TextState(text=TEXT, view=view, masked=frozenset({1}))))
    lines = [read_html(line).text for line in work.lines()]
    found = verdict(encoder.read(TEXT).attention.embedding, TextState().topic)
    on_screen = number(found.cosines.max(), 4)
    assert (f"= {on_screen}" in lines[1]) == (view == CLASSIFY)
    assert "<b>" not in work.heading


def test_a_word_of_several_pieces_says_so() -> None:
    state = TextState(text=TEXT, layer=2, head=9, query=2, key=3)
    lines = [read_html(line).text for line in work_of(see(state)).lines()]
    shown = HeadMap(encoder.read(TEXT).attention, 1, 8)
    assert lines[0].startswith("Of the first piece that asks")
    assert lines[-1] == f"weight on the map = {number(shown.weights[2, 2], 6)}"


@pytest.mark.parametrize("view", ["Heads", "Roles", "Find a head", CLASSIFY, MASKED])
def test_every_view_names_the_functions_that_ran(view: str) -> None:
    functions = functions_that_ran(view)
    assert all(function.__module__.startswith("core.") for function in functions)
    assert len(set(functions)) == len(functions)
