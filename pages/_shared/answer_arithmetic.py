"""The last step of a classifier in real numbers: dot products, softmax, and programs for both."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from core.notebook import Code, Markdown
from pages._shared.arithmetic import fraction, power, sum_of
from pages._shared.code_text import Library, array_code, join_blocks, words_code
from pages._shared.row_code import packed_array
from pages._shared.snippets import Cell
from pages._shared.words import bracketed, number

_TITLE: Final = '"""The answer of a Vision Transformer, as Attention Lab showed it."""'
_IMPORTS: Final[dict[Library, str]] = {"np": "import numpy as np", "torch": "import torch"}
# A program to copy holds so many of a thousand classes.
_MOST_CLASSES: Final = 10

Float32Array = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Linear:
    """What logits are made from: ``W @ x + b``.

    Attributes
    ----------
    feature : ndarray of float32, (d_model,)
        x: the final, normalised class token, or the mean of the patches.
    directions : ndarray of float32, (class, d_model)
        The rows of W.
    offsets : ndarray of float32, (class,)
        b.
    """

    feature: Float32Array
    directions: Float32Array
    offsets: Float32Array


@dataclass(frozen=True, eq=False)
class AnswerCase:
    """What an answer is read from, and what comes of it.

    Attributes
    ----------
    names : tuple of str
        The classes.
    logits : ndarray of float32, (class,)
    linear : Linear or None
        What the logits are made from, where that is shown.
    """

    names: tuple[str, ...]
    logits: Float32Array
    linear: Linear | None = None

    @property
    def order(self) -> NDArray[np.intp]:
        """The classes, the likeliest first."""
        return np.argsort(-self.logits, kind="stable")

    @property
    def winner(self) -> str:
        """The name of the likeliest class."""
        return self.names[int(self.order[0])]


def answer_lines(case: AnswerCase) -> list[str]:
    """Write the logit and the probability of the likeliest class."""
    first = int(case.order[0])
    wide = case.logits.astype(np.float64)
    shifted = np.sort(wide - wide.max())[::-1]
    powers = sum_of([power(each) for each in shifted])
    total = float(np.exp(shifted).sum())
    return [
        *_logit_line(case, first),
        "less the largest logit, its own, that is 0: no share changes, and no power overflows",
        f"probability = {fraction(power(0.0), powers)} = {fraction('1', number(total, 4))} = "
        f"{number(1 / total, 4)}",
    ]


def _logit_line(case: AnswerCase, first: int) -> list[str]:
    if case.linear is None:
        return [f"its logit = {number(float(case.logits[first]))}"]
    products = zip(case.linear.feature, case.linear.directions[first], strict=True)
    terms = [f"{bracketed(x, 3)} · {bracketed(w, 3)}" for x, w in products]
    return [
        f"logit = <i>w</i> · <i>x</i> + <i>b</i> = {sum_of(terms)} + "
        f"{bracketed(case.linear.offsets[first], 3)} = {number(float(case.logits[first]))}"
    ]


def answer_program(case: AnswerCase, library: Library) -> str:
    """Return a program that computes the probabilities and prints the likeliest three."""
    shown = np.sort(case.order[:_MOST_CLASSES])
    others = np.setdiff1d(case.order, shown)
    rest, plus = "", ""
    if others.size:
        wide = case.logits.astype(np.float64)
        total = float(np.exp(wide[others] - wide.max()).sum())
        rest = f"rest = {total!r}  # what the {others.size} classes left out add, less the peak too"
        plus = " + rest"
    blocks = (
        _TITLE,
        _IMPORTS[library],
        words_code("classes", [case.names[index] for index in shown]),
        *_logits_code(case, shown, library),
        rest,
        f"exponentials = {library}.exp(logits - logits.max())\n"
        f"probabilities = exponentials / (exponentials.sum(){plus})",
        "pairs = zip(probabilities.tolist(), classes, strict=True)\n"
        "for probability, name in sorted(pairs, reverse=True)[:3]:\n"
        '    print(f"{name}: {probability:.4f}")',
    )
    return join_blocks(blocks) + "\n"


def _logits_code(case: AnswerCase, shown: NDArray[np.intp], library: Library) -> tuple[str, ...]:
    linear = case.linear
    if linear is None:
        return (array_code("logits", case.logits[shown], library, f"({shown.size},)"),)
    d_model = linear.feature.size
    return (
        array_code("x", linear.feature, library, f"({d_model},): what the answer is read from"),
        array_code("W", linear.directions[shown], library, f"({shown.size}, {d_model})"),
        array_code("b", linear.offsets[shown], library, f"({shown.size},)"),
        f"logits = W @ x + b  # ({shown.size},)",
    )


def answer_cells(case: AnswerCase, about: str) -> list[Cell]:
    """Return a notebook that computes all probabilities; `about` is its opening, in Markdown."""
    linear = case.linear
    if linear is None:
        arrays = [packed_array("logits", case.logits, f"({case.logits.size},)")]
        logits = "logits.min(), logits.max()"
    else:
        shape = f"({case.logits.size}, {linear.feature.size})"
        arrays = [
            packed_array("x", linear.feature, f"({linear.feature.size},)"),
            packed_array("W", linear.directions, shape),
            packed_array("b", linear.offsets, f"({case.logits.size},)"),
        ]
        logits = f"logits = W @ x + b  # ({case.logits.size},)\nlogits"
    return [
        Markdown(
            f"{about.strip()}\n\nThe last step: what attention gathered, times a direction for "
            "each class, plus an offset; softmax makes of these logits probabilities. NumPy is all "
            "that it takes."
        ),
        Code("import base64\n\nimport numpy as np"),
        Code(join_blocks((words_code("classes", case.names), *arrays))),
        Markdown("**Logits.**"),
        Code(logits),
        Markdown("**Softmax.** Less the largest, so that no power overflows."),
        Code(
            "exponentials = np.exp(logits - logits.max())\n"
            "probabilities = exponentials / exponentials.sum()  # (class,)\n"
            'print("probabilities", probabilities, sep="\\n")'
        ),
        Markdown("**What the page says.**"),
        Code(
            "for index in np.argsort(-probabilities)[:3]:\n"
            '    print(f"{classes[index]}: {probabilities[index]:.4f}")'
        ),
    ]
