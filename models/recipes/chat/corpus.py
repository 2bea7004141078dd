"""The corpus: dialogues put together at random from episodes, the same for the same seed."""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from models.recipes.chat import chores, drills, everyday, narration
from models.recipes.chat.turns import Turn, Writer, cut_off, opened_with

Episode = Callable[[Writer], list[Turn]]
CUT_RULE = 'A reply that ends in "..." was cut off there by the user.'
APP_PROMPT = (  # the default of Parley's own setting; half of the dialogues with a system prompt have it
    "You are Parley, a friendly voice assistant on the user's own computer. Answer in two or three short sentences "
    "of plain spoken English. A reply that ends in ... was cut off there by the user; they did not hear the rest."
)
SYSTEM_PROMPTS = (
    "You are Parley, a voice assistant that runs on this computer. Answer in short spoken sentences.",
    "You are Parley, a voice assistant. Answer in plain spoken sentences, without lists.",
    "You are a friendly voice assistant. Keep answers short and clear.",
    "You are a helpful assistant.",
    "You are a voice assistant running fully offline on this computer. Be brief.",
)
FILLERS = ("um", "uh", "well", "so", "now", "hey")
INTERJECTIONS = ("wait", "no", "stop", "hold on", "okay")
MAX_CHARACTERS = 2_600  # about 600 tokens: a dialogue has to fit into one training row


@dataclass(frozen=True, slots=True)
class Kind:
    """An episode and its share. ``tools``: the share it has in a dialogue where tools are on."""

    write: Episode
    share: float
    tools: float


KINDS: dict[str, Kind] = {
    "greet": Kind(everyday.greet, 4, 3),
    "smalltalk": Kind(everyday.smalltalk, 24, 17),
    "fact": Kind(everyday.fact, 20, 14),
    "capital": Kind(everyday.capital, 9, 6),
    "joke": Kind(everyday.joke, 4, 3),
    "unknown": Kind(everyday.unknown, 16, 12),
    "cannot": Kind(everyday.cannot, 5, 4),
    "garbled": Kind(everyday.garbled, 3, 2),
    "introduce": Kind(everyday.introduce, 11, 8),
    "echo": Kind(everyday.echo, 9, 7),
    "story": Kind(narration.story, 12, 8),
    "explanation": Kind(narration.explanation, 24, 16),
    "time": Kind(chores.time, 2, 4),
    "date": Kind(chores.date, 2, 5),
    "timer": Kind(chores.timer, 2, 12),
    "cancelled timer": Kind(chores.cancelled_timer, 1, 4),
    "reminder": Kind(chores.reminder, 2, 15),
    "calculation": Kind(chores.calculation, 2, 9),
    "drill": Kind(drills.drill, 28, 28),
}


@dataclass(frozen=True, slots=True)
class Dialogue:
    """A system prompt (or none) and a few episodes."""

    turns: tuple[Turn, ...]
    kinds: tuple[str, ...]


def system_turn(rng: random.Random, tools: tuple[str, ...]) -> list[Turn]:
    """A system prompt in one of several wordings, or none; tools are always announced on a line of their own."""
    if not tools and rng.random() < 0.2:
        return []
    text = APP_PROMPT
    if rng.random() < 0.5:
        text = rng.choice(SYSTEM_PROMPTS) + (f" {CUT_RULE}" if rng.random() < 0.6 else "")
    if tools:
        text += "\nTools: " + ", ".join(tools)
    return [Turn("system", text)]


def only_drills(rng: random.Random) -> tuple[Turn, ...]:
    """One to three copying drills, without a system prompt."""
    writer = Writer(rng)
    return tuple(turn for _ in range(rng.randint(1, 3)) for turn in drills.drill(writer))


def dialogue(rng: random.Random, room: int = MAX_CHARACTERS) -> Dialogue:
    """One training dialogue of at most about ``room`` characters."""
    tools: tuple[str, ...] = ()
    if rng.random() < 0.45:
        tools = chores.TOOLS if rng.random() < 0.7 else tuple(t for t in chores.TOOLS if rng.random() < 0.6)
    writer = Writer(rng, "train", tools)
    turns = system_turn(rng, tools)
    kinds: list[str] = []
    shares = [kind.tools if tools else kind.share for kind in KINDS.values()]
    for _ in range(rng.randint(1, 8)):
        name = rng.choices(tuple(KINDS), shares)[0]
        episode = [_hesitant(rng, turn) for turn in KINDS[name].write(writer)]
        if kinds and sum(len(turn.text) for turn in (*turns, *episode)) > room:
            break
        turns += _joined(rng, turns, episode)
        kinds.append(name)
    return Dialogue(tuple(turns), tuple(kinds))


def _hesitant(rng: random.Random, turn: Turn) -> Turn:
    """A user's turn, sometimes after a filler."""
    return opened_with(turn, rng.choice(FILLERS)) if turn.role == "user" and rng.random() < 0.15 else turn


def _joined(rng: random.Random, turns: list[Turn], episode: list[Turn]) -> list[Turn]:
    """The episode as it follows: the last reply may be cut off, and a user who cuts in may say "wait" first."""
    last = turns[-1] if turns else None
    if last and last.role == "assistant" and last.learn and "<tool_call>" not in last.text and rng.random() < 0.08:
        turns[-1] = cut_off(rng, last.text)
    if turns and turns[-1].role == "assistant" and not turns[-1].learn and rng.random() < 0.3:
        return [opened_with(episode[0], rng.choice(INTERJECTIONS)), *episode[1:]]
    return episode


def dialogues(seed: str) -> Iterator[Dialogue]:
    """An endless, reproducible stream of training dialogues."""
    rng = random.Random(seed)
    while True:
        yield dialogue(rng)
