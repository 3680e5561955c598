"""PyTorch's own attention beside ours, on demand."""

from __future__ import annotations

import numpy as np

from pages._shared.attention_settings import Computed, Settings
from pages._shared.page import settle_memory


def compare_with_torch(settings: Settings, computed: Computed) -> str:
    """Compute the output with PyTorch as well and say how far apart the two are."""
    from core.torch_reference import torch_output

    settle_memory("torch")
    reference = torch_output(
        computed.query,
        computed.key,
        computed.value,
        mask=computed.mask,
        scale=computed.scale,
        temperature=settings.temperature,
    )
    output = computed.attention.output
    gap = np.abs(output.astype(np.float64) - reference.astype(np.float64))
    if np.isnan(gap).any():
        return (
            f"{int(np.isnan(output).sum())} of {output.size} outputs are NaN here; PyTorch, "
            "which subtracts each row's maximum, has numbers for them."
        )
    return f"Largest difference from PyTorch's output in {settings.precision}: {gap.max():.1e}"
