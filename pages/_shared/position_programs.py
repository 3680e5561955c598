"""Programs that compute what is on the positional encoding page: NumPy, PyTorch, and a notebook.

A program is text with the page's present numbers in it; it runs alone. What a reader typed enters
as quoted Python strings and in no other way.
"""

from __future__ import annotations

import math
from typing import Final

from core.notebook import Code, Markdown
from core.position_attention import ADDED, BIASED, MAX_DISTANCE
from core.position_bias import alibi_slopes
from pages._shared.code_text import Library, array_code, join_blocks, lines_where, words_code
from pages._shared.position_toy import PositionState, Scene

_TITLE: Final = (
    '"""Attention among words with positions, with the numbers that Attention Lab showed."""'
)
_PRINT: Final = (
    'print("weights", weights, sep="\\n")\n'
    'print("output", output, sep="\\n")\n'
    'print("change", change, sep="\\n")'
)
_EFFECT: Final = (
    "old_weights, _ = read(content)\n"
    "weights, output = read(content[order])\n"
    "change = weights - old_weights[order][:, order]  # word by word"
)
_NUMPY_DIGITS: Final = 'np.set_printoptions(precision=4, suppress=True, floatmode="fixed")'
_TORCH_DIGITS: Final = "torch.set_printoptions(precision=4, sci_mode=False)"


def numpy_program(scene: Scene) -> str:
    """Return a program that needs NumPy alone and prints the page's numbers."""
    blocks = (
        _TITLE,
        "import numpy as np",
        _words(scene.state, "np"),
        _positions(scene.state, "np"),
        _numpy_reading(scene.state),
        _EFFECT,
        f"{_NUMPY_DIGITS}\n{_PRINT}",
    )
    return join_blocks(blocks) + "\n"


def torch_program(scene: Scene) -> str:
    """Return a program that reads with PyTorch's own attention and prints the page's numbers."""
    blocks = (
        _TITLE,
        "import torch\nfrom torch.nn.functional import scaled_dot_product_attention",
        _words(scene.state, "torch"),
        _positions(scene.state, "torch"),
        _torch_reading(scene.state),
        _EFFECT,
        f"{_TORCH_DIGITS}\n{_PRINT}",
    )
    return join_blocks(blocks) + "\n"


def notebook_cells(scene: Scene) -> list[Markdown | Code]:
    """Return a notebook that goes through the page one step at a time."""
    state = scene.state
    return [
        Markdown(
            "# Where did the word order go, and how does it come back?\n\nThe numbers are those "
            "that stood on the page. NumPy is all that it takes, but for the last cell."
        ),
        Markdown("**Words.** One row for each; `order` says which of them stands in each place."),
        Code(join_blocks(("import numpy as np", _NUMPY_DIGITS, _words(state, "np")))),
        Markdown(f"**Positions.** {_SAYS[state.kind]}"),
        Code(_positions(state, "np")),
        Markdown("**Reading.** Scaled scores, softmax, and the average of the values."),
        Code(_numpy_reading(state)),
        Markdown(
            "**What the order does.** The same words in both orders, compared word by word. "
            "Without positions the change would be 0."
        ),
        Code(f"{_EFFECT}\n{_PRINT}"),
        Markdown(
            "**PyTorch's own attention** on the same numbers. Needs PyTorch (`pip install torch`)."
        ),
        Code(torch_program(scene)),
    ]


_SAYS: Final = {
    "None": "There are none: nothing says where a word stands.",
    "Sinusoidal": "Sines and cosines of ever slower waves, added to the words.",
    "Learned": "A table with a row for each position, added to the words.",
    "Rotary": "Queries and keys are turned, pair by pair; the angle grows with the position.",
    "ALiBi": "A bias on the scores that falls with the distance in a straight line.",
    "T5 bias": "A bias on the scores that is looked up by distance, in buckets.",
}


def _words(state: PositionState, library: Library) -> str:
    return "\n".join(
        (
            words_code("tokens", state.tokens),
            array_code("content", state.content, library, "(n, d_model), as typed"),
            f"order = {list(state.order)}",
        )
    )


def _positions(state: PositionState, library: Library) -> str:
    """Return the lines that make the positions, and the function that gives them to words."""
    n, first = len(state.tokens), state.positions.first
    kind = ", dtype=torch.float64" if library == "torch" else ""
    places = f"positions = {library}.arange({first}, {first + n}{kind})"
    if state.kind == "None":
        return "def placed(words):\n    return words, words"
    if state.kind in ADDED:
        table = _sinusoids(state, library) if state.kind == "Sinusoidal" else ""
        if state.kind == "Learned":
            rows = state.learned[:n]
            return join_blocks((array_code("position", rows, library, "(n, d_model)"), _ADDING))
        return join_blocks((f"{places}\n{table}", _ADDING))
    if state.kind == "Rotary":
        return join_blocks(
            (f"{places}\n{_angles(state, state.rotary_dim, library)}", _turn(state, library))
        )
    relative = "relative = positions[None, :] - positions[:, None]  # key minus query"
    bias = _alibi(state) if state.kind == "ALiBi" else _t5(state, library)
    return join_blocks(
        (f"{places}\n{relative}\n{bias}", "def placed(words):\n    return words, words")
    )


