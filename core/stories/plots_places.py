"""Plots about places: who went where, and where things are."""

from __future__ import annotations

from core.stories.telling import Teller
from core.stories.world import (
    DAYS,
    DRINKS,
    EATING,
    FRUIT,
    HIDING,
    JOBS,
    MOODS,
    PLACES,
    THINGS,
    TOWNS,
    VEHICLES,
    WORKS_AT,
)

_GO = ("went to", "walked to", "ran to")


def moves(t: Teller) -> None:
    """Send some to places, perhaps on to others, and ask for one (Weston et al. 2015)."""
    people = t.people(t.of([2, 2, 3]))
    places = t.some(list(PLACES), 4)
    at = dict(zip((each.name for each in people), places, strict=False))
    for each in people:
        t.say("{p.name} {went} the {place} .", p=each, went=t.of(_GO), place=at[each.name])
    t.beside()
    if t.yes(0.6):
        mover = t.of(people)
        at[mover.name] = places[-1]
        t.say("then {p.name} {went} the {place} .", p=mover, went=t.of(_GO), place=places[-1])
    for each in t.some(people, t.of([1, 2, 2])):
        place = at[each.name]
        t.one(
            "where is {p.name} now ? ^{p.he} is {where} the *{place} .",
            "who is {where} the {place} now ? it is *{p.name} .",
            p=each, place=place, where=PLACES[place],
        )  # fmt: skip


def carried(t: Teller) -> None:
    """Things are where those are who carry them."""
    a, b = t.people(2)
    ball, key = t.some(THINGS, 2)
    park, kitchen = t.some(list(PLACES), 2)
    t.say("{a.name} took the {ball} and {b.name} took the {key} .", a=a, b=b, ball=ball, key=key)
    t.say("{a.name} {went} the {park} .", a=a, went=t.of(_GO), park=park)
    t.say("*{b.name} {went} the {kitchen} .", b=b, went=t.of(_GO), kitchen=kitchen)
    t.beside()
    for who, thing, place in t.some([(a, ball, park), (b, key, kitchen)], t.of([1, 2, 2])):
        t.one(
            "where is the {thing} ? it is {where} the #{place} .",
            "who has the {thing} ? *{who.name} has it .",
            "where is {who.name} ? ^{who.he} is {where} the *{place} with the #{thing} .",
            who=who, thing=thing, place=place, where=PLACES[place],
        )  # fmt: skip


def there_and_back(t: Teller) -> None:
    """One leaves, and comes back to where it all began."""
    (a,) = t.people(1)
    homes = [place for place, where in PLACES.items() if where == "in" and place not in EATING]
    home, away = t.of(homes), t.of(EATING)
    need, food = t.of([("hungry", FRUIT), ("thirsty", DRINKS)])
    what = t.of(food)
    verb, meal = ("ate", f"a {what}") if need == "hungry" else ("drank", f"some {what}")
    t.say("{a.name} was in the {home} .", a=a, home=home)
    t.say("^{a.he} was {need} and went to the {away} .", a=a, need=need, away=away)
    t.say("there ^{a.he} {verb} {meal} .", a=a, verb=verb, meal=meal)
    t.beside()
    t.say("then ^{a.he} went back to the *{home} .", a=a, home=home)
    t.perhaps(
        "why did *{a.name} go to the *{away} ? because ^{a.he} was *{need} .",
        "what did *{a.name} {do} ? ^{a.he} *{verb} *{meal} .",
        "where is *{a.name} now ? ^{a.he} is in the *{home} .",
        chance=0.8, a=a, away=away, need=need, do={"ate": "eat", "drank": "drink"}[verb],
        verb=verb, meal=meal, home=home,
    )  # fmt: skip


