"""Random names, things and numbers, and the record that every kind of word problem returns."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field

HE = (
    "Tom Ben Sam Max Leo Jack Adam Omar Paul Luis Noah Ivan Raj Liam Owen Eric Hugo Karl Yusuf "
    "Peter David Felix James Kenji Marco Daniel Victor Oscar Simon Theo"
).split()
SHE = (
    "Anna Mia Lily Emma Nora Sara Zoe Ella Ruth Maya Lucy Alice Clara Priya Fatima Elena Grace "
    "Julia Maria Olga Rosa Sofia Tina Vera Wendy Amina Beth Carla Diana Hana"
).split()
THINGS = (
    "apple orange pear lemon egg cookie cake muffin candy card coin stamp sticker marble pencil pen "
    "crayon book notebook toy ball balloon button flower rose shell stone ticket cup plate key bottle "
    "carrot potato tomato peach banana sandwich ribbon photo bead star magazine token badge"
).split()
GOODS = (
    "book pen cup toy hat ticket cake ball game bag shirt lamp plant sandwich notebook poster puzzle "
    "candle scarf mug pizza burger kite belt"
).split()
BOXES = ["box", "bag", "basket", "jar", "tray", "crate", "packet", "shelf"]
VEHICLES = ["car", "train", "bus", "truck", "boat", "bike"]
IRREGULAR = {"candy": "candies", "shelf": "shelves", "potato": "potatoes", "tomato": "tomatoes"}


def plural(noun: str) -> str:
    if noun in IRREGULAR:
        return IRREGULAR[noun]
    if noun.endswith(("x", "ch", "sh", "s")):
        return noun + "es"
    return noun + "s"


@dataclass(frozen=True)
class Person:
    name: str
    he: str

    @property
    def him(self) -> str:
        return "him" if self.he == "he" else "her"

    @property
    def his(self) -> str:
        return "his" if self.he == "he" else "her"

    @property
    def He(self) -> str:  # noqa: N802 - reads like the word it stands for
        return self.he.capitalize()


@dataclass(frozen=True)
class Problem:
    kind: str
    question: str
    steps: tuple[str, ...]
    answer: int
    # What is counted and by whom, for a follow-up question in the same chat.
    unit: str = ""
    person: Person | None = None


class Draw:
    """A seeded source of the parts of a problem."""

    def __init__(self, seed: int | str) -> None:
        self.random = random.Random(seed)

    def number(self, low: int, high: int) -> int:
        return self.random.randint(low, high)

    def pick(self, *options: str) -> str:
        return self.random.choice(options)

    def chance(self, share: float) -> bool:
        return self.random.random() < share

    def person(self) -> Person:
        return self.people(1)[0]

    def people(self, count: int) -> list[Person]:
        names = self.random.sample(range(len(HE) + len(SHE)), count)
        return [Person(HE[n], "he") if n < len(HE) else Person(SHE[n - len(HE)], "she") for n in names]

    def things(self) -> str:
        return plural(self.random.choice(THINGS))

    def goods(self) -> str:
        return self.random.choice(GOODS)

    def box(self) -> str:
        return self.random.choice(BOXES)


Maker = Callable[[Draw], Problem]


@dataclass
class Registry:
    """Kinds of problems by name, with how often each is drawn."""

    makers: dict[str, Maker] = field(default_factory=dict)
    weights: dict[str, float] = field(default_factory=dict)

    def kind(self, name: str, weight: float = 1.0) -> Callable[[Maker], Maker]:
        def add(maker: Maker) -> Maker:
            self.makers[name] = maker
            self.weights[name] = weight
            return maker

        return add
