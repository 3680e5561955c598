"""What the page of the text encoder shows: a text, the model's pass over it, what is chosen."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from core.head_roles import ROLES
from core.text import Tokens
from core.zero_shot import SENTIMENT, TASKS, TOPIC, Task
from pages._shared import encoder
from pages._shared.encoder import Reading
from pages._shared.encoder_roles import PATTERNS
from pages._shared.text_examples import FIRST

NAME: Final = "text_classification"

HEADS: Final = "Heads"
ROLE: Final = "Roles"
FIND: Final = "Find a head"
CLASSIFY: Final = "Classify"
MASKED: Final = "Mask a word"
VIEWS: Final = (HEADS, ROLE, FIND, CLASSIFY, MASKED)

NO_TEST: Final = "Nothing"
DROP_HEAD: Final = "Drop the head"
DROP_LAYER: Final = "Drop the layer's 12"
FORCE: Final = "Force the weight"
TESTS: Final = (NO_TEST, DROP_HEAD, DROP_LAYER, FORCE)
# The switches of a map, and the fields of the state that they set.
SHOWN: Final = {
    "Mean of 12 heads": "mean",
    "Pieces": "by_piece",
    "Without [CLS] and [SEP]": "hide_special",
    "Lines": "lines",
}
# A forced weight is counted in hundredths, so that a link holds it exactly.
HUNDRED: Final = 100

FEWEST_LABELS, MOST_LABELS, LONGEST_LABEL = 2, 8, 120

Cell = tuple[int, int]


def sentences_of(task: Task) -> tuple[str, ...]:
    """Return the label sentences that a task starts with."""
    return tuple(label.sentence for label in task.labels)


@dataclass(frozen=True)
class TextState:
    """Everything on the page that a reader can change.

    Attributes
    ----------
    text : str
        As typed.
    view : str
        One of `VIEWS`.
    layer, head : int
        From 1, as on the screen.
    mean : bool
        Whether the mean of the layer's heads is enlarged instead of the one.
    by_piece, hide_special : bool
        Whether the map shows pieces; whether it leaves out [CLS] and [SEP] and rescales.
    lines : bool
        Whether the weights are drawn as lines.
    query, key : int
        The chosen weight, as positions on the token axis (pieces); -1 for the text's own choice.
    test : str
        One of `TESTS`: what is done to the model.
    forced : int
        What the chosen weight is forced to, in hundredths.
    role : str
        One of `core.head_roles.ROLES`.
    pattern : str
        One of `PATTERNS`.
    painted : frozenset of (row, column)
        The reader's own pattern, over the words with [CLS] first.
    task : str
        Name of the question asked of the text.
    topic, sentiment : tuple of str
        Label sentences of the two tasks.
    masked : frozenset of int
        Words that are replaced by [MASK].
    """

    text: str = FIRST.text
    view: str = HEADS
    layer: int = 1
    head: int = 3
    mean: bool = False
    by_piece: bool = False
    hide_special: bool = False
    lines: bool = False
    query: int = -1
    key: int = -1
    test: str = NO_TEST
    forced: int = 0
    role: str = ROLES[0]
    pattern: str = PATTERNS[0]
    painted: frozenset[Cell] = frozenset()
    task: str = TOPIC.name
    topic: tuple[str, ...] = sentences_of(TOPIC)
    sentiment: tuple[str, ...] = sentences_of(SENTIMENT)
    masked: frozenset[int] = frozenset()

    @property
    def labels(self) -> tuple[str, ...]:
        """The label sentences of the chosen task."""
        return self.topic if self.task == TOPIC.name else self.sentiment

    def with_labels(self, labels: tuple[str, ...]) -> TextState:
        """Return the state with other label sentences for the chosen task."""
        if self.task == TOPIC.name:
            return replace(self, topic=labels)
        return replace(self, sentiment=labels)

    def with_text(self, typed: str) -> TextState:
        """Return the state with another text; what was chosen in the one before is forgotten.

        Half a character, which no text in UTF-8 can hold, becomes the sign for what is unknown.
        """
        text = typed.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        if text == self.text:
            return self
        return replace(self, text=text, query=-1, key=-1, masked=frozenset())


@dataclass(frozen=True, eq=False)
class Scene:
    """What is on the page: a state and the model's pass over its text."""

    state: TextState
    reading: Reading

    @property
    def tokens(self) -> Tokens:
        """The text, cut into words and pieces."""
        return self.reading.attention.tokens

    @property
    def view(self) -> str:
        """The chosen view."""
        return self.state.view

    @property
    def layer(self) -> int:
        """The chosen layer, from 0."""
        return self.state.layer - 1

    @property
    def head(self) -> int:
        """The chosen head, from 0."""
        return self.state.head - 1

    @property
    def masked(self) -> frozenset[int]:
        """The masked words that the text has."""
        return frozenset(word for word in self.state.masked if word < len(self.tokens.words))


def see(state: TextState) -> Scene:
    """Run the model on the text of a state, or recall its pass."""
    return Scene(state, encoder.read(state.text))


def task_of(state: TextState) -> Task:
    """Return the chosen task as it starts."""
    return next(task for task in TASKS if task.name == state.task)


def read_labels(typed: str, before: tuple[str, ...]) -> tuple[tuple[str, ...], str]:
    """Return the labels in a field, one a line, and what is wrong with them, if anything.

    Parameters
    ----------
    typed : str
        Empty lines and spaces at the ends of lines count for nothing.
    before : tuple of str
        The labels so far: they stay where the new ones cannot be used.
    """
    lines = [" ".join(line.split()) for line in typed.splitlines()]
    lines = [line for line in lines if line]
    labels = tuple(dict.fromkeys(lines))
    stay = "The labels before stay."
    if len(labels) < FEWEST_LABELS:
        return before, f"To choose there have to be {FEWEST_LABELS} different labels. {stay}"
    if len(labels) > MOST_LABELS:
        return before, f"There are {len(labels)} labels; {MOST_LABELS} are the most. {stay}"
    longest = max(map(len, labels))
    if longest > LONGEST_LABEL:
        return before, (f"A label has {longest} characters; {LONGEST_LABEL} are the most. {stay}")
    if any("\ud800" <= character <= "\udfff" for label in labels for character in label):
        return before, f"A label holds half a character. {stay}"
    if len(labels) < len(lines):
        return labels, "Some labels are the same; each counts once."
    return labels, ""
