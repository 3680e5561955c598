"""One attention as a program is to repeat it, and the lines that every such program has."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from pages._shared.code_text import Library, array_code, join_blocks, lines_where, words_code

if TYPE_CHECKING:
    from pages._shared.attention_settings import Computed, Settings

# From this exponent on `exp` overflows: the log of the largest number.
OVERFLOW: Final = {"float16": "11.1", "float32": "88.7", "float64": "709.8"}
TITLE: Final = '"""Scaled dot-product attention, with the numbers that Attention Lab showed."""'
ROOT: Final = "1 / query.shape[-1] ** 0.5  # root of d_head, not of d_model"
ROUND_ONCE: Final = "# float16 is for storage: compute in float32 and round once, at the end."
IN_HALF: Final = "From here on everything is computed in float16, which overflows soonest."
_TORCH_MEANING: Final = "True = may attend (in nn.MultiheadAttention True = blocked)"
DIFFERENCE: Final = 'print(f"largest difference from PyTorch\'s own output: {{{}:.1e}}")'


@dataclass(frozen=True, eq=False)
class AttentionCase:
    """One attention as a program is to repeat it.

    Attributes
    ----------
    tokens : tuple of str
        The queries' names; the keys' as well unless `key_tokens` is given.
    query, key, value : ndarray, (n_query, d_head), (n_key, d_head), (n_key, d_value)
        All of one dtype: float16, float32 or float64.
    chosen : (int, int)
        Query and key of the weight that the last line names.
    mask : ndarray of bool, (n_query, n_key) or (1, n_key), optional
        True = may attend. A causal mask and one of padding are written as such.
    bias : ndarray of real numbers, (n_query, n_key) or 1 in place of either, optional
        Added to the scaled scores; ``-inf`` blocks a cell.
    scale : float, optional
        Factor on the scores; 1 / sqrt(d_head) unless given, 1.0 for none.
    temperature : float
        Divides the logits inside softmax.
    naive : bool
        Whether softmax leaves out subtracting the row's maximum.
    key_tokens : tuple of str, optional
        The keys' names where they are not the queries'.

    Raises
    ------
    ValueError
        If arrays and tokens differ in number, the dtypes are not one of the three, or `bias` has
        another shape or is not of real numbers.
    """

    tokens: tuple[str, ...]
    query: NDArray[Any]
    key: NDArray[Any]
    value: NDArray[Any]
    chosen: tuple[int, int]
    mask: NDArray[np.bool_] | None = None
    bias: NDArray[Any] | None = None
    scale: float | None = None
    temperature: float = 1.0
    naive: bool = False
    key_tokens: tuple[str, ...] | None = None

    def __post_init__(self) -> None:
        arrays = (self.query, self.key, self.value)
        n_query = len(self.tokens)
        n_key = n_query if self.key_tokens is None else len(self.key_tokens)
        if tuple(map(len, arrays)) != (n_query, n_key, n_key):
            shapes = ", ".join(str(array.shape) for array in arrays)
            msg = f"Expected a row for each of {n_query} queries and {n_key} keys, got {shapes}."
            raise ValueError(msg)
        dtypes = {str(array.dtype) for array in arrays}
        if len(dtypes) > 1 or not dtypes <= OVERFLOW.keys():
            msg = f"query, key and value must be of one dtype of {list(OVERFLOW)}, got {dtypes}."
            raise ValueError(msg)
        if self.bias is not None:
            _check_bias(self.bias, n_query, n_key)

    @property
    def dtype(self) -> str:
        """The precision."""
        return str(self.query.dtype)

    @property
    def working_dtype(self) -> str:
        """The precision that scores are computed in: float16 is for storage."""
        return "float64" if self.dtype == "float64" else "float32"

    @property
    def rounds_once(self) -> bool:
        """Whether float16 is computed in float32, as the lab does it, and rounded at the end."""
        return self.dtype == "float16" and not self.naive

    @property
    def stays_in_half(self) -> bool:
        """Whether softmax and output are computed in float16 itself, to see it overflow."""
        return self.dtype == "float16" and self.naive

    @property
    def is_causal(self) -> bool:
        """Whether the mask lets each query see the keys up to its own place, and no others."""
        shape = (len(self.query), len(self.key))
        return self.mask is not None and np.array_equal(self.mask, np.tril(np.ones(shape, bool)))

    @property
    def n_real(self) -> int | None:
        """Number of keys before the padding, or None if the mask is not one of padding."""
        if self.mask is None or self.mask.shape != (1, len(self.key)):
            return None
        n_real = int(self.mask.sum())
        return n_real if self.mask[0, :n_real].all() else None

    @property
    def may_be_empty(self) -> bool:
        """Whether a mask or bias of this kind can leave a query nothing to attend to."""
        return self.bias_blocks or (self.mask is not None and not self.is_causal)

    @property
    def bias_blocks(self) -> bool:
        """Whether the bias blocks cells."""
        return self.bias is not None and bool(np.isneginf(self.bias).any())


def _check_bias(bias: NDArray[Any], n_query: int, n_key: int) -> None:
    fits = bias.ndim == 2 and bias.shape[0] in (1, n_query) and bias.shape[1] in (1, n_key)
    if not fits or bias.dtype.kind not in "iuf":
        msg = (
            f"bias must hold real numbers for {n_query} queries and {n_key} keys, got "
            f"{bias.dtype} of shape {bias.shape}; booleans are a mask."
        )
        raise ValueError(msg)


def case_of(
    computed: Computed, settings: Settings, tokens: tuple[str, ...], query: int, key: int
) -> AttentionCase:
    """Return what the page computed as a case, with the weight (`query`, `key`) chosen."""
    return AttentionCase(
        tokens=tokens,
        query=computed.query,
        key=computed.key,
        value=computed.value,
        chosen=(query, key),
        mask=computed.mask,
        scale=None if settings.divided else 1.0,
        temperature=settings.temperature,
        naive=settings.softmax == "Naive",
    )


def temperature_code(case: AttentionCase) -> str:
    """Return the line that sets the temperature."""
    return f"temperature = {case.temperature!r}  # below 1 sharpens, above 1 flattens"


def naive_trap(case: AttentionCase) -> str:
    """Return the comment that names what goes wrong without the row's maximum."""
    limit = f"{OVERFLOW[case.dtype]} on in {case.dtype}"
    return lines_where(
        (True, f"# The trap: without subtracting the row's maximum, exp overflows from {limit};"),
        (True, "# weights are then inf / inf = NaN."),
        (case.may_be_empty, "# A row with nothing to attend to is 0 / 0 = NaN as well."),
    )


