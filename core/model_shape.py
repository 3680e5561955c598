"""The shape of a whole Transformer: everything that its counts depend on, and no weights."""

from __future__ import annotations

from dataclasses import dataclass, fields

from core.head_counts import HeadSizes


@dataclass(frozen=True)
class TransformerShape:
    """Everything about a Transformer that its counts depend on.

    Attributes
    ----------
    encoder_layers, decoder_layers : int, >= 0
        Layers whose tokens read all tokens, and layers that write one token after the other. The
        latter have a cross-attention if there are encoder layers to read.
    d_model, n_heads, d_hidden : int, >= 1
        Width of a token, heads of every attention, width of the feed-forward part.
    n_words : int, >= 0
        Rows of the table of words; 0 for a model of pictures.
    n_target_words : int, >= 0
        Rows of a second table, for the decoder; 0 if both sides share the first, or there is none.
    n_positions : int, >= 0
        Rows of a learned table of positions, one table a side that has words of its own; 0 if
        positions are computed.
    n_types : int, >= 0
        Rows of a table that tells a first text from a second.
    d_patch : int, >= 0
        Numbers in a patch of a picture; 0 for a model of words.
    n_class_tokens : int, >= 0
        Learned tokens in front of the patches.
    n_outputs : int, >= 0
        What it chooses among at the end: words or classes; 0 if nothing is chosen.
    tied : bool
        Whether a table of words serves as the output layer too.
    output_bias : bool
        Whether there is a bias for each of the outputs.
    answers_once : bool
        Whether the end reads one token, not every one.
    has_pooler : bool
        A linear map of one token at the end, as in BERT.
    has_start_norm, has_end_norms : bool
        A normalisation after the embeddings; one after each stack of layers.
    has_layer_scale : bool
        A learned factor for each number that a part adds to the stream (Touvron et al. 2021,
        arXiv:2103.17239).

    Raises
    ------
    ValueError
        If a size is out of range, there is no layer, or the heads do not divide d_model.
    """

    encoder_layers: int
    decoder_layers: int
    d_model: int
    n_heads: int
    d_hidden: int
    n_words: int = 0
    n_target_words: int = 0
    n_positions: int = 0
    n_types: int = 0
    d_patch: int = 0
    n_class_tokens: int = 0
    n_outputs: int = 0
    tied: bool = True
    output_bias: bool = False
    answers_once: bool = False
    has_pooler: bool = False
    has_start_norm: bool = False
    has_end_norms: bool = False
    has_layer_scale: bool = False

    def __post_init__(self) -> None:
        sizes = [getattr(self, field.name) for field in fields(self)]
        widths = (self.d_model, self.n_heads, self.d_hidden, self.n_layers)
        if min(sizes) < 0 or min(widths) < 1 or self.d_model % self.n_heads:
            msg = (
                "A Transformer needs at least one layer, widths of at least 1, and heads that "
                f"divide d_model; got layers, d_model, heads, d_hidden = {self.n_layers}, "
                f"{self.d_model}, {self.n_heads}, {self.d_hidden}."
            )
            raise ValueError(msg)

    @property
    def n_layers(self) -> int:
        """Layers of both stacks; each has one feed-forward part."""
        return self.encoder_layers + self.decoder_layers

    @property
    def n_cross(self) -> int:
        """Cross-attentions: one for each decoder layer, if there is an encoder."""
        return self.decoder_layers if self.encoder_layers else 0

    @property
    def n_attentions(self) -> int:
        """Attentions of all layers, cross-attentions included."""
        return self.n_layers + self.n_cross

    @property
    def heads(self) -> HeadSizes:
        """The sizes of each attention."""
        return HeadSizes(self.d_model, self.n_heads, self.n_heads, self.d_model // self.n_heads)
