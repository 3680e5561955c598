"""Packing: the whole state of a page as a short text for its URL, read back exactly.

A `Schema` names the fields of the state and gives each a codec. All digits of all fields make one
number in mixed radix, least significant digit first. The text is ``"<version>.<payload>"``; the
payload is base64url (RFC 4648, section 5, without padding) of the number's bytes, little end
first, and their CRC-32.
"""

from __future__ import annotations

import binascii
import re
import zlib
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import chain
from typing import Any, Final, TypeVar

from core.codecs import (
    Codec,
    Digit,
    FunctionCodec,
    PackingError,
    Take,
    bits,
    integer,
    is_not,
    numbers,
    one_of,
    switch,
)

# Pages import all of the codecs from here.
__all__ = ["LONGEST_TEXT", "Codec", "Digit", "PackingError", "Schema", "bits", "integer"]
__all__ += ["numbers", "one_of", "optional", "switch", "tuple_of", "words"]

T = TypeVar("T")

LONGEST_TEXT: Final = 4096
_CHECKSUM_BYTES: Final = 4
# First character, and how many from there: a word is written in the first that holds all of it.
_ALPHABETS: Final = ((ord("a"), 26), (ord("!"), 94), (0, 0x800), (0, 0x10000), (0, 0x110000))


def optional(codec: Codec[T]) -> Codec[T | None]:
    """Return the codec of a value or None, for one bit more."""

    def write(value: T | None) -> tuple[Digit, ...]:
        return ((0, 2),) if value is None else ((1, 2), *codec.write(value))

    return FunctionCodec(write, lambda take: codec.read(take) if take(2) else None)


def tuple_of(*codecs: Codec[Any]) -> Codec[tuple[Any, ...]]:
    """Return the codec of a tuple that has one value for each of `codecs`."""

    def write(values: tuple[Any, ...]) -> tuple[Digit, ...]:
        if not isinstance(values, tuple) or len(values) != len(codecs):
            raise is_not(values, f"a tuple of {len(codecs)} values")
        pairs = zip(codecs, values, strict=True)
        return tuple(digit for codec, value in pairs for digit in codec.write(value))

    return FunctionCodec(write, lambda take: tuple(codec.read(take) for codec in codecs))


def words(least: int, most: int, longest: int) -> Codec[tuple[str, ...]]:
    """Return the codec of a tuple of words.

    A letter of a word in a to z costs 4.7 bits, a character of one in other visible ASCII 6.6,
    of one up to U+07FF (Greek, Cyrillic, Arabic...) 11, up to U+FFFF 16, and beyond 20.1.

    Parameters
    ----------
    least, most : int, 0 <= least <= most
        How many words.
    longest : int, >= 1
        How many characters (code points) a word may have; it has at least one. Any character but
        white space, as `str.isspace` has it, and surrogates, which no text in UTF-8 can hold.

    Raises
    ------
    ValueError
        If the limits are not in order.
    """
    if not (0 <= least <= most and longest >= 1):
        msg = f"The limits must be in order, got {least} to {most} words of 1 to {longest}."
        raise ValueError(msg)
    counts = most - least + 1

    def require(word: str) -> str:
        fits = isinstance(word, str) and 1 <= len(word) <= longest
        if not fits or any(c.isspace() or "\ud800" <= c <= "\udfff" for c in word):
            raise is_not(word, f"a word of 1 to {longest} characters without white space")
        return word

    def write_word(word: str) -> tuple[Digit, ...]:
        codes = [ord(character) for character in require(word)]
        low, high = min(codes), max(codes)
        alphabet = [first <= low and high < first + n for first, n in _ALPHABETS].index(True)
        first, radix = _ALPHABETS[alphabet]
        header = (len(word) - 1, longest), (alphabet, len(_ALPHABETS))
        return (*header, *((code - first, radix) for code in codes))

    def read_word(take: Take) -> str:
        length = 1 + take(longest)
        first, radix = _ALPHABETS[take(len(_ALPHABETS))]
        return require("".join(chr(first + take(radix)) for _ in range(length)))

    def write(values: tuple[str, ...]) -> tuple[Digit, ...]:
        if not isinstance(values, tuple) or not least <= len(values) <= most:
            raise is_not(values, f"a tuple of {least} to {most} words")
        return ((len(values) - least, counts), *chain.from_iterable(map(write_word, values)))

    def read(take: Take) -> tuple[str, ...]:
        return tuple(read_word(take) for _ in range(least + take(counts)))

    return FunctionCodec(write, read)


