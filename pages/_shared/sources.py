"""What the lab rests on and what to read next. The lab links to it and fetches nothing."""

from __future__ import annotations

from typing import Final

from pages._shared.source_entry import Source

PAPERS: Final = (
    Source(
        "Sutskever et al. 2014",
        "Sequence to sequence learning with neural networks",
        "https://arxiv.org/abs/1409.3215",
        "translation by an encoder and a decoder, without attention; and beam search",
    ),
    Source(
        "Bahdanau et al. 2015",
        "Neural machine translation by jointly learning to align and translate",
        "https://arxiv.org/abs/1409.0473",
        "attention enters translation; its scores come from a small network, not a product",
    ),
    Source(
        "Luong et al. 2015",
        "Effective approaches to attention-based neural machine translation",
        "https://arxiv.org/abs/1508.04025",
        "dot products as scores, compared with other scores",
    ),
    Source(
        "Xu et al. 2015",
        "Show, attend and tell: neural image caption generation with visual attention",
        "https://arxiv.org/abs/1502.03044",
        "soft and hard attention, on pictures",
    ),
    Source(
        "Vaswani et al. 2017",
        "Attention is all you need",
        "https://arxiv.org/abs/1706.03762",
        "the Transformer; its equation 1 is what this lab takes apart",
    ),
    Source(
        "Snell et al. 2017",
        "Prototypical networks for few-shot learning",
        "https://arxiv.org/abs/1703.05175",
        "a class as the mean of a few examples",
    ),
    Source(
        "Petsiuk et al. 2018",
        "RISE: randomized input sampling for explanation of black-box models",
        "https://arxiv.org/abs/1806.07421",
        "the test by deletion and insertion",
    ),
    Source(
        "Fan et al. 2018",
        "Hierarchical neural story generation",
        "https://arxiv.org/abs/1805.04833",
        "top-k: drawing among a few of the most probable words",
    ),
    Source(
        "Clark et al. 2019",
        "What does BERT look at? An analysis of BERT's attention",
        "https://arxiv.org/abs/1906.04341",
        "heads with a role, weight that rests on [CLS] and [SEP], pieces added up to words",
    ),
    Source(
        "Devlin et al. 2019",
        "BERT: pre-training of deep bidirectional transformers for language understanding",
        "https://arxiv.org/abs/1810.04805",
        "the encoder, its pieces of words, and [MASK]",
    ),
    Source(
        "Jain and Wallace 2019",
        "Attention is not explanation",
        "https://arxiv.org/abs/1902.10186",
        "why a map of attention does not yet explain a prediction",
    ),
    Source(
        "Wiegreffe and Pinter 2019",
        "Attention is not not explanation",
        "https://arxiv.org/abs/1908.04626",
        "the reply: it depends on what one calls an explanation, and on the test",
    ),
    Source(
        "Reimers and Gurevych 2019",
        "Sentence-BERT: sentence embeddings using Siamese BERT-networks",
        "https://arxiv.org/abs/1908.10084",
        "texts as vectors whose cosine says how alike they are",
    ),
    Source(
        "Shazeer 2019",
        "Fast Transformer decoding: one write-head is all you need",
        "https://arxiv.org/abs/1911.02150",
        "multi-query attention: one head of keys and values, and a small cache",
    ),
    Source(
        "Vig et al. 2020",
        "Causal mediation analysis for interpreting neural NLP",
        "https://arxiv.org/abs/2004.12265",
        "finding the head that matters by giving it what it computed for another sentence",
    ),
    Source(
        "Xiong et al. 2020",
        "On layer normalization in the Transformer architecture",
        "https://arxiv.org/abs/2002.04745",
        "normalisation before a part or after it, and why before trains more easily",
    ),
    Source(
        "Kaplan et al. 2020",
        "Scaling laws for neural language models",
        "https://arxiv.org/abs/2001.08361",
        "counting parameters and operations of a Transformer",
    ),
    Source(
        "Holtzman et al. 2020",
        "The curious case of neural text degeneration",
        "https://arxiv.org/abs/1904.09751",
        "top-p, and why the most probable text is not the best one",
    ),
    Source(
        "Abnar and Zuidema 2020",
        "Quantifying attention flow in Transformers",
        "https://arxiv.org/abs/2005.00928",
        "rollout: attention followed through the layers",
    ),
    Source(
        "Raffel et al. 2020",
        "Exploring the limits of transfer learning with a unified text-to-text transformer",
        "https://arxiv.org/abs/1910.10683",
        "T5, whose positions are a learned bias for each distance",
    ),
    Source(
        "Wang et al. 2020",
        "MiniLM: deep self-attention distillation for task-agnostic compression",
        "https://arxiv.org/abs/2002.10957",
        "where the lab's text encoder began",
    ),
    Source(
        "Chefer et al. 2021",
        "Generic attention-model explainability for interpreting bi-modal and encoder-decoder "
        "Transformers",
        "https://arxiv.org/abs/2103.15679",
        "gradient × attention: weights times slopes, followed through the layers",
    ),
    Source(
        "Dosovitskiy et al. 2021",
        "An image is worth 16x16 words: Transformers for image recognition at scale",
        "https://arxiv.org/abs/2010.11929",
        "the Vision Transformer: a picture as a sequence of patches",
    ),
    Source(
        "Caron et al. 2021",
        "Emerging properties in self-supervised Vision Transformers",
        "https://arxiv.org/abs/2104.14294",
        "maps of the class token that find objects without labels",
    ),
    Source(
        "Su et al. 2021",
        "RoFormer: enhanced transformer with rotary position embedding",
        "https://arxiv.org/abs/2104.09864",
        "rotary positions, as most language models have them now",
    ),
    Source(
        "Touvron et al. 2021",
        "Training data-efficient image Transformers and distillation through attention",
        "https://arxiv.org/abs/2012.12877",
        "DeiT: a Vision Transformer with a distillation token, one of those that can be fetched",
    ),
    Source(
        "Press et al. 2022",
        "Train short, test long: attention with linear biases",
        "https://arxiv.org/abs/2108.12409",
        "ALiBi, made for texts longer than those it was trained on",
    ),
    Source(
        "Olsson et al. 2022",
        "In-context learning and induction heads",
        "https://arxiv.org/abs/2209.11895",
        "the heads that copy, and the moment in training at which they come",
    ),
    Source(
        "Darcet et al. 2023",
        "Vision Transformers need registers",
        "https://arxiv.org/abs/2309.16588",
        "tokens without a patch, and the artifacts that they take out of the maps",
    ),
    Source(
        "Oquab et al. 2023",
        "DINOv2: learning robust visual features without supervision",
        "https://arxiv.org/abs/2304.07193",
        "where the weights of the lab's Vision Transformer began",
    ),
    Source(
        "Ainslie et al. 2023",
        "GQA: training generalized multi-query Transformer models from multi-head checkpoints",
        "https://arxiv.org/abs/2305.13245",
        "grouped heads: between keys of one's own and one set for all",
    ),
    Source(
        "Xiao et al. 2023",
        "Efficient streaming language models with attention sinks",
        "https://arxiv.org/abs/2309.17453",
        "attention sinks, in language models",
    ),
)
