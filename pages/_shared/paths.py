"""Ways through the lab: what to do on which page, in which order, and how long it takes.

A new page joins a path by one line. A path keeps the length that its title promises, so a line
that comes may have to push another out.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

_OVERVIEW: Final = "streamlit_app.py"
_DOT_PRODUCT: Final = "pages/scaled_dot_product.py"
_SOFT_HARD: Final = "pages/soft_vs_hard.py"
_SELF_CROSS: Final = "pages/self_vs_cross.py"
_HEADS: Final = "pages/multi_head.py"
_POSITIONS: Final = "pages/positional_encoding.py"
_VISION: Final = "pages/vision_transformer.py"
_CLASSIFICATION: Final = "pages/image_classification.py"
_TRANSLATION: Final = "pages/translation.py"
_TEXT: Final = "pages/text_classification.py"
_TRANSFORMER: Final = "pages/transformer.py"
_GPT: Final = "pages/gpt.py"


@dataclass(frozen=True)
class Step:
    """One thing to do.

    Attributes
    ----------
    file : str
        The page to do it on, as listed in the catalogue.
    minutes : int
    do : str
        One sentence that says what to do.
    """

    file: str
    minutes: int
    do: str


@dataclass(frozen=True)
class LearningPath:
    """Steps to take in this order.

    Attributes
    ----------
    title : str
    minutes : int
        The length that the title promises; the steps add up to it.
    aim : str
        What it is good for, in a few words.
    steps : tuple of Step
        Steps on one page stand together.
    """

    title: str
    minutes: int
    aim: str
    steps: tuple[Step, ...]


PATHS: Final = (
    LearningPath(
        title="Ten minutes",
        minutes=10,
        aim="See the whole of it once.",
        steps=(
            Step(_OVERVIEW, 2, "Drag the first number of the query to −2: “it” turns to “street”."),
            Step(_DOT_PRODUCT, 2, "Choose a weight and follow its arithmetic to the output."),
            Step(_DOT_PRODUCT, 2, "Choose the causal mask: no word reads a later one any more."),
            Step(_VISION, 2, "Choose a patch of the bird, then go from layer 1 to layer 12."),
            Step(_VISION, 2, "Choose a head, drop it and predict again: did it matter?"),
        ),
    ),
    LearningPath(
        title="An hour",
        minutes=60,
        aim="Predict, test, and take it apart.",
        steps=(
            Step(_OVERVIEW, 6, "Do the experiments under “Try it”: predict, then see."),
            Step(_OVERVIEW, 2, "Read the two tables: the parts and the kinds."),
            Step(_DOT_PRODUCT, 4, "Work out one weight on paper, then choose it and compare."),
            Step(_DOT_PRODUCT, 12, "Do the experiments under “Try it”: predict, then see."),
            Step(_DOT_PRODUCT, 3, "In Geometry, drag a key and see the output stay in the hull."),
            Step(_DOT_PRODUCT, 2, "Paint a mask that blocks a whole row. What is its output?"),
            Step(
                _DOT_PRODUCT,
                2,
                "Break it: under Arithmetic Naive and float16, then type 20 into Q.",
            ),
            Step(_DOT_PRODUCT, 3, "Run the NumPy program under “The work”, then change a number."),
            Step(_DOT_PRODUCT, 3, "Read “The code that ran”, from the scores to the output."),
            Step(_VISION, 4, "Follow one patch from layer 1 to 12, then one of the background."),
            Step(_VISION, 10, "Do the experiments under “Try it”: predict, then see."),
            Step(_VISION, 3, "In Patch features, choose a patch and see which are like it."),
            Step(_VISION, 3, "Upload a photo of yours. Say where the class token looks, then see."),
            Step(_VISION, 3, "In Saliency, hide one patch after another: which matters most?"),
        ),
    ),
    LearningPath(
        title="Another hour",
        minutes=60,
        aim="Choosing, crossing, heads and order.",
        steps=(
            Step(_DOT_PRODUCT, 3, "Under “Traps”, find the scores at which a softmax overflows."),
            Step(_SOFT_HARD, 3, "Give one sample more draws: how soon are they the soft weights?"),
            Step(_SOFT_HARD, 3, "In Gradients, choose a key: which kinds have no slope to follow?"),
            Step(_SOFT_HARD, 4, "In Training, train all four methods and compare their curves."),
            Step(_SOFT_HARD, 10, "Do the experiments under “Try it”: predict, then see."),
            Step(_SELF_CROSS, 3, "Swap two words of the source, then two of the target."),
            Step(_SELF_CROSS, 10, "Do the experiments under “Try it”: predict, then see."),
            Step(_HEADS, 2, "Drop one head after another: which does the output miss most?"),
            Step(_HEADS, 10, "Do the experiments under “Try it”: predict, then see."),
            Step(_POSITIONS, 2, "Swap two words, without positions and with each encoding."),
            Step(_POSITIONS, 10, "Do the experiments under “Try it”: predict, then see."),
        ),
    ),
    LearningPath(
        title="Twenty-five minutes",
        minutes=25,
        aim="Name a picture, and ask what decided.",
        steps=(
            Step(_CLASSIFICATION, 2, "Write a 7, then cross it: what does the model name?"),
            Step(_CLASSIFICATION, 4, "In Which patches decided, run the test on your digit."),
            Step(_CLASSIFICATION, 5, "In Train it, train one without positions: what is lost?"),
            Step(_CLASSIFICATION, 4, "In Your classes, teach two classes with photos of yours."),
            Step(_CLASSIFICATION, 10, "Do the experiments under “Try it”: predict, then see."),
        ),
    ),
    LearningPath(
        title="Half an hour",
        minutes=30,
        aim="Words in trained models.",
        steps=(
            Step(_TRANSLATION, 10, "Do the experiments under “Try it”: predict, then see."),
            Step(_TEXT, 3, "Choose an outlined head, then drop it: does the topic change?"),
            Step(_TEXT, 3, "In Find a head, paint where a head should read. Is there one?"),
            Step(_TEXT, 4, "In Classify, write labels of yours and find a text that it misses."),
            Step(_TEXT, 10, "Do the experiments under “Try it”: predict, then see."),
        ),
    ),
    LearningPath(
        title="Twenty minutes",
        minutes=20,
        aim="A whole Transformer, block by block.",
        steps=(
            Step(_TRANSFORMER, 3, "Open every block of the drawing once, from the words up."),
            Step(_TRANSFORMER, 3, "Switch blocks off until the translation breaks. Which was it?"),
            Step(_TRANSFORMER, 2, "In Residual stream, see when the right word comes first."),
            Step(_TRANSFORMER, 2, "In Same and different, put a model of pictures beside it."),
            Step(_TRANSFORMER, 10, "Do the experiments under “Try it”: predict, then see."),
        ),
    ),
    LearningPath(
        title="A quarter of an hour",
        minutes=15,
        aim="From one word to the next.",
        steps=(
            Step(_GPT, 2, "From “A beginning”, write to the end with three seeds."),
            Step(_GPT, 1, "Hide the word that an answer repeats, and see the list change."),
            Step(_GPT, 2, "In Induction heads, find the step at which copying begins."),
            Step(_GPT, 10, "Do the experiments under “Try it”: predict, then see."),
        ),
    ),
)
