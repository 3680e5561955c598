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
        file="pages/soft_vs_hard.py",
        title="Soft vs hard",
        question="Why average when one could choose?",
        answer=(
            "An average changes smoothly with every score, so gradients can train it; a choice is "
            "sharp, but has no slope to follow, and learning it takes a detour."
        ),
        section="Foundations",
        icon=":material/alt_route:",
        experiments=("ten-thousand", "no-slope", "sharp", "race", "quiet-but-wrong"),
    ),
    Page(
        file="pages/self_vs_cross.py",
        title="Self vs cross",
        question="Who asks, and who is asked?",
        answer=(
            "The target gives the queries and the source gives keys and values; in self-attention "
            "both are one sequence."
        ),
        section="Foundations",
        icon=":material/swap_horiz:",
        experiments=(
            "turned-source",
            "longer-source",
            "same-word-twice",
            "last-word",
            "word-to-write",
        ),
    ),
    Page(
        file="pages/multi_head.py",
        title="Multi-head",
        question="Why several small attentions instead of one?",
        answer=(
            "One row of weights can only average; several heads read different words at once, "
            "each into numbers of its own."
        ),
        section="Foundations",
        icon=":material/call_split:",
        experiments=("eight", "rests", "one-head", "mean", "shared"),
    ),
    Page(
        file="pages/positional_encoding.py",
        title="Positional encoding",
        question="Where did the word order go, and how does it come back?",
        answer=(
            "Attention compares what words are and not where they stand, so positions have to come "
            "in: added to the words, as a turn of queries and keys, or as a bias on the scores."
        ),
        section="Foundations",
        icon=":material/format_list_numbered:",
        experiments=("turned-round", "same-gap", "shifted", "base-one", "far-words"),
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
    Page(
        file="pages/image_classification.py",
        title="Image classification",
        question="How does it name what it sees, and which patches decided?",
        answer=(
            "One vector, gathered from all patches, is compared with a direction for each class; "
            "which patches decided is not read off attention but tested, by hiding them."
        ),
        section="Trained models",
        icon=":material/image_search:",
        experiments=("turned", "needed", "read-or-needed", "blank", "stranger"),
    ),
    Page(
        file="pages/translation.py",
        title="Translation",
        question="Which English word is each French word reading?",
        answer=(
            "Mostly the one that it translates: the word about to be written asks, and every "
            "English word gets a weight that you can see here, and test."
        ),
        section="Trained models",
        icon=":material/translate:",
        experiments=("enters", "article", "not", "layer", "wide"),
    ),
    Page(
        file="pages/text_classification.py",
        title="Text classification",
        question="What do the 72 heads of a trained encoder do, and how does it classify?",
        answer=(
            "Some read the word before or after, many rest on two signs; the mean of what they "
            "gather is the text as a vector, and the label whose sentence is nearest wins."
        ),
        section="Trained models",
        icon=":material/article:",
        experiments=("signs", "clearest-head", "mask-reads", "read-or-needed", "not"),
    ),
    Page(
        file="pages/transformer.py",
        title="Transformer",
        question="How do attention layers make a Transformer?",
        answer=(
            "Every token is a vector; each block, attention or feed-forward, reads all that was "
            "added so far and adds a vector of its own, until the sum is compared with the answers."
        ),
        section="Trained models",
        icon=":material/account_tree:",
        experiments=(
            "without-source",
            "one-by-one",
            "before-any-layer",
            "where-the-numbers-are",
            "eight-times",
        ),
    ),
    Page(
        file="pages/gpt.py",
        title="Small GPT",
        question="How does attention write the next word?",
        answer=(
            "Each word reads itself and the words before it; what the last one has gathered is "
            "compared with every word that could come, and one of them is drawn and read in turn."
        ),
        section="Trained models",
        icon=":material/edit_note:",
        experiments=("stood-before", "colder", "nucleus", "later-word", "without-cache"),
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
