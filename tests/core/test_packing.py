"""Packing: a state becomes a short text and comes back equal; any other text is refused."""

from __future__ import annotations

import base64
import string
import time
import zlib
from collections.abc import Callable, Iterable
from contextlib import suppress
from functools import partial
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from core.packing import (
    LONGEST_TEXT,
    Codec,
    Digit,
    PackingError,
    Schema,
    bits,
    integer,
    numbers,
    one_of,
    optional,
    switch,
    tuple_of,
    words,
)

ALPHABET = string.ascii_letters + string.digits + "-_"
SMALL = {f"small {n}": integer(0, 9) for n in range(7)}
PAGE = Schema(
    1,
    {
        "words": words(1, 8, 24),
        "query": numbers(8, 8, -20.0, 20.0),
        "key": numbers(8, 8, -20.0, 20.0),
        "value": numbers(8, 8, -20.0, 20.0),
        "mask": optional(bits(8, 8)),
        "kind": one_of(("none", "causal", "padding")),
        "divided": switch(),
        "cell": tuple_of(integer(0, 7), integer(0, 7)),
        **SMALL,
    },
)
FEW = Schema(1, {"n": integer(0, 9), "words": words(0, 2, 5), "m": numbers(1, 2, -2.0, 2.0)})


def page_state(n_token: int, size: int, decimals: int, tokens: tuple[str, ...]) -> dict[str, Any]:
    rng = np.random.default_rng(7)
    names = ("query", "key", "value")
    return {
        "words": tokens,
        **{name: rng.uniform(-20, 20, (n_token, size)).round(decimals) for name in names},
        "mask": rng.random((n_token, n_token)) < 0.5,
        "kind": "causal",
        "divided": True,
        "cell": (3, 1),
        **dict.fromkeys(SMALL, 5),
    }


LONG_WORDS = tuple(
    "".join(np.random.default_rng(n).choice(list(string.ascii_letters), 24)) for n in range(8)
)
TYPICAL = page_state(5, 2, 1, ("the", "cat", "sat", "on", "mat")) | {"mask": None}
LARGEST = page_state(8, 8, 6, LONG_WORDS)


def assert_equal(read: dict[str, Any], written: dict[str, Any]) -> None:
    assert read.keys() == written.keys()
    for name, value in written.items():
        if isinstance(value, np.ndarray):
            assert read[name].dtype == value.dtype
            np.testing.assert_array_equal(read[name], value, strict=True)
        else:
            assert read[name] == value
            assert type(read[name]) is type(value)


def text_of(body: bytes, schema: Schema = FEW) -> str:
    """Return the text with this body and the checksum that the format asks for."""
    start = zlib.crc32(f"{schema.version},{','.join(schema.fields)}".encode())
    data = body + zlib.crc32(body, start).to_bytes(4, "little")
    return f"{schema.version}." + base64.urlsafe_b64encode(data).decode().rstrip("=")


def refused(schema: Schema, text: str) -> str:
    """Return what a person is told about a text that must be refused."""
    with pytest.raises(PackingError) as caught:
        schema.read(text)
    return str(caught.value)


# --- codecs made of others, and words ---------------------------------------------------------


def taker(digits: Iterable[Digit]) -> Callable[[int], int]:
    left = iter(digits)

    def take(radix: int) -> int:
        digit, expected = next(left)
        assert radix == expected
        return digit

    return take


def back(codec: Codec[Any], value: object) -> Any:  # noqa: ANN401
    return codec.read(taker(codec.write(value)))


def test_word_goldens() -> None:
    codec = words(1, 3, 24)
    assert codec.write(("cab",)) == ((0, 3), (2, 24), (0, 5), (2, 26), (0, 26), (1, 26))
    assert codec.write(("C!",)) == ((0, 3), (1, 24), (1, 5), (34, 94), (0, 94))
    assert codec.write(("é",)) == ((0, 3), (0, 24), (2, 5), (0xE9, 0x800))
    assert codec.write(("注",)) == ((0, 3), (0, 24), (3, 5), (0x6CE8, 0x10000))
    assert codec.write(("🐈",)) == ((0, 3), (0, 24), (4, 5), (0x1F408, 0x110000))


CHARACTERS = st.characters(exclude_categories=["Cs"]).filter(lambda c: not c.isspace())
ANY_WORD = st.text(CHARACTERS, min_size=1, max_size=24)
ASCII_WORD = st.text(string.ascii_letters, min_size=1, max_size=24)


@given(st.lists(ANY_WORD | ASCII_WORD, max_size=8).map(tuple))
def test_words_round_trip(tokens: tuple[str, ...]) -> None:
    assert back(words(0, 8, 24), tokens) == tokens


