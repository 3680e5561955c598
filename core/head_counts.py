"""What heads cost: parameters, arithmetic, and the memory of a cache.

Counts are exact whole numbers for one attention layer without biases; they follow from the shapes
in `core.multi_head` alone.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class HeadSizes:
    """The sizes of one attention layer.

    Attributes
    ----------
    d_model : int, >= 1
        Width of the tokens that go in and come out.
    n_head : int, >= 1
        Heads of the queries.
    n_kv_head : int, >= 1
        Heads of keys and values; divides `n_head`.
    d_head : int, >= 1
        Width of a query, key and value of one head. Usually d_model / n_head.

    Raises
    ------
    ValueError
        If a size is below 1 or `n_kv_head` does not divide `n_head`.
    """

    d_model: int
    n_head: int
    n_kv_head: int
    d_head: int

    def __post_init__(self) -> None:
        sizes = (self.d_model, self.n_head, self.n_kv_head, self.d_head)
        if min(sizes) < 1 or self.n_head % self.n_kv_head:
            msg = (
                "Sizes must be at least 1, and key/value heads must divide the heads; got d_model, "
                f"heads, key/value heads, d_head = {sizes}."
            )
            raise ValueError(msg)

    @property
    def query_width(self) -> int:
        """Columns of W_Q and rows of W_O: ``n_head * d_head``."""
        return self.n_head * self.d_head

    @property
    def kv_width(self) -> int:
        """Columns of W_K, and of W_V: ``n_kv_head * d_head``."""
        return self.n_kv_head * self.d_head


@dataclass(frozen=True)
class Parameters:
    """Numbers that are learned, by matrix."""

    query: int
    key: int
    value: int
    output: int

    @property
    def total(self) -> int:
        """All four matrices together."""
        return self.query + self.key + self.value + self.output


@dataclass(frozen=True)
class Flops:
    """Floating point operations of one pass, a multiplication and an addition counted as two.

    Attributes
    ----------
    projections : int
        Queries, keys and values of the new tokens.
    scores : int
        Dot products of queries and keys, all heads.
    reading : int
        Averages of values, all heads.
    output : int
        The product with W_O.
    """

    projections: int
    scores: int
    reading: int
    output: int

    @property
    def total(self) -> int:
        """All of them; softmax and scaling are left out, as is usual."""
        return self.projections + self.scores + self.reading + self.output


def count_parameters(sizes: HeadSizes) -> Parameters:
    """Count the numbers in W_Q, W_K, W_V and W_O.

    With d_head = d_model / n_head and as many key/value heads as heads it is 4 d_model², whatever
    the number of heads.
    """
    query, shared = sizes.d_model * sizes.query_width, sizes.d_model * sizes.kv_width
    return Parameters(query=query, key=shared, value=shared, output=query)


def count_flops(sizes: HeadSizes, n_query: int, n_key: int) -> Flops:
    """Count the arithmetic for `n_query` new tokens that read `n_key` tokens, themselves included.

    Parameters
    ----------
    sizes : HeadSizes
    n_query : int, >= 0
        Tokens whose query, key and value are computed: all of a text at once, or 1 with a cache.
    n_key : int, >= 0
        Tokens that each of them reads.

    Raises
    ------
    ValueError
        If a number is negative.
    """
    if min(n_query, n_key) < 0:
        msg = f"Numbers of tokens must not be negative, got {n_query} and {n_key}."
        raise ValueError(msg)
    cells = sizes.query_width * n_query * n_key
    wide = sizes.d_model * n_query
    return Flops(
        projections=2 * wide * (sizes.query_width + 2 * sizes.kv_width),
        scores=2 * cells,
        reading=2 * cells,
        output=2 * wide * sizes.query_width,
    )


def cache_numbers(sizes: HeadSizes, *, n_token: int = 1, n_layer: int = 1) -> int:
    """Count the numbers that a cache keeps: ``2 * n_layer * n_kv_head * d_head`` for each token.

    Raises
    ------
    ValueError
        If a number is negative.
    """
    if min(n_token, n_layer) < 0:
        msg = f"Tokens and layers must not be negative, got {n_token} and {n_layer}."
        raise ValueError(msg)
    return 2 * n_layer * sizes.kv_width * n_token
