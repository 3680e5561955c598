"""Sentences from menus and the named examples: always sayable, always right."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.bilingual import english_vocabulary, french_vocabulary, join_english, join_french
from core.bilingual.examples import examples
from core.bilingual.menus import SLOTS, MenuChoices, label, options, say, settle


def french(**chosen: str) -> str:
    pair = say(settle(replace(MenuChoices(preposition="", place=""), **chosen)))
    return join_french(pair.french)


@st.composite
def choices(draw: st.DrawFn) -> MenuChoices:
    made = MenuChoices()
    for slot in SLOTS:
        made = replace(made, **{slot: draw(st.sampled_from(options(made, slot)))})
    return made


@given(choices())
@settings(max_examples=250, deadline=None)
def test_whatever_is_offered_can_be_said(made: MenuChoices) -> None:
    pair = say(made)
    assert set(pair.english) <= set(english_vocabulary())
    assert set(pair.french) <= set(french_vocabulary())
    assert all(pair.alignment)
    assert pair.english[-1] == ("?" if made.form == "question" else ".")
    assert pair.kind == "menu"
    assert settle(made) == made


@given(choices(), choices(), st.lists(st.sampled_from(SLOTS), max_size=6))
@settings(max_examples=100, deadline=None)
def test_a_mixture_settles(one: MenuChoices, other: MenuChoices, slots: list[str]) -> None:
    mixed = replace(one, **{slot: getattr(other, slot) for slot in slots})
    say(settle(mixed))


@given(st.builds(MenuChoices, **{slot: st.text(max_size=5) for slot in SLOTS}))
@settings(max_examples=50, deadline=None)
def test_any_text_settles(made: MenuChoices) -> None:
    say(settle(made))


def test_the_first_sentence() -> None:
    pair = say(MenuChoices())
    assert join_english(pair.english) == "The cat sat on the mat."
    assert join_french(pair.french) == "Le chat s'est assis sur le tapis."


@pytest.mark.parametrize(
    ("chosen", "line"),
    [
        ({"verb": "sleep", "tense": "future", "time": "tomorrow"}, "Le chat va dormir demain."),
        (
            {"adjective": "black", "verb": "eat", "object": "apple"},
            "Le chat noir a mangé des pommes.",
        ),
        ({"subject": "she", "verb": "like", "object": "cheese"}, "Elle aimait le fromage."),
        (
            {"subject": "she", "verb": "like", "tense": "present", "object": "apple"}
            | {"object_determiner": "", "negation": "not"},
            "Elle n'aime pas les pommes.",
        ),
        (
            {"subject": "they", "verb": "have", "object": "dog", "object_determiner": "any"}
            | {"negation": "not", "tense": "present"},
            "Ils n'ont pas de chiens.",
        ),
        (
            {"subject": "dog", "determiner": "my", "verb": "see", "object": "owl"}
            | {"form": "question", "object_determiner": "the"},
            "Est-ce que mon chien a vu le hibou\u202f?",
        ),
        ({"verb": "live", "place": "japan", "tense": "present"}, "Le chat vit au Japon."),
        (
            {"subject": "animal", "verb": "cross", "object": "river", "negation": "not"}
            | {"reason": "wide"},
            "L'animal n'a pas traversé la rivière parce qu'elle était trop large.",
        ),
    ],
)
def test_choices_make_the_sentence(chosen: dict[str, str], line: str) -> None:
    assert french(**chosen) == line


def test_what_does_not_fit_is_refused_with_what_does() -> None:
    with pytest.raises(ValueError, match=r"'verb'.*what fits"):
        say(MenuChoices(verb="sing"))


def test_now_and_then_are_told_apart() -> None:
    assert "past" not in options(MenuChoices(subject="i", number="", verb="read"), "tense")
    assert "past" in options(MenuChoices(subject="she", number="", verb="read"), "tense")


def test_labels_are_words() -> None:
    assert label("verb", "look_for") == "look for"
    assert label("verb", "love:person") == "love"
    assert label("place", "mat") == "mat"
    assert label("reason", "") == "\N{EN DASH}"


def test_examples() -> None:
    found = {each.name: each for each in examples()}
    assert 15 <= len(found) == len(examples())
    lines = {each.name: join_french(each.pair.french) for each in examples()}
    assert lines["tired"].endswith("parce qu'il était trop fatigué.")
    assert lines["wide"].endswith("parce qu'elle était trop large.")
    assert lines["black cat"] == "Le chat noir dort dans le jardin."
    assert lines["letter"] == "La lettre qu'elle a écrite était longue."
    assert lines["mixed company"] == "La reine et le roi sont heureux."
    for each in examples():
        assert each.shows
        assert set(each.pair.english) <= set(english_vocabulary())
        assert set(each.pair.french) <= set(french_vocabulary())
