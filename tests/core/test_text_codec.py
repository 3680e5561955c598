"""Texts in links: every character comes back, and what cannot be held is refused."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.codecs import Codec, PackingError
from core.packing import Schema
from core.text_codec import bits_of, text, texts

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)


def there_and_back(codec: Codec[Any], value: object) -> object:
    schema = Schema(1, {"value": codec})
    return schema.read(schema.write({"value": value}))["value"]


@given(TEXTS | st.text("ab z", max_size=40) | st.text("aB\n~ ", max_size=40))
def test_every_text_comes_back(value: str) -> None:
    assert there_and_back(text(40), value) == value


@given(st.lists(TEXTS, min_size=2, max_size=8).map(tuple))
def test_several_texts_come_back(values: tuple[str, ...]) -> None:
    assert there_and_back(texts(2, 8, 40), values) == values


def test_digits_by_hand() -> None:
    assert text(5).write("ba") == ((2, 6), (0, 5), (2, 27), (1, 27))
    # Newline is the first of the keyboard's 96 characters, the space the second.
    assert text(5).write("B\n") == ((2, 6), (1, 5), (ord("B") - ord(" ") + 1, 96), (0, 96))
    assert text(5).write("é") == ((1, 6), (2, 5), (0xE9, 0x800))
    assert text(5).write("") == ((0, 6), (0, 5))


@pytest.mark.parametrize("value", ["abcdef", "\ud800", 5, None])
def test_what_a_link_cannot_hold_is_refused(value: object) -> None:
    with pytest.raises(PackingError, match="a text of up to 5 characters"):
        text(5).write(value)  # type: ignore[arg-type]


def test_surrogates_in_a_link_are_refused() -> None:
    digits = iter((1, 3, 0xD800))
    with pytest.raises(PackingError):
        text(5).read(lambda _radix: next(digits))


@pytest.mark.parametrize("values", [("a",), ("a",) * 9, ["a", "b"]])
def test_too_few_or_too_many_texts_are_refused(values: object) -> None:
    with pytest.raises(PackingError, match="a tuple of 2 to 8 texts"):
        texts(2, 8, 5).write(values)  # type: ignore[arg-type]


def test_limits_have_to_be_in_order() -> None:
    with pytest.raises(ValueError, match="below the lower"):
        text(-1)
    with pytest.raises(ValueError, match="below the lower"):
        texts(3, 2, 5)


@given(TEXTS)
def test_the_cost_is_that_of_the_digits(value: str) -> None:
    _, _, *digits = text(40).write(value)
    assert bits_of(value) == pytest.approx(sum(math.log2(radix) for _, radix in digits))


def test_surrogates_cost_more_than_there_is() -> None:
    assert bits_of("\udfff") == math.inf
