"""Programs that compute what the page on self- and cross-attention shows: NumPy, PyTorch, notebook.

A program is text with the page's present numbers in it; it runs alone. The names of what it
computes are those of the board: of a decoder layer's two attentions the one that is shown in full
has the plain names. What a reader typed enters as a quoted Python string and in no other way.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from core.notebook import Code, Markdown
from pages._shared.attention_case import DIFFERENCE
from pages._shared.code_text import Library, array_code, join_blocks, lines_where, words_code
from pages._shared.self_cross_scene import ONTO_SOURCE, Reading, Scene

TITLE: Final = '"""Self- and cross-attention, with the numbers that Attention Lab showed."""'
_DIGITS: Final = 'np.set_printoptions(precision=4, suppress=True, floatmode="fixed")'
_MATRICES: Final = (
    ("W_Q", "query", "d_head"),
    ("W_K", "key", "d_head"),
    ("W_V", "value", "d_value"),
)


@dataclass(frozen=True, eq=False)
class Part:
    """One attention of a program.

    Attributes
    ----------
    reading : Reading
    prefix : str
        Before the names of what it computes; nothing for the one that is shown in full.
    owner : str
        Before the names of its matrices; nothing where there is only one attention.
    target, source : str
        The names of what asks and of what is asked.
    total : str
        The name of `target` plus what it read; nothing where it is not added.
    """

    reading: Reading
    prefix: str = ""
    owner: str = ""
    target: str = "x_target"
    source: str = "x_target"
    total: str = ""


@dataclass(frozen=True, eq=False)
class SequenceCase:
    """What a program is to repeat.

    Attributes
    ----------
    parts : tuple of Part
        One attention, or both of a decoder layer.
    shown : Reading
        The one that is shown in full.
    chosen : (int, int)
        Row and column of the weight that the last line names.
    """

    parts: tuple[Part, ...]
    shown: Reading
    chosen: tuple[int, int]

    @staticmethod
    def of(scene: Scene) -> SequenceCase:
        """Return what the page shows as a case."""
        if scene.layer is None:
            reading = scene.shown
            source = "x_source" if reading.part == ONTO_SOURCE else "x_target"
            return SequenceCase((Part(reading, source=source),), reading, scene.chosen)
        first, second = scene.readings
        of_self, of_cross = ("", "cross_") if scene.state.step == 0 else ("self_", "")
        parts = (
            Part(first, of_self, "self_", total="after_self"),
            Part(second, of_cross, "cross_", "after_self", "x_source", "layer"),
        )
        return SequenceCase(parts, scene.shown, scene.chosen)


def numpy_snippet(case: SequenceCase) -> str:
    """Return a program that needs NumPy alone and prints the page's very numbers."""
    steps = (code for part in case.parts for _, code, _ in _steps(part, "np"))
    blocks = (TITLE, "import numpy as np", _values(case, "np"), *steps, _DIGITS, _printing(case))
    return join_blocks(blocks) + "\n"


def torch_snippet(case: SequenceCase) -> str:
    """Return a program that needs PyTorch alone: the weights by hand, and PyTorch's function."""
    blocks = [TITLE, "import torch\nfrom torch.nn.functional import scaled_dot_product_attention"]
    blocks.append(_values(case, "torch"))
    for part in case.parts:
        blocks += [code for _, code, _ in _steps(part, "torch")]
    blocks.append(_check(case, "torch"))
    blocks.append("torch.set_printoptions(precision=4, sci_mode=False)\n" + _printing(case))
    return join_blocks(blocks) + "\n"


def notebook_cells(case: SequenceCase, about: str) -> list[Markdown | Code]:
    """Return a notebook that goes through the case one step at a time.

    Parameters
    ----------
    case : SequenceCase
    about : str
        The opening, in Markdown, without words of the reader's.
    """
    opening = (
        "The numbers are those that stood on the page. NumPy is all that it takes, but for the "
        "last cell, which compares with PyTorch."
    )
    cells: list[Markdown | Code] = [
        Markdown(f"{about.strip()}\n\n{opening}"),
        Markdown("**Embeddings and matrices.** One row of an embedding for each token."),
        Code(join_blocks(("import numpy as np", _DIGITS, _values(case, "np")))),
    ]
    for part in case.parts:
        for says, code, names in _steps(part, "np"):
            printing = "\n".join(f'print("{name}", {name}, sep="\\n")' for name in names)
            cells += [Markdown(says), Code(f"{code}\n{printing}")]
    return [
        *cells,
        Markdown("**The chosen weight.**"),
        Code(_chosen(case)),
        Markdown("**PyTorch's own function.** Needs PyTorch (`pip install torch`)."),
        Code(
            "import torch\nfrom torch.nn.functional import scaled_dot_product_attention\n\n"
            + _check(case, "np")
        ),
    ]


