"""The glossary: terms that live on the other foundations."""

from __future__ import annotations

from typing import Final

from pages._shared.glossary_term import Term

_SOFT_HARD: Final = "pages/soft_vs_hard.py"
_SELF_CROSS: Final = "pages/self_vs_cross.py"
_MULTI_HEAD: Final = "pages/multi_head.py"
_POSITIONS: Final = "pages/positional_encoding.py"

TERMS: Final = (
    Term(
        "ALiBi",
        "Lowers a score in a straight line with the distance, with a slope for each head.",
        _POSITIONS,
        "the positions ALiBi",
        also="slope, linear bias",
    ),
    Term(
        "cache",
        "Keys and values of earlier tokens, kept so that each new token costs one row alone.",
        _MULTI_HEAD,
        "Cache",
        also="KV cache, past, decoding",
    ),
    Term(
        "cross-attention",
        "Queries come from one sequence, keys and values from another.",
        _SELF_CROSS,
        "the kind Cross",
        also="encoder, decoder, source, target",
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
        "grouped heads",
        "Several heads read the same keys and values, which makes the cache smaller.",
        _MULTI_HEAD,
        "Key/value heads, fewer than heads",
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
        "learned positions",
        "A table with a row for each position, trained like any other weights.",
        _POSITIONS,
        "the positions Learned",
        also="absolute positions, embedding",
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
        "rotary positions",
        "Turn queries and keys, pair by pair, so that scores depend on the distance.",
        _POSITIONS,
        "the positions Rotary, Turns",
        also="RoPE, RoFormer, rotation",
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
        "straight-through",
        "A step forwards that pretends to be smooth when gradients flow back.",
        _SOFT_HARD,
        "Gradients, the row straight",
    ),
)
