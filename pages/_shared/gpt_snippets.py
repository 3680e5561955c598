"""Programs that print the numbers of the small language model's page: a row, and what comes next.

What a reader typed enters as quoted Python strings and in no other way.
"""

from __future__ import annotations

import base64
from typing import Final

import numpy as np

from core.notebook import Code, Markdown
from core.sampling import Sampling
from pages._shared.attention_case import ROOT
from pages._shared.code_text import Library, array_code, join_blocks, lines_where, words_code
from pages._shared.gpt_distribution import Distribution
from pages._shared.gpt_row import GptRow
from pages._shared.row_code import (
    DIFFERENCE,
    N_STRONGEST,
    TORCH_CHECK,
    packed_array,
    packed_keys,
    row_values,
)
from pages._shared.snippets import Cell
from pages._shared.words import number

_ROW_TITLE: Final = '"""A row of a small GPT\'s attention, as Attention Lab showed it."""'
_NEXT_TITLE: Final = '"""What may come next in a text, as Attention Lab showed it."""'
_FORCED: Final = "# A weight of this row was forced on the page: no softmax leads to these."
_LINE: Final = 96


def row_program(case: GptRow, library: Library) -> str:
    """Return a program that prints the strongest weights of a row."""
    tokens = case.strongest(N_STRONGEST)
    blocks = (
        _ROW_TITLE,
        _import_code(library),
        f"# Layer {case.layer + 1}, {_head_name(case)}: what a word reads of {case.n_tokens:,} "
        "words,\n# itself and those before it.\n"
        f"reader = {case.reader!r}\n"
        f"{words_code('words', [case.name(token) for token in tokens])}",
        row_values(case, library, f"{library}.exp"),
        "for word, weight in zip(words, weights, strict=True):\n"
        '    print(f"{reader} reads {word}: {weight:.6f}")',
    )
    return join_blocks(blocks) + "\n"


def next_program(
    logs: np.ndarray[tuple[int], np.dtype[np.float32]],
    found: Distribution,
    sampling: Sampling,
    library: Library,
) -> str:
    """Return a program that narrows the probabilities of all words, and prints those shown.

    Parameters
    ----------
    logs : ndarray of float32, (word,)
        Log-probabilities of all words.
    found : Distribution
    sampling : Sampling
    library : {"np", "torch"}
    """
    torch = library == "torch"
    lines = (
        (True, f"logs = logs.{'double()' if torch else 'astype(np.float64)'}"),
        (sampling.temperature > 0, f"temperature = {sampling.temperature!r}"),
        (sampling.temperature > 0 and not torch, "chances = np.exp(logs / temperature)"),
        (sampling.temperature > 0 and torch, "chances = torch.exp(logs / temperature)"),
        (sampling.temperature == 0 and not torch, "chances = np.zeros_like(logs)"),
        (sampling.temperature == 0 and torch, "chances = torch.zeros_like(logs)"),
        (sampling.temperature == 0, "chances[logs.argmax()] = 1.0  # temperature 0"),
        (True, "chances /= chances.sum()"),
        (not torch, 'order = np.argsort(-chances, kind="stable")  # the most probable first'),
        (torch, "order = torch.argsort(chances, descending=True, stable=True)"),
        (bool(sampling.top_k), f"order = order[:{sampling.top_k}]  # top-k"),
        (sampling.top_p < 1, "shares = chances[order] / chances[order].sum()"),
        (
            sampling.top_p < 1,
            f"before = shares.cumsum({'0' if torch else ''}) - shares  # what better ones have",
        ),
        (
            sampling.top_p < 1,
            f"order = order[: max(1, int((before < {sampling.top_p!r}).sum()))]  # top-p",
        ),
        (True, f"drawn_from = {library}.zeros_like(chances)"),
        (True, "drawn_from[order] = chances[order] / chances[order].sum()"),
    )
    shown = {found.names[word]: word for word in found.shown}
    return (
        join_blocks(
            (
                _NEXT_TITLE,
                f"import base64\n\n{_import_code(library)}",
                _packed_logs(logs, library),
                lines_where(*lines),
                f"shown = {shown!r}\nfor word, place in shown.items():\n"
                f'    print(f"{{word}}: {{{library}.exp(logs[place]):.4f}} by the model, "\n'
                '          f"drawn with {drawn_from[place]:.4f}")',
            )
        )
        + "\n"
    )


