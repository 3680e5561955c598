"""What the page of the text encoder cannot show, and where everything on it comes from."""

from __future__ import annotations

from typing import Final

import streamlit as st

_LIMITS: Final = """
<p><b>The model</b> is all-MiniLM-L6-v2 (Apache-2.0): 6 layers of 12 heads, width 384, distilled
from a larger one (<a target='_blank' rel='noopener' href="https://arxiv.org/abs/2002.10957">Wang et
al. 2020, MiniLM</a>) and trained to put sentences of like meaning near each other
(<a target='_blank' rel='noopener' href="https://arxiv.org/abs/1908.10084">Reimers and Gurevych
2019, Sentence-BERT</a>). It reads English, in small letters, in the pieces of BERT
(<a target='_blank' rel='noopener' href="https://arxiv.org/abs/1810.04805">Devlin et al. 2019</a>),
256 at most here. Its weights are kept with 16 bits each.</p>
<p><b>It was never trained to classify.</b> The nearest label wins, however near that is: there is
always a winner, and a small margin means little. It is weak where one small word turns the meaning,
as in “not bad”. It has the prejudices of the web texts that it learned from.</p>
<p><b>Attention is not an explanation.</b> A weight says how much of a word's value flows into one
head's output. About half of all weight goes to [CLS] and [SEP], where heads rest. Hiding both
rescales what is left, and so makes small weights look large. A role is measured on this text alone
(after <a target='_blank' rel='noopener' href="https://arxiv.org/abs/1906.04341">Clark et al. 2019,
What does BERT look at?</a>, who also added up pieces to words as is done here); a head may have one
on a text and none on the next. That a head reads the noun behind an adjective is mostly that it
reads the next word. Leaving a word out changes more than the word: the rest moves up, and may be no
sentence any more.</p>
"""


def draw_limits() -> None:
    """Draw limits and sources: one element, folded away."""
    st.html(f"<details class='limits'><summary>Limits and sources</summary>{_LIMITS}</details>")
