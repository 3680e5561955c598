"""The glossary: the terms of the field as the lab uses them, and where each can be seen.

A term stands here if it lives on a page: one line says what it is, and where to look. The overview
shows the list in alphabetical order.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

_OVERVIEW: Final = "streamlit_app.py"
_DOT_PRODUCT: Final = "pages/scaled_dot_product.py"
_MULTI_HEAD: Final = "pages/multi_head.py"
_POSITIONS: Final = "pages/positional_encoding.py"
_SELF_CROSS: Final = "pages/self_vs_cross.py"
_SOFT_HARD: Final = "pages/soft_vs_hard.py"
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
        "ALiBi",
        "Lowers a score in a straight line with the distance, with a slope for each head.",
        _POSITIONS,
        "the positions ALiBi",
        also="slope, linear bias",
    ),
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
        "cache",
        "Keys and values of earlier tokens, kept so that each new token costs one row alone.",
        _MULTI_HEAD,
        "Cache",
        also="KV cache, past, decoding",
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
        _SELF_CROSS,
        "the kind Cross",
        also="encoder, decoder, source, target",
    ),
    Term(
        "d_head",
        "How many numbers a query has; a key has as many.",
        _DOT_PRODUCT,
        "the number d_head",
        also="d_k, dimension, width, length",
    ),
    Term(
        "decoder layer",
        "Reads what was written so far, causally, and then another sequence.",
        _SELF_CROSS,
        "the kind Decoder layer",
    ),
    Term(
        "embedding",
        "The numbers that stand for a token before attention.",
        _SELF_CROSS,
        "the matrices X",
    ),
    Term(
        "entropy",
        "How spread out a row of weights is: 0 if one key takes all, ln n if n keys share alike.",
        _DOT_PRODUCT,
        "the line under the arithmetic",
        also="nats",
    ),
    Term(
        "grouped heads",
        "Several heads read the same keys and values, which makes the cache smaller.",
        _MULTI_HEAD,
        "Keys and values, Grouped and Multi-query",
        also="GQA, MQA, multi-query attention",
    ),
    Term(
        "Gumbel-softmax",
        "A draw made smooth: softmax of noisy scores, divided by τ.",
        _SOFT_HARD,
        "the row Gumbel",
        also="concrete distribution, Gumbel noise, tau",
    ),
    Term(
        "hard attention",
        "Takes all of one value and nothing of the rest.",
        _SOFT_HARD,
        "the rows argmax and sample",
        also="argmax, sampling",
    ),
    Term(
        "head",
        "One attention with queries, keys and values of its own; a layer runs several side by "
        "side.",
        _MULTI_HEAD,
        "the maps, one for each head",
        also="multi-head attention, concatenation, W_O",
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
        "learned positions",
        "A table with a row for each position, trained like any other weights.",
        _POSITIONS,
        "the positions Learned",
        also="absolute positions, embedding",
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
        "permutation",
        "The same tokens in another order.",
        _SELF_CROSS,
        "the words: drag one onto another",
        also="shuffle, equivariance",
    ),
    Term(
        "positional encoding",
        "What tells attention where a token stands.",
        _POSITIONS,
        "the positions, from None to T5 bias",
        also="word order, position embedding",
    ),
    Term(
        "projection",
        "The product with a learned matrix that makes queries, keys or values of embeddings.",
        _SELF_CROSS,
        "the matrices W_Q, W_K and W_V",
        also="linear, weight matrix",
    ),
    Term(
        "query",
        "What a token looks for.",
        _DOT_PRODUCT,
        "the matrix Q",
    ),
    Term(
        "REINFORCE",
        "Learns from draws alone: what brought much is made more likely.",
        _SOFT_HARD,
        "Training, the last two methods",
        also="score function, policy gradient, baseline",
    ),
    Term(
        "relative bias",
        "A number for each distance, added to the scores.",
        _POSITIONS,
        "the positions T5 bias",
        also="T5, buckets",
    ),
    Term(
        "residual connection",
        "What a token has read is added to what it was.",
        _SELF_CROSS,
        "the kind Decoder layer, After self",
        also="skip connection",
    ),
    Term(
        "rollout",
        "Attention followed through several layers by multiplying their weights.",
        _VISION,
        "Rollout",
    ),
    Term(
        "rotary positions",
        "Turn queries and keys, pair by pair, so that scores depend on the distance.",
        _POSITIONS,
        "the positions Rotary, Turns",
        also="RoPE, RoFormer, rotation",
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
        _SELF_CROSS,
        "the kind Self",
    ),
    Term(
        "sinusoids",
        "Sines and cosines of ever slower waves, added to the words.",
        _POSITIONS,
        "the positions Sinusoidal, Table",
        also="sinusoidal encoding, frequency, base",
    ),
    Term(
        "soft attention",
        "Takes a share of every value, so gradients can train it.",
        _SOFT_HARD,
        "the row soft",
    ),
    Term(
        "softmax",
        "Turns a row of numbers into weights that are positive and sum to 1.",
        _DOT_PRODUCT,
        "the way from Scaled to Weights",
        also="exponential, normalise, probability",
    ),
    Term(
        "straight-through",
        "A step forwards that pretends to be smooth when gradients flow back.",
        _SOFT_HARD,
        "Gradients, the row straight",
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