def values_code(case: AttentionCase, library: Library) -> str:
    """Return the lines that hold tokens, query, key and value."""
    names = [words_code("tokens", case.tokens)]
    if case.key_tokens is not None:
        names = [
            words_code("query_tokens", case.tokens),
            words_code("key_tokens", case.key_tokens),
        ]
    arrays = (
        array_code("query", case.query, library, "(n_query, d_head)"),
        array_code("key", case.key, library, "(n_key, d_head)"),
        array_code("value", case.value, library, "(n_key, d_value)"),
    )
    return join_blocks(("\n".join(names), "\n".join(arrays)))


def mask_code(case: AttentionCase, library: Library) -> str:
    """Return the lines that make the mask; none for none."""
    if case.mask is None:
        return ""
    n_query, n_key = len(case.query), len(case.key)
    meaning = "True = may attend" if library == "np" else _TORCH_MEANING
    if case.is_causal:
        dtype = "bool" if library == "np" else "torch.bool"
        return (
            f"# {meaning}.\n# Causal: a query sees the keys up to its own place.\n"
            f"mask = {library}.tril({library}.ones(({n_query}, {n_key}), dtype={dtype}))"
        )
    if case.n_real is not None:
        return (
            f"# {meaning}.\n# Padding hides keys: no query reads them.\n"
            f"mask = {library}.arange({n_key}) < {case.n_real}  # (n_key,)"
        )
    shape = "(1, n_key)" if len(case.mask) == 1 else "(n_query, n_key)"
    return f"# {meaning}.\n{array_code('mask', case.mask, library, shape)}"


def bias_code(case: AttentionCase, library: Library) -> str:
    """Return the lines that make the bias and add it; none for none."""
    if case.bias is None:
        return ""
    axes = zip(case.bias.shape, ("n_query", "n_key"), strict=True)
    shape = ", ".join("1" if n == 1 else axis for n, axis in axes)
    bias = case.bias.astype(case.working_dtype) + 0.0  # no -0.0 to be read
    return f"{array_code('bias', bias, library, f'({shape})')}\nlogits = logits + bias"


def added_code(case: AttentionCase, library: Library) -> str:
    """Return what PyTorch's function is to add to the scaled scores: the bias, mask included."""
    added = "bias"
    if case.mask is not None:
        added = f"{library}.where(mask, bias, -{library}.inf)"
    return added if case.temperature == 1.0 else f"{added} / temperature"


def printing_code(case: AttentionCase) -> str:
    """Return the lines that print the weights, the output and the chosen weight."""
    i, j = case.chosen
    query, key = f"tokens[{i}]", f"tokens[{j}]"
    if case.key_tokens is not None:
        query, key = f"query_{query}", f"key_{key}"
    return "\n".join(
        (
            'print("weights", weights, sep="\\n")',
            'print("output", output, sep="\\n")',
            f'print(f"{{{query}}} reads {{{key}}}: {{weights[{i}, {j}]:.4f}}")',
        )
    )
