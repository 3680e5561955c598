"""The glossary: terms that live on the trained models."""

from __future__ import annotations

from typing import Final

from pages._shared.glossary_term import Term

_VISION: Final = "pages/vision_transformer.py"
_CLASSIFICATION: Final = "pages/image_classification.py"
_TEXT: Final = "pages/text_classification.py"
_TRANSLATION: Final = "pages/translation.py"

TERMS: Final = (
    Term(
        "additive attention",
        "Scores from a small network of query and key, in place of their product.",
        _TRANSLATION,
        "Against a GRU, the second map",
        also="Bahdanau, concat",
    ),
    Term(
        "alignment",
        "Which word of a sentence each word of its translation belongs to.",
        _TRANSLATION,
        "the outlined cells of Cross-attention",
        also="gold",
    ),
    Term(
        "alignment error rate",
        "The share of links, found and sure, that do not agree: 0 is perfect.",
        _TRANSLATION,
        "the line below Cross-attention",
        also="AER",
    ),
    Term(
        "attention sink",
        "A token that receives many times the mean attention.",
        _VISION,
        "Rollout, the map “Received in layer 1”",
    ),
    Term(
        "beam search",
        "Follows several beginnings side by side and keeps the most probable at each step.",
        _TRANSLATION,
        "Beam search, the tree",
        also="width, log probability",
    ),
    Term(
        "class token",
        "A token that belongs to no patch and stands for the whole picture.",
        _VISION,
        "the maps, until you choose a patch",
        also="CLS",
    ),
    Term(
        "cosine",
        "How far two vectors point the same way: 1 if they do, 0 at a right angle, −1 if they "
        "are opposite.",
        _VISION,
        "Patch features, after you choose a patch",
        also="cosine similarity, likeness",
    ),
    Term(
        "confusion matrix",
        "How often each class was given each name: what is right lies on the diagonal.",
        _CLASSIFICATION,
        "Train it, below the curves",
        also="accuracy, held out",
    ),
    Term(
        "deletion test",
        "Hides patches in an explanation's order: the sooner the output falls, the more faithful.",
        _CLASSIFICATION,
        "Which patches decided?, the curves",
        also="insertion, faithfulness, area under the curve",
    ),
    Term(
        "few-shot",
        "Naming classes that were shown in a few pictures, without training the model again.",
        _CLASSIFICATION,
        "Your classes",
        also="transfer, frozen features, n-shot",
    ),
    Term(
        "gradient × attention",
        "Attention weights times the slope of the output by them, followed through the layers.",
        _CLASSIFICATION,
        "Which patches decided?, the third map",
        also="relevance, Chefer, explanation",
    ),
    Term(
        "mean pooling",
        "Reads the answer from the mean of the patches instead of from a class token.",
        _CLASSIFICATION,
        "Train it, the switch Class token",
        also="global average pooling, GAP",
    ),
    Term(
        "occlusion",
        "Hides one part of a picture at a time and measures what the output loses.",
        _CLASSIFICATION,
        "Which patches decided?, the fourth map",
        also="sensitivity, perturbation",
    ),
    Term(
        "prototype",
        "The mean of a class's pictures as features: what a new picture is compared with.",
        _CLASSIFICATION,
        "Your classes",
        also="nearest centroid, centred",
    ),
    Term(
        "register",
        "A token without a patch in which a model may keep what belongs to no place.",
        _CLASSIFICATION,
        "ImageNet, the models with registers",
        also="artifact, prefix token",
    ),
    Term(
        "encoder-decoder",
        "One stack reads the source, another writes the target and reads the first.",
        _TRANSLATION,
        "Encoder self, Decoder self and Cross",
        also="sequence to sequence, seq2seq, translation",
    ),
    Term(
        "greedy decoding",
        "Writes the most probable word at each step and never goes back.",
        _TRANSLATION,
        "Word by word",
        also="argmax, autoregressive",
    ),
    Term(
        "layer",
        "One round in which tokens read from each other; the next starts from what came out.",
        _VISION,
        "the slider Layer",
        also="block, depth",
    ),
    Term(
        "patch",
        "A square of 14 × 14 pixels, which the model takes as one token.",
        _VISION,
        "Patch grid, beside the photo",
    ),
    Term(
        "rollout",
        "Attention followed through several layers by multiplying their weights.",
        _VISION,
        "Rollout",
    ),
    Term(
        "saliency",
        "How likely a spot is to stand out, as the model predicts it.",
        _VISION,
        "Saliency",
    ),
    Term(
        "encoder",
        "A stack of layers in which all tokens read from each other, and nothing is written.",
        _TEXT,
        "Heads, six layers of 12",
        also="BERT, MiniLM",
    ),
    Term(
        "leave one out",
        "Take one word away and measure what changes: a test of what matters.",
        _TEXT,
        "Classify, the bars of what matters",
        also="ablation, importance, explanation",
    ),
    Term(
        "role",
        "What a head mostly reads on a text, such as the word before.",
        _TEXT,
        "Roles, and the outlined heads",
        also="head role, previous token head",
    ),
    Term(
        "sentence embedding",
        "One vector for a whole text: here the mean of its tokens after the last layer.",
        _TEXT,
        "Classify, what is compared with the labels",
        also="pooling, mean pooling, Sentence-BERT",
    ),
    Term(
        "special tokens",
        "Signs of the model's own: [CLS] before a text, [SEP] behind it, [MASK] for a hidden word.",
        _TEXT,
        "the first and the last row of the map",
        also="CLS, SEP, MASK",
    ),
    Term(
        "word piece",
        "A part of a word that the vocabulary has, so that rare words can be spelt.",
        _TEXT,
        "the switch Pieces",
        also="WordPiece, subword, tokeniser, token",
    ),
    Term(
        "zero-shot",
        "Choosing among labels that the model was never trained on, by what they say.",
        _TEXT,
        "Classify, the label sentences",
        also="classification, label",
    ),
)