@pytest.mark.parametrize(
    "tokens",
    [
        *[(), ("a",) * 4, ["a"], "a", None],
        *[(word,) for word in ("", "a b", "a\u00a0", "\u3000", "a\n", "abcdef", "x" * 100_000)],
        *[(word,) for word in ("\ud800", 1, b"a", None)],
    ],
)
def test_words_refuse(tokens: Any) -> None:  # noqa: ANN401
    with pytest.raises(PackingError, match=r"is not a (word|tuple) of 1 to ") as caught:
        words(1, 3, 5).write(tokens)
    assert len(str(caught.value)) < 120


@pytest.mark.parametrize("code", [0x20, 0x09, 0x85, 0xA0, 0x2003, 0xD800, 0xDFFF])
def test_words_with_white_space_or_surrogates_are_not_read(code: int) -> None:
    with pytest.raises(PackingError, match="without white space"):
        words(1, 3, 5).read(taker([(0, 3), (0, 5), (4, 5), (code, 0x110000)]))


def test_optional_and_tuple_goldens() -> None:
    codec = tuple_of(optional(integer(0, 9)), switch(), optional(switch()))
    assert codec.write((7, True, None)) == ((1, 2), (7, 10), (1, 2), (0, 2))
    assert back(codec, (None, False, True)) == (None, False, True)
    assert back(tuple_of(), ()) == ()
    for wrong in ((7, True), (7, True, None, 1), [7, True, None], None, (10, True, None)):
        with pytest.raises(PackingError, match=" is not "):
            codec.write(wrong)  # type: ignore[arg-type]


@pytest.mark.parametrize("limits", [(3, 2, 5), (-1, 2, 5), (1, 2, 0)])
def test_impossible_limits_are_the_programmers_error(limits: tuple[int, int, int]) -> None:
    with pytest.raises(ValueError, match="must be in order") as caught:
        words(*limits)
    assert not isinstance(caught.value, PackingError)


# --- the schema -------------------------------------------------------------------------------


def test_text_golden() -> None:
    schema = Schema(3, {"a": integer(0, 9), "b": one_of("xyz")})
    # 7 + 10 * 2 = 27 = 0x1B, and the CRC-32 of that byte after the version and the names
    checksum = zlib.crc32(b"\x1b", zlib.crc32(b"3,a,b")).to_bytes(4, "little")
    expected = "3." + base64.urlsafe_b64encode(b"\x1b" + checksum).decode().rstrip("=")
    assert schema.write({"a": 7, "b": "z"}) == expected
    assert schema.read(expected) == {"a": 7, "b": "z"}


