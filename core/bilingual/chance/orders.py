"""Chance orders to a friend: "open the door , please"."""

from __future__ import annotations

from random import Random

from core.bilingual.chance.phrases import choose_noun, choose_place
from core.bilingual.chance.weights import ASKED, REFUSED, Weights
from core.bilingual.grammar.noun_phrases import say_phrase
from core.bilingual.grammar.spoken import Both, Sheet, refusal
from core.bilingual.grammar.surface import Word
from core.bilingual.grammar.verb_phrases import say_place
from core.bilingual.lexicon.verbs import VERBS, Verb, verbs_with

# What no one orders, and the deeds without an object that one may order.
_NEVER_ORDERED = frozenset(["see", "hear", "lose", "meet"])
_PLAIN = ("go", "come", "return", "sleep", "work", "dance", "sing", "run", "walk", "stay")
_ORDERED: Weights = {word: weight for word, weight in ASKED.items() if word != "any"}


def some_order(rng: Random, sheet: Sheet) -> Both:
    """Choose and say an order."""
    verb, negated = rng.choice(_orderable()), rng.random() < 0.3
    idea, refused = sheet.idea(), refusal(sheet, "not" if negated else "")
    english = [Word("do", word.ideas) for word in refused.english] + refused.english
    english.append(Word(verb.base, idea))
    english += [Word(verb.particle, idea)] if verb.particle else []
    french = [*refused.ne, Word(verb.imperative(), idea), *refused.pas]
    more_english, more_french = _object_or_place(rng, sheet, verb, idea, negated)
    english, french = english + more_english, french + more_french
    if rng.random() < 0.35:
        comma, please = sheet.idea(), sheet.idea()
        english += [Word(",", comma), Word("please", please)]
        asked = [Word(word, please) for word in ("s'", "il", "te", "plaît")]
        french += [Word(",", comma), *asked]
    return english, french


def _orderable() -> list[Verb]:
    deeds = [verb for verb in verbs_with("deed") if "person" in verb.subjects and not verb.stative]
    return [v for v in deeds if v.key not in _NEVER_ORDERED] + [VERBS[key] for key in _PLAIN]


def _object_or_place(
    rng: Random, sheet: Sheet, verb: Verb, idea: frozenset[int], negated: bool
) -> Both:
    if "move" in verb.flags:
        english, french, where = say_place(sheet, choose_place(rng, "to", proper=0.2))
        if where is not None:
            sheet.note(verb.name, where.key)
        return english, french
    if not verb.objects:
        return [], []
    tags = " ".join(sorted(verb.objects))
    phrase = say_phrase(sheet, choose_noun(rng, tags, REFUSED if negated else _ORDERED))
    sheet.note(verb.name, phrase.key)
    link = [Word(word, idea) for word in verb.link]
    return phrase.english, phrase.french(link, negated=negated)
