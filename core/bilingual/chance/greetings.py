"""Greetings and other short phrases that are learned whole."""

from __future__ import annotations

from random import Random

from core.bilingual.grammar.spoken import Both, Sheet
from core.bilingual.grammar.surface import Word
from core.bilingual.lexicon.function_words import NAMES

# Parts that belong together, English=French, words joined by "_". "{}" is a name that may follow
# after a comma; "{!}" is a name that must stand there.
PHRASES = (
    "hello=bonjour {} .",
    "good_morning=bonjour {} .",
    "good_evening=bonsoir {} .",
    "good_night=bonne_nuit {} .",
    "goodbye=au_revoir {} .",
    "thank_you=merci {} .",
    "yes=oui ,=, thank_you=merci {} .",
    "no=non ,=, thank_you=merci {} .",
    "yes=oui ,=, please=s'_il_te_plaît {} .",
    "welcome=bienvenue {} .",
    "excuse_me=excuse-moi {} .",
    "i=je am=suis sorry=désolé {} .",
    "see_you_tomorrow=à_demain {} .",
    "see_you_soon=à_bientôt {} .",
    "good=bonne luck=chance {} .",
    "happy=joyeux birthday=anniversaire {} .",
    "of_course=bien_sûr {} .",
    "how_are_you=comment_vas-tu {} ?",
    "what_is_your_name=comment_t'_appelles-tu ?",
    "my_name_is=je_m'_appelle {!} .",
    "what=qu' is=est-ce_que this=c'_est ?",
    "who=qui is_this=est-ce ?",
    "what_time=quelle_heure is_it=est-il ?",
    "i=je do_not_know=ne_sais_pas .",
    "i=je understand=comprends .",
    "enjoy_your_meal=bon_appétit {} .",
    "have_a_good_day=bonne_journée {} .",
    "let_us_go=allons-y {} .",
    "be=fais careful=attention {} .",
    "well_done=bravo {} .",
)


def some_phrase(rng: Random, sheet: Sheet) -> Both:
    """Choose a phrase, and perhaps someone to say it to; return it with its last mark."""
    english: list[Word] = []
    french: list[Word] = []
    loud = rng.random() < 0.4
    for part in rng.choice(PHRASES).split():
        if part == "{}":
            if rng.random() < 0.6:
                _join(sheet, english, french, ",", ",")
                _name(rng, sheet, english, french)
        elif part == "{!}":
            _name(rng, sheet, english, french)
        else:
            source, _, target = ("!" if loud and part == "." else part).partition("=")
            _join(sheet, english, french, source, target or source)
    return english, french


def _name(rng: Random, sheet: Sheet, english: list[Word], french: list[Word]) -> None:
    name = rng.choice(list(NAMES))
    _join(sheet, english, french, name, NAMES[name][0])


def _join(sheet: Sheet, english: list[Word], french: list[Word], source: str, target: str) -> None:
    idea = sheet.idea()
    english += [Word(word, idea) for word in source.split("_")]
    french += [Word(word, idea) for word in target.split("_")]
