"""What the page of the small language model cannot show, and where everything on it comes from."""

from __future__ import annotations

from typing import Final

import streamlit as st

_LINK: Final = "<a target='_blank' rel='noopener' href='{}'>{}</a>"


def _paper(number: str, name: str) -> str:
    return _LINK.format(f"https://arxiv.org/abs/{number}", name)


_LIMITS: Final = f"""
<p><b>The model</b> was trained for this lab, on short stories that a small grammar tells: whole
words and marks, some thousand of them, all in small letters, and a world of a few people, animals,
things and places. It is no language model in the usual sense: it knows nothing of English beyond
that, reads every other word as the same unknown one, and has positions for 63 words and marks.
Where two people do alike, it does not know who did what: asked which of two colours was whose, it
is right no more often than a coin. What makes it work is what makes the large ones work, and can be
followed here to the last number.</p>
<p><b>Attention is not an explanation.</b> A weight says how much of a word's value flows into one
head's output, not that the next word depends on it: that is what hiding a word, dropping a head and
forcing a weight are for. A hidden word is one that nothing may read; what others read of it before
is not undone by words further on.</p>
<p><b>Times</b> are those of the machine that runs the lab, of a small model whose layers are
written out to be read, and they vary. Counts of multiplications and additions leave out softmax and
normalisation.</p>
<p><b>Encoder and decoder</b> differ in more than direction: in size, in training and in what they
know. What is compared is who may read whom, and that follows from the mask alone.</p>
<p><b>Sources.</b> A Transformer that has a decoder alone and predicts the next word: {
    _LINK.format(
        "https://cdn.openai.com/better-language-models/language_models_are_unsupervised_multitask_learners.pdf",
        "Radford et al. 2019",
    )
}. Top-k: {_paper("1805.04833", "Fan et al. 2018")}. Top-p: {
    _paper("1904.09751", "Holtzman et al. 2020")
}. Induction heads: {_paper("2209.11895", "Olsson et al. 2022")}; the way to read two layers: {
    _LINK.format("https://transformer-circuits.pub/2021/framework/index.html", "Elhage et al. 2021")
}. The cache and its cost: {_paper("1911.02150", "Shazeer 2019")}. The encoder: {
    _paper("2002.10957", "Wang et al. 2020")
}.</p>
"""


def draw_limits() -> None:
    """Draw limits and sources: one element, folded away."""
    st.html(f"<details class='limits'><summary>Limits and sources</summary>{_LIMITS}</details>")
