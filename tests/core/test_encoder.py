"""The text encoder against `transformers`, under intervention, and shared between threads.

The answers of `transformers` are stored: ``tests/data/make_encoder_golden.py`` made them, and
checked the pass with the weights as published, not rounded.
"""

from __future__ import annotations

import json
import socket
import threading
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

from core.attention import scaled_dot_product_attention
from core.encoder import TextEncoder, embed, forward, leave_one_out, load_encoder
from core.encoder_model import WEIGHTS_PATH, WORD_TABLE
from core.text import Tokens, mask_words, tokenise, without_word
from core.text_attention import TextAttention, TextInterventions
from core.weight_edits import WeightEdit
from core.weights import WeightsError

GOLDEN = np.load(Path(__file__).parents[1] / "data" / "encoder_golden.npz")
TEXTS: dict[str, str] = json.loads(str(GOLDEN["texts"]))
SENTENCE = "The black cat sat on the mat."


@pytest.fixture(scope="module")
def model() -> TextEncoder:
    return load_encoder()


@pytest.fixture(scope="module")
def tokens() -> Tokens:
    return tokenise(SENTENCE)


@pytest.fixture(scope="module")
def plain(model: TextEncoder, tokens: Tokens) -> TextAttention:
    return forward(model, tokens)


class TestLoading:
    def test_the_architecture(self, model: TextEncoder) -> None:
        assert (model.n_layers, model.n_heads, model.d_head, model.d_model) == (6, 12, 32, 384)
        assert model.position_table().shape == (512, 384)
        assert model.position_table().dtype == np.float32

    def test_weights_stay_small_and_the_words_on_disk(self, model: TextEncoder) -> None:
        assert WORD_TABLE not in model.tensors
        assert {tensor.dtype for tensor in model.tensors.values()} == {torch.float16}
        assert sum(tensor.nbytes for tensor in model.tensors.values()) < 22e6
        assert not any(tensor.requires_grad for tensor in model.tensors.values())

    def test_the_file_is_small_enough_to_host(self) -> None:
        assert WEIGHTS_PATH.stat().st_size < 50e6

    def test_rows_of_the_word_table(self, model: TextEncoder) -> None:
        table = load_file(WEIGHTS_PATH)[WORD_TABLE]
        torch.testing.assert_close(model.word_rows([5, 30521, 5]), table[[5, 30521, 5]].float())

    def test_no_connection_is_opened(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def refuse(*_: object) -> None:
            raise AssertionError("a connection was opened")

        monkeypatch.setattr(socket.socket, "connect", refuse)
        monkeypatch.setattr(socket, "getaddrinfo", refuse)
        assert forward(load_encoder(), tokenise("hello")).n_layers == 6

    def test_a_missing_file_is_named(self, tmp_path: Path) -> None:
        with pytest.raises(WeightsError, match=r"no weights at .*gone.safetensors"):
            load_encoder(tmp_path / "gone.safetensors")
        with pytest.raises(WeightsError, match=r"gone.safetensors cannot be read"):
            TextEncoder(tmp_path / "gone.safetensors", {}).word_rows([1])

    def test_weights_of_another_model_are_refused(self, tmp_path: Path) -> None:
        path = tmp_path / "other.safetensors"
        save_file({"embeddings.LayerNorm.bias": torch.zeros(384)}, path)
        with pytest.raises(WeightsError, match=r"lack \d+ of the tensors expected"):
            load_encoder(path)
        tensors = load_file(WEIGHTS_PATH)
        tensors[WORD_TABLE] = tensors[WORD_TABLE][:99].clone()
        save_file(tensors, path)
        with pytest.raises(WeightsError, match=r"another model.*\(99, 384\), expected \(30522"):
            load_encoder(path)


class TestAgainstTransformers:
    """With the weights as rounded in the file on both sides, so that only arithmetic differs."""

    @pytest.mark.parametrize("name", list(TEXTS))
    def test_hidden_weights_and_embedding(self, model: TextEncoder, name: str) -> None:
        ours = forward(model, tokenise(TEXTS[name]))
        assert ours.tokens.ids == tuple(GOLDEN[f"{name}/ids"].tolist())
        assert_golden(ours, name)

    def test_masked_words(self, model: TextEncoder) -> None:
        masked = TextInterventions(masked_words=frozenset({1, 5}))
        ours = forward(model, tokenise(TEXTS["sentence"]), masked)
        assert ours.tokens.ids == tuple(GOLDEN["masked/ids"].tolist())
        assert ours.tokens.ids.count(103) == 2
        assert_golden(ours, "masked")

    def test_rounding_to_half_precision_changes_little(self, model: TextEncoder) -> None:
        """Against the weights as published: wider bars, three times what was measured."""
        ours = forward(model, tokenise(TEXTS["sentence"]))
        at = GOLDEN["positions"]
        np.testing.assert_allclose(ours.hidden[:, at], GOLDEN["published/hidden"], atol=2e-2)
        np.testing.assert_allclose(ours.weights[:, :, at], GOLDEN["published/rows"], atol=6e-3)
        assert ours.embedding @ GOLDEN["published/embedding"] > 0.999998

    def test_together_as_one_by_one(self, model: TextEncoder) -> None:
        together = embed(model, [tokenise(text) for text in TEXTS.values()])
        expected = np.stack([GOLDEN[f"{name}/embedding"] for name in TEXTS])
        np.testing.assert_allclose(together, expected, atol=1e-5)


def assert_golden(ours: TextAttention, name: str) -> None:
    at = GOLDEN["positions"]
    np.testing.assert_allclose(ours.hidden[:, at], GOLDEN[f"{name}/hidden"], atol=1e-4)
    np.testing.assert_allclose(ours.weights[:, :, at], GOLDEN[f"{name}/rows"], atol=1e-5)
    np.testing.assert_allclose(ours.embedding, GOLDEN[f"{name}/embedding"], atol=1e-6)


class TestWhatComesBack:
    def test_shapes(self, plain: TextAttention) -> None:
        assert (plain.n_layers, plain.n_heads, plain.n_tokens) == (6, 12, 10)
        assert plain.weights.shape == (6, 12, 10, 10)
        assert plain.query.shape == plain.key.shape == plain.value.shape == (6, 12, 10, 32)
        assert plain.hidden.shape == (7, 10, 384)
        assert plain.embedding.shape == (384,)
        assert np.linalg.norm(plain.embedding) == pytest.approx(1.0, abs=1e-6)
        for name in ("weights", "query", "key", "value", "hidden", "embedding"):
            array = getattr(plain, name)
            assert array.dtype == np.float32
            with pytest.raises(ValueError, match="read-only"):
                array[0] = 0.0

    def test_weights_are_those_of_the_lab_s_own_attention(self, plain: TextAttention) -> None:
        for layer in range(6):
            ours = scaled_dot_product_attention(
                plain.query[layer], plain.key[layer], plain.value[layer]
            )
            np.testing.assert_allclose(plain.weights[layer], ours.weights, atol=1e-6)

    def test_the_embedding_is_the_mean_of_the_last_layer(self, plain: TextAttention) -> None:
        mean = plain.hidden[6].mean(axis=0)
        np.testing.assert_allclose(plain.embedding, mean / np.linalg.norm(mean), atol=1e-6)

    def test_word_weights(self, plain: TextAttention) -> None:
        assert plain.word_weights().shape == (6, 12, 10, 10)
        assert plain.word_weights(hide_special=True).shape == (6, 12, 8, 8)

    @pytest.mark.parametrize(
        "text", ["", "\x00\ud800", "\U0001f600" * 300, "x " * 9_999, "[MASK]", "<b>&amp;</b> שלום"]
    )
    def test_hostile_texts(self, model: TextEncoder, text: str) -> None:
        attention = forward(model, tokenise(text, max_pieces=32))
        assert np.isfinite(attention.hidden).all()
        assert np.isfinite(attention.embedding).all()
        np.testing.assert_allclose(attention.weights.sum(axis=-1), 1.0, atol=1e-5)


class TestInterventions:
    def test_a_dropped_head_against_weights_of_zero(
        self, model: TextEncoder, tokens: Tokens, plain: TextAttention
    ) -> None:
        """Zeroing what the output projection reads of a head silences it too."""
        name = "encoder.layer.3.attention.output.dense.weight"
        silenced = model.tensors[name].clone()
        silenced[:, 7 * 32 : 8 * 32] = 0.0
        deaf = TextEncoder(model.path, model.tensors | {name: silenced})
        dropped = forward(model, tokens, TextInterventions(dropped_heads=frozenset({(3, 7)})))
        np.testing.assert_allclose(dropped.hidden, forward(deaf, tokens).hidden, atol=1e-5)
        np.testing.assert_array_equal(dropped.hidden[:4], plain.hidden[:4])
        assert np.abs(dropped.hidden[4] - plain.hidden[4]).max() > 1e-2

    def test_without_any_head_no_word_hears_of_another(self, model: TextEncoder) -> None:
        every_head = frozenset((layer, head) for layer in range(6) for head in range(12))
        deaf = TextInterventions(dropped_heads=every_head)
        cat = forward(model, tokenise("the cat sat"), deaf).hidden[6]
        dog = forward(model, tokenise("the dog sat"), deaf).hidden[6]
        differs = np.abs(cat - dog).max(axis=1) > 1e-4
        assert np.flatnonzero(differs).tolist() == [2]

    def test_masking_is_running_the_masked_pieces(self, model: TextEncoder, tokens: Tokens) -> None:
        masked = forward(model, tokens, TextInterventions(masked_words=frozenset({2})))
        assert masked.tokens.pieces[3] == "[MASK]"
        assert masked.tokens.words[2].text == "cat"
        again = forward(model, mask_words(tokens, {2}))
        np.testing.assert_array_equal(masked.hidden, again.hidden)

    def test_a_forced_weight(
        self, model: TextEncoder, tokens: Tokens, plain: TextAttention
    ) -> None:
        """In the last layer it changes its own query alone, by what the values say."""
        edit = WeightEdit(layer=5, head=2, query=3, key=1, weight=0.9)
        edited = forward(model, tokens, TextInterventions(weight_edits=(edit,)))
        row = plain.weights[5, 2, 3].copy()
        row *= 0.1 / (1.0 - row[1])
        row[1] = 0.9
        np.testing.assert_allclose(edited.weights[5, 2, 3], row, atol=1e-6)
        differs = np.abs(edited.hidden[6] - plain.hidden[6]).max(axis=1) > 1e-4
        assert np.flatnonzero(differs).tolist() == [3]

    def test_forcing_a_weight_to_what_it_is_changes_nothing(
        self, model: TextEncoder, tokens: Tokens, plain: TextAttention
    ) -> None:
        edit = WeightEdit(1, 8, 4, 5, float(plain.weights[1, 8, 4, 5]))
        same = forward(model, tokens, TextInterventions(weight_edits=(edit,)))
        np.testing.assert_allclose(same.hidden, plain.hidden, atol=1e-5)

    def test_forcing_the_rows_of_a_head_to_zero_and_one(
        self, model: TextEncoder, tokens: Tokens, plain: TextAttention
    ) -> None:
        """A head that reads one word alone hands on that word's value: checked by hand."""
        edits = tuple(WeightEdit(0, 4, query, 3, 1.0) for query in range(len(tokens)))
        edited = forward(model, tokens, TextInterventions(weight_edits=edits))
        output = plain.weights[0] @ plain.value[0]
        output[4] = plain.value[0, 4, 3]
        mixed = output.transpose(1, 0, 2).reshape(len(tokens), -1)
        prefix = "encoder.layer.0.attention.output"
        dense = mixed @ model.get(f"{prefix}.dense.weight").numpy().T
        added = plain.hidden[0] + dense + model.get(f"{prefix}.dense.bias").numpy()
        centred = added - added.mean(axis=1, keepdims=True)
        normed = centred / np.sqrt((centred**2).mean(axis=1, keepdims=True))
        normed = normed * model.get(f"{prefix}.LayerNorm.weight").numpy()
        normed += model.get(f"{prefix}.LayerNorm.bias").numpy()
        hidden = torch.tensor(normed)
        inner = torch.nn.functional.gelu(
            hidden @ model.get("encoder.layer.0.intermediate.dense.weight").T
            + model.get("encoder.layer.0.intermediate.dense.bias")
        )
        out = hidden + inner @ model.get("encoder.layer.0.output.dense.weight").T
        out = out + model.get("encoder.layer.0.output.dense.bias")
        expected = torch.nn.functional.layer_norm(
            out,
            (384,),
            model.get("encoder.layer.0.output.LayerNorm.weight"),
            model.get("encoder.layer.0.output.LayerNorm.bias"),
        )
        np.testing.assert_allclose(edited.hidden[1], expected.numpy(), atol=1e-4)

    @pytest.mark.parametrize(
        ("interventions", "text"),
        [
            (TextInterventions(dropped_heads=frozenset({(6, 0)})), "no head 0 in a layer 6"),
            (TextInterventions(dropped_heads=frozenset({(0, -1)})), "no head -1"),
            (TextInterventions(masked_words=frozenset({8})), "no word 8"),
            (TextInterventions(weight_edits=(WeightEdit(0, 12, 0, 0, 0.5),)), "no head 12"),
            (TextInterventions(weight_edits=(WeightEdit(0, 0, 10, 0, 0.5),)), "from piece 10"),
        ],
    )
    def test_what_is_not_there_is_refused(
        self, model: TextEncoder, tokens: Tokens, interventions: TextInterventions, text: str
    ) -> None:
        with pytest.raises(ValueError, match=text):
            forward(model, tokens, interventions)

    def test_a_text_longer_than_the_positions_is_refused(self, model: TextEncoder) -> None:
        long = tokenise("cat " * 600, max_pieces=513)
        with pytest.raises(ValueError, match="512 positions and this text 513 pieces"):
            forward(model, long)
        with pytest.raises(ValueError, match="512 positions"):
            embed(model, [long])

    def test_interventions_can_be_a_cache_s_key(self) -> None:
        def make() -> TextInterventions:
            return TextInterventions(
                frozenset({(1, 2)}), frozenset({3}), (WeightEdit(0, 0, 0, 0, 0.5),)
            )

        assert hash(make()) == hash(make())
        assert make() == make() != TextInterventions()


class TestEmbed:
    def test_many_lengths_as_one_by_one(self, model: TextEncoder) -> None:
        texts = [tokenise("word " * n) for n in (0, 1, 2, 3, 5, 8, 80, 3, 240, 0, 13)]
        together = embed(model, texts)
        assert together.shape == (11, 384)
        for row, tokens in zip(together, texts, strict=True):
            np.testing.assert_allclose(row, forward(model, tokens).embedding, atol=1e-5)

    def test_nothing(self, model: TextEncoder) -> None:
        assert embed(model, []).shape == (0, 384)

    def test_leave_one_out(self, model: TextEncoder) -> None:
        tokens = tokenise("The unaffable cat sat. " * 6)
        steps = list(leave_one_out(model, tokens))
        assert len(steps) > 2
        rows = np.concatenate(steps)
        assert len(rows) == len(tokens.words)
        for word in (0, 1, 16, len(rows) - 1):
            expected = forward(model, without_word(tokens, word)).embedding
            np.testing.assert_allclose(rows[word], expected, atol=1e-5)

    def test_leave_one_out_of_little(self, model: TextEncoder) -> None:
        assert list(leave_one_out(model, tokenise(""))) == []
        (only,) = leave_one_out(model, tokenise("hi"))
        np.testing.assert_allclose(only[0], forward(model, tokenise("")).embedding, atol=1e-5)


class TestSharing:
    def test_nothing_is_left_on_the_model(self, model: TextEncoder, tokens: Tokens) -> None:
        before = {name: tensor.clone() for name, tensor in model.tensors.items()}
        edits = (WeightEdit(0, 0, 0, 1, 0.5),)
        forward(model, tokens, TextInterventions(frozenset({(0, 0)}), frozenset({1}), edits))
        model.position_table()[:] = 0.0
        assert model.tensors.keys() == before.keys()
        for name, tensor in model.tensors.items():
            assert torch.equal(tensor, before[name]), name

    def test_many_threads_get_what_one_gets_alone(self, model: TextEncoder) -> None:
        cases = [
            (tokenise(f"Session {n} wrote a text of its own. " * (n + 1)), n) for n in range(10)
        ]

        def run(tokens: Tokens, n: int) -> TextAttention:
            return forward(model, tokens, TextInterventions(dropped_heads=frozenset({(n % 6, n)})))

        alone = [run(*case) for case in cases]
        together: dict[int, TextAttention] = {}

        def session(tokens: Tokens, n: int) -> None:
            together[n] = run(tokens, n)

        threads = [threading.Thread(target=session, args=case) for case in cases]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        for n, expected in enumerate(alone):
            np.testing.assert_array_equal(together[n].weights, expected.weights)
            np.testing.assert_array_equal(together[n].embedding, expected.embedding)
