"""The trained English-French Transformer that comes with the lab: its parts, and how it is loaded.

An encoder-decoder Transformer (Vaswani et al. 2017, arXiv:1706.03762) with layer normalisation
before each part rather than after it (Xiong et al. 2020, arXiv:2002.04745), learned positions, and
one table for the French words that go in and those that come out (Press and Wolf 2017,
arXiv:1608.05859). What it was trained on: ``assets/translator/README.md``.

The modules here hold weights and say how they are arranged. `core.transformer.walk` runs them: one
sentence at a time and in the open for `core.translator`, many at once for
`core.bilingual.training`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import torch
from torch import Tensor, nn

from core.transformer_modules import DecoderLayer, Embedding, EncoderLayer, fill, stack_of
from core.transformer_parts import Stack
from core.translation import Part
from core.vocabulary import END_ID, VOCABULARY_PATH, Vocabulary, read_vocabularies
from core.weights import read_weights

ASSETS = Path(__file__).parents[1] / "assets" / "translator"
WEIGHTS_PATH = ASSETS / "transformer.safetensors"
WEIGHTS_SHA256 = "8697293f1ca4e7acfc2e06a43069a746d76ff47dd8074a06bc32b6b1b9520ddc"
N_HEADS = 4


class TransformerWeights(nn.Module):
    """All weights of the translator. The sizes are those of the model that comes with the lab."""

    def __init__(
        self,
        n_english: int,
        n_french: int,
        *,
        n_positions: int = 40,
        d_model: int = 128,
        d_hidden: int = 512,
        n_layers: int = 2,
    ) -> None:
        super().__init__()
        self.english = Embedding(n_english, n_positions, d_model)
        self.encoder = nn.ModuleList(EncoderLayer(d_model, d_hidden) for _ in range(n_layers))
        self.encoder_norm = nn.LayerNorm(d_model)
        self.french = Embedding(n_french, n_positions, d_model)
        self.decoder = nn.ModuleList(DecoderLayer(d_model, d_hidden) for _ in range(n_layers))
        self.decoder_norm = nn.LayerNorm(d_model)
        self.output_bias = nn.Parameter(torch.zeros(n_french - END_ID))

    def encoder_layers(self) -> Iterator[EncoderLayer]:
        """Go through the layers of the encoder."""
        return (layer for layer in self.encoder if isinstance(layer, EncoderLayer))

    def decoder_layers(self) -> Iterator[DecoderLayer]:
        """Go through the layers of the decoder."""
        return (layer for layer in self.decoder if isinstance(layer, DecoderLayer))

    def encoder_stack(self, n_heads: int = N_HEADS) -> Stack:
        """Return the encoder, ready to be run."""
        return stack_of(self.encoder, n_heads, self.encoder_norm)

    def decoder_stack(self, n_heads: int = N_HEADS) -> Stack:
        """Return the decoder, ready to be run."""
        return stack_of(self.decoder, n_heads, self.decoder_norm)

    def log_probabilities(self, decoded: Tensor) -> Tensor:
        """Compare the decoder's last vectors with the word that each French number stands for.

        Parameters
        ----------
        decoded : Tensor (..., d_model)

        Returns
        -------
        Tensor (..., n_french - END_ID)
            Of the end, then of every word; padding and the start are never written.
        """
        table = self.french.words.weight[END_ID:]
        logits = nn.functional.linear(self.decoder_norm(decoded), table, self.output_bias)
        result: Tensor = torch.log_softmax(logits, dim=-1)
        return result


@dataclass(frozen=True, eq=False)
class Translator:
    """The Transformer with its two vocabularies.

    Attributes
    ----------
    weights : TransformerWeights
        In evaluation mode, without gradients.
    english, french : Vocabulary
    n_heads : int
        Heads of every attention.
    """

    weights: TransformerWeights
    english: Vocabulary
    french: Vocabulary
    n_heads: int = N_HEADS

    @cached_property
    def encoder_stack(self) -> Stack:
        """The encoder, ready to be run."""
        return self.weights.encoder_stack(self.n_heads)

    @cached_property
    def decoder_stack(self) -> Stack:
        """The decoder, ready to be run."""
        return self.weights.decoder_stack(self.n_heads)

    @property
    def n_layers(self) -> int:
        """Layers of the encoder, and as many of the decoder."""
        return len(self.weights.encoder)

    @property
    def d_model(self) -> int:
        """Width of a word's vector."""
        return self.weights.english.words.embedding_dim

    @property
    def max_words(self) -> int:
        """The most words that a sentence may have: there are positions for no more."""
        return self.weights.english.positions.num_embeddings - 1  # the end takes one

    @property
    def heads_of_part(self) -> dict[Part, tuple[int, int]]:
        """Layers and heads of each part, for `core.translation.check_interventions`."""
        return dict.fromkeys(("encoder", "decoder", "cross"), (self.n_layers, self.n_heads))


def load_translator(path: Path = WEIGHTS_PATH, vocabulary: Path = VOCABULARY_PATH) -> Translator:
    """Load the trained translator that comes with the lab. Opens two files and no connection.

    Parameters
    ----------
    path : Path
        A safetensors file made by ``assets/translator/train.py``. The lab's own file is checked
        against its SHA-256.
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
    return build_translator(read_weights(path, sha256=sha256), *read_vocabularies(vocabulary))


def build_translator(
    tensors: dict[str, Tensor], english: Vocabulary, french: Vocabulary
) -> Translator:
    """Assemble the model from its weights, which are used as they are, not copied.

    Raises
    ------
    WeightsError
        If a tensor is missing, left over or of another shape.
    """
    with torch.device("meta"):  # nothing is drawn at random only to be overwritten
        weights = TransformerWeights(len(english), len(french))
    fill(weights, tensors, "the translator")
    return Translator(weights=weights, english=english, french=french)
