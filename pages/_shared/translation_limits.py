"""What the translation page cannot show, and where everything on it comes from."""

from __future__ import annotations

from typing import Final

import streamlit as st

_LINK: Final = "<a target='_blank' rel='noopener' href='https://arxiv.org/abs/{}'>{}</a>"


def _paper(number: str, name: str) -> str:
    return _LINK.format(number, name)


_OCH: Final = (
    "<a target='_blank' rel='noopener' href='https://aclanthology.org/J03-1002/'>Och and Ney "
    "2003</a>"
)
_LIMITS: Final = f"""
<p><b>The models</b> were trained for this lab, on a grammar that writes English sentences together
with their French and says which words belong together. They know those words and those patterns,
and no others: an unknown word is read as “unknown” and something is invented for it, and a sentence
of another pattern comes out as one of theirs. What is right in the tests of the model card is right
for sentences of this grammar; it says nothing of English at large.</p>
<p><b>Attention is not an explanation.</b> A weight says how much of a word's value flows into one
head's output, not that the French word depends on it: that is what hiding a word, dropping a head
and forcing a weight are for. A mean of heads is a mean: no head need read so. The row of a French
word is the step that <i>predicts</i> it; the row of the step that it enters is the next one.</p>
<p><b>Sources.</b> Encoder and decoder: {_paper("1409.3215", "Sutskever et al. 2014")}, with beam
search. The GRU with additive attention: {_paper("1409.0473", "Bahdanau et al. 2015")}. Dot products
as scores: {_paper("1508.04025", "Luong et al. 2015")}. The Transformer:
{_paper("1706.03762", "Vaswani et al. 2017")}. The alignment error rate: {_OCH}; each French word
counts as aligned with the English word that it reads most. The sentence that turns on one word:
Winograd 1972, in the form of the blog post that came with the Transformer.</p>
"""


def draw_limits() -> None:
    """Draw limits and sources: one element, folded away."""
    st.html(f"<details class='limits'><summary>Limits and sources</summary>{_LIMITS}</details>")
