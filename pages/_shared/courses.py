"""Lessons of others, to go on with. The lab links to them and fetches nothing."""

from __future__ import annotations

from typing import Final

from pages._shared.source_entry import Source

LESSONS: Final = (
    Source(
        "Alammar 2018",
        "The Illustrated Transformer",
        "https://jalammar.github.io/illustrated-transformer/",
        "the Transformer in pictures; a good next hour",
    ),
    Source(
        "nostalgebraist 2020",
        "interpreting GPT: the logit lens",
        "https://www.lesswrong.com/posts/AcKRB8wDpdaN6v6ru",
        "what a model would say after each layer",
    ),
    Source(
        "Elhage et al. 2021",
        "A mathematical framework for Transformer circuits",
        "https://transformer-circuits.pub/2021/framework/index.html",
        "the residual stream that every block reads and writes; heads that work together",
    ),
    Source(
        "Rush 2018, Huang et al. 2022",
        "The Annotated Transformer",
        "https://nlp.seas.harvard.edu/annotated-transformer/",
        "the paper of 2017 line by line, with code that runs",
    ),
    Source(
        "Zhang et al. 2023",
        "Dive into Deep Learning, chapter 11",
        "https://d2l.ai/chapter_attention-mechanisms-and-transformers/index.html",
        "a textbook on it: formula, code, exercises",
    ),
    Source(
        "Cho et al. 2024",
        "Transformer Explainer",
        "https://poloclub.github.io/transformer-explainer/",
        "a language model, GPT-2, live in the browser",
    ),
    Source(
        "PyTorch",
        "torch.nn.functional.scaled_dot_product_attention",
        "https://docs.pytorch.org/docs/stable/generated/"
        "torch.nn.functional.scaled_dot_product_attention.html",
        "the function that the lab checks itself against",
    ),
)
