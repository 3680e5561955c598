"""Transformers whose sizes are published, and those of the lab, as shapes that can be counted.

The lab's own are held to the weights that come with it by the tests; the others to the papers
named with each, and to the same networks built of PyTorch's and timm's modules.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from core.model_shape import TransformerShape
from core.model_sizes import count_model
from core.published_counts import Source, exactly, rounded


@dataclass(frozen=True)
class KnownModel:
    """A model with a name.

    Attributes
    ----------
    name : str
    shape : TransformerShape
    length : int
        Tokens that it usually reads or was trained on.
    sources : tuple of Source
        None for the lab's own, whose weights are here to be counted.
    note : str
        What the count holds or leaves out, in a sentence.
    words : str
        What its vocabulary counts; empty for a model of pictures.
    """

    name: str
    shape: TransformerShape
    length: int
    sources: tuple[Source, ...] = ()
    note: str = ""
    words: str = "Vocabulary"


MILLION: Final = 10**6
_VIT: Final = TransformerShape(12, 0, 384, 6, 1536, n_class_tokens=1, has_end_norms=True)
_CLASSIFIER: Final = replace(_VIT, tied=False, output_bias=True, answers_once=True)
_GPT: Final = TransformerShape(
    0, 12, 768, 12, 3072, 50_257, n_positions=1024, n_outputs=50_257, has_end_norms=True
)
_VASWANI: Final = ("Vaswani et al. 2017, Table 3", "https://arxiv.org/abs/1706.03762")

TRANSLATOR: Final = KnownModel(
    "The lab's translator",
    TransformerShape(
        2, 2, 128, 4, 512, 964, 1462, 40, n_outputs=1460, output_bias=True, has_end_norms=True
    ),
    length=10,
    note="Two of the rows of its French table, padding and start, are never written.",
    words="English vocabulary",
)
LAB_GPT: Final = KnownModel(
    "The lab's small GPT",
    replace(
        _GPT,
        decoder_layers=4,
        d_model=128,
        n_heads=4,
        d_hidden=512,
        n_words=1039,
        n_positions=64,
        n_outputs=1037,
        output_bias=True,
    ),
    length=32,
    note="Two of the rows of its table, the start and the unknown word, are never written.",
)
TEXT_ENCODER: Final = KnownModel(
    "The lab's text encoder (MiniLM-L6)",
    TransformerShape(6, 0, 384, 12, 1536, 30_522, 0, 512, 2, has_start_norm=True),
    length=32,
    note="Without the pooler of BERT, which sentence vectors do not use.",
)
SALIENCY_VIT: Final = KnownModel(
    "The lab's Vision Transformer (ViT-S/14)",
    replace(_VIT, n_positions=1 + 37**2, d_patch=3 * 14**2, has_layer_scale=True),
    length=1 + 16**2,
    note="Without the decoder that makes a saliency map of its tokens.",
    words="",
)
DIGIT_VIT: Final = KnownModel(
    "The lab's model for digits",
    replace(
        _CLASSIFIER,
        encoder_layers=3,
        d_model=48,
        n_heads=4,
        d_hidden=96,
        n_positions=1 + 4**2,
        d_patch=2**2,
        n_outputs=10,
    ),
    length=1 + 4**2,
    words="",
)
TRANSFORMER_BASE: Final = KnownModel(
    "Transformer (base), 2017",
    TransformerShape(6, 6, 512, 8, 2048, 37_000, n_outputs=37_000),
    length=32,
    sources=(rounded("65 million", 65 * MILLION, MILLION, *_VASWANI),),
    note="With about 37,000 byte pairs that both sides share (section 5.1), one table for input "
    "and output (section 3.4), and computed positions.",
)
TRANSFORMER_BIG: Final = replace(
    TRANSFORMER_BASE,
    name="Transformer (big), 2017",
    shape=TransformerShape(6, 6, 1024, 16, 4096, 37_000, n_outputs=37_000),
    sources=(rounded("213 million", 213 * MILLION, MILLION, *_VASWANI),),
)
BERT_BASE: Final = KnownModel(
    "BERT-base (uncased)",
    TransformerShape(12, 0, 768, 12, 3072, 30_522, 0, 512, 2, has_start_norm=True, has_pooler=True),
    length=512,
    sources=(
        exactly(
            109_482_240,
            "google-research/bert, issue 1225",
            "https://github.com/google-research/bert/issues/1225",
        ),
        rounded(
            "110M",
            110 * MILLION,
            10 * MILLION,
            "Devlin et al. 2019, section 3",
            "https://arxiv.org/abs/1810.04805",
        ),
    ),
    note="With the pooler, without what guesses masked words in training. The paper rounds to tens "
    "of millions.",
)
GPT_2: Final = KnownModel(
    "GPT-2 small",
    _GPT,
    length=1024,
    sources=(
        rounded(
            "124M",
            124 * MILLION,
            MILLION,
            "openai/gpt-2, README",
            "https://github.com/openai/gpt-2#gpt-2",
        ),
    ),
    note="The paper (Radford et al. 2019, Table 2) prints 117M; its authors' README says that this "
    "was an error.",
)
VIT_B: Final = KnownModel(
    "ViT-B/16 (224 pixels)",
    replace(
        _CLASSIFIER,
        d_model=768,
        n_heads=12,
        d_hidden=3072,
        n_positions=1 + 14**2,
        d_patch=3 * 16**2,
        n_outputs=1000,
    ),
    length=1 + 14**2,
    sources=(
        exactly(
            86_567_656,
            "torchvision, vit_b_16",
            "https://docs.pytorch.org/vision/stable/models/generated/torchvision.models.vit_b_16.html",
        ),
        rounded(
            "86M",
            86 * MILLION,
            MILLION,
            "Dosovitskiy et al. 2021, Table 1",
            "https://arxiv.org/abs/2010.11929",
        ),
    ),
    note="With 1,000 classes. Without them it has 85,798,656, which rounds to the paper's 86M.",
    words="",
)
GPT_3: Final = KnownModel(
    "GPT-3 175B",
    replace(_GPT, decoder_layers=96, d_model=12_288, n_heads=96, d_hidden=49_152, n_positions=2048),
    length=2048,
    sources=(
        rounded(
            "175.0B",
            175_000 * MILLION,
            100 * MILLION,
            "Brown et al. 2020, Table 2.1",
            "https://arxiv.org/abs/2005.14165",
        ),
    ),
    note="Its weights were never published; this is GPT-2's arrangement with the sizes of the "
    "paper. Its layers alternate between reading all tokens and fewer (section 2.1): that changes "
    "no parameter, but operations are counted here as if each read all.",
)

KNOWN_MODELS: Final = (
    TRANSLATOR,
    LAB_GPT,
    TEXT_ENCODER,
    SALIENCY_VIT,
    DIGIT_VIT,
    TRANSFORMER_BASE,
    TRANSFORMER_BIG,
    BERT_BASE,
    GPT_2,
    VIT_B,
    GPT_3,
)


def words_for(model: KnownModel, count: int) -> int:
    """Return the vocabulary with which a model whose one table is tied has `count` parameters.

    Rounded to the nearest whole number of words.
    """
    in_table = model.shape.n_words * model.shape.d_model
    return round((count - count_model(model.shape).total + in_table) / model.shape.d_model)
