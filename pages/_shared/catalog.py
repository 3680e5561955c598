"""The list of pages: the menu, the map on the overview and the tests all read it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Page:
    """One page of the lab.

    Attributes
    ----------
    file : str
        Path of the script, relative to ``streamlit_app.py``.
    title : str
        Short name, as the menu shows it.
    question : str
        The question that the page answers; also its heading.
    answer : str
        The answer in one sentence, shown under the heading.
    section : str
        Heading of the menu section that the page belongs to.
    icon : str
        A Material icon that ships with Streamlit.
    experiments : tuple of str
        Names of the page's experiments, in order. They stand here too, so that other pages can
        count them without importing what the experiments need.
    """

    file: str
    title: str
    question: str
    answer: str
    section: str
    icon: str
    experiments: tuple[str, ...] = ()


PAGES: Final = (
    Page(
        file="streamlit_app.py",
        title="Overview",
        question="What is attention?",
        answer="A weighted average whose weights are computed from the content itself.",
        section="Start",
        icon=":material/home:",
        experiments=("turned", "longer", "twins"),
    ),
    Page(
        file="pages/scaled_dot_product.py",
        title="Scaled dot-product",
        question="How do Q, K and V become an output?",
        answer=(
            "Every query is compared with every key; softmax turns the scores into weights, "
            "and the weights average the values."
        ),
        section="Foundations",
        icon=":material/grid_on:",
        experiments=("same-score", "same-shift", "colder", "root", "mask"),
    ),
    Page(
        file="pages/vision_transformer.py",
        title="Vision Transformer",
        question="What does a Vision Transformer look at in your picture?",
        answer=(
            "It cuts the picture into patches; in every layer and head each patch reads from all "
            "patches, itself included, with weights that you can see here."
        ),
        section="Trained models",
        icon=":material/visibility:",
        experiments=(
            "nearest-layer",
            "onto-the-subject",
            "background-head",
            "rollout-sink",
            "most-read",
        ),
    ),
)


def find_page(file: str) -> Page:
    """Return the page whose script is `file`.

    Raises
    ------
    KeyError
        If no page of the catalogue has that script.
    """
    for page in PAGES:
        if page.file == file:
            return page
    raise KeyError(
        f"{file} is not in the list of pages; add it to PAGES in {__name__}, and restart the lab "
        "if it is there"
    )


def next_page(page: Page) -> Page | None:
    """Return the page after `page` in the order of the menu, or None after the last."""
    position = PAGES.index(page) + 1
    return PAGES[position] if position < len(PAGES) else None
