"""The map of the lab: pages and progress, paths that add up, links that lead somewhere."""

from __future__ import annotations

import json
from itertools import groupby

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from core.attention import scaled_dot_product_attention
from core.presets import cat_sat_mat
from core.traps import with_naive_softmax
from pages._shared import lab_map
from pages._shared.catalog import PAGES, Page, find_page
from pages._shared.glossary import GLOSSARY
from pages._shared.lab_map import address, describe_lab, describe_progress, progress_text
from pages._shared.overview_state import BOUNDS, START, WORDS
from pages._shared.paths import PATHS, LearningPath
from tests.pages.app import open_page

LAB = json.loads(json.dumps(describe_lab()))
SOME = Page("pages/some.py", "Some", "Which?", "This.", "Start", ":material/home:", ("a", "b", "c"))


# --- pages and progress


def test_every_page_is_on_the_map_with_its_question_in_its_section() -> None:
    shown = [
        (section["name"], page["title"], page["question"])
        for section in LAB["sections"]
        for page in section["pages"]
    ]
    assert shown == [(page.section, page.title, page.question) for page in PAGES]


@pytest.mark.parametrize(
    ("n_tried", "n", "text"),
    [
        (0, 5, ""),
        (2, 5, "2 of 5 experiments tried"),
        (5, 5, "All 5 experiments tried"),
        (1, 1, "The experiment tried"),
    ],
)
def test_progress_in_words(n_tried: int, n: int, text: str) -> None:
    assert progress_text(n_tried, n) == text


def test_progress_counts_only_experiments_that_the_page_has(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(lab_map, "PAGES", (*PAGES, SOME))
    tried = {SOME.file: {"a", "c", "of long ago"}, PAGES[0].file: {"of long ago"}}
    assert describe_progress(lambda file: tried.get(file, set())) == {
        SOME.file: {"text": "2 of 3 experiments tried", "share": 2 / 3}
    }
    assert describe_progress(lambda file: ()) == {}


def test_a_redraw_sends_progress_alone() -> None:
    def script() -> None:
        from pages._shared.lab_map import MAP, draw_map

        MAP.load()
        draw_map(lambda file: ())

    app = AppTest.from_function(script).run()
    assert not app.exception
    (drawn,) = (part for part in app.main if part.type == "bidi_component")
    assert json.loads(drawn.proto.json) == [{"progress": {}}]


# --- paths


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.title)
def test_the_minutes_of_a_path_add_up(path: LearningPath) -> None:
    assert sum(step.minutes for step in path.steps) == path.minutes
    (shown,) = (shown for shown in LAB["paths"] if shown["title"] == path.title)
    assert sum(stop["minutes"] for stop in shown["stops"]) == path.minutes


def test_there_are_a_short_path_and_a_long_one() -> None:
    assert {path.title: path.minutes for path in PATHS} == {
        "Ten minutes": 10,
        "An hour": 60,
        "Another hour": 60,
        "Twenty-five minutes": 25,
        "Half an hour": 30,
        "Twenty minutes": 20,
        "A quarter of an hour": 15,
    }


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.title)
def test_a_path_goes_through_pages_in_the_order_of_the_menu(path: LearningPath) -> None:
    stops = [find_page(file) for file, _ in groupby(path.steps, key=lambda step: step.file)]
    assert stops == sorted(set(stops), key=PAGES.index)


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.title)
def test_a_step_is_short_and_says_what_to_do(path: LearningPath) -> None:
    for step in path.steps:
        assert step.do.endswith((".", "?"))
        assert len(step.do) <= 70
        assert step.minutes >= 1


def test_experiments_are_given_time() -> None:
    """About two minutes each, for the pages that have some."""
    for path in PATHS:
        for step in path.steps:
            n = len(find_page(step.file).experiments)
            if "“Try it”" in step.do and n:
                assert 1.5 * n <= step.minutes <= 3 * n, step


def test_what_the_steps_promise_on_the_overview_happens() -> None:
    def read_by(query: tuple[float, float]) -> str:
        attention = scaled_dot_product_attention([query], START["key"], START["value"])
        return WORDS[int(attention.weights.argmax())]

    assert START["query"].tolist() == [[2.0, 1.0]]
    assert read_by((2.0, 1.0)) == "animal"
    assert read_by((-2.0, 1.0)) == "street"
    assert read_by((2.0, BOUNDS[0])) == "tired"


def test_what_the_steps_promise_of_scaled_dot_product_happens() -> None:
    toy = cat_sat_mat()
    n = len(toy.tokens)
    causal = scaled_dot_product_attention(toy.query, toy.key, toy.value, causal=True)
    assert not np.triu(causal.weights, 1).any()
    nothing = scaled_dot_product_attention(
        toy.query, toy.key, toy.value, mask=np.zeros((n, n), dtype=np.bool_)
    )
    assert not nothing.output.any()
    query = toy.query.astype(np.float16)
    for row in range(n):
        broken = query.copy()
        broken[row, 0] = 20
        key, value = toy.key.astype(np.float16), toy.value.astype(np.float16)
        attention = scaled_dot_product_attention(broken, key, value)
        assert np.isnan(with_naive_softmax(attention, value).weights[row]).any()


# --- links


def test_addresses() -> None:
    assert address(find_page("pages/scaled_dot_product.py")) == "scaled_dot_product"
    assert address(PAGES[0]) == "#what-is-attention"
    assert address(PAGES[0], "The kinds") == "#the-kinds"


def test_terms_of_the_overview_stand_under_its_headings() -> None:
    app = open_page(PAGES[0].file).run()
    headings = {heading.value for heading in (*app.title, *app.header, *app.subheader)}
    assert {term.look for term in GLOSSARY if term.file == PAGES[0].file} <= headings


def test_every_link_inside_leads_to_a_page_or_a_heading() -> None:
    pages = {page["href"] for section in LAB["sections"] for page in section["pages"]} - {""}
    links = {stop["href"] for path in LAB["paths"] for stop in path["stops"]}
    links |= {term["href"] for term in LAB["terms"]}
    assert {link for link in links if not link.startswith("#")} <= pages
    assert pages == {page.file.removeprefix("pages/").removesuffix(".py") for page in PAGES[1:]}