@dataclass(frozen=True)
class Schema:
    """The format of a page's links.

    Attributes
    ----------
    version : int, >= 0
        Raise it with every change of `fields`: links of other versions are refused.
    fields : mapping of str to Codec
        The codec of every field; the order is part of the format.
    """

    version: int
    fields: Mapping[str, Codec[Any]]

    def write(self, values: Mapping[str, Any]) -> str:
        """Return the text for a state: ``join(digits(values))``."""
        return self.join(self.digits(values))

    def digits(self, values: Mapping[str, Any]) -> dict[str, tuple[Digit, ...]]:
        """Return the digits of every field.

        Raises
        ------
        PackingError
            If a field is missing, unknown, or has a value outside of its range.
        """
        self._require_fields(values)
        return {name: codec.write(values[name]) for name, codec in self.fields.items()}

    def join(self, digits: Mapping[str, tuple[Digit, ...]]) -> str:
        """Return the text for the digits of every field, as `digits` made them.

        Returns
        -------
        str
            Letters, digits, ``-``, ``_`` and one ``.``; up to `LONGEST_TEXT` characters.

        Raises
        ------
        PackingError
            If a field is missing or unknown, or the text would be too long.
        """
        self._require_fields(digits)
        number = _join(chain.from_iterable(digits[name] for name in self.fields))
        body = number.to_bytes((number.bit_length() + 7) // 8, "little")
        payload = urlsafe_b64encode(body + self._checksum(body)).decode("ascii").rstrip("=")
        text = f"{self.version}.{payload}"
        if len(text) > LONGEST_TEXT:
            msg = f"The link would have {len(text)} characters; {LONGEST_TEXT} are the most."
            raise PackingError(msg)
        return text

    def read(self, text: str) -> dict[str, Any]:
        """Return the values of every field from a text that `write` made.

        Raises
        ------
        PackingError
            If `text` is anything that `write` of this schema cannot have made.
        """
        number = self._number(text)

        def take(radix: int) -> int:
            nonlocal number
            number, digit = divmod(number, radix)
            return digit

        values = {name: codec.read(take) for name, codec in self.fields.items()}
        # A value has one text only; this refuses every other way to say the same.
        if number or self.write(values) != text:
            msg = "The link is damaged: it is not written as this page writes it."
            raise PackingError(msg)
        return values

    def _number(self, text: str) -> int:
        """Return the number in a text, once length, version and checksum are right."""
        if len(text) > LONGEST_TEXT:
            msg = f"The link is too long: {len(text)} characters; {LONGEST_TEXT} are the most."
            raise PackingError(msg)
        match = re.fullmatch(r"([0-9]{1,9})\.([A-Za-z0-9_-]*)", text)
        if match is None:
            msg = "The link is damaged: it is not a version, a dot and letters."
            raise PackingError(msg)
        version, payload = match.groups()
        if version != str(self.version):
            msg = f"The link has version {version}, and this page reads version {self.version}."
            raise PackingError(msg)
        try:
            data = urlsafe_b64decode(payload + "=" * (-len(payload) % 4))
        except binascii.Error:  # a length that no bytes have
            data = b""
        body, checksum = data[:-_CHECKSUM_BYTES], data[-_CHECKSUM_BYTES:]
        if checksum != self._checksum(body):
            msg = "The link is damaged or of another page: its checksum does not match."
            raise PackingError(msg)
        return int.from_bytes(body, "little")

    def _checksum(self, body: bytes) -> bytes:
        """Return the CRC-32 of the body and of what it is read by.

        A CRC-32 misses no change within 32 bits next to each other, here within four characters.
        That needs the little end first: the CRC goes through a byte from its lowest bit.
        """
        format_ = zlib.crc32(",".join((str(self.version), *self.fields)).encode())
        return zlib.crc32(body, format_).to_bytes(_CHECKSUM_BYTES, "little")

    def _require_fields(self, named: Mapping[str, Any]) -> None:
        if named.keys() != self.fields.keys():
            msg = f"A link has the fields {', '.join(self.fields)}; got {', '.join(named)}."
            raise PackingError(msg)


def _join(digits: Iterable[Digit]) -> int:
    """Return the number with these digits, least significant first.

    Neighbours are joined two by two, so that most products are of short numbers.
    """
    pieces = list(digits)
    while len(pieces) > 1:
        odd = pieces[-1:] if len(pieces) % 2 else []
        pairs = zip(pieces[::2], pieces[1::2], strict=False)
        pieces = [(low + base * high, base * top) for (low, base), (high, top) in pairs] + odd
    return pieces[0][0] if pieces else 0
