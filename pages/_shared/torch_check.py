"""PyTorch's own attention beside ours, on demand."""

from __future__ import annotations

import numpy as np
import streamlit as st

from pages._shared.attention_settings import Computed, Settings
from pages._shared.page import settle_memory


def draw_torch_check(name: str, settings: Settings, computed: Computed) -> None:
    """Compare the output with PyTorch's own function, when asked."""
    asked = st.toggle(
        "Check against PyTorch",
        key=f"{name}.check",
        persist_state="session",
        help="Runs torch.nn.functional.scaled_dot_product_attention on the same numbers.",
    )
    if not asked:
        return
    with st.spinner("Loading PyTorch…"):
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
        st.warning(
            f"{int(np.isnan(output).sum())} of {output.size} outputs are NaN here; PyTorch, "
            "which subtracts each row's maximum, has numbers for them.",
            icon=":material/warning:",
        )
    else:
        st.success(
            f"Largest difference from PyTorch's output in {settings.precision}: {gap.max():.1e}",
            icon=":material/check:",
        )
