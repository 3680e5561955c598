"""Plots about people: who bought, has, gave, lost and likes what."""

from __future__ import annotations

from core.stories.telling import Teller, listed
from core.stories.world import (
    COATS,
    COLOURED,
    COLOURS,
    DAYS,
    FRUIT,
    MEN,
    PET_NAMES,
    PETS,
    PLACES,
    ROYAL,
    SHOPS,
    SPOTS,
    STUFF,
    THINGS,
    WOMEN,
    person,
)


def shopping(t: Teller) -> None:
    """One buys something, and is asked about it."""
    (a,) = t.people(1)
    shop, colour = t.of(SHOPS), t.of(COLOURS)
    thing, *others = t.some(COLOURED, 1), *t.some(FRUIT, t.of([1, 2]))
    goods = [f"{colour} {thing[0]}", *others]
    t.one(
        "{a.name} went to the {shop} .",
        "on {day} {a.name} went to the {shop} .",
        "yesterday {a.name} was at the {shop} .",
        a=a, shop=shop, day=t.of(DAYS),
    )  # fmt: skip
    t.beside()
    t.one("there ^{a.he} bought {goods} .", a=a, goods=listed(goods))
    t.perhaps("then ^{a.he} went home .", "after that ^{a.he} took the bus home .", a=a)
    t.beside()
    asked = {
        "what": "what did *{a.name} buy ? ^{a.he} bought *{goods} .",
        "where": "where did *{a.name} buy the {thing} ? at the *{shop} .",
        "colour": "what colour was the *{thing} ? it was *{colour} .",
        "who": "who bought a *{colour} *{thing} ? it was *{a.name} .",
    }
    for question in t.some(list(asked), t.of([1, 1, 2])):
        t.say(asked[question], a=a, goods=listed(goods), thing=thing[0], shop=shop, colour=colour)


def two_buyers(t: Teller) -> None:
    """Two buy different things, and someone asks about one of them."""
    a, b = t.couple() if t.yes() else t.people(2)
    (mine, other), (red, blue) = t.some(COLOURED, 2), t.some(COLOURS, 2)
    t.one(
        "{a.name} and {b.name} went to the {shop} .",
        "{a.name} and {b.name} had some money .",
        a=a, b=b, shop=t.of(SHOPS),
    )  # fmt: skip
    t.say("{a.name} bought a {red} {mine} .", a=a, red=red, mine=mine)
    t.say("*{b.name} bought a {blue} {other} .", b=b, blue=blue, other=other)
    t.beside()
    for who, what, colour in t.some([(a, mine, red), (b, other, blue)], t.of([1, 2, 2])):
        t.one(
            "what did {who.name} buy ? ^{who.he} bought a *{colour} *{what} .",
            "who bought the {colour} *{what} ? it was *{who.name} .",
            "{who.name} went home with the *{colour} *{what} .",
            "what colour was {who.name} 's *{what} ? it was *{colour} .",
            who=who, colour=colour, what=what,
        )  # fmt: skip


def pets(t: Teller) -> None:
    """Two have an animal each, of different colours."""
    a, b = t.people(2)
    (cat, dog), (black, white) = t.some(PETS, 2), t.some(COATS, 2)
    t.say("{a.name} has a {cat} and {b.name} has a {dog} .", a=a, b=b, cat=cat, dog=dog)
    t.say("*{a.name} 's *{cat} is {black} .", a=a, cat=cat, black=black)
    t.say("*{b.name} 's *{dog} is {white} .", b=b, dog=dog, white=white)
    t.beside(be="is")
    for who, pet, coat in t.some([(a, cat, black), (b, dog, white)], t.of([1, 2, 2])):
        t.one(
            "what colour is the {pet} ? it is *{coat} .",
            "who has a {pet} ? *{who.name} has a *{pet} .",
            "what does {who.name} have ? ^{who.he} has a *{pet} .",
            "{who.name} plays with the *{pet} every day .",
            "{who.name} loves ^{who.his} *{coat} *{pet} .",
            who=who, pet=pet, coat=coat,
        )  # fmt: skip


def named_pet(t: Teller) -> None:
    """One has a pet with a name of its own."""
    (a,) = t.people(1)
    pet, name, place = t.of(PETS), t.of(PET_NAMES), t.of(["garden", "park", "forest", "field"])
    t.say("{a.name} has a {pet} . its name is {name} .", a=a, pet=pet, name=name)
    t.one(
        "*{name} is very {mood} .",
        "*{name} is {years} years old .",
        name=name, mood=t.of(["calm", "fast", "small", "intelligent"]),
        years=t.of(["two", "three", "four", "five", "six"]),
    )  # fmt: skip
    t.say("one day the *{pet} went to the {place} .", pet=pet, place=place)
    t.beside()
    t.one(
        "{a.name} looked for *{name} all day . in the evening ^{a.he} found ^{a.his} *{pet} .",
        "{a.name} called ^{a.his} *{pet} . *{name} came back from the *{place} .",
        "where was *{name} ? the *{pet} was in the *{place} .",
        a=a, name=name, pet=pet, place=place,
    )  # fmt: skip
    t.perhaps("what is the name of the *{pet} ? its name is *{name} .", pet=pet, name=name)


