"""The map of the lab: its pages with the reader's progress, paths, glossary and sources.

One inline component draws all of it. What never changes is part of the component's library and is
sent once; a redraw sends the progress alone. The page that has the map opens with `MAP`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from itertools import groupby
from typing import Final

from pages._shared.catalog import PAGES, Page, find_page
from pages._shared.courses import LESSONS
from pages._shared.glossary import GLOSSARY
from pages._shared.glossary_term import Term
from pages._shared.light_component import FRONTEND, light_component
from pages._shared.paths import PATHS, LearningPath
from pages._shared.source_entry import Source
from pages._shared.sources import PAPERS

HERE: Final = PAGES[0]


def draw_map(tried: Callable[[str], Collection[str]]) -> None:
    """Draw the map of the lab.

    Parameters
    ----------
    tried : callable
        Returns the names of the experiments of a page, given its file, that the reader has tried.
    """
    MAP.draw(key="lab_map", data={"progress": describe_progress(tried)})


def describe_progress(tried: Callable[[str], Collection[str]]) -> dict[str, dict[str, object]]:
    """Return the words and the share of the experiments tried, by file, where there are any."""
    progress: dict[str, dict[str, object]] = {}
    for page in PAGES:
        n_tried, n = len(set(tried(page.file)) & set(page.experiments)), len(page.experiments)
        if n_tried:
            progress[page.file] = {"text": progress_text(n_tried, n), "share": n_tried / n}
    return progress


def progress_text(n_tried: int, n: int) -> str:
    """Say how many of a page's experiments were tried; nothing if none was."""
    if not n_tried:
        return ""
    if n_tried == n:
        return "The experiment tried" if n == 1 else f"All {n} experiments tried"
    return f"{n_tried} of {n} experiments tried"


def describe_lab() -> dict[str, object]:
    """Return what the map shows, apart from progress, as the browser reads it."""
    return {
        "sections": [
            {"name": name, "pages": [_described_page(page) for page in pages]}
            for name, pages in groupby(PAGES, key=lambda page: page.section)
        ],
        "paths": [_described_path(path) for path in PATHS],
        "terms": [_described_term(term) for term in GLOSSARY],
        "sources": [
            {"name": "Papers", "items": [_described_source(source) for source in PAPERS]},
            {"name": "To learn from", "items": [_described_source(source) for source in LESSONS]},
        ],
    }


def address(page: Page, heading: str = "") -> str:
    """Return a page's address as seen from the overview.

    Parameters
    ----------
    page : Page
    heading : str
        Where to go if the page is the overview itself; its top unless given. The id is the one
        that Streamlit gives to a heading of plain words.
    """
    if page != HERE:
        return page.file.removeprefix("pages/").removesuffix(".py")
    words = "".join(c if c.isalnum() else " " for c in (heading or page.question).lower())
    return f"#{'-'.join(words.split())}"


def _described_page(page: Page) -> dict[str, object]:
    return {
        "file": page.file,
        "href": "" if page == HERE else address(page),
        "title": page.title,
        "question": page.question,
    }


def _described_path(path: LearningPath) -> dict[str, object]:
    stops = []
    for file, group in groupby(path.steps, key=lambda step: step.file):
        steps = tuple(group)
        page = find_page(file)
        stops.append(
            {
                "href": address(page),
                "title": page.title,
                "minutes": sum(step.minutes for step in steps),
                "steps": [{"minutes": step.minutes, "do": step.do} for step in steps],
            }
        )
    return {"title": path.title, "minutes": path.minutes, "aim": path.aim, "stops": stops}


def _described_term(term: Term) -> dict[str, str]:
    page = find_page(term.file)
    return {
        "name": term.name,
        "meaning": term.meaning,
        "also": term.also,
        "href": address(page, term.look),
        "page": page.title,
        "look": term.look,
    }


def _described_source(source: Source) -> dict[str, str]:
    return {
        "by": source.by,
        "title": source.title,
        "url": source.url,
        "good_for": source.good_for,
    }


MAP: Final = light_component(
    "lab_map",
    html="<div class='lab'></div>",
    css=(FRONTEND / "lab_map.css").read_text("utf-8"),
    constants={"LAB": describe_lab()},
)
