"""The glossary: terms that live on the overview and scaled dot-product."""

from __future__ import annotations

from typing import Final

from pages._shared.glossary_term import Term

_OVERVIEW: Final = "streamlit_app.py"
_DOT_PRODUCT: Final = "pages/scaled_dot_product.py"

TERMS: Final = (
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
        "causal mask",
        "Lets a token read itself and what stands before it, and nothing after.",
        _DOT_PRODUCT,
        "the mask Causal",
        also="autoregressive, look-ahead, decoder",
    ),
    Term(
        "convex hull",
        "All that weighted averages of some points can reach.",
        _DOT_PRODUCT,
        "Geometry, the hull of the values around the output",
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
        "key",
        "What a token can be found by.",
        _DOT_PRODUCT,
        "the matrix K",
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
        "query",
        "What a token looks for.",
        _DOT_PRODUCT,
        "the matrix Q",
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
