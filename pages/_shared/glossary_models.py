"""The glossary: terms that live on the trained models."""

from __future__ import annotations

from typing import Final

from pages._shared.glossary_term import Term

_VISION: Final = "pages/vision_transformer.py"

TERMS: Final = (
    Term(
        "attention sink",
        "A token that receives many times the mean attention.",
        _VISION,
        "Rollout, the map “Received in layer 1”",
    ),
    Term(
        "class token",
        "A token that belongs to no patch and stands for the whole picture.",
        _VISION,
        "the maps, until you choose a patch",
        also="CLS",
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
        "layer",
        "One round in which tokens read from each other; the next starts from what came out.",
        _VISION,
        "the slider Layer",
        also="block, depth",
    ),
    Term(
        "patch",
        "A square of 14 × 14 pixels, which the model takes as one token.",
        _VISION,
        "Patch grid, beside the photo",
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
)
