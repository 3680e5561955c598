"""The answers of the translation page's experiments, and what the page shows with them."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from core.bilingual import join_english, join_french
from core.bilingual.menus import settle
from core.translation import END, Part, Translation
from pages._shared import translation
from pages._shared.lesson import Answer, DoesNotFitError
from pages._shared.translation_choice import EXAMPLE, MENUS, TYPED, TranslationState
from pages._shared.translation_lines import differences
from pages._shared.translation_maps import Reading, Weights, name_of, shown_weights
from pages._shared.translation_scene import Scene, see
from pages._shared.words import number

# So many words of a sentence are few.
_FEW: Final = 2
_N_OF_START: Final = 4
# A probability that changes by less is said to stay.
STAYS_WITHIN: Final = 0.05
NOT: Final = "not"
_PAS: Final = "pas"
_NE: Final = ("ne", "n'")
_DO: Final = ("did", "do", "does")
_TIRED, _WIDE = "tired", "wide"

# Indices of the options, in the questions that have them.
OWN_WORD, NEXT_WORD, THE_END = range(3)
STAYS, FALLS, RISES = range(3)
BOTH_STAY, ONE_STAYS, BOTH_GO = range(3)
FEW_CHANGE, SOME_CHANGE, MANY_CHANGE = range(3)
ONE_WORD, TWO_WORDS, MORE_WORDS = range(3)


# ---- the row that a word enters


def show_next_row(state: TranslationState) -> TranslationState:
    """Choose the step that the chosen word enters, and what it reads most."""
    scene = see(state)
    step = scene.word + 1
    if step >= len(scene.translation.words):
        return state
    return replace(state, word=step, english=_most_read(scene.translation, step))


def read_by_the_next(before: Scene, _after: Scene) -> Answer:
    """Find which English word is read most in the step that the chosen word enters."""
    shown, gold, place = before.translation, before.gold, before.word
    if gold is None:
        raise DoesNotFitError("Which word translates which is known for examples and menus only.")
    if place >= len(gold.french):
        raise DoesNotFitError("The end enters no step. Choose a word.")
    own = set(gold.alignment[place])
    following = set(gold.alignment[place + 1]) if place + 1 < len(gold.french) else set()
    if own & following:
        raise DoesNotFitError("This word and the next translate the same word. Choose another.")
    at = _most_read(shown, place + 1)
    if shown.source[at] == END:
        value = THE_END
    elif at in own | following:
        value = NEXT_WORD if at in following else OWN_WORD
    else:
        raise DoesNotFitError("The next step reads yet another word most. Choose another word.")
    word, after = name_of(shown.words[place]), name_of(shown.words[place + 1])
    weight = float(_mean(shown)[place + 1, at])
    return Answer(
        value,
        f"The step that {word} enters reads {name_of(shown.source[at])} most ({number(weight)}, "
        f"mean of all heads), for it is to write {after}. A row is called by the word that it "
        "writes; to call it by the word that enters is to be off by one.",
    )


# ---- an article without its noun


def hide_chosen(state: TranslationState) -> TranslationState:
    """Hide the chosen English word."""
    place = min(state.english, len(state.sentence.words) - 1)
    return replace(state, hidden=tuple(sorted({*state.hidden, place})))


def article_without_noun(before: Scene, after: Scene) -> Answer:
    """Find what becomes of the chosen French word when the chosen English one is hidden."""
    shown, place = before.translation, before.word
    hidden = set(after.state.hidden) - set(before.state.hidden)
    if not hidden:
        raise DoesNotFitError("The chosen English word is hidden already, or is the end.")
    was = float(shown.probabilities[place])
    prefix = tuple(word for word in shown.words[: place + 1] if word != END)
    again = translation.given(before.sentence.words, prefix, after.state.interventions)
    now = float(again.probabilities[place])
    value = STAYS if abs(now - was) <= STAYS_WITHIN else FALLS if now < was else RISES
    english = name_of(shown.source[min(hidden)])
    weight = float(_mean(shown)[place, min(hidden)])
    why = {
        STAYS: "It does not depend on that word.",
        FALLS: "French articles and adjectives take their gender from the noun, wherever it stands."
        if weight < 0.5
        else "It is the word that it reads most.",
        RISES: "That word spoke for another one.",
    }[value]
    return Answer(
        value,
        f"Without {english}, {name_of(shown.words[place])} goes from {number(was)} to "
        f"{number(now)}; it read {number(weight)} of it (mean of all heads). {why}",
    )


# ---- a word that is read, and not needed


def hide_not(state: TranslationState) -> TranslationState:
    """Hide "not"."""
    words = state.sentence.words
    if NOT not in words:
        return state
    return replace(state, hidden=tuple(sorted({*state.hidden, words.index(NOT)})))


def negation_without_not(before: Scene, after: Scene) -> Answer:
    """Find which of the two words of a French negation are still written without "not"."""
    words, untouched = before.sentence.words, before.before
    if NOT not in words or not all(_negation_in(untouched)):
        raise DoesNotFitError("There is no “not” in this sentence, or no negation in its French.")
    at = words.index(NOT)
    if at in before.state.hidden:
        raise DoesNotFitError("“not” is hidden already. Show it again first.")
    left = sum(_negation_in(after.translation))
    value = {2: BOTH_STAY, 1: ONE_STAYS, 0: BOTH_GO}[left]
    weight = float(_mean(untouched)[untouched.words.index(_PAS), at])
    helper = next((word for word in words if word in _DO), "")
    why = "So it does depend on what it reads."
    if value == BOTH_STAY:
        why = "A large weight does not yet mean that a word is needed" + (
            f": “{helper}” says as much, for in all that the model was trained on it comes with "
            "“not” or in a question."
            if helper
            else "."
        )
    return Answer(
        value,
        f"“pas” reads {number(weight)} of “not” (mean of all heads), and without it the model "
        f"writes “{_plain(after.translation)}”. {why}",
    )


def _negation_in(shown: Translation) -> tuple[bool, bool]:
    return any(word in shown.words for word in _NE), _PAS in shown.words


# ---- a layer without its heads


def drop_layer(state: TranslationState) -> TranslationState:
    """Drop every head of the cross-attention in the layer that is shown."""
    part: Part = "cross"
    heads = {(part, state.layer, head) for head in range(translation.N_HEADS)}
    return replace(state, dropped=tuple(sorted({*state.dropped, *heads})))


def words_without_layer(before: Scene, after: Scene) -> Answer:
    """Find how many French words change without the cross-attention of a layer."""
    if before.state.dropped == after.state.dropped:
        raise DoesNotFitError("The heads of this layer are dropped already.")
    words = after.translation.french
    n_changed = len(differences(before.translation.french, words))
    value = FEW_CHANGE if n_changed <= _FEW else SOME_CHANGE
    if value == SOME_CHANGE and 2 * n_changed >= len(words):
        value = MANY_CHANGE
    layer = after.state.layer
    both = replace(drop_layer(replace(after.state, layer=1 - layer)), layer=layer)
    start = join_french(see(both).translation.french[:_N_OF_START])
    return Answer(
        value,
        f"Without the 4 heads of layer {layer + 1} it writes “{_plain(after.translation)}”; words "
        f"that became others: {n_changed}. What one layer does not read, the other may have read; "
        f"with both layers dropped nothing of the English is left, and the French begins "
        f"“{start} …”.",
    )


# ---- one word turned


def say_wide(state: TranslationState) -> TranslationState:
    """Put "wide" in the place of "tired"."""
    if state.way == MENUS and state.menu.reason == _TIRED:
        return state.with_sentence(menu=settle(replace(state.menu, reason=_WIDE)))
    if state.way == EXAMPLE and state.example == _TIRED:
        return state.with_sentence(example=_WIDE)
    words = [_WIDE if word == _TIRED else word for word in state.sentence.words]
    return state.with_sentence(way=TYPED, typed=tuple(join_english(words).split()))


def words_that_turn(before: Scene, after: Scene) -> Answer:
    """Find how many French words change when "tired" becomes "wide"."""
    if _TIRED not in before.sentence.words:
        raise DoesNotFitError("There is no “tired” in this sentence.")
    one, other = before.translation.french, after.translation.french
    changed = sorted(differences(one, other))
    n_changed = len(changed)
    value = ONE_WORD if n_changed <= 1 else TWO_WORDS if n_changed == 2 else MORE_WORDS
    named = ", ".join(f"“{other[place]}”" for place in changed)
    why = {
        ONE_WORD: "Both nouns have the same gender, so the French for “it” cannot tell.",
        TWO_WORDS: "What is wide is not what is tired: “it” means the other noun, whose gender is "
        "another; the view “Tired or wide” shows which head does it.",
        MORE_WORDS: "More than the adjective and the pronoun turned over.",
    }[value]
    return Answer(value, f"In “{_plain(after.translation)}” what is new is {named}. {why}")


def _plain(shown: Translation) -> str:
    """Write a translation out up to its full stop, for it stands within a sentence."""
    first, _, more = join_french(shown.french).partition(".")
    return f"{first} …" if more else first


def _mean(shown: Translation) -> Weights:
    return shown_weights(shown, Reading())


def _most_read(shown: Translation, step: int) -> int:
    return int(_mean(shown)[step].argmax())
