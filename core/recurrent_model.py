"""The recurrent translator's weights, and how they are loaded."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor, nn

from core.transformer_modules import draw, fill, word_table
from core.translator_model import ASSETS
from core.vocabulary import END_ID, VOCABULARY_PATH, Vocabulary, read_vocabularies
from core.weights import read_weights

WEIGHTS_PATH = ASSETS / "recurrent.safetensors"
WEIGHTS_SHA256 = "d6dd634f118e314912a1b1173e509821d86d3aeddc7c1cfa407138af739f3fdc"
MAX_WORDS = 39  # as many as the Transformer, so that both can be shown on one sentence


class RecurrentWeights(nn.Module):
    """All weights of the recurrent translator."""

    def __init__(self, n_english: int, n_french: int, *, d_model: int = 192) -> None:
        super().__init__()
        self.english = word_table(n_english, d_model)
        self.encoder = nn.GRU(d_model, d_model // 2, bidirectional=True, batch_first=True)
        self.first_state = nn.Linear(d_model, d_model)
        self.french = word_table(n_french, d_model)
        self.query = nn.Linear(d_model, d_model, bias=False)
        self.key = nn.Linear(d_model, d_model)
        self.score = nn.Linear(d_model, 1, bias=False)
        self.cell = nn.GRUCell(2 * d_model, d_model)
        self.readout = nn.Linear(3 * d_model, d_model)
        self.output_bias = nn.Parameter(torch.zeros(n_french - END_ID))
        draw(self.english, self.french)

    def embed(self, table: nn.Embedding, numbers: Tensor) -> Tensor:
        """Return vectors of about the length that the Transformer gives its words."""
        vectors: Tensor = table(numbers) * table.embedding_dim**0.5
        return vectors

    def attention_logits(self, state: Tensor, keys: Tensor) -> Tensor:
        """Score each source word, Bahdanau et al. 2015, appendix A.1.2.

        Parameters
        ----------
        state : Tensor (..., d_model)
        keys : Tensor (..., source, d_model)
            Already projected by `key`.

        Returns
        -------
        Tensor (..., source)
        """
        logits: Tensor = self.score(torch.tanh(self.query(state)[..., None, :] + keys))
        return logits[..., 0]

    def log_probabilities(self, readout: Tensor) -> Tensor:
        """Return those of the end, then of every French word, (..., n_french - END_ID)."""
        table = self.french.weight[END_ID:]
        logits = nn.functional.linear(readout, table, self.output_bias)
        result: Tensor = torch.log_softmax(logits, dim=-1)
        return result


@dataclass(frozen=True, eq=False)
class RecurrentTranslator:
    """The recurrent network with its two vocabularies.

    Attributes
    ----------
    weights : RecurrentWeights
        In evaluation mode, without gradients.
    english, french : Vocabulary
    """

    weights: RecurrentWeights
    english: Vocabulary
    french: Vocabulary

    @property
    def max_words(self) -> int:
        """The most words that a sentence may have."""
        return MAX_WORDS


def load_recurrent_translator(
    path: Path = WEIGHTS_PATH, vocabulary: Path = VOCABULARY_PATH
) -> RecurrentTranslator:
    """Load the recurrent translator that comes with the lab. Opens two files and no connection.

    Parameters, returns and raises are those of `core.translator_model.load_translator`.
    """
    sha256 = WEIGHTS_SHA256 if path == WEIGHTS_PATH else None
    return build_recurrent_translator(
        read_weights(path, sha256=sha256), *read_vocabularies(vocabulary)
    )


def build_recurrent_translator(
    tensors: dict[str, Tensor], english: Vocabulary, french: Vocabulary
) -> RecurrentTranslator:
    """Assemble the model from its weights; raises as `core.translator_model.build_translator`."""
    with torch.device("meta"):
        weights = RecurrentWeights(len(english), len(french))
    fill(weights, tensors, "the translator")
    return RecurrentTranslator(weights=weights, english=english, french=french)