_ADDING: Final = (
    "def placed(words):\n"
    "    x = words + position  # added before anything else, so values get it too\n"
    "    return x, x"
)


def _angles(state: PositionState, n: int, library: Library) -> str:
    kind = ", dtype=torch.float64" if library == "torch" else ""
    return (
        f"exponents = {library}.arange(0, {n}, 2{kind}) / {n}  # two numbers to a wave\n"
        f"angles = positions[:, None] * {float(state.base)!r} ** -exponents  # radians"
    )


def _sinusoids(state: PositionState, library: Library) -> str:
    axis = "axis" if library == "np" else "dim"
    join = "np.concatenate" if library == "np" else "torch.cat"
    both = f"[{library}.sin(angles), {library}.cos(angles)]"
    made = f"position = {join}({both}, {axis}=-1)"
    if state.layout == "interleaved":
        shape = f"{len(state.tokens)}, {state.content.shape[1]}"
        made = f"position = {library}.stack({both}, {axis}=-1).reshape({shape})"
    return f"{_angles(state, state.content.shape[1], library)}\n{made}"


def _turn(state: PositionState, library: Library) -> str:
    n, half = state.rotary_dim, state.rotary_dim // 2
    one, other = f":, :{half}", f":, {half}:{n}"
    if state.layout == "interleaved":
        one, other = f":, 0:{n}:2", f":, 1:{n}:2"
    copy = "copy" if library == "np" else "clone"
    return (
        f"cos, sin = {library}.cos(angles), {library}.sin(angles)\n\n\n"
        "def placed(words):\n"
        f"    x = words.{copy}()\n"
        f"    x[{one}] = words[{one}] * cos - words[{other}] * sin\n"
        f"    x[{other}] = words[{one}] * sin + words[{other}] * cos\n"
        "    return x, words  # values are not turned"
    )


def _alibi(state: PositionState) -> str:
    slope = float(alibi_slopes(state.n_heads)[state.chosen_head])
    return (
        f"slope = {slope!r}  # of head {state.chosen_head + 1} of {state.n_heads}\n"
        "bias = -slope * abs(relative)"
    )


def _t5(state: PositionState, library: Library) -> str:
    """Return the buckets of T5 in a few lines; far distances share buckets."""
    n_buckets = state.buckets.shape[1]
    n = n_buckets if state.causal else n_buckets // 2
    exact = n // 2
    behind = "-relative" if state.causal else "abs(relative)"
    floor = "np.maximum({}, {})" if library == "np" else "({}).clamp(min={})"
    whole = "astype(int)" if library == "np" else "long()"
    far = floor.format("behind", exact)
    share = f"{library}.log({far} / {exact}) / {math.log(MAX_DISTANCE / exact)!r}"
    table = array_code(
        "bucket_bias", state.positions.bucket_bias, library, f"head {state.chosen_head + 1}"
    )
    lines = (
        f"behind = {floor.format(behind, 0)}",
        f"shared = {exact} + {library}.floor({share} * {n - exact} + 1e-9)",
        f"bucket = {library}.where(behind < {exact}, behind, shared.clip(max={n - 1}))",
    )
    ahead = "" if state.causal else f"bucket = bucket + {n} * (relative > 0)"
    return "\n".join(
        (table, *lines, *([ahead] if ahead else []), f"bias = bucket_bias[bucket.{whole}]")
    )


def _numpy_reading(state: PositionState) -> str:
    return lines_where(
        (True, "def read(words):"),
        (True, "    query, value = placed(words)"),
        (True, "    logits = query @ query.T / query.shape[1] ** 0.5  # keys are the queries"),
        (state.kind in BIASED, "    logits = logits + bias"),
        (
            state.causal,
            "    logits = np.where(np.tri(len(words), dtype=bool), logits, -np.inf)  # causal",
        ),
        (True, "    exponentials = np.exp(logits - logits.max(axis=-1, keepdims=True))"),
        (True, "    weights = exponentials / exponentials.sum(axis=-1, keepdims=True)"),
        (True, "    return weights, weights @ value"),
    )


def _torch_reading(state: PositionState) -> str:
    is_biased = state.kind in BIASED
    mask = "bias" if is_biased else "torch.zeros(len(words), len(words), dtype=torch.float64)"
    causal = "mask.masked_fill(~torch.ones_like(mask).tril().bool(), -torch.inf)"
    return lines_where(
        (True, "def read(words):"),
        (True, "    query, value = placed(words)"),
        (True, f"    mask = {mask}"),
        (state.causal, f"    mask = {causal}"),
        (True, "    output = scaled_dot_product_attention(query, query, value, attn_mask=mask)"),
        (True, "    # It returns no weights: they come out where the values are one-hot."),
        (True, "    one_hot = torch.eye(len(words), dtype=torch.float64)"),
        (True, "    weights = scaled_dot_product_attention(query, query, one_hot, attn_mask=mask)"),
        (True, "    return weights, output"),
    )
