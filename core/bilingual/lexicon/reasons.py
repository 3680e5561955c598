"""What may keep someone from a deed, and what may make someone do it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Family:
    """A deed that did not come about, and which adjectives tell why: of the doer, or the thing.

    The two sets have nothing in common where both could be "it", so that the adjective alone
    tells which of the two it is said of.
    """

    verb: str
    doers: str
    of_doer: tuple[str, ...]
    things: str
    of_thing: tuple[str, ...]


FAMILIES = (
    Family("cross", "animal", ("tired", "sick", "sad", "slow", "young"), "cross",
           ("wide", "dangerous", "long")),
    Family("cross", "animal", ("tired", "sick", "slow", "old"), "cross", ("wide", "dangerous")),
    Family("enter", "animal", ("tired", "sick", "sad"), "enter", ("dark", "dangerous")),
    Family("eat", "animal", ("tired", "sick", "sad"), "food", ("hot", "cold")),
    Family("take", "person", ("tired", "sick", "busy"), "take",
           ("expensive", "slow", "old", "dirty")),
    Family("buy", "person", ("poor", "sick", "busy"), "clothes furniture vehicle house",
           ("expensive", "old", "dirty", "small", "big")),
    Family("carry", "person", ("tired", "sick", "young"), "furniture suitcase box basket bag",
           ("heavy", "dirty", "big")),
    Family("visit", "person", ("tired", "sick", "busy"), "visit",
           ("expensive", "dangerous", "quiet")),
    Family("read", "person", ("tired", "sad", "busy"), "text", ("long", "old")),
    Family("drink", "person", ("tired", "sick"), "coffee tea water milk", ("hot", "cold")),
    Family("wear", "person", ("tired", "sad", "sick"), "clothes",
           ("dirty", "big", "small", "old", "long")),
)  # fmt: skip
REASONS = {  # what may make someone do it
    "eat": ("hungry",),
    "drink": ("thirsty", "hot"),
    "sleep": ("tired", "sleepy", "sick"),
    "rest": ("tired", "sick"),
    "sit": ("tired", "sick"),
    "fall_asleep": ("tired", "sleepy"),
    "stay": ("tired", "sick", "afraid", "happy"),
    "go_home": ("tired", "sick", "cold", "sad", "hungry"),
    "cry": ("sad", "afraid", "tired", "sick", "hungry"),
    "shout": ("afraid", "happy", "hungry"),
    "laugh": ("happy",),
    "smile": ("happy",),
    "sing": ("happy", "sad"),
    "dance": ("happy",),
    "jump": ("happy", "afraid"),
    "run": ("afraid", "cold", "happy"),
    "hide": ("afraid", "sad"),
    "stop": ("tired", "afraid", "thirsty"),
    "wear": ("cold",),
    "need": ("sick", "cold", "tired"),
    "close": ("cold", "afraid"),
    "kiss": ("happy", "sad"),
    "call": ("afraid", "sick", "sad"),
}
