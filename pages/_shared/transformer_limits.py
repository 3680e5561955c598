"""What the Transformer page cannot show, and where everything on it comes from."""

from __future__ import annotations

from typing import Final

import streamlit as st

from pages._shared.picture_choice import credits_table


def _link(address: str, name: str) -> str:
    return f"<a target='_blank' rel='noopener' href='{address}'>{name}</a>"


def _paper(number: str, name: str) -> str:
    return _link(f"https://arxiv.org/abs/{number}", name)


_CIRCUITS: Final = _link(
    "https://transformer-circuits.pub/2021/framework/index.html", "Elhage et al. 2021"
)
_LENS: Final = _link("https://www.lesswrong.com/posts/AcKRB8wDpdaN6v6ru", "nostalgebraist 2020")
_LIMITS: Final = f"""
<p><b>The models</b> are small, and each knows a small world: the translator some patterns of
English and French, the small GPT invented stories, the digits model pictures of 8 × 8 pixels. What
their blocks do need not be what the blocks of large models do. The text encoder is opened on the
first 64 pieces of a text, the Vision Transformer on some 256 patches.</p>
<p><b>A block that is off</b> was never off in training, so the rest meets a stream that it does not
know. That the answer breaks says that the rest relied on the block, not what the block is for.</p>
<p><b>The logit lens</b> reads the stream where it was not meant to be read; only the last reading
is what the model says. <b>A length</b> says how much is written, not how much of it is read by
anything later.</p>
<p><b>Sources.</b> The Transformer and its drawing: {_paper("1706.03762", "Vaswani et al. 2017")}.
Normalisation before the parts: {_paper("2002.04745", "Xiong et al. 2020")}. The residual stream,
and logits as a sum over blocks: {_CIRCUITS}. The logit lens: {_LENS}. The text encoder:
{_paper("1810.04805", "Devlin et al. 2019")} and {_paper("2002.10957", "Wang et al. 2020")}; the
Vision Transformer: {_paper("2010.11929", "Dosovitskiy et al. 2021")}. Counting operations:
{_paper("2001.08361", "Kaplan et al. 2020")}.</p>
"""


def draw_limits() -> None:
    """Draw limits, sources and who made the photos: one element, folded away."""
    st.html(
        "<details class='limits'><summary>Limits and sources</summary>"
        f"{_LIMITS}{credits_table()}</details>"
    )