def gift(t: Teller) -> None:
    """Something goes from hand to hand."""
    a, b, c = t.people(3)
    thing, colour = t.of(COLOURED), t.of(COLOURS)
    what = f"{colour} {thing}" if t.yes() else thing
    t.say("{a.name} had a {what} .", a=a, what=what)
    t.one(
        "^{a.he} gave the *{thing} to {b.name} .",
        "^{a.he} gave {b.name} the *{thing} .",
        a=a, b=b, thing=thing,
    )  # fmt: skip
    t.beside()
    owner, before = b, a
    if t.yes(0.6):
        t.say("then *{b.name} gave it to {c.name} .", b=b, c=c)
        owner, before = c, b
    t.beside(0.2)
    for question in t.some(["has", "gave", "first"], t.of([1, 2])):
        t.say(
            {
                "has": "who has the *{thing} now ? *{o.name} has the *{thing} .",
                "gave": "who gave it to *{o.name} ? it was *{p.name} .",
                "first": "who had the *{thing} first ? it was *{a.name} .",
            }[question],
            a=a, o=owner, p=before, thing=thing,
        )  # fmt: skip


def lost(t: Teller) -> None:
    """Something is lost, and found by someone of the family."""
    (a,) = t.people(1)
    thing, spot, kin = t.of(THINGS), t.of(SPOTS), person(t.of((*WOMEN, *MEN)))
    t.say("{a.name} was {sad} because {a.he} had lost {a.his} {thing} .",
          a=a, thing=thing, sad=t.of(["sad", "angry"]))  # fmt: skip
    t.say("^{a.he} asked ^{a.his} {kin.name} for help .", a=a, kin=kin)
    t.beside()
    t.one(
        "{a.his} *{kin.name} found the *{thing} {spot} .",
        "{a.his} *{kin.name} looked for the *{thing} and found it {spot} .",
        a=a, kin=kin, thing=thing, spot=spot,
    )  # fmt: skip
    t.perhaps("now *{a.name} was happy again .", "{a.name} thanked ^{a.his} *{kin.name} .",
              a=a, kin=kin)  # fmt: skip
    t.perhaps(
        "where was the *{thing} ? it was *{spot} .",
        "who found the *{thing} ? *{a.name} 's *{kin.name} found it .",
        "what had *{a.name} lost ? ^{a.he} had lost ^{a.his} *{thing} .",
        chance=0.8, a=a, kin=kin, thing=thing, spot=spot,
    )  # fmt: skip


def royal(t: Teller) -> None:
    """Someone helps a king or a queen."""
    (a,) = t.people(1)
    king, thing, spot = person(t.of(list(ROYAL))), t.of(THINGS), t.of(SPOTS)
    place = t.of([place for place, where in PLACES.items() if where == "in"])
    t.say("{a.name} met a {k.name} in the {place} .", a=a, k=king, place=place)
    t.say("the *{k.name} was sad because ^{k.he} had lost ^{k.his} {thing} .", k=king, thing=thing)
    t.beside()
    t.say("{a.name} found the *{thing} {spot} and gave it to the *{k.name} .",
          a=a, k=king, thing=thing, spot=spot)  # fmt: skip
    t.perhaps(
        "the *{k.name} thanked *{a.name} .", "then the *{k.name} invited *{a.name} to dinner .",
        a=a, k=king,
    )  # fmt: skip
    t.perhaps(
        "where did *{a.name} meet the *{k.name} ? in the *{place} .",
        "where was the *{thing} ? it was *{spot} .",
        "what did *{a.name} find ? ^{a.he} found the *{k.name} 's *{thing} .",
        a=a, k=king, place=place, thing=thing, spot=spot,
    )  # fmt: skip


def tastes(t: Teller) -> None:
    """Two like different food."""
    a, b = t.couple() if t.yes() else t.people(2)
    cheese, honey = t.some(STUFF, 2)
    t.one(
        "{a.name} likes {cheese} but {b.name} does not .",
        "{a.name} loves {cheese} but {b.name} hates it .",
        a=a, b=b, cheese=cheese,
    )  # fmt: skip
    t.say("*{b.name} likes {honey} .", b=b, honey=honey)
    t.beside()
    t.say("there was some {one} and some *{two} on the table .",
          **dict(zip(("one", "two"), t.some([cheese, honey], 2), strict=True)))  # fmt: skip
    (x, ate), (y, left) = t.some([(a, cheese), (b, honey)], 2)
    t.say("{x.name} ate the *{ate} and *{y.name} ate the *{left} .", x=x, y=y, ate=ate, left=left)
    for who, what in t.some([(a, cheese), (b, honey)], t.of([0, 1, 1, 2])):
        t.one(
            "what does {who.name} like ? ^{who.he} likes *{what} .",
            "who ate the {what} ? it was *{who.name} .",
            who=who, what=what,
        )  # fmt: skip
