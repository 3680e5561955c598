"""The small language model's programs and arithmetic, run as a reader would, against the screen."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pytest

from core.translation import START
from pages._shared import gpt_runs
from pages._shared.code_text import Library
from pages._shared.gpt_cache_counts import counts_at, gpt_shape
from pages._shared.gpt_choice import BOTH, CACHE, HEADS, NEXT, VIEWS, Forced, GptState
from pages._shared.gpt_distribution import distribution
from pages._shared.gpt_row import row_of, shown_in
from pages._shared.gpt_scene import Scene, see
from pages._shared.gpt_snippets import next_program, row_program
from pages._shared.gpt_work import functions_that_ran, work_of
from tests.pages.html_reader import read_html
from tests.pages.programs import imports_of, run_programs

pytestmark = pytest.mark.slow

LIBRARIES: tuple[Library, ...] = ("np", "torch")
STATE = GptState(text="The <b>cat</b> sat on the chair. The cat was", layer=0, place=9, read=2)
READS = r"(.+) reads (.+): ([\d.]+)"
NEXT_LINE = r"(.+): ([\d.]+) by the model, drawn with ([\d.]+)"
SAMPLINGS = (
    {},
    {"temperature": 0},
    {"temperature": 60, "top_k": 7},
    {"temperature": 140, "top_k": 40, "top_p": 55},
    {"top_p": 5},
)


@pytest.mark.parametrize("head", [1, gpt_runs.N_HEADS])
@pytest.mark.parametrize("hidden", [frozenset(), frozenset({3, 5})])
def test_a_row_s_programs_print_the_weights(head: int, hidden: frozenset[int]) -> None:
    scene = see(replace(STATE, view=HEADS, layer=2, head=head, hidden=hidden))
    case = row_of(scene)
    programs = [row_program(case, library) for library in LIBRARIES]
    assert [imports_of(program) for program in programs] == [{"numpy"}, {"torch"}]
    row = dict(zip(range(10), scene.weights[9], strict=False))
    assert case.row.sum() == pytest.approx(1, abs=1e-5)
    assert case.names == tuple(scene.shown.inputs[at] for at in row if at not in hidden)
    for run in run_programs(programs):
        lines = [re.fullmatch(READS, line) for line in run.printed.splitlines()]
        assert len(lines) == len(case.strongest(3))
        for line, token in zip(lines, case.strongest(3), strict=True):
            assert line is not None
            assert (line[1], line[2]) == (scene.shown.inputs[9], case.name(token))
            assert float(line[3]) == pytest.approx(case.row[token], abs=2e-6)
        assert not run.warned


@pytest.mark.parametrize("changes", SAMPLINGS)
def test_programs_print_what_may_come_next(changes: dict[str, int]) -> None:
    scene = see(replace(STATE, **changes))
    found, sampling = distribution(scene), scene.state.sampling
    logs = scene.shown.log_probabilities[scene.place]
    programs = [next_program(logs, found, sampling, library) for library in LIBRARIES]
    assert [imports_of(program) for program in programs] == [
        {"base64", "numpy"},
        {"base64", "torch"},
    ]
    for run in run_programs(programs):
        lines = [re.fullmatch(NEXT_LINE, line) for line in run.printed.splitlines()]
        assert len(lines) == len(found.shown)
        for line, word in zip(lines, found.shown, strict=True):
            assert line is not None
            assert line[1] == found.names[word]
            assert float(line[2]) == pytest.approx(found.changed[word], abs=6e-5)
            assert float(line[3]) == pytest.approx(found.drawn[word], abs=6e-5)
        assert not run.warned


@pytest.mark.parametrize("changes", SAMPLINGS)
def test_the_arithmetic_ends_in_what_is_drawn_from(changes: dict[str, int]) -> None:
    scene = see(replace(STATE, **changes))
    found = distribution(scene)
    text = " ".join(read_html(line).text for line in work_of(scene).lines())
    assert found.names[found.next] in text
    start, end = map(float, re.findall(r"reaches from ([\d.]+) to ([\d.]+)", text)[0])
    number = float(re.findall(r"draws ([\d.]+) at this place", text)[0])
    assert end - start == pytest.approx(found.drawn[found.next], abs=2e-4)
    assert start - 1e-4 <= number <= end + 1e-4


@pytest.mark.parametrize("view", [HEADS, CACHE, BOTH])
def test_the_arithmetic_of_a_weight_ends_in_it(view: str) -> None:
    scene = see(replace(STATE, view=view, layer=1, head=2))
    work = work_of(scene)
    text = " ".join(read_html(line).text for line in work.lines())
    weight = float(scene.weights[9, 2])
    assert f"{weight:.6f}" in text
    assert "what “was” reads" in work.heading or "reads of" in work.heading
    if view == CACHE:
        assert f"{10 * 1024:,} numbers" in text


def test_a_forced_row_has_no_softmax() -> None:
    scene = see(replace(STATE, view=HEADS, forced=(Forced(0, 4, 9, 2, 70),), head=1))
    work = work_of(scene)
    assert "no softmax leads to it" in work.lines()[0]
    assert work.numpy is None
    assert work.torch is None


def test_a_hidden_word_has_no_weight() -> None:
    scene = see(replace(STATE, view=HEADS, hidden=frozenset({2})))
    assert work_of(scene).lines()[0].startswith("weight = 0: the word is hidden.")


def test_beside_the_encoder_the_row_is_of_the_model_as_trained() -> None:
    scene = see(replace(STATE, view=BOTH, hidden=frozenset({2}), dropped=frozenset({(0, 0)})))
    shown = shown_in(scene)
    assert shown.shown is scene.before
    np.testing.assert_array_equal(row_of(shown).row, scene.before.weights[0, STATE.head, 9, :10])


@pytest.mark.parametrize("view", VIEWS)
def test_the_source_is_of_what_ran(view: str) -> None:
    modules = {function.__module__.partition(".")[0] for function in functions_that_ran(view)}
    assert modules == {"core"}


def test_without_a_word_the_start_is_there() -> None:
    scene = see(GptState(text="", view=NEXT))
    assert isinstance(scene, Scene)
    assert scene.shown.inputs == (START,)
    assert (scene.place, scene.read) == (0, 0)
    assert row_of(scene).row.tolist() == [1.0]


def test_counts_are_those_of_the_model() -> None:
    from core.model_sizes import count_model

    model = gpt_runs.load_model()
    assert count_model(gpt_shape()).total == model.n_parameters
    for n_tokens in (1, 2, 64):
        counts = counts_at(n_tokens)
        assert counts.per_word == 2 * model.n_layers * model.d_model
        assert counts.kept == n_tokens * counts.per_word
    assert counts_at(1).step == counts_at(1).whole
    assert 20 < counts_at(30).whole / counts_at(30).step < 31
