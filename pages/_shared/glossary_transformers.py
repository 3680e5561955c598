"""The glossary: terms that live on the pages of whole Transformers."""

from __future__ import annotations

from typing import Final

from pages._shared.glossary_term import Term

_TRANSFORMER: Final = "pages/transformer.py"
_GPT: Final = "pages/gpt.py"

TERMS: Final = (
    Term(
        "block",
        "One attention or one feed-forward part of a layer: what adds a vector to every token.",
        _TRANSFORMER,
        "Drawing: every button is one",
        also="sublayer, part",
    ),
    Term(
        "feed-forward part",
        "Two matrices with a bend between them, for every token by itself.",
        _TRANSFORMER,
        "Drawing, a block called Feed-forward",
        also="FFN, MLP, ReLU, GELU",
    ),
    Term(
        "layer normalisation",
        "A vector brought to mean 0 and spread 1, then rescaled number by number.",
        _TRANSFORMER,
        "Same and different, the row Normalisation",
        also="LayerNorm, pre-norm, post-norm",
    ),
    Term(
        "logit lens",
        "What a model would say if all blocks after a place were skipped.",
        _TRANSFORMER,
        "Residual stream, the table of words",
        also="early exit",
    ),
    Term(
        "operation",
        "A multiplication or an addition; a matrix of n × m numbers takes 2nm for each token.",
        _TRANSFORMER,
        "Sizes, operations against the length",
        also="FLOP, compute",
    ),
    Term(
        "parameter",
        "A number that was learned.",
        _TRANSFORMER,
        "Drawing, the count of the open block",
        also="weight matrix, W_Q",
    ),
    Term(
        "residual stream",
        "A token's vector on its way through the layers, to which every block adds.",
        _TRANSFORMER,
        "Residual stream, the lengths of what is written",
        also="skip connection",
    ),
    Term(
        "tied table",
        "One table of word vectors, used for the words that come in and to name those that go out.",
        _TRANSFORMER,
        "Drawing, the block Projection to words",
        also="weight tying, unembedding",
    ),
    Term(
        "causal language model",
        "A model that gives every next word a probability, from the words before it alone.",
        _GPT,
        "Next word, the list of words",
        also="GPT, decoder-only, autoregressive, language model",
    ),
    Term(
        "induction head",
        "A head that reads the token after an earlier occurrence of this one, and copies it.",
        _GPT,
        "Induction heads, the outlined cells of the map",
        also="in-context learning, copying",
    ),
    Term(
        "key/value cache",
        "What was computed of earlier words in every layer, kept so that a step computes one row.",
        _GPT,
        "The cache, the picture of what is new",
        also="KV cache, past keys and values",
    ),
    Term(
        "perplexity",
        "Among how many equally probable words a model might as well have chosen, on average.",
        _GPT,
        "Next word, the line below the text",
        also="cross-entropy, surprise, loss",
    ),
    Term(
        "prefix matching",
        "The mean weight from a token to the one that followed it before.",
        _GPT,
        "Induction heads, the curves of every head",
        also="prefix-matching score",
    ),
    Term(
        "top-k",
        "Draws among the k most probable words alone.",
        _GPT,
        "Next word, the slider Top-k",
        also="sampling",
    ),
    Term(
        "top-p",
        "Draws among the fewest words that have the share p of the probability together.",
        _GPT,
        "Next word, the slider Top-p",
        also="nucleus sampling, sampling",
    ),
)