def notebook_cells(
    case: GptRow,
    logs: np.ndarray[tuple[int], np.dtype[np.float32]],
    found: Distribution,
    sampling: Sampling,
) -> list[Cell]:
    """Return a notebook that computes a row of attention, and what comes next."""
    numbers = "np.set_printoptions(precision=4, suppress=True)"
    cells: list[Cell] = [
        Markdown(
            "# How does attention write the next word?\n\n"
            f"Layer {case.layer + 1}, {_head_name(case)}. NumPy is all that it takes, but for one "
            "cell that compares with PyTorch."
        )
    ]
    names = f"reader = {case.reader!r}\n{words_code('words', case.names)}"
    printing = f'{numbers}\nprint("weights_row", row, sep="\\n")'
    if case.is_forced:
        forced = f"{_FORCED}\n{array_code('row', case.row, 'np', '(word,)')}"
        cells.append(Code(join_blocks(("import base64\n\nimport numpy as np", names, forced))))
        cells.append(Code(printing))
    else:
        cells += [
            Markdown("**Query and keys** of the words that may be read, none of them later."),
            Code(join_blocks((packed_keys(case), names))),
            Markdown("**Scores and softmax.**"),
            Code(_row_code(case)),
            Code(printing),
            Markdown("**PyTorch's own function.** Needs PyTorch (`pip install torch`)."),
            Code(TORCH_CHECK + DIFFERENCE[case.is_mean]),
        ]
    program = next_program(logs, found, sampling, "np").split("\n\n", 2)[2]
    return [
        *cells,
        Markdown(
            "**What comes next**: temperature "
            f"{number(sampling.temperature)}, top-k {sampling.top_k or 'off'}, top-p "
            f"{number(sampling.top_p)}."
        ),
        Code(program.removeprefix("import numpy as np\n\n")),
        Code('drawn = drawn_from[list(shown.values())]\nprint("drawn_from", drawn, sep="\\n")'),
    ]


def _row_code(case: GptRow) -> str:
    query = "query[:, None, :]" if case.is_mean else "query"
    logits = (
        f"logits = ({query} * key).sum(axis=-1) * scale  # (head, word)"
        if case.is_mean
        else "logits = key @ query * scale  # (word,)"
    )
    return lines_where(
        (True, f"scale = {ROOT}"),
        (True, logits),
        (True, "exponentials = np.exp(logits - logits.max(axis=-1, keepdims=True))"),
        (True, "row = exponentials / exponentials.sum(axis=-1, keepdims=True)"),
        (case.is_mean, "row = row.mean(axis=0)  # (word,)"),
        (True, "row.shape, row.sum()"),
    )


def _packed_logs(logs: np.ndarray[tuple[int], np.dtype[np.float32]], library: Library) -> str:
    if library == "np":
        return packed_array("logs", logs, "(word,)")
    text = base64.b64encode(np.ascontiguousarray(logs, dtype="<f4").tobytes()).decode("ascii")
    starts = range(0, len(text), _LINE)
    lines = "\n".join(text[start : start + _LINE] for start in starts)
    return (
        f'packed = """\n{lines}\n"""\n\n'
        "logs = torch.frombuffer(bytearray(base64.b64decode(packed)), dtype=torch.float32)"
    )


def _import_code(library: Library) -> str:
    return "import numpy as np" if library == "np" else "import torch"


def _head_name(case: GptRow) -> str:
    return f"mean of {case.n_heads} heads" if case.is_mean else f"head {case.head + 1}"
