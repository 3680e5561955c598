"""The list of pages agrees with the files, and every page that is listed runs."""

from __future__ import annotations

import subprocess
import sys
from importlib import import_module
from itertools import groupby
from pathlib import Path

import pytest

from pages._shared.catalog import PAGES, Page, find_page, next_page
from tests.pages.app import ROOT, open_page

NUMPY_PAGES = [page.file for page in PAGES if page.section in ("Start", "Foundations")]


def test_every_page_is_listed_once_and_every_listed_page_exists() -> None:
    files = [page.file for page in PAGES]
    on_disk = sorted(f"pages/{path.name}" for path in (ROOT / "pages").glob("*.py"))
    assert files[0] == "streamlit_app.py"
    assert sorted(files[1:]) == on_disk
    assert len({page.title for page in PAGES}) == len(PAGES)


def test_sections_are_in_one_piece() -> None:
    sections = [section for section, _ in groupby(PAGES, key=lambda page: page.section)]
    assert len(sections) == len(set(sections))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.title)
def test_a_page_asks_one_question_and_answers_in_one_sentence(page: Page) -> None:
    assert page.question.endswith("?")
    assert page.answer.endswith(".")
    assert page.answer.count(". ") == 0
    assert page.icon.startswith(":material/")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.title)
def test_the_experiments_of_a_page_are_named_in_its_order(page: Page) -> None:
    stem = Path(page.file).stem
    names: tuple[str, ...] = ()
    if (ROOT / "pages" / "_shared" / "experiments" / f"{stem}.py").exists():
        experiments = import_module(f"pages._shared.experiments.{stem}").EXPERIMENTS
        names = tuple(experiment.name for experiment in experiments)
    assert page.experiments == names
    assert len(set(names)) == len(names)


def test_find_and_next_walk_through_the_catalogue() -> None:
    seen: list[Page] = []
    page: Page | None = find_page("streamlit_app.py")
    while page is not None:
        seen.append(page)
        page = next_page(page)
    assert seen == list(PAGES)


def test_an_unknown_page_is_an_error_that_says_what_to_do() -> None:
    with pytest.raises(KeyError, match=r"nowhere\.py is not in the list of pages; add it to PAGES"):
        find_page("pages/nowhere.py")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.title)
def test_a_page_runs_and_opens_with_its_question(page: Page) -> None:
    app = open_page(page.file).run()
    assert not app.exception
    assert [title.value for title in app.title] == [page.question]
    assert app.markdown[0].value or app.markdown[1].value
    assert any(page.answer in text.value for text in app.markdown)
    links = [link.proto.label for link in app.sidebar.get("page_link")]
    assert links == [entry.title for entry in PAGES]
    following = next_page(page)
    onward = [link.proto.label for link in app.main.get("page_link")]
    assert (f"Next: {following.title}" in onward) if following else not onward


def test_the_numpy_pages_import_neither_torch_nor_timm() -> None:
    """In a process of its own: this one may have imported anything."""
    script = f"""
import sys
from tests.pages.app import open_page
for file in {NUMPY_PAGES!r}:
    app = open_page(file).run()
    assert not app.exception, app.exception
    print(app.title[0].value)
heavy = sorted(set(sys.modules) & {{"torch", "torchvision", "timm", "safetensors"}})
assert not heavy, heavy
"""
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=ROOT, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [find_page(file).question for file in NUMPY_PAGES]
