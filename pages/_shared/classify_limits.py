"""What the image classification page cannot show, and where everything on it comes from."""

from __future__ import annotations

from typing import Final

import streamlit as st

_LIMITS: Final = """
<p><b>The digits</b> are the 1,797 of the test part of “Optical Recognition of Handwritten Digits”
(<a target='_blank' rel='noopener' href="https://doi.org/10.24432/C50P49">Alpaydin and Kaynak 1998,
UCI</a>, CC BY 4.0), by 13 writers, 8 × 8 cells each. The model was trained by us on 1,297 of them;
the 500 others were held out, but are by the same writers. What you write is by another hand, and
made with another pen: expect it to be wrong more often there. It knows ten digits and nothing else,
and it names everything that it is given.</p>
<p><b>Your classes</b> are compared on features of the small Vision Transformer of the page before,
which was tuned to find what is salient: good for telling apart a few kinds of things, not for names
of breeds. The photos of the starter set were chosen so that most are told apart; expect less of
others. “None of these” is a threshold measured on what you taught, and can be wrong both ways.
Accuracy is measured by leaving out one of your pictures at a time: with a dozen of them it is
rough.</p>
<p><b>ImageNet's 1,000 classes</b> are what its photos of 2012 had: many breeds of dog, three
kinds of people, no “giraffe”. The models are timm's (Apache-2.0), fetched from the Hugging Face hub
only when you press the button.</p>
<p><b>No map here is an explanation by itself.</b> Attention shows what is read; rollout (<a
target='_blank' rel='noopener' href="https://arxiv.org/abs/2005.00928">Abnar and Zuidema 2020</a>)
assumes that heads count alike; gradient × attention (<a target='_blank' rel='noopener'
href="https://arxiv.org/abs/2103.15679">Chefer, Gur and Wolf 2021</a>) follows slopes, which say
what a small change would do. Occlusion measures, but one part at a time. The test by deletion and
insertion (<a target='_blank' rel='noopener' href="https://arxiv.org/abs/1806.07421">Petsiuk, Das
and Saenko 2018</a>) shows the model pictures that it never met in training, half of them painted
over, so it too says what happens to this model here, and no more.</p>
"""


def draw_limits(photos: str) -> None:
    """Draw limits and sources: one element, folded away.

    Parameters
    ----------
    photos : str
        HTML of who made the photos.
    """
    st.html(
        f"<details class='limits'><summary>Limits and sources</summary>{_LIMITS}{photos}</details>"
    )