def journey(t: Teller) -> None:
    """One travels from town to town."""
    (a,) = t.people(1)
    first = t.rng.randrange(len(DAYS) - 1)
    days = [DAYS[first], DAYS[t.rng.randrange(first + 1, len(DAYS))]]
    (rome, paris), ways = t.some(TOWNS, 2), t.some(VEHICLES, 2)
    t.say("on {day} {a.name} took the {way} to {town} .", a=a, day=days[0], way=ways[0], town=rome)
    t.perhaps(
        "{a.he} visited a {place} there .", "the weather was {good} .", a=a,
        place=t.of(["museum", "church", "castle", "market"]), good=t.of(["good", "bad"]),
    )  # fmt: skip
    t.say("on {day} ^{a.he} took the {way} from *{rome} to {paris} .",
          a=a, day=days[1], way=ways[1], rome=rome, paris=paris)  # fmt: skip
    t.beside(0.2)
    legs = list(zip(days, ways, (rome, paris), strict=True))
    for day, way, town in t.some(legs, t.of([1, 2, 2])):
        t.one(
            "where was *{a.name} on {day} ? ^{a.he} was in *{town} .",
            "how did *{a.name} go to {town} ? ^{a.he} took the *{way} .",
            "when did *{a.name} arrive in {town} ? on *{day} .",
            a=a, day=day, way=way, town=town,
        )  # fmt: skip


def hiding(t: Teller) -> None:
    """Children hide, and are found where they are."""
    a, b, c = t.people(3)
    place = t.of(list(HIDING))
    tree, bed = t.some(HIDING[place], 2)
    t.say("{a.name} , {b.name} and {c.name} were playing in the {place} .",
          a=a, b=b, c=c, place=place)  # fmt: skip
    t.say("{a.name} hid {tree} and *{b.name} hid {bed} .", a=a, b=b, tree=tree, bed=bed)
    t.say("*{c.name} looked for them .", c=c)
    t.beside()
    (x, one), (y, other) = t.some([(a, tree), (b, bed)], 2)
    t.say("{c.he} found {x.name} *{one} . then ^{c.he} found *{y.name} *{other} .",
          c=c, x=x, y=y, one=one, other=other)  # fmt: skip
    t.perhaps(
        "who was {one} ? it was *{x.name} .",
        "who found {x.name} ? it was *{c.name} .",
        "where was {x.name} ? ^{x.he} was *{one} .",
        c=c, x=x, one=one,
    )  # fmt: skip


def jobs(t: Teller) -> None:
    """People are called by their names, and by what they do."""
    a, b = t.people(2)
    doctor, baker = t.some(JOBS, 2)
    mood, other = t.some(MOODS, 2)
    t.say("{a.name} is a {doctor} and {b.name} is a {baker} .",
          a=a, b=b, doctor=doctor, baker=baker)  # fmt: skip
    t.beside(0.2, be="is")
    t.say("today the *{doctor} is {mood} , but the *{baker} is {other} .",
          doctor=doctor, baker=baker, mood=mood, other=other)  # fmt: skip
    for who, job, is_ in t.some([(a, doctor, mood), (b, baker, other)], t.of([1, 2, 2])):
        t.one(
            "who is the {job} ? it is *{who.name} .",
            "who is {is_} today ? it is #{who.name} .",
            "how is {who.name} today ? ^{who.he} is #{is_} .",
            "what does {who.name} do ? ^{who.he} is a *{job} .",
            who=who, job=job, is_=is_,
        )  # fmt: skip


def at_work(t: Teller) -> None:
    """One does what people of that job do."""
    (a,) = t.people(1)
    job = t.of(list(WORKS_AT))
    place = WORKS_AT[job]
    t.say("{a.name} is a {job} and works {at} the {place} .",
          a=a, job=job, place=place, at=PLACES[place])  # fmt: skip
    t.say("every morning ^{a.he} takes the {way} to the *{place} .",
          a=a, way=t.of(["bus", "train", "car", "bike"]), place=place)  # fmt: skip
    b = next(each for each in t.people(2) if each.name != a.name)
    t.say("one day ^{a.he} met {b.name} there .", a=a, b=b)
    t.beside()
    t.perhaps("{b.name} was {mood} .", b=b, mood=t.of(MOODS))
    t.perhaps(
        "where does {a.name} work ? {at} the *{place} .",
        "who met *{b.name} ? it was *{a.name} .", "who did *{a.name} meet ? it was *{b.name} .",
        chance=0.8, a=a, b=b, at=PLACES[place], place=place,
    )  # fmt: skip
