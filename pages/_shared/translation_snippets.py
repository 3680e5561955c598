"""Programs that compute one row of a translator's attention, as the page shows it.

A reader's words enter as quoted Python strings and in no other way.
"""

from __future__ import annotations

import base64
from typing import Final

import numpy as np

from core.notebook import Code, Markdown
from pages._shared.attention_case import ROOT
from pages._shared.code_text import Library, array_code, join_blocks, lines_where, words_code
from pages._shared.snippets import Cell
from pages._shared.translation_case import TranslationCase

_TITLE: Final = '"""A row of a translator\'s attention, as Attention Lab showed it."""'
_BASE64_LINE: Final = 96
_FORCED: Final = "# A weight of this row was forced on the page: no softmax leads to these."


def numpy_program(case: TranslationCase) -> str:
    """Return a program that needs NumPy alone and prints the row."""
    return _program(case, "np")


def torch_program(case: TranslationCase) -> str:
    """Return a program that needs PyTorch alone and prints the row."""
    return _program(case, "torch")


def notebook_cells(case: TranslationCase, about: str) -> list[Cell]:
    """Return a notebook that computes the row from query and keys, of every head that is shown.

    Parameters
    ----------
    case : TranslationCase
    about : str
        The opening, in Markdown: no words of a reader's.
    """
    opening = Markdown(f"{about.strip()}\n\nNumPy is all that it takes, but for the last cell.")
    names = join_blocks(("import base64\n\nimport numpy as np", _names(case)))
    printing = Code(f"np.set_printoptions(precision=4, suppress=True)\n{_printing()}")
    if case.is_forced:
        row = f"{_FORCED}\n{array_code('row', case.row, 'np', '(n_key,)')}"
        return [opening, Code(names), Code(row), printing]
    many = case.is_mean
    cells: list[Cell] = [
        opening,
        Markdown("**Query and keys**, as the model computed them, packed as base64."),
        Code(join_blocks((names, _packed(case)))),
        Markdown("**Scores**, divided by the root of d_head, and the **softmax** of each row."),
        Code(
            lines_where(
                (True, f"scale = {ROOT}"),
                (True, "logits = (key @ query[:, :, np.newaxis])[..., 0] * scale  # (head, n_key)"),
                (not case.mask.all(), array_code("mask", case.mask, "np", "True = may be read")),
                (not case.mask.all(), "logits = np.where(mask, logits, -np.inf)"),
                (True, "exponentials = np.exp(logits - logits.max(axis=-1, keepdims=True))"),
                (True, "weights = exponentials / exponentials.sum(axis=-1, keepdims=True)"),
                (True, "weights.shape, weights.sum(axis=-1)"),
            )
        ),
        Markdown(f"**What the page shows**{': the mean of the heads' if many else ''}."),
        Code("row = weights.mean(axis=0)  # (n_key,)"),
        printing,
        Markdown("**PyTorch's own function**, with the identity as values. Needs PyTorch."),
        Code(_torch_check(case)),
    ]
    return cells


def _program(case: TranslationCase, library: Library) -> str:
    imports = "import numpy as np" if library == "np" else "import torch"
    digits = "np.set_printoptions(precision=4, suppress=True)"
    if library == "torch":
        digits = "torch.set_printoptions(precision=4, sci_mode=False)"
    values = _mean_values(case, library) if case.is_mean else _head_values(case, library)
    blocks = (_TITLE, imports, _names(case), values, f"{digits}\n{_printing()}")
    return join_blocks(blocks) + "\n"


def _names(case: TranslationCase) -> str:
    return (
        f"reader = {case.reader!r}\n{words_code('words', case.keys)}\nchosen = {case.reading.key}"
    )


def _head_values(case: TranslationCase, library: Library) -> str:
    return "\n".join(
        (
            array_code("query", case.query[0], library, "(d_head,)"),
            array_code("key", case.key[0], library, "(n_key, d_head)"),
            f"scale = {ROOT}",
            "logits = key @ query * scale  # (n_key,)",
            _softmax(case, library, axis=0),
            "row = weights",
        )
    )


def _mean_values(case: TranslationCase, library: Library) -> str:
    logits = np.where(np.isfinite(case.logits), case.logits, 0).astype(np.float32)
    axis = "axis" if library == "np" else "dim"
    return "\n".join(
        (
            "# Each head has a query, keys and a softmax of its own. Here are what comes of them,",
            "# query · key / root of d_head; choose one head on the page for its query and keys.",
            array_code("logits", logits, library, "(head, n_key)"),
            _softmax(case, library, axis=1),
            f"row = weights.mean({axis}=0)  # (n_key,)",
        )
    )


def _softmax(case: TranslationCase, library: Library, axis: int) -> str:
    if library == "torch":
        softmax = f"weights = torch.softmax(logits, dim={axis})"
        blocked = "logits = torch.where(mask, logits, -torch.inf)"
    else:
        softmax = (
            f"exponentials = np.exp(logits - logits.max(axis={axis}, keepdims=True))\n"
            f"weights = exponentials / exponentials.sum(axis={axis}, keepdims=True)"
        )
        blocked = "logits = np.where(mask, logits, -np.inf)"
    some = not case.mask.all()
    return lines_where(
        (some, array_code("mask", case.mask, library, "True = may be read")),
        (some, blocked),
        (True, softmax),
    )


def _printing() -> str:
    return (
        'print("row", row, sep="\\n")\nprint(f"{reader} reads {words[chosen]}: {row[chosen]:.4f}")'
    )


def _packed(case: TranslationCase) -> str:
    parts = []
    for name, array, shape in (
        ("query", case.query, "(head, d_head)"),
        ("key", case.key, "(head, n_key, d_head)"),
    ):
        data = np.ascontiguousarray(array, dtype="<f4").tobytes()
        text = base64.b64encode(data).decode("ascii")
        starts = range(0, len(text), _BASE64_LINE)
        lines = "\n".join(text[start : start + _BASE64_LINE] for start in starts)
        parts.append(
            f'packed = """\n{lines}\n"""\n'
            f'{name} = np.frombuffer(base64.b64decode(packed), dtype="<f4")\n'
            f"{name} = {name}.reshape{array.shape}  # {shape}"
        )
    return "\n".join(parts)


def _torch_check(case: TranslationCase) -> str:
    mask = "" if case.mask.all() else ", attn_mask=torch.tensor(mask)[None, None]"
    return f"""import torch
from torch.nn.functional import scaled_dot_product_attention

identity = torch.eye(row.size).expand(len(key), -1, -1)
reference = scaled_dot_product_attention(
    torch.tensor(query)[:, None], torch.tensor(key), identity{mask}
)[:, 0].mean(dim=0)
print(f"largest difference: {{np.abs(row - reference.numpy()).max():.1e}}")"""