@given(
    st.lists(st.integers(1, 2**70).flatmap(lambda r: st.tuples(st.integers(0, r - 1), st.just(r))))
)
def test_digits_are_joined_least_significant_first(digits: list[Digit]) -> None:
    number, base = 0, 1
    for digit, radix in digits:
        number, base = number + base * digit, base * radix
    body = number.to_bytes((number.bit_length() + 7) // 8, "little")
    schema = Schema(1, {"any": integer(0, 0)})
    assert schema.join({"any": tuple(digits)}) == text_of(body, schema)


def matrix(cells: st.SearchStrategy[Any], dtype: type) -> st.SearchStrategy[Any]:
    shapes = array_shapes(min_dims=2, max_dims=2, min_side=0, max_side=8)
    return arrays(dtype, shapes, elements=cells)


CELLS = st.floats(-20, 20).map(lambda x: round(x, 2) + 0.0) | st.just(np.nan)
RAW_CELLS = st.floats(-20, 20).map(lambda x: x + 0.0) | st.just(np.nan)
MATRIX = matrix(CELLS, np.float64) | matrix(RAW_CELLS, np.float64)
STATES = st.fixed_dictionaries(
    {
        "words": st.lists(ANY_WORD | ASCII_WORD, min_size=1, max_size=8).map(tuple),
        "query": MATRIX,
        "key": MATRIX,
        "value": MATRIX,
        "mask": st.none() | matrix(st.booleans(), np.bool_),
        "kind": st.sampled_from(["none", "causal", "padding"]),
        "divided": st.booleans(),
        "cell": st.tuples(st.integers(0, 7), st.integers(0, 7)),
        **dict.fromkeys(SMALL, st.integers(0, 9)),
    }
)


@given(STATES)
def test_states_round_trip(state: dict[str, Any]) -> None:
    text = PAGE.write(state)
    assert set(text) <= set(ALPHABET + ".")
    read = PAGE.read(text)
    assert_equal(read, state)
    assert PAGE.write(read) == text
    assert PAGE.join(PAGE.digits(state)) == text


def test_lengths() -> None:
    assert len(PAGE.write(TYPICAL)) < 90
    assert len(PAGE.write(LARGEST)) < 1_100
    nothing = {name: np.full((5, 2), np.nan) for name in ("query", "key", "value")}
    assert len(PAGE.write(TYPICAL | nothing)) < 45
    assert_equal(PAGE.read(PAGE.write(LARGEST)), LARGEST)


def test_too_large_a_state_is_refused() -> None:
    schema = Schema(1, {"m": numbers(40, 24, -20.0, 20.0)})
    fits = np.random.default_rng(0).uniform(-20, 20, (40, 24))
    assert len(schema.write({"m": fits.round(6)})) <= LONGEST_TEXT
    with pytest.raises(PackingError, match=f"characters; {LONGEST_TEXT} are the most"):
        schema.write({"m": fits})


@pytest.mark.parametrize(
    "wrong", [{}, {"n": 1}, {"n": 1, "words": (), "m": np.zeros((1, 1)), "more": 1}]
)
def test_other_fields_are_refused(wrong: dict[str, Any]) -> None:
    for method in (FEW.write, FEW.digits, FEW.join):
        with pytest.raises(PackingError, match="A link has the fields n, words, m; got"):
            method(wrong)


def test_a_value_out_of_range_is_refused() -> None:
    with pytest.raises(PackingError, match="10 is not a whole number from 0 to 9"):
        FEW.write({"n": 10, "words": (), "m": np.zeros((1, 1))})


# --- texts that nobody wrote ------------------------------------------------------------------

GOOD = FEW.write({"n": 7, "words": ("cat", "é"), "m": np.array([[0.5, -1.25]])})


def test_what_a_person_is_told() -> None:
    assert refused(FEW, "2" + GOOD[1:]) == "The link has version 2, and this page reads version 1."
    assert refused(FEW, "01" + GOOD[1:]).startswith("The link has version 01")
    assert refused(FEW, GOOD[:-1]).endswith("its checksum does not match.")
    assert refused(FEW, "1." + "A" * LONGEST_TEXT).startswith("The link is too long: 4098")
    assert "a version, a dot" in refused(FEW, "<script>")
    assert "not written as this page" in refused(FEW, text_of(b"\xff" * 40))
    renamed = Schema(1, {"N": FEW.fields["n"], "words": FEW.fields["words"], "m": FEW.fields["m"]})
    assert "of another page" in refused(renamed, GOOD)


@pytest.mark.parametrize("text", [GOOD, PAGE.write(TYPICAL)])
def test_every_change_of_one_character_is_refused(text: str) -> None:
    schema = FEW if text is GOOD else PAGE
    for place, character in enumerate(text):
        for other in set(ALPHABET + ".=+/ \n%é١") - {character}:
            refused(schema, text[:place] + other + text[place + 1 :])
        refused(schema, text[:place] + text[place + 1 :])  # one left out
        refused(schema, text[: place + 1] + text[place:])  # one doubled
        refused(schema, text[:place])  # the rest cut off
    for more in ALPHABET + ".= \n\0":
        refused(schema, text + more)
        refused(schema, more + text)


def test_no_change_within_four_characters_escapes_the_checksum() -> None:
    # The checksum is linear: a set of flipped bits passes only if what each of them leaves adds
    # up (xor) to nothing. For the 24 bits of any four characters that is shown to be impossible.
    text = PAGE.write(LARGEST)
    payload = bytearray(base64.urlsafe_b64decode(text[2:] + "=" * (-len(text[2:]) % 4)))
    start = zlib.crc32(",".join(("1", *PAGE.fields)).encode())

    def left_by(bit: int) -> int:
        payload[bit // 8] ^= 0x80 >> bit % 8
        left = zlib.crc32(payload[:-4], start) ^ int.from_bytes(payload[-4:], "little")
        payload[bit // 8] ^= 0x80 >> bit % 8
        return left

    assert text_of(bytes(payload[:-4]), PAGE) == text
    left = [left_by(bit) for bit in range(8 * len(payload))]
    for first in range(0, len(left), 6):
        window = left[first : first + 24]
        assert rank_of(window) == len(window)


def rank_of(vectors: list[int]) -> int:
    """Return how many of these vectors of bits are independent under xor."""
    basis: list[int] = []
    for vector in vectors:
        for other in basis:
            vector = min(vector, vector ^ other)  # noqa: PLW2901
        if vector:
            basis.append(vector)
    return len(basis)


@given(st.data())
def test_changes_anywhere_are_refused(data: st.DataObject) -> None:
    text = list(PAGE.write(TYPICAL))
    places = st.dictionaries(st.integers(0, len(text) - 1), st.sampled_from(ALPHABET), min_size=1)
    for place, other in data.draw(places).items():
        text[place] = other
    changed = "".join(text)
    if changed != PAGE.write(TYPICAL):
        refused(PAGE, changed)


@given(st.text() | st.from_regex(r"1\.[A-Za-z0-9_-]*", fullmatch=True))
def test_any_text_is_refused(text: str) -> None:
    refused(PAGE, text)


@given(st.integers(0, 2**400) | st.integers(0, 2**70) | st.integers(0, 2**8000))
def test_forged_texts_are_refused_or_canonical(number: int) -> None:
    # the checksum is right, the content anything
    for schema in (PAGE, FEW):
        text = text_of(number.to_bytes((number.bit_length() + 7) // 8, "little"), schema)
        try:
            values = schema.read(text)
        except PackingError:
            continue
        assert schema.write(values) == text


HEADER: tuple[Digit, ...] = ((1, 2), (1, 3), (1, 2), (0, 1))  # one number, given


@pytest.mark.parametrize(
    "field",
    [
        {"words": ((1, 3), (0, 5), (1, 5), (ord("a") - 33, 94))},  # "a" in the larger alphabet
        {"words": ((1, 3), (0, 5), (4, 5), (0xA0, 0x110000))},  # white space
        {"m": (*HEADER, (2, 8), (250, 401))},  # 0.5 with two decimals
        {"m": (*HEADER, (7, 8), (0x3FE0000000000000, 2**64))},  # 0.5 in all its bits
        {"m": (*HEADER, (7, 8), (0x8000000000000000, 2**64))},  # -0.0
        {"m": (*HEADER, (7, 8), (0x7FF8000000000000, 2**64))},  # NaN that is given
        {"m": (*HEADER, (0, 8), (0, 5), (1, 2))},  # something after the end
    ],
)
def test_other_ways_to_say_the_same_are_refused(field: dict[str, tuple[Digit, ...]]) -> None:
    digits = FEW.digits({"n": 1, "words": (), "m": np.array([[0.5]])})
    assert FEW.read(FEW.join(digits))["m"] == 0.5
    refused(FEW, FEW.join(digits | field))


def test_spare_bytes_and_spare_bits_are_refused() -> None:
    n = Schema(1, {"n": integer(0, 255)})
    assert n.write({"n": 7}) == text_of(b"\x07", n)
    assert "not written as this page" in refused(n, text_of(b"\x07\x00", n))
    # 5 bytes are 40 bits and 7 characters 42: the last two bits of the last one say nothing
    good = n.write({"n": 7})
    others = {good[:-1] + last for last in ALPHABET} - {good}
    same = [o for o in others if base64.urlsafe_b64decode(o[2:] + "=") == good_bytes(good)]
    assert len(same) == 3
    for other in same:
        assert "not written as this page" in refused(n, other)


def good_bytes(text: str) -> bytes:
    return base64.urlsafe_b64decode(text[2:] + "=")


# --- speed ------------------------------------------------------------------------------------


def seconds(call: Callable[[], object]) -> float:
    """Return the shortest of twenty runs."""
    durations = []
    for _ in range(20):
        start = time.perf_counter()
        call()
        durations.append(time.perf_counter() - start)
    return min(durations)


def test_packing_is_quick() -> None:
    # measured: 0.3, 0.6 and 4 ms; the limits leave room for slow machines
    assert seconds(lambda: PAGE.write(LARGEST)) < 1e-3
    schema = Schema(1, {"m": numbers(40, 24, -20.0, 20.0)})
    state = {"m": np.random.default_rng(0).uniform(-20, 20, (40, 24)).round(6)}
    assert seconds(lambda: schema.write(state)) < 5e-3
    assert seconds(lambda: schema.read(schema.write(state))) < 20e-3


def test_hostile_texts_cost_little() -> None:
    large = numbers(8, 64, -20.0, 20.0)
    schema = Schema(1, {"words": words(1, 8, 24), "q": large, "k": large, "v": large})

    def read(text: str) -> None:
        with suppress(PackingError):
            schema.read(text)

    assert seconds(partial(read, "1." + "A" * 10_000_000)) < 1e-3
    rng = np.random.default_rng(0)
    for body in (b"\xff" * 3_066, *(rng.bytes(3_066) for _ in range(10))):
        longest = text_of(body, schema)
        assert len(longest) == LONGEST_TEXT
        assert seconds(partial(read, longest)) < 20e-3
