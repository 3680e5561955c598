"""The translator before the Transformer: a recurrent network with additive attention.

The model of Bahdanau, Cho and Bengio 2015 (arXiv:1409.0473), in which attention was first used to
translate: an encoder that runs over the sentence in both directions, and a decoder that at every
step compares its state with each source word, ``score . tanh(W_query state + W_key word)``, and
reads the mean that the softmax of these gives. Simpler than theirs in one place: the next word is
read from a single tanh layer instead of a maxout layer.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from core.decoding import Step, Stepper, to_translation, write
from core.translation import N_MOST, Interventions, Part, Translation, check_interventions
from core.translator_model import ASSETS, draw, fill, word_table
from core.vocabulary import END_ID, VOCABULARY_PATH, Vocabulary, read_vocabularies
from core.weight_edits import force_weights
from core.weights import read_weights

WEIGHTS_PATH = ASSETS / "recurrent.safetensors"
WEIGHTS_SHA256 = "d6dd634f118e314912a1b1173e509821d86d3aeddc7c1cfa407138af739f3fdc"
MAX_WORDS = 39  # as many as the Transformer, so that both can be shown on one sentence
HEADS: dict[Part, tuple[int, int]] = {"encoder": (0, 0), "decoder": (0, 0), "cross": (1, 1)}


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
    fill(weights, tensors)
    return RecurrentTranslator(weights=weights, english=english, french=french)


def translate_recurrent(
    model: RecurrentTranslator,
    english: Sequence[str],
    interventions: Interventions = Interventions(),  # noqa: B008 (frozen)
    *,
    n_most: int = N_MOST,
    given: Sequence[str] | None = None,
) -> Translation:
    """Translate a sentence, writing the most probable word at each step.

    Parameters
    ----------
    model : RecurrentTranslator
        The model; not changed.
    english : sequence of str
        As in `core.translator.translate`.
    interventions : Interventions
        A hidden word is skipped by the encoder too, in both directions: the rest is encoded as if
        the word were not there. The one head that can be dropped is ``("cross", 0, 0)``.
    n_most : int
        Stop after so many words even without an end.
    given : sequence of str, optional
        Run this translation (without its end) through the model instead of choosing words.

    Returns
    -------
    Translation
        Its cross-attention has one layer and one head, the other two parts none.

    Raises
    ------
    ValueError
        As `core.translator.translate` and `core.translator.teacher_forced`.
    """
    if not 1 <= len(english) <= MAX_WORDS:
        raise ValueError(
            f"The sentence has {len(english)} words and marks; the model reads 1 to {MAX_WORDS}."
        )
    if given is not None and (strange := model.french.missing(given)):
        raise ValueError(f"The model cannot write {given[strange[0]]!r}: it does not know it.")
    check_interventions(interventions, len(english), HEADS, n_most)
    numbers = None if given is None else model.french.encode(given)
    source, first_state = _encode(model, english, interventions)
    written = write(_stepper(model, source, interventions), first_state, n_most, numbers)
    no_weights = np.zeros((0, 0, len(english) + 1, len(english) + 1), dtype=np.float32)
    return to_translation(
        written, english, no_weights, (model.english, model.french), interventions
    )


@dataclass(frozen=True, eq=False)
class _Source:
    """What the decoder reads: states and keys, each (source, d_model), and which may be read."""

    states: Tensor
    keys: Tensor
    visible: Tensor


@torch.no_grad()
def _encode(
    model: RecurrentTranslator, english: Sequence[str], interventions: Interventions
) -> tuple[_Source, tuple[int, Tensor]]:
    weights = model.weights
    visible = torch.ones(len(english) + 1, dtype=torch.bool)
    visible[list(interventions.hidden_words)] = False
    words = weights.embed(weights.english, torch.tensor(model.english.encode(english)))
    states = torch.zeros_like(words)
    states[visible], last = weights.encoder(words[visible])  # last: (direction, d_model / 2)
    first_state = torch.tanh(weights.first_state(last.flatten()))
    return _Source(states, weights.key(states), visible), (0, first_state)


def _stepper(
    model: RecurrentTranslator, source: _Source, interventions: Interventions
) -> Stepper[tuple[int, Tensor]]:
    """Return the function that decodes one step after another; its state counts them."""
    weights = model.weights
    no_rows = np.zeros((0, 0, 1), dtype=np.float32)

    @torch.no_grad()
    def step(last: int, before: tuple[int, Tensor]) -> Step[tuple[int, Tensor]]:
        index, state = before
        entering = weights.embed(weights.french, torch.tensor(last))  # (d_model,)
        read, context = _read(model, source, state, index, interventions)
        state = weights.cell(torch.cat([entering, context]), state)
        readout = torch.tanh(weights.readout(torch.cat([state, context, entering])))
        return Step(
            log_probabilities=weights.log_probabilities(readout).numpy(),
            decoder_rows=no_rows.repeat(index + 1, axis=2),
            cross_rows=read[None, None].numpy(),
            state=(index + 1, state),
        )

    return step


def _read(
    model: RecurrentTranslator,
    source: _Source,
    state: Tensor,
    index: int,
    interventions: Interventions,
) -> tuple[Tensor, Tensor]:
    """Return the weights (source,) of one step and the mean that they give (d_model,)."""
    logits = model.weights.attention_logits(state, source.keys)
    read = torch.softmax(logits.masked_fill(~source.visible, -torch.inf), dim=-1)
    edits = [
        replace(edit, query=0) for edit in interventions.edits("cross", 0) if edit.query == index
    ]
    if edits:
        read = torch.from_numpy(force_weights(read[None, None].numpy(), edits))[0, 0]
    context = read @ source.states
    return read, torch.zeros_like(context) if interventions.dropped("cross", 0) else context
