"""Name a text by the label sentence that it lies nearest to, and find the words that decided.

A sentence encoder puts texts of like meaning near each other, so a text can be classified without
any training for the task: each label becomes a sentence, and the label whose sentence has the
largest cosine with the text wins (Yin et al., *Benchmarking Zero-shot Text Classification*, 2019,
arXiv:1909.00161, for labels put as sentences).
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Float32Array = NDArray[np.float32]

EVALUATION_PATH = Path(__file__).parents[1] / "assets" / "text_encoder" / "evaluation.json"


@dataclass(frozen=True)
class Label:
    """A class: its name as shown, and the sentence that stands for it."""

    name: str
    sentence: str


@dataclass(frozen=True)
class Task:
    """A question to ask of a text, and the labels that may answer it."""

    name: str
    labels: tuple[Label, ...]


@dataclass(frozen=True)
class LabelledText:
    """A text of the small evaluation set, and the name of the label that it should get."""

    text: str
    label: str


TOPIC = Task(
    "Topic",
    tuple(
        Label(name, f"This text is about {name}.")
        for name in ("sport", "food", "technology", "travel", "health")
    ),
)
SENTIMENT = Task(
    "Sentiment",
    (
        Label("positive", "This was a good experience."),
        Label("negative", "This was a bad experience."),
    ),
)
# On these sentences the labels above were chosen among several; the others had no part in it.
CHOSEN_ON = "Sentiment, labels chosen on"
TASKS = (TOPIC, SENTIMENT)


def cosines(embeddings: Float32Array, labels: Float32Array) -> Float32Array:
    """Return how near texts lie to label sentences, in [-1, 1].

    Parameters
    ----------
    embeddings : ndarray of float32, (..., d_model)
        Of texts; each of length 1.
    labels : ndarray of float32, (label, d_model)
        Of the label sentences; each of length 1.

    Returns
    -------
    ndarray of float32, (..., label)
        Not probabilities: they do not sum to 1, and how far apart two of them are says little
        about how sure the answer is.

    Raises
    ------
    ValueError
        If the widths differ.
    """
    if labels.ndim != 2 or embeddings.shape[-1:] != labels.shape[1:]:
        raise ValueError(
            "Expected embeddings (..., d_model) and labels (label, d_model) of one width; got "
            f"{embeddings.shape} and {labels.shape}."
        )
    products: Float32Array = np.clip(embeddings @ labels.T, -1.0, 1.0)
    return products


def leave_one_out_change(
    whole: Float32Array, without: Float32Array, labels: Float32Array
) -> Float32Array:
    """Return what each word adds to the cosine with each label.

    Parameters
    ----------
    whole : ndarray of float32, (d_model,)
        The embedding of the text.
    without : ndarray of float32, (word, d_model)
        Of the text without each word in turn: `core.encoder.leave_one_out`.
    labels : ndarray of float32, (label, d_model)
        Of the label sentences.

    Returns
    -------
    ndarray of float32, (word, label)
        The cosine of the whole less that without the word. Above 0: the word draws the text
        towards the label. The changes of all words do not add up to the cosine.
    """
    change: Float32Array = cosines(whole, labels) - cosines(without, labels)
    return change


def evaluation_set(name: str) -> tuple[LabelledText, ...]:
    """Return some of the lab's own sentences, with the labels they should get.

    Parameters
    ----------
    name : str
        Of a task, or `CHOSEN_ON`.

    Raises
    ------
    ValueError
        If there are none of this name.
    """
    sentences = json.loads(EVALUATION_PATH.read_text(encoding="utf-8"))
    if name not in sentences:
        raise ValueError(f"There are sentences for {', '.join(sentences)}, not for {name!r}.")
    return tuple(
        LabelledText(text, label) for label, texts in sentences[name].items() for text in texts
    )
