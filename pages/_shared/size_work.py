"""The work behind the sizes: the counts in real numbers, and programs that print them."""

from __future__ import annotations

from typing import Final

from core.head_counts import cache_numbers, count_flops, count_parameters
from core.known_models import words_for
from core.model_shape import TransformerShape
from core.model_sizes import (
    count_memory,
    count_model,
    count_pass,
    count_step,
    even_length,
    even_with_projections,
)
from pages._shared.size_choice import BYTES, SizesChoice, shape_of
from pages._shared.size_words import in_tokens
from pages._shared.work import Work

_NUMPY: Final = '''\
"""Count the parameters, operations and memory of a Transformer, part by part."""

import numpy as np

{shape}

attentions = encoder_layers + decoder_layers + (decoder_layers if encoder_layers else 0)
layers = encoder_layers + decoder_layers
stacks = (encoder_layers > 0) + (decoder_layers > 0)
tables = 2 if n_target_words else 1

# Every learned array by its shape; np.prod multiplies the sides.
square, wide = (d_model, d_model), (d_model, d_hidden)
parts = {{
    "embeddings": [(n_words + n_target_words + n_types + n_class_tokens, d_model)]
    + ([(d_patch + 1, d_model)] if d_patch else []),
    "positions": tables * [(n_positions, d_model)],
    "attention": attentions * (4 * [square] + 4 * [(d_model,)]),
    "feed_forward": layers * [wide, (d_hidden,), wide[::-1], (d_model,)],
    "norms": (attentions + layers + has_start_norm + has_end_norms * stacks) * 2 * [(d_model,)]
    + has_layer_scale * (attentions + layers) * [(d_model,)],
    "head": (not tied) * [(n_outputs, d_model)]
    + output_bias * [(n_outputs,)]
    + has_pooler * [square, (d_model,)],
}}
parameters = {{
    name: sum(int(np.prod(sides, dtype=np.int64)) for sides in arrays)
    for name, arrays in parts.items()
}}
for name, count in parameters.items():
    print(f"{{name}}: {{count:,}} parameters")
print(f"parameters: {{sum(parameters.values()):,}}")

# A matrix of n x m numbers costs 2 n m operations for each token that it is applied to.
answers = 1 if answers_once else length
operations = {{
    "patches": 2 * max(length - n_class_tokens, 0) * d_patch * d_model,
    "projections": attentions * length * 4 * 2 * d_model**2,
    "quadratic": attentions * 2 * 2 * length**2 * d_model,
    "feed_forward": layers * length * 2 * 2 * d_model * d_hidden,
    "head": 2 * n_outputs * d_model * answers + has_pooler * 2 * d_model**2,
}}
for name, count in operations.items():
    print(f"{{name}}: {{count:,}} operations")
print(f"operations: {{sum(operations.values()):,}}")

memory = {{
    "parameters": sum(parameters.values()),
    "maps": attentions * n_heads * length**2,
    "cache": (attentions - encoder_layers) * 2 * length * d_model,
    "hidden": layers * length * d_hidden,
}}
for name, count in memory.items():
    print(f"{{name}}: {{count * bytes_each:,}} bytes")

even = layers * d_hidden / attentions
print(f"scores and averages cost what the feed-forward parts cost at {{even:,.1f}} tokens")
'''

_TORCH: Final = '''\
"""Count the parameters and operations of one layer of a Transformer, as PyTorch counts them."""

import torch
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.utils.flop_counter import FlopCounterMode

d_model, n_heads, d_hidden, length = {d_model}, {n_heads}, {d_hidden}, {length}

# On "meta" there are shapes and no numbers, so any size fits.
layer = torch.nn.TransformerEncoderLayer(
    d_model, n_heads, d_hidden, dropout=0.0, batch_first=True, device="meta"
)
parameters = sum(parameter.numel() for parameter in layer.parameters())
print(f"parameters: {{parameters:,}}")

tokens = torch.empty(1, length, d_model, device="meta")
with FlopCounterMode(display=False) as counter, sdpa_kernel(SDPBackend.MATH):
    layer(tokens)
print(f"operations: {{counter.get_total_flops():,}}")
'''


def sizes_work(choice: SizesChoice) -> Work:
    """Return the counts in real numbers, the programs and the source."""
    shape, n = shape_of(choice), choice.length
    decoder = (count_step,) if shape.decoder_layers else ()
    return Work(
        heading=f"The counts of {choice.preset}, {n:,} tokens",
        lines=lambda: _lines(shape, n, BYTES[choice.precision]),
        numpy=lambda: numpy_program(choice),
        torch=lambda: torch_program(choice),
        functions=lambda: (
            *(count_model, count_pass, *decoder, count_memory),
            *(even_length, even_with_projections, words_for),
            *(count_parameters, count_flops, cache_numbers),
        ),
        notes=("The PyTorch program counts one layer without a cross-attention.",),
    )


def numpy_program(choice: SizesChoice) -> str:
    """Return a program that prints every count of the view."""
    given = vars(shape_of(choice)) | {
        "length": choice.length,
        "bytes_each": BYTES[choice.precision],
    }
    lines = "\n".join(f"{name} = {value}" for name, value in given.items())
    return _NUMPY.format(shape=lines)


def torch_program(choice: SizesChoice) -> str:
    """Return a program that lets PyTorch count one layer."""
    shape = shape_of(choice)
    return _TORCH.format(
        d_model=shape.d_model,
        n_heads=shape.n_heads,
        d_hidden=shape.d_hidden,
        length=choice.length,
    )


def _lines(shape: TransformerShape, n: int, bytes_each: int) -> list[str]:
    model, counted, held = count_model(shape), count_pass(shape, n), count_memory(shape, n)
    d, hidden = shape.d_model, shape.d_hidden
    layers, attentions = shape.n_layers, shape.n_attentions
    lines = [
        "attention: attentions × (4 d_model² + 4 d_model) = "
        f"{attentions} × (4 · {d:,}² + 4 · {d:,}) = {model.attention:,}",
        "feed-forward: layers × (2 d_model d_hidden + d_hidden + d_model) = "
        f"{layers} × (2 · {d:,} · {hidden:,} + {hidden:,} + {d:,}) = {model.feed_forward:,}",
        f"parameters = {model.attention:,} + {model.feed_forward:,} + {model.embeddings:,} "
        f"(embeddings) + {model.positions:,} (positions) + {model.norms:,} (norms) + "
        f"{model.head:,} (output) = {model.total:,}",
        "operations of the projections: attentions × n × 8 d_model² = "
        f"{attentions} × {n:,} × 8 · {d:,}² = {counted.projections:,}",
        "of scores and averages: attentions × 4 n² d_model = "
        f"{attentions} × 4 · {n:,}² · {d:,} = {counted.quadratic:,}",
        "of the feed-forward parts: layers × n × 4 d_model d_hidden = "
        f"{layers} × {n:,} × 4 · {d:,} · {hidden:,} = {counted.feed_forward:,}",
        "the last two are equal at n = layers × d_hidden / attentions = "
        f"{layers} × {hidden:,} / {attentions} = {in_tokens(even_length(shape))}",
        "maps: attentions × heads × n² × bytes = "
        f"{attentions} × {shape.n_heads} × {n:,}² × {bytes_each} = {held.maps * bytes_each:,} B",
    ]
    if shape.decoder_layers:
        cached = shape.decoder_layers + shape.n_cross
        lines.append(
            "keys and values: 2 × the decoder's attentions × n × d_model × bytes = "
            f"2 × {cached} × {n:,} × {d:,} × {bytes_each} = {held.cache * bytes_each:,} B"
        )
    return lines