# A sentence in Markdown, the code, and the names of what came out.
_Step = tuple[str, str, tuple[str, ...]]


def _steps(part: Part, library: Library) -> list[_Step]:
    p, mine = part.prefix, part.owner
    projected = "\n".join(
        f"{p}{name} = {source} @ {mine}{matrix}  # ({rows}, {width})"
        for (matrix, name, width), source, rows in zip(
            _MATRICES,
            (part.target, part.source, part.source),
            ("n_query", "n_key", "n_key"),
            strict=True,
        )
    )
    scores = lines_where(
        (True, f"{p}scores = {p}query @ {p}key.T  # (n_query, n_key)"),
        (True, f"{p}logits = {p}scores / {p}query.shape[-1] ** 0.5  # root of d_head"),
        (part.reading.causal, _causal(p, library)),
    )
    steps: list[_Step] = [
        (_asks(part), projected, (f"{p}query", f"{p}key", f"{p}value")),
        ("**Scores.** Every query with every key, divided by √d_head.", scores, (f"{p}scores",)),
        (
            "**Weights and output.** Softmax over each row; then the values, averaged.",
            _softmax(p, library),
            (f"{p}weights", f"{p}output"),
        ),
    ]
    if part.total:
        code = f"{part.total} = {part.target} + {p}output  # the residual connection"
        steps.append(("**Residual.** What was read is added to what asked.", code, (part.total,)))
    return steps


def _asks(part: Part) -> str:
    if part.source == part.target:
        return "**Self-attention.** One sequence gives queries, keys and values."
    return "**Cross-attention.** One sequence gives the queries, the other keys and values."


def _causal(p: str, library: Library) -> str:
    dtype = "bool" if library == "np" else "torch.bool"
    blocked = f"np.where({p}mask, {p}logits, -np.inf)"
    if library == "torch":
        blocked = f"{p}logits.masked_fill(~{p}mask, -torch.inf)"
    return (
        "# True = may attend. Causal: a token reads itself and what stands before it.\n"
        f"{p}mask = {library}.tril({library}.ones({p}scores.shape, dtype={dtype}))\n"
        f"{p}logits = {blocked}"
    )


def _softmax(p: str, library: Library) -> str:
    weights = f"{p}weights = {p}logits.softmax(dim=-1)"
    if library == "np":
        weights = (
            f"exponentials = np.exp({p}logits - {p}logits.max(axis=-1, keepdims=True))\n"
            f"{p}weights = exponentials / exponentials.sum(axis=-1, keepdims=True)"
        )
    return f"{weights}\n{p}output = {p}weights @ {p}value  # (n_query, d_value)"


def _values(case: SequenceCase, library: Library) -> str:
    """Return the lines that hold words, embeddings and matrices."""
    first, last = case.parts[0].reading, case.parts[-1].reading
    words = [
        words_code("query_words", case.shown.rows),
        words_code("key_words", case.shown.asked),
    ]
    arrays = []
    if len(case.parts) > 1:
        arrays.append("# What the decoder was given: a start, then all words but the last.")
    arrays.append(array_code("x_target", first.target, library, "(n_target, d_model)"))
    if last.part == ONTO_SOURCE:
        arrays.append(array_code("x_source", last.source, library, "(n_source, d_model)"))
    matrices = [
        array_code(f"{part.owner}{name}", getattr(part.reading.matrices, of), library, shape)
        for part in case.parts
        for name, of, shape in ((name, of, f"(d_model, {size})") for name, of, size in _MATRICES)
    ]
    return join_blocks(("\n".join(words), "\n".join(arrays), "\n".join(matrices)))


def _printing(case: SequenceCase) -> str:
    names = ["weights", "output", *(part.total for part in case.parts if part.total)]
    return "\n".join((*(f'print("{name}", {name}, sep="\\n")' for name in names), _chosen(case)))


def _chosen(case: SequenceCase) -> str:
    i, j = case.chosen
    return f'print(f"{{query_words[{i}]}} reads {{key_words[{j}]}}: {{weights[{i}, {j}]:.4f}}")'


def _check(case: SequenceCase, library: Library) -> str:
    """Return the lines that compare with PyTorch's own function, which returns no weights."""
    causal = ", is_causal=True" if case.shown.causal else ""
    arrays = "query, key, value"
    if library == "np":
        arrays = f"*map(torch.from_numpy, ({arrays}))"
    call = f"reference = scaled_dot_product_attention({arrays}{causal})"
    difference = "(output - reference).abs().max()"
    if library == "np":
        difference = "np.abs(output - reference.numpy()).max()"
    return f"{call}\n{DIFFERENCE.format(difference)}"
