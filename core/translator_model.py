"""The trained English-French Transformer that comes with the lab: its parts, and how it is loaded.

An encoder-decoder Transformer (Vaswani et al. 2017, arXiv:1706.03762) with layer normalisation
before each part rather than after it (Xiong et al. 2020, arXiv:2002.04745), learned positions, and
one table for the French words that go in and those that come out (Press and Wolf 2017,
arXiv:1608.05859). What it was trained on: ``assets/translator/README.md``.

The modules here hold weights and say how they are arranged. They are run, one sentence at a time
and in the open, by `core.translator`, and many sentences at once by `core.bilingual.training`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor, nn

from core.translation import Part
from core.vocabulary import END_ID, VOCABULARY_PATH, Vocabulary, read_vocabularies
from core.weights import WeightsError, read_weights

ASSETS = Path(__file__).parents[1] / "assets" / "translator"
WEIGHTS_PATH = ASSETS / "transformer.safetensors"
WEIGHTS_SHA256 = "8697293f1ca4e7acfc2e06a43069a746d76ff47dd8074a06bc32b6b1b9520ddc"
N_HEADS = 4


class AttentionWeights(nn.Module):
    """The four projections of one multi-head attention."""

    def __init__(self, d_model: int) -> None:
        super().__init__()
        self.query = nn.Linear(d_model, d_model)
        self.key = nn.Linear(d_model, d_model)
        self.value = nn.Linear(d_model, d_model)
        self.output = nn.Linear(d_model, d_model)


class FeedForward(nn.Module):
    """Two linear maps with a rectifier between them."""

    def __init__(self, d_model: int, d_hidden: int) -> None:
        super().__init__()
        self.inner = nn.Linear(d_model, d_hidden)
        self.outer = nn.Linear(d_hidden, d_model)

    def forward(self, x: Tensor) -> Tensor:
        """Map every position by itself, (..., d_model) to (..., d_model)."""
        result: Tensor = self.outer(torch.relu(self.inner(x)))
        return result


class EncoderLayer(nn.Module):
    """Self-attention, then a feed-forward part, each behind a normalisation."""

    def __init__(self, d_model: int, d_hidden: int) -> None:
        super().__init__()
        self.self_norm = nn.LayerNorm(d_model)
        self.self_attention = AttentionWeights(d_model)
        self.feed_forward_norm = nn.LayerNorm(d_model)
        self.feed_forward = FeedForward(d_model, d_hidden)


class DecoderLayer(EncoderLayer):
    """An encoder layer with a cross-attention between its two parts."""

    def __init__(self, d_model: int, d_hidden: int) -> None:
        super().__init__(d_model, d_hidden)
        self.cross_norm = nn.LayerNorm(d_model)
        self.cross_attention = AttentionWeights(d_model)


def word_table(n_words: int, d_model: int) -> nn.Embedding:
    """Return a table of vectors, on "meta" without drawing any: that would load a library first."""
    if torch.get_default_device().type == "meta":
        return nn.Embedding(n_words, d_model, _weight=torch.empty(n_words, d_model))
    return nn.Embedding(n_words, d_model)


def draw(*tables: nn.Embedding) -> None:
    """Draw the vectors of tables anew, of length about one; on "meta" there are none."""
    for table in tables:
        if not table.weight.is_meta:
            nn.init.normal_(table.weight, std=table.embedding_dim**-0.5)


class Embedding(nn.Module):
    """Words and positions as vectors, added up."""

    def __init__(self, n_words: int, n_positions: int, d_model: int) -> None:
        super().__init__()
        self.words = word_table(n_words, d_model)
        self.positions = word_table(n_positions, d_model)
        draw(self.words, self.positions)

    def forward(self, numbers: Tensor, first: int = 0) -> Tensor:
        """Embed words that stand one after the other, the first at position `first`.

        Parameters
        ----------
        numbers : Tensor of int, (..., position)

        Returns
        -------
        Tensor (..., position, d_model)
        """
        words = self.words(numbers)
        positions = self.positions.weight[first : first + numbers.shape[-1]]
        # As in section 3.4 of Vaswani et al.: the French table is also the output layer, where
        # small numbers are wanted; here they are brought to a length of about the root of d_model.
        result: Tensor = (words + positions) * words.shape[-1] ** 0.5
        return result


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
    fill(weights, tensors)
    return Translator(weights=weights, english=english, french=french)


def fill(module: nn.Module, tensors: dict[str, Tensor]) -> None:
    """Give a module its weights, and put it in evaluation mode, without gradients."""
    try:
        module.load_state_dict(tensors, strict=True, assign=True)
    except RuntimeError as error:
        reason = " ".join(str(error).split())
        raise WeightsError(f"These weights do not fit the translator: {reason}") from error
    module.eval().requires_grad_(requires_grad=False)
