"""The people, animals, things and places of the stories, and what goes with what."""

from __future__ import annotations

from dataclasses import dataclass


def _words(line: str) -> tuple[str, ...]:
    return tuple(line.split())


GIRLS = _words(
    "anna mary lucy sophie emma alice clara nina sarah julia jane kate zoe ella laura helen"
)
BOYS = _words(
    "tom paul peter john max ben leo david henry jack oliver felix simon george hugo adam"
)
NAMES = (*GIRLS, *BOYS)
PET_NAMES = _words("rex bella coco bruno milo luna daisy rocky")
TOWNS = _words("paris london rome berlin madrid vienna lisbon oslo")
DAYS = _words("monday tuesday wednesday thursday friday saturday sunday")

COLOURS = _words("black white red blue green yellow grey brown")
COLOURED = _words(
    "hat coat scarf shirt jacket bag box cup pen umbrella ball blanket lamp candle "
    "plate kite toy bottle"
)
PLAIN = _words(
    "book letter newspaper key flower knife photo picture phone clock gift doll stone glass pencil "
    "ticket map fork spoon computer mirror guitar ring coin drum"
)
THINGS = (*COLOURED, *PLAIN)
FRUIT = _words(
    "apple cake egg carrot banana sandwich pear orange lemon tomato onion pancake mushroom"
)
NEEDED = _words("butter honey milk chocolate sugar flour salt cream")  # for a cake
DISHES = _words("cake pancake pie")
STUFF = _words("bread cheese soup meat rice chocolate honey jam butter")
DRINKS = _words("coffee tea juice water milk")
PETS = _words("cat dog rabbit horse bird turtle")
COATS = _words("black white grey brown")  # the colours of pets
HUNTED = {  # who catches what
    "cat": "mouse", "fox": "hen", "wolf": "rabbit", "bear": "goat", "owl": "mouse",
    "lion": "goat", "snake": "frog", "tiger": "donkey", "bird": "spider", "dog": "rabbit",
}  # fmt: skip
ANIMALS = _words(
    "cat dog bird horse cow mouse rabbit bear wolf fox duck frog monkey lion elephant turtle pig "
    "hen goat snake tiger owl giraffe donkey"
)
FLOCKS = {"bird": "tree", "duck": "river", "cow": "field", "hen": "garden", "frog": "river",
          "goat": "field", "rabbit": "garden", "monkey": "tree"}  # fmt: skip
COUNTS = _words("no one two three four five six seven eight nine ten")
JOBS = _words(
    "doctor baker farmer teacher singer painter soldier waiter dancer lawyer actor student"
)
WORKS_AT = {"doctor": "hospital", "baker": "bakery", "farmer": "farm", "teacher": "school",
            "waiter": "restaurant", "actor": "theatre", "student": "library"}  # fmt: skip
PLACES = {  # each with the word that stands before it where one is there
    "garden": "in", "park": "in", "forest": "in", "kitchen": "in", "church": "in", "city": "in",
    "village": "in", "street": "in", "shop": "in", "bedroom": "in", "castle": "in",
    "library": "in", "restaurant": "in", "museum": "in", "theatre": "in", "school": "at",
    "station": "at", "market": "at", "beach": "on", "farm": "on", "zoo": "at", "airport": "at",
    "hotel": "in", "hospital": "in", "bakery": "in", "field": "in", "bridge": "on",
    "cinema": "in", "bank": "in",
}  # fmt: skip
SHOPS = _words("market shop")
SPOTS = (
    "under the table", "under the bed", "on the sofa", "behind the door", "near the window",
    "under the tree", "behind the house", "in the box", "in the basket", "on the chair",
    "on the roof", "behind the wall", "near the river", "under the bench", "on the bench",
    "in the bag", "next to the lamp", "in the suitcase", "under the blanket", "behind the clock",
)  # fmt: skip
HIDING = {  # where one hides, in each place that one plays in
    "house": ("under the table", "under the bed", "behind the door", "behind the sofa",
              "under the blanket", "behind the chair"),
    "garden": ("behind the house", "under the tree", "behind the wall", "under the bench",
               "behind the flowers"),
    "park": ("under the bridge", "under the tree", "behind the wall", "under the bench",
             "behind the statue"),
}  # fmt: skip
EATING = _words("kitchen restaurant hotel market shop bakery")
VEHICLES = _words("train bus plane car")
QUALITIES = {"taller": "tallest", "older": "oldest", "faster": "fastest", "stronger": "strongest",
             "richer": "richest", "younger": "youngest"}  # fmt: skip
MOODS = _words("happy tired sad hungry thirsty angry calm sick busy")
WOMEN = _words("mother sister aunt grandmother")
MEN = _words("father brother uncle grandfather")
ROYAL = {"king": "he", "queen": "she", "prince": "he", "princess": "she"}

# Of a name and one of these, some pairs are never told of in training: see `held_out`.
NOUNS = (*THINGS, *FRUIT, *STUFF, *NEEDED, *DRINKS, *ANIMALS, *PLACES, *JOBS, *TOWNS)


@dataclass(frozen=True)
class Person:
    """Someone in a story, with the pronouns that fit: he, him, his or she, her, her."""

    name: str
    he: str
    him: str
    his: str


def person(name: str) -> Person:
    """Return the person of a name, or of a word such as "queen" or "brother"."""
    if name in GIRLS or name in WOMEN or ROYAL.get(name) == "she":
        return Person(name, "she", "her", "her")
    return Person(name, "he", "him", "his")
