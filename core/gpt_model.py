"""The small language model that comes with the lab: its parts, and how it is loaded.

A Transformer that has a decoder alone, as GPT-2 (Radford et al. 2019, *Language models are
unsupervised multitask learners*): each word reads itself and the words before it, and the next one
is predicted. Layer normalisation stands before each part, positions are learned, and one table
holds the words that go in and those that come out (Press and Wolf 2017, arXiv:1608.05859). What it
was trained on: ``assets/gpt/README.md``.

The modules hold weights; `core.gpt` and `core.gpt_training` run them through
`core.transformer.walk`.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import torch
from torch import Tensor, nn

from core.positional import sinusoidal_encoding
from core.transformer_modules import Embedding, EncoderLayer, fill, stack_of
from core.transformer_parts import Stack
from core.translation import END
from core.vocabulary import END_ID, PADDING_ID, Vocabulary
from core.weights import read_weights

ASSETS = Path(__file__).parents[1] / "assets" / "gpt"
WEIGHTS_PATH = ASSETS / "gpt.safetensors"
VOCABULARY_PATH = ASSETS / "vocabulary.json"
WEIGHTS_SHA256 = "8feae071ae93dd74b39b4c41f326f72674f1f9b4664f14ea6abf3f8a6f433282"
N_HEADS = 4
BASE = 100.0  # of the waves that positions begin as: no slower ones for 64 positions
# The number that other vocabularies keep for padding: a text that is filled up after its end needs
# none, since no word reads a later one.
START_ID = PADDING_ID


class GptWeights(nn.Module):
    """All weights of the language model. The sizes are those of the one that comes with the lab."""

    def __init__(
        self,
        n_words: int,
        *,
        n_positions: int = 64,
        d_model: int = 128,
        d_hidden: int = 512,
        n_layers: int = 4,
    ) -> None:
        super().__init__()
        self.embedding = Embedding(n_words, n_positions, d_model)
        _start_from_waves(self.embedding.positions)
        self.layers = nn.ModuleList(EncoderLayer(d_model, d_hidden) for _ in range(n_layers))
        self.last_norm = nn.LayerNorm(d_model)
        self.output_bias = nn.Parameter(torch.zeros(n_words - END_ID))

    def stack(self, n_heads: int = N_HEADS) -> Stack:
        """Return the layers, ready to be run."""
        return stack_of(self.layers, n_heads, self.last_norm)

    def logits(self, states: Tensor) -> Tensor:
        """Compare the last vectors with every word that may be written.

        Parameters
        ----------
        states : Tensor (..., d_model)
            As they leave the last layer, before the last normalisation.

        Returns
        -------
        Tensor (..., n_words - END_ID)
            Of the end, then of every word; the start and the unknown word are never written.
        """
        table = self.embedding.words.weight[END_ID:]
        return nn.functional.linear(self.last_norm(states), table, self.output_bias)

    def log_probabilities(self, states: Tensor) -> Tensor:
        """Return the logarithms of the probabilities of what comes next: see `logits`."""
        result: Tensor = torch.log_softmax(self.logits(states), dim=-1)
        return result


def _start_from_waves(positions: nn.Embedding) -> None:
    """Draw no positions, but begin with sines and cosines of length one; on "meta" there are none.

    Section 3.5 of Vaswani et al. 2017 (arXiv:1706.03762). They are trained like the rest. One
    linear map shifts such positions by any distance, and "the word before this one" is the first
    thing that a model must be able to look for if it is to copy (Olsson et al. 2022).
    """
    if not positions.weight.is_meta:
        n_positions, d_model = positions.weight.shape
        waves = sinusoidal_encoding(range(n_positions), d_model, base=BASE) * (2 / d_model) ** 0.5
        with torch.no_grad():
            positions.weight.copy_(torch.from_numpy(waves))


@dataclass(frozen=True, eq=False)
class Gpt:
    """The language model with its vocabulary.

    Attributes
    ----------
    weights : GptWeights
        In evaluation mode, without gradients.
    vocabulary : Vocabulary
        Its numbers: `START_ID`, `core.vocabulary.UNKNOWN_ID`, `core.vocabulary.END_ID`, words.
    n_heads : int
        Heads of every layer.
    """

    weights: GptWeights
    vocabulary: Vocabulary
    n_heads: int = N_HEADS

    @cached_property
    def stack(self) -> Stack:
        """The layers, ready to be run."""
        return self.weights.stack(self.n_heads)

    @cached_property
    def written(self) -> tuple[str, ...]:
        """What may be written, in the order of the probabilities: the end, then the words."""
        return (END, *self.vocabulary.words)

    @property
    def n_layers(self) -> int:
        """Number of layers."""
        return len(self.weights.layers)

    @property
    def d_model(self) -> int:
        """Width of a word's vector."""
        return self.weights.embedding.words.embedding_dim

    @property
    def d_head(self) -> int:
        """Width of a head's queries, keys and values."""
        return self.d_model // self.n_heads

    @property
    def n_positions(self) -> int:
        """Positions, the start's among them."""
        return self.weights.embedding.positions.num_embeddings

    @property
    def max_words(self) -> int:
        """The most words that it can read: the start takes one position."""
        return self.n_positions - 1

    @property
    def n_parameters(self) -> int:
        """Numbers that were learned."""
        return sum(parameter.numel() for parameter in self.weights.parameters())

    def unknown_words(self, words: Sequence[str]) -> tuple[str, ...]:
        """Return the words that it does not know, in their order, each once."""
        return tuple(dict.fromkeys(words[place] for place in self.vocabulary.missing(words)))

    def numbers(self, words: Sequence[str]) -> tuple[int, ...]:
        """Return what enters for some words: the start's number, then the words'."""
        return (START_ID, *self.vocabulary.encode(words)[:-1])


def load_gpt(path: Path = WEIGHTS_PATH, vocabulary: Path = VOCABULARY_PATH) -> Gpt:
    """Load the trained language model that comes with the lab. Opens two files, no connection.

    Parameters
    ----------
    path : Path
        A safetensors file made by ``assets/gpt/train.py``. The lab's own file is checked against
        its SHA-256.
    vocabulary : Path
        The words that it knows, made by the same script.

    Raises
    ------
    WeightsError
        If the weights are missing, damaged or for another model.
    ValueError
        If the vocabulary cannot be read.
    """
    sha256 = WEIGHTS_SHA256 if path == WEIGHTS_PATH else None
    return build_gpt(read_weights(path, sha256=sha256), read_words(vocabulary))


def read_words(path: Path = VOCABULARY_PATH) -> Vocabulary:
    """Read the words that the language model knows.

    Raises
    ------
    ValueError
        If the file is missing or does not hold a list of words.
    """
    try:
        return Vocabulary(tuple(json.loads(path.read_text(encoding="utf-8"))["words"]))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ValueError(f"The vocabulary at {path} cannot be read: {error}") from error


def build_gpt(tensors: dict[str, Tensor], vocabulary: Vocabulary) -> Gpt:
    """Assemble the model from its weights, which are used as they are, not copied.

    Raises
    ------
    WeightsError
        If a tensor is missing, left over or of another shape.
    """
    with torch.device("meta"):  # nothing is drawn at random only to be overwritten
        weights = GptWeights(len(vocabulary))
    fill(weights, tensors, "the language model")
    return Gpt(weights=weights, vocabulary=vocabulary)
