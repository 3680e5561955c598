"""Plots in which something must be counted, compared, left over or put together."""

from __future__ import annotations

from core.stories.telling import Teller, listed
from core.stories.world import (
    COUNTS,
    DISHES,
    FLOCKS,
    FRUIT,
    HUNTED,
    NEEDED,
    QUALITIES,
    THINGS,
    person,
)

_RANKS = ("first", "second", "third")


def basket(t: Teller) -> None:
    """One of several things is given away; the others are left."""
    a, b = t.people(2)
    things = t.some(FRUIT, t.of([2, 3, 3]))
    given = t.of(things)
    left = [thing for thing in things if thing != given]
    where = t.of(["basket", "bag", "box"])
    t.say("{a.name} put {things} in ^{a.his} {where} .", a=a, things=listed(things), where=where)
    t.beside()
    t.say("then ^{a.he} gave the {given} to {b.name} .", a=a, b=b, given=given)
    t.one("now *{b.name} has the *{given} .", "{b.name} ate the *{given} .", b=b, given=given)
    t.say("what is in the *{where} now ? #{left} .", where=where, left=listed(left))
    t.perhaps("who put the {thing} in the *{where} ? it was *{a.name} .",
              a=a, thing=t.of(things), where=where)  # fmt: skip


def flock(t: Teller) -> None:
    """Animals come and go: three and two are five."""
    animal = t.of(list(FLOCKS))
    place = FLOCKS[animal]
    at = "near" if place == "river" else "in"
    n = t.rng.randrange(1, 7)
    t.say("there {were} {n} {birds} {at} the {place} .", were="was" if n == 1 else "were",
          n=COUNTS[n], birds=_named(animal, n), at=at, place=place)  # fmt: skip
    t.beside()
    if t.yes() and n > 1:
        k = t.rng.randrange(1, n)
        t.say("{k} *{birds} went away .", k=COUNTS[k], birds=_named(animal, k))
        n -= k
    else:
        k = t.rng.randrange(1, 5)
        t.say("{k} more *{birds} came .", k=COUNTS[k], birds=_named(animal, k))
        n += k
    if t.yes():
        t.say("how many *{birds} are there now ?", birds=animal + "s")
    else:
        t.beside(0.4)
    t.say("now there {are} #{n} *{birds} *{at} the *{place} .", are="is" if n == 1 else "are",
          n=COUNTS[n], birds=_named(animal, n), at=at, place=place)  # fmt: skip


def _named(animal: str, n: int) -> str:
    return animal if n == 1 else animal + "s"


def comparing(t: Teller) -> None:
    """Of three, one is the tallest: put together from two comparisons."""
    a, b, c = t.people(3)
    taller = t.of(list(QUALITIES))
    pairs = t.some([(a, b), (b, c)], 2)
    t.beside(0.2, be="is")
    for x, y in pairs:
        t.say("{x.name} is {taller} than {y.name} .", x=x, y=y, taller=taller)
    t.beside(0.2, be="is")
    t.one(
        "who is the #{tallest} ? #{a.name} is the *{tallest} .",
        "is {a.name} *{taller} than {c.name} ? #yes , ^{a.he} is .",
        "is {c.name} *{taller} than {a.name} ? #no , ^{c.he} is not .",
        a=a, c=c, taller=taller, tallest=QUALITIES[taller],
    )  # fmt: skip


def race(t: Teller) -> None:
    """Three run; who is third follows."""
    people = t.people(3)
    t.say("{a.name} , {b.name} and {c.name} {ran} .", a=people[0], b=people[1], c=people[2],
          ran=t.of(["ran to the river", "ran to the school", "ran home"]))  # fmt: skip
    t.beside()
    order = t.some(people, 3)
    t.say("{x.name} was first and {y.name} was second .", x=order[0], y=order[1])
    t.say("#{z.name} was third .", z=order[2])
    place = t.rng.randrange(3)
    t.perhaps(
        "who was {rank} ? it was *{who.name} .",
        chance=0.8, rank=_RANKS[place], who=order[place],
    )  # fmt: skip


def cooking(t: Teller) -> None:
    """Three things are needed, two are there."""
    (a,) = t.people(1)
    needed, dish = t.some(NEEDED, 3), t.of(DISHES)
    missing = t.of(needed)
    there = [each for each in needed if each != missing]
    kin = person(t.of(["mother", "father", "sister", "brother"]))
    t.say("{a.name} wanted to make a {dish} .", a=a, dish=dish)
    t.say("^{a.he} needed {needed} .", a=a, needed=listed(needed, ""))
    t.say("^{a.he} had {there} but no #{missing} .",
          a=a, there=listed(there, ""), missing=missing)  # fmt: skip
    t.beside(0.2)
    t.one(
        "{a.he} went to the shop and bought *{missing} .",
        "{a.his} {kin.name} went to the shop and bought *{missing} .",
        a=a, kin=kin, missing=missing,
    )  # fmt: skip
    t.perhaps("then *{a.name} made *a *{dish} .", a=a, dish=dish)
    t.perhaps("what did *{a.name} make ? ^{a.he} made *a *{dish} .", a=a, dish=dish)


def hunt(t: Teller) -> None:
    """One animal hunts another one."""
    cat = t.of(list(HUNTED))
    mouse = HUNTED[cat]
    t.one("the {cat} was hungry .", "one morning a {cat} was hungry .", cat=cat)
    t.say("it saw a {mouse} {near} and went after it .", mouse=mouse,
          near=t.of(["near the tree", "in the garden", "near the river"]))  # fmt: skip
    t.beside()
    if t.yes():
        t.say("the *{cat} caught the *{mouse} and ate it .", cat=cat, mouse=mouse)
        t.perhaps("now the *{cat} was not *hungry any more .", cat=cat)
    else:
        t.say("but the *{mouse} was faster than the *{cat} .", cat=cat, mouse=mouse)
        t.perhaps("the *{cat} was still *hungry .", cat=cat)
    t.perhaps("what did the *{cat} see ? it saw a *{mouse} .", cat=cat, mouse=mouse)


def friends(t: Teller) -> None:
    """Two meet, and one brings something for the other."""
    a, b = t.couple()
    thing = t.of((*THINGS, *FRUIT))
    t.say("{a.name} wanted to visit {b.name} .", a=a, b=b)
    t.say("^{a.he} brought a {thing} for *{b.name} .", a=a, b=b, thing=thing)
    t.beside()
    t.one(
        "{b.he} opened the door and ^{a.he} gave ^{b.him} the *{thing} .",
        "{b.name} was happy about the *{thing} and thanked *{a.name} .",
        a=a, b=b, thing=thing,
    )  # fmt: skip
    t.perhaps(
        "who brought the *{thing} ? it was *{a.name} .",
        "what did *{a.name} bring ? ^{a.he} brought a *{thing} .",
        "who was happy ? it was #{b.name} .",
        chance=0.8, a=a, b=b, thing=thing,
    )  # fmt: skip
