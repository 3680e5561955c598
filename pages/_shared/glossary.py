"""The glossary: the terms of the field as the lab uses them, and where each can be seen.

A term stands here if it lives on a page: one line says what it is, and where to look. The overview
shows the list in alphabetical order.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

_OVERVIEW: Final = "streamlit_app.py"
_DOT_PRODUCT: Final = "pages/scaled_dot_product.py"
_VISION: Final = "pages/vision_transformer.py"


@dataclass(frozen=True)
class Term:
    """One term.

    Attributes
    ----------
    name : str
    meaning : str
        One sentence.
    file : str
        The page where it lives, as listed in the catalogue.
    look : str
        What to look at there; on the overview itself, the heading that it stands under.
    also : str
        Other words that a reader may search for.
    """

    name: str
    meaning: str
    file: str
    look: str
    also: str = ""


GLOSSARY: Final = (
    Term(
        "attend to",
        "To read: a query attends to the keys that it gives weight to.",
        _DOT_PRODUCT,
        "the bars, one for each key that a word reads",
        also="look at, focus",
    ),
    Term(
        "attention",
        "A weighted average whose weights are computed from the content itself.",
        _OVERVIEW,
        "What is attention?",
    ),
    Term(
        "attention sink",
        "A token that receives many times the mean attention.",
        _VISION,
        "Rollout, the map “Received in layer 1”",
    ),
    Term(
        "causal mask",
        "Lets a token read itself and what stands before it, and nothing after.",
        _DOT_PRODUCT,
        "the mask Causal",
        also="autoregressive, look-ahead, decoder",
    ),
    Term(
        "class token",
        "A token that belongs to no patch and stands for the whole picture.",
        _VISION,
        "the maps, until you choose a patch",
        also="CLS",
    ),
    Term(
        "convex hull",
        "All that weighted averages of some points can reach.",
        _DOT_PRODUCT,
        "Geometry, the hull of the values around the output",
    ),
    Term(
        "cosine",
        "How far two vectors point the same way: 1 if they do, 0 at a right angle, −1 if they "
        "are opposite.",
        _VISION,
        "Patch features, after you choose a patch",
        also="cosine similarity, likeness",
    ),
    Term(
        "cross-attention",
        "Queries come from one sequence, keys and values from another.",
        _OVERVIEW,
        "The kinds",
        also="encoder, decoder",
    ),
    Term(
        "d_head",
        "How many numbers a query has; a key has as many.",
        _DOT_PRODUCT,
        "the number d_head",
        also="d_k, dimension, width, length",
    ),
    Term(
        "entropy",
        "How spread out a row of weights is: 0 if one key takes all, ln n if n keys share alike.",
        _DOT_PRODUCT,
        "the line under the arithmetic",
        also="nats",
    ),
    Term(
        "hard attention",
        "Takes all of one value and nothing of the rest.",
        _OVERVIEW,
        "The kinds",
        also="argmax, sampling",
    ),
    Term(
        "head",
        "One attention with queries, keys and values of its own; a layer runs several side by "
        "side.",
        _VISION,
        "the small maps beside the photo",
        also="multi-head attention",
    ),
    Term(
        "key",
        "What a token can be found by.",
        _DOT_PRODUCT,
        "the matrix K",
    ),
    Term(
        "layer",
        "One round in which tokens read from each other; the next starts from what came out.",
        _VISION,
        "the slider Layer",
        also="block, depth",
    ),
    Term(
        "logit",
        "What enters the softmax: a scaled score, or −∞ where a mask blocks it.",
        _DOT_PRODUCT,
        "the matrix Scaled and, with a mask, Masked",
    ),
    Term(
        "mask",
        "Says which keys a query may attend to.",
        _DOT_PRODUCT,
        "the mask Painted",
        also="block, hide, −∞",
    ),
    Term(
        "output",
        "The average of the values with a query's weights.",
        _DOT_PRODUCT,
        "the matrix Output",
        also="context vector",
    ),
    Term(
        "padding mask",
        "Hides the tokens that only fill a sequence up to a fixed length.",
        _DOT_PRODUCT,
        "the mask Padding",
    ),
    Term(
        "patch",
        "A square of 14 × 14 pixels, which the model takes as one token.",
        _VISION,
        "Patch grid, beside the photo",
    ),
    Term(
        "query",
        "What a token looks for.",
        _DOT_PRODUCT,
        "the matrix Q",
    ),
    Term(
        "rollout",
        "Attention followed through several layers by multiplying their weights.",
        _VISION,
        "Rollout",
    ),
    Term(
        "saliency",
        "How likely a spot is to stand out, as the model predicts it.",
        _VISION,
        "Saliency",
    ),
    Term(
        "scale",
        "The factor 1/√d_head on the scores, because they tend to grow with √d_head.",
        _DOT_PRODUCT,
        "the switch ÷ √d_head",
        also="root of d, square root, scaled, temperature",
    ),
    Term(
        "score",
        "The dot product of a query and a key.",
        _DOT_PRODUCT,
        "the matrix Scores",
        also="QK, compatibility, similarity, alignment",
    ),
    Term(
        "self-attention",
        "Queries, keys and values all come from one sequence.",
        _OVERVIEW,
        "The kinds",
    ),
    Term(
        "soft attention",
        "Takes a share of every value, so gradients can train it.",
        _OVERVIEW,
        "The kinds",
    ),
    Term(
        "softmax",
        "Turns a row of numbers into weights that are positive and sum to 1.",
        _DOT_PRODUCT,
        "the way from Scaled to Weights",
        also="exponential, normalise, probability",
    ),
    Term(
        "temperature",
        "Divides what enters the softmax: below 1 sharpens the weights, above 1 flattens them.",
        _DOT_PRODUCT,
        "the slider Temperature",
    ),
    Term(
        "token",
        "One item of a sequence: a word of a sentence, or a patch of a picture.",
        _DOT_PRODUCT,
        "the field Tokens",
        also="word, position",
    ),
    Term(
        "value",
        "What a token hands over when it is read.",
        _DOT_PRODUCT,
        "the matrix V",
    ),
    Term(
        "weights",
        "How much of each value a query takes.",
        _DOT_PRODUCT,
        "the matrix Weights",
        also="attention weights, attention map, alpha",
    ),
)
