"""The trained text encoder that comes with the lab: its weights, and how they are loaded.

all-MiniLM-L6-v2 (sentence-transformers), a distilled BERT (Wang et al. 2020, arXiv:2002.10957)
trained to put sentences of like meaning near each other. Where the weights come from:
``assets/text_encoder/README.md``.

The weights stay in memory as they are in the file, in half precision, and are widened where they
are used: about half a millisecond a pass for half of the memory. The table of words, half of the
file, stays on the disk; a pass reads the rows of its own words.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F  # noqa: N812 (its usual name)
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open
from torch import Tensor

from core.transformer_parts import SELF, AttentionPart, FeedForwardPart, Map, Part, Stack
from core.weights import WeightsError, read_weights

WEIGHTS_PATH = Path(__file__).parents[1] / "assets" / "text_encoder" / "text_encoder.safetensors"
WEIGHTS_SHA256 = "279d124b0be4331a086a52263846f0e86cfe3625860be4b454a8bf8a91f61ce8"

N_LAYERS = 6
N_HEADS = 12
D_MODEL = 384
D_HIDDEN = 1536
N_POSITIONS = 512
N_PIECES = 30522
LAYER_NORM_EPSILON = 1e-12

WORD_TABLE = "embeddings.word_embeddings.weight"
POSITION_TABLE = "embeddings.position_embeddings.weight"
TYPE_TABLE = "embeddings.token_type_embeddings.weight"


@dataclass(frozen=True, eq=False)
class TextEncoder:
    """The encoder's weights: never changed, so that any number of sessions may share them.

    Attributes
    ----------
    path : Path
        The file, which still holds the table of words.
    tensors : dict of str to Tensor
        Everything else, by the names of `transformers`' ``BertModel``, as in the file.
    """

    path: Path
    tensors: dict[str, Tensor]

    @property
    def n_layers(self) -> int:
        """Number of layers."""
        return N_LAYERS

    @property
    def n_heads(self) -> int:
        """Number of heads in each layer."""
        return N_HEADS

    @property
    def d_model(self) -> int:
        """Width of a token."""
        return D_MODEL

    @property
    def d_head(self) -> int:
        """Width of a head."""
        return D_MODEL // N_HEADS

    def get(self, name: str) -> Tensor:
        """Return a tensor of the file in single precision."""
        return self.tensors[name].float()

    def first_norm(self, tokens: Tensor) -> Tensor:
        """Normalise the embedded tokens, (..., token, d_model)."""
        return self._norm("embeddings.LayerNorm")(tokens)

    @cached_property
    def stack(self) -> Stack:
        """The layers, ready to be run. Weights are widened as they are used, not before."""
        return Stack(
            layers=tuple(self._parts(layer) for layer in range(self.n_layers)), norm_first=False
        )

    def _parts(self, layer: int) -> tuple[Part, ...]:
        prefix = f"encoder.layer.{layer}"
        attention = AttentionPart(
            SELF,
            self.n_heads,
            norm=self._norm(f"{prefix}.attention.output.LayerNorm"),
            query=self._linear(f"{prefix}.attention.self.query"),
            key=self._linear(f"{prefix}.attention.self.key"),
            value=self._linear(f"{prefix}.attention.self.value"),
            output=self._linear(f"{prefix}.attention.output.dense"),
        )
        forward = FeedForwardPart(
            norm=self._norm(f"{prefix}.output.LayerNorm"),
            inner=self._linear(f"{prefix}.intermediate.dense"),
            activation=F.gelu,
            outer=self._linear(f"{prefix}.output.dense"),
        )
        return attention, forward

    def _linear(self, name: str) -> Map:
        return lambda x: F.linear(x, self.get(f"{name}.weight"), self.get(f"{name}.bias"))

    def _norm(self, name: str) -> Map:
        def normalise(x: Tensor) -> Tensor:
            weight, bias = self.get(f"{name}.weight"), self.get(f"{name}.bias")
            return F.layer_norm(x, (self.d_model,), weight, bias, LAYER_NORM_EPSILON)

        return normalise

    def position_table(self) -> NDArray[np.float32]:
        """Return the trained vectors of the 512 positions, (position, d_model)."""
        table: NDArray[np.float32] = self.get(POSITION_TABLE).numpy()
        return table

    def word_rows(self, ids: Sequence[int]) -> Tensor:
        """Read the vectors of some pieces from the file, (piece, d_model), in single precision.

        Raises
        ------
        WeightsError
            If the file is gone.
        """
        try:
            with safe_open(self.path, framework="pt") as file:
                table = file.get_slice(WORD_TABLE)
                return torch.stack([table[number] for number in ids]).float()
        except (SafetensorError, OSError) as error:
            raise WeightsError(f"The weights at {self.path} cannot be read: {error}.") from error


def load_encoder(path: Path = WEIGHTS_PATH) -> TextEncoder:
    """Load the trained encoder that comes with the lab. Opens one file and no connection.

    Parameters
    ----------
    path : Path
        A safetensors file made by ``assets/text_encoder/convert.py``. The lab's own file is
        checked against its SHA-256.

    Raises
    ------
    WeightsError
        If the file is missing, damaged or for another model.
    """
    sha256 = WEIGHTS_SHA256 if path == WEIGHTS_PATH else None
    expected = expected_shapes()
    tensors = read_weights(
        path, sha256=sha256, required=expected, leave_out={WORD_TABLE}, widen=False
    )
    with safe_open(path, framework="pt") as file:
        found = {name: tuple(file.get_slice(name).get_shape()) for name in expected}
    for name, shape in expected.items():
        if found[name] != shape:
            raise WeightsError(
                f"The weights at {path} are for another model: {name!r} is {found[name]}, "
                f"expected {shape}."
            )
    return TextEncoder(path=path, tensors=tensors)


def expected_shapes() -> dict[str, tuple[int, ...]]:
    """Return the shape of every tensor of the encoder by name."""
    shapes: dict[str, tuple[int, ...]] = {
        WORD_TABLE: (N_PIECES, D_MODEL),
        POSITION_TABLE: (N_POSITIONS, D_MODEL),
        TYPE_TABLE: (2, D_MODEL),
    }
    norms, linears = ["embeddings.LayerNorm"], {}
    for layer in range(N_LAYERS):
        prefix = f"encoder.layer.{layer}"
        norms += [f"{prefix}.attention.output.LayerNorm", f"{prefix}.output.LayerNorm"]
        for name in ("self.query", "self.key", "self.value", "output.dense"):
            linears[f"{prefix}.attention.{name}"] = (D_MODEL, D_MODEL)
        linears[f"{prefix}.intermediate.dense"] = (D_HIDDEN, D_MODEL)
        linears[f"{prefix}.output.dense"] = (D_MODEL, D_HIDDEN)
    for name in norms:
        shapes |= {f"{name}.weight": (D_MODEL,), f"{name}.bias": (D_MODEL,)}
    for name, (d_out, d_in) in linears.items():
        shapes |= {f"{name}.weight": (d_out, d_in), f"{name}.bias": (d_out,)}
    return shapes
